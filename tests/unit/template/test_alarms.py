"""Alarms ring for what they are there for, and for nothing less."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ops.alarm_page import PAGES, alarm_table, page_with_table
from ops.alarms import ALARM
from tests.alarms import points_of, rings
from tests.unit.template.alarm_faults import PROMISES
from tests.unit.template.rules import ROOT, load, of_type, target
from tests.unit.template.test_template import headings

TEMPLATES = {name: load(ROOT / name) for name in ("template.yaml", "gateway/template.yaml")}
ALARMS = dict(of_type(TEMPLATES["template.yaml"], ALARM))
EVERY_ALARM = [
    pytest.param(template, alarm, id=f"{name}-{alarm}")
    for name, template in TEMPLATES.items()
    for alarm, _ in of_type(template, ALARM)
]

DIMENSIONS: Mapping[tuple[str, str], tuple[set[str], str]] = {
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ({"QueueName"}, "AWS::SQS::Queue"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): ({"QueueName"}, "AWS::SQS::Queue"),
    ("AWS/Lambda", "Errors"): ({"FunctionName"}, "AWS::Serverless::Function"),
    ("AWS/ApiGateway", "5xx"): ({"ApiId"}, "AWS::ApiGatewayV2::Api"),
    ("AWS/ApiGateway", "4xx"): ({"ApiId"}, "AWS::ApiGatewayV2::Api"),
}
"""Dimensions under which AWS writes a metric, and the type of the resource that is their value.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""
PHYSICAL_NAME: Mapping[str, Callable[[str], Any]] = {
    # A queue's Ref is its URL.
    "AWS::SQS::Queue": lambda name: {"Fn::GetAtt": [name, "QueueName"]},
    "AWS::Serverless::Function": lambda name: {"Ref": name},
    "AWS::ApiGatewayV2::Api": lambda name: {"Ref": name},
}

NOT_WATCHED = {
    "ApproximateAgeOfOldestMessage": "of each queue, in the block of its function",
    "CompaniesUnread": "a hub without OpenText's directory has it for ever; doctor names it",
    "DispatchesSuppressed": "on purpose, and each reason says why",
    "DocumentsUnmapped": "partners beside the portal have documents, too: some hubs have it always",
    "EventsInvalid": "each one is a record fault as well (RecordFaultAlarm)",
    "EventsOfUnknownType": "other subscribers' events: nothing is missing on the portal",
    "FollowUpsNotPossible": "the member is told; late publishers have alarms of their own",
    "MemberRowsErased": "nothing to do",
    "MessagesDeferred": "tells the cause when a queue's age alarm rings",
    "MessagesRemoved": "nothing to do",
    "OccasionsTooOld": "nothing to do",
    "ReconcileFailed": "tells the cause when ReconcilerAgeAlarm rings",
    "RecordFaultsMended": "good news",
    "RecordFaultsStanding": "each one has rung RecordFaultAlarm, and status counts them",
    "RemovalsRefused": "repeated by itself; nothing to do",
    "RingsDropped": "tells how many were given up while PortalRingerFailedAlarm rings",
    "RingsNotQueued": "pages look for themselves: nothing to do",
    "SecretEntriesUsed": "says which entry of a rotation works",
    "SubmissionsAwaitingFiles": "tried for two hours, then held: SubmissionsToReview",
    "SubmissionsHeld": "with spam; SubmissionsToReview is without it",
    "TransactionsUnnamed": "nothing can be done here: Lens gave an id that no URL can have",
    "UploadRemovalsRefused": "tried again every day; a file that stays harms nobody",
    "WebhooksRejected": "with what strangers send; WebhooksUntrusted is without it",
    "WebhooksRepeated": "the sender retries, and nothing is done twice",
}
"""Metrics of the runbook without an alarm of their own, and why."""


def properties(alarm: str) -> dict[str, Any]:
    return ALARMS[alarm]


def metrics_of_runbook() -> set[str]:
    """Names in the runbook that the code counts as metrics."""
    named = set(re.findall(r"`([A-Z][a-z]+[A-Z]\w*)`", (ROOT / "docs/runbook.md").read_text()))
    code = "\n".join(
        path.read_text()
        for folder in ("functions", "layers/common/gridwix")
        for path in (ROOT / folder).rglob("*.py")
    )
    return {name for name in named if f'"{name}"' in code} - _collections()


def _collections() -> set[str]:
    return {path.stem for path in (ROOT / "portal/collections").glob("*.json")}


def test_each_alarm_on_a_metric_of_gridwix_has_a_fault_that_rings_it() -> None:
    own = {name for name, alarm in ALARMS.items() if alarm["Namespace"] == "gridwix"}

    assert set(PROMISES) == own


