"""The gateway's template keeps the house policy of the main one, and hands out its settings."""

from typing import Any

from gridwix_gateway.runtime.file_source import FileSourceSettings
from gridwix_gateway.runtime.settings import (
    ApiSettings,
    Settings,
    SourceSettings,
    TargetSettings,
    WebhookSettings,
)
from gridwix_gateway.targets.files.channel import FilesChannel
from gridwix_gateway.targets.mail.channel import MailChannel
from tests.fakes.gateway.tables import GATEWAY_TEMPLATE
from tests.fakes.gateway.targets import Tickets, rest_channel
from tests.unit.template.rules import (
    EXECUTE_API,
    RULES,
    events,
    functions,
    load,
    of_type,
    permissions_are_those_of_routes,
    target,
)

TEMPLATE = load(GATEWAY_TEMPLATE)

SETTINGS: dict[str, type[Settings]] = {
    "api": ApiSettings,
    "directory_source": SourceSettings,
    "file_source": FileSourceSettings,
    "rest_source": SourceSettings,
    "target_sender": TargetSettings,
    "webhook_sender": WebhookSettings,
}
"""Settings of each function, by its folder."""

OF_POWERTOOLS = {
    "POWERTOOLS_LOG_LEVEL",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_SERVICE_NAME",
}


def test_gateway_template_keeps_house_policy() -> None:
    # That rule is about routes of an HTTP API. The gateway has a REST API: see below.
    rules = [rule for rule in RULES if rule is not permissions_are_those_of_routes]

    assert [finding for rule in rules for finding in rule(TEMPLATE)] == []


def test_api_is_throttled_and_may_call_one_function_that_verifies_its_callers() -> None:
    ((_, stage),) = of_type(TEMPLATE, "AWS::ApiGateway::Stage")
    ((method_name, method),) = of_type(TEMPLATE, "AWS::ApiGateway::Method")
    permissions = [
        (target(permission["FunctionName"]), permission["SourceArn"]["Fn::Sub"])
        for _, permission in of_type(TEMPLATE, "AWS::Lambda::Permission")
    ]

    (settings,) = stage["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"]
    assert settings["ThrottlingBurstLimit"]
    assert method["AuthorizationType"] == "NONE"
    assert TEMPLATE["Resources"][method_name]["Metadata"]["VerifiesCallerBy"]
    assert permissions == [("ApiFunction", f"{EXECUTE_API}:${{Api}}/live/*")]


def test_functions_get_the_settings_that_they_read_and_no_others() -> None:
    shared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    found = {
        str(function["CodeUri"]).removeprefix("functions/"): _variables(function) | set(shared)
        for _, function in functions(TEMPLATE)
    }

    assert found == {
        name: {field.upper() for field in model.model_fields} | OF_POWERTOOLS
        for name, model in SETTINGS.items()
    }


def test_target_sender_has_time_for_the_longest_delivery_and_reads_verified_bytes_only() -> None:
    resources = TEMPLATE["Resources"]
    timeout = resources["TargetSenderFunction"]["Properties"]["Timeout"]
    (policy,) = resources["TargetSenderRole"]["Properties"]["Policies"]
    reads = [
        statement["Resource"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "s3:GetObject" in statement["Action"]
    ]
    channels = (
        rest_channel(Tickets()),
        FilesChannel.__new__(FilesChannel),
        MailChannel.__new__(MailChannel),
    )

    # What is planned before it, and recorded after it, takes seconds.
    assert max(one.seconds_needed("document") for one in channels) <= timeout - 60
    assert reads == [{"Fn::Sub": "${ContentBucket.Arn}/content/*"}]


def test_each_queue_has_the_name_of_its_function_in_outputs_and_alarms() -> None:
    """So ``gridwix status`` and ``gridwix redrive`` find the queue of a function by its name."""
    outputs = {name: target(output["Value"]) for name, output in TEMPLATE["Outputs"].items()}
    alarms = dict(of_type(TEMPLATE, "AWS::CloudWatch::Alarm"))
    queued = list(events(TEMPLATE, "SQS"))

    assert len(queued) == 5
    for function, properties, event in queued:
        name = _camel_case(str(properties["CodeUri"]).removeprefix("functions/"))
        dead_letters = f"{name}DeadLetterQueue"
        assert (function, target(event["Queue"])) == (f"{name}Function", f"{name}Queue")
        assert outputs[f"{name}QueueUrl"] == f"{name}Queue"
        assert outputs[f"{name}DeadLetterQueueUrl"] == dead_letters
        assert outputs[f"{name}FunctionName"] == function
        assert _watched_queue(alarms[f"{name}AgeAlarm"]) == f"{name}Queue"
        assert _watched_queue(alarms[f"{name}DeadLetterAlarm"]) == dead_letters


def _camel_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _watched_queue(alarm: dict[str, Any]) -> str:
    (dimension,) = alarm["Dimensions"]
    return target(dimension["Value"])


def _variables(function: dict[str, Any]) -> set[str]:
    return set(function["Environment"]["Variables"])