@pytest.mark.parametrize("name", PROMISES)
def test_sentence_that_promises_the_alarm_is_there(name: str) -> None:
    promise = PROMISES[name]
    text = " ".join((ROOT / promise.document).read_text().split())

    assert promise.sentence in text


@pytest.mark.parametrize("name", PROMISES)
def test_alarm_rings_for_its_fault_and_not_without_it(name: str) -> None:
    promise, alarm = PROMISES[name], properties(name)
    periods = alarm["EvaluationPeriods"]

    faulty = points_of(promise.service, promise.fault)
    normal = points_of(promise.service, promise.normal)

    assert rings(alarm, [faulty] * periods)
    assert not rings(alarm, [normal] * periods)
    assert not rings(alarm, [[]] * periods)


@pytest.mark.parametrize(
    "name", [name for name in PROMISES if properties(name)["EvaluationPeriods"] > 1]
)
def test_alarm_that_waits_for_several_periods_does_not_ring_for_one(name: str) -> None:
    promise, alarm = PROMISES[name], properties(name)
    once = points_of(promise.service, promise.fault)

    assert not rings(alarm, [*[[]] * (alarm["EvaluationPeriods"] - 1), once])


@pytest.mark.parametrize(
    "name",
    [
        f"{edge}Webhook{kind}Alarm"
        for edge in ("TradingGrid", "Wix")
        for kind in ("Failed", "Untrusted")
    ],
)
def test_webhooks_that_fail_twice_within_an_hour_ring(name: str) -> None:
    promise, alarm = PROMISES[name], properties(name)
    fault = points_of(promise.service, promise.fault)

    assert alarm["Period"] * alarm["EvaluationPeriods"] == 3600
    assert rings(alarm, [fault, *[[]] * 10, fault])
    assert not rings(alarm, [fault, *[[]] * 11, fault])


def test_each_metric_on_which_the_runbook_tells_people_to_act_has_an_alarm_or_a_reason() -> None:
    watched = {alarm["MetricName"] for alarm in ALARMS.values()}
    named = metrics_of_runbook()

    assert len(named) > 30
    assert named - watched - NOT_WATCHED.keys() == set()
    assert watched & NOT_WATCHED.keys() <= {"ApproximateAgeOfOldestMessage"}


@pytest.mark.parametrize(
    "name", [one for one, alarm in ALARMS.items() if "AWS/" in alarm["Namespace"]]
)
def test_alarm_on_a_metric_of_aws_has_the_dimensions_under_which_aws_writes_it(name: str) -> None:
    alarm = properties(name)
    dimensions, kind = DIMENSIONS[alarm["Namespace"], alarm["MetricName"]]

    assert {one["Name"] for one in alarm["Dimensions"]} == dimensions
    (value,) = [one["Value"] for one in alarm["Dimensions"]]
    assert TEMPLATES["template.yaml"]["Resources"][target(value)]["Type"] == kind
    assert value == PHYSICAL_NAME[kind](target(value))


@pytest.mark.parametrize(("template", "name"), EVERY_ALARM)
def test_alarm_notifies_the_topic_and_names_its_section(
    template: Mapping[str, Any], name: str
) -> None:
    alarm = template["Resources"][name]["Properties"]
    sections = re.findall(r"([\w./-]+\.md)#([\w-]+)", alarm["AlarmDescription"])

    assert alarm["AlarmActions"] == {
        "Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]
    }
    assert sections
    assert all(anchor in headings(ROOT / page) for page, anchor in sections)


def test_tables_of_alarms_are_those_of_the_templates() -> None:
    for page, template in PAGES.items():
        text = page.read_text()
        assert page_with_table(text, alarm_table(template, page)) == text, (
            "make alarms writes the tables anew"
        )


def test_gateways_api_has_the_name_that_its_alarm_watches() -> None:
    resources = TEMPLATES["gateway/template.yaml"]["Resources"]
    watched = {
        one["Name"]: one["Value"]
        for one in resources["ApiFailureAlarm"]["Properties"]["Dimensions"]
    }
    kinds = {resource["Type"]: resource["Properties"] for resource in resources.values()}

    assert watched == {
        "ApiName": kinds["AWS::ApiGateway::RestApi"]["Name"],
        "Stage": kinds["AWS::ApiGateway::Stage"]["StageName"],
    }


def test_templates_keep_to_the_limits_of_cloudformation() -> None:
    """See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html."""
    for name, template in TEMPLATES.items():
        assert len(template["Resources"]) <= 500
        assert len(template["Outputs"]) <= 200
        assert (ROOT / name).stat().st_size <= 1_000_000
