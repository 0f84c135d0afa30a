"""Every block of the template keeps to the pattern, and a drift of any property is named."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.template.blocks import CONSUMERS, Consumer, differences
from tests.unit.template.rules import Template, load, walk

WHOLE = (
    "Queue",
    "DeadLetterQueue",
    "QueuePolicy",
    "Logs",
    "AgeAlarm",
    "DeadLetterAlarm",
    "RefusedItemAlarm",
)
"""Resources of a block of which the pattern has every property, an alarm's description apart."""


def properties(template: Template, logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][logical_id]["Properties"]
    return found


def node(resource: Any, path: str) -> tuple[Any, Any]:
    """Return the container of the value at a path of ``walk``, and its key there."""
    *parents, last = path.strip("/").split("/")
    for key in parents:
        resource = resource[int(key)] if isinstance(resource, list) else resource[key]
    return resource, int(last) if isinstance(resource, list) else last


def test_every_block_keeps_to_the_pattern() -> None:
    assert list(differences(load())) == []


@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda consumer: consumer.name)
def test_value_of_a_block_that_drifts_is_named_by_resource_and_property(consumer: Consumer) -> None:
    template = copy.deepcopy(load())
    block = [
        f"{consumer.name}{kind}"
        for kind in WHOLE
        if f"{consumer.name}{kind}" in template["Resources"]
    ]
    values = [
        (logical_id, path)
        for logical_id in block
        for path, _ in walk(template["Resources"][logical_id])
        if not path.endswith("/AlarmDescription")
    ]

    for logical_id, path in values:
        holder, key = node(template["Resources"][logical_id], path)
        before, holder[key] = holder[key], "drifted"
        named = path.removeprefix("/").removeprefix("Properties/")
        assert any(
            sentence.startswith(f"{logical_id}: {named} is drifted")
            for sentence in differences(template, [consumer])
        ), (logical_id, path)
        holder[key] = before

    assert len(values) > 30


def longer_timeout(template: Template) -> None:
    properties(template, "StatusPublisherFunction")["Timeout"] = 90


def property_of_its_own(template: Template) -> None:
    properties(template, "StatusPublisherQueue")["DelaySeconds"] = 5


def resource_attribute_of_its_own(template: Template) -> None:
    template["Resources"]["StatusPublisherLogs"]["DeletionPolicy"] = "Retain"


def alarm_without_actions(template: Template) -> None:
    del properties(template, "StatusPublisherAgeAlarm")["AlarmActions"]


def alarm_without_description(template: Template) -> None:
    del properties(template, "StatusPublisherAgeAlarm")["AlarmDescription"]


def no_refused_item_alarm(template: Template) -> None:
    del template["Resources"]["StatusPublisherRefusedItemAlarm"]


def plain_text_log(template: Template) -> None:
    properties(template, "StatusPublisherFunction")["LoggingConfig"]["LogFormat"] = "Text"


def queue_of_another(template: Template) -> None:
    properties(template, "StatusPublisherFunction")["Environment"]["Variables"]["QUEUE_URL"] = {
        "Ref": "OnboardingSyncQueue"
    }


def right_to_send(template: Template) -> None:
    properties(template, "StatusPublisherRole")["Policies"][0]["PolicyDocument"]["Statement"][-1][
        "Action"
    ].append("sqs:SendMessage")


def rule_without_dead_letter_queue(template: Template) -> None:
    del properties(template, "StatusPublisherRule")["Targets"][0]["DeadLetterConfig"]


def flexible_schedule(template: Template) -> None:
    properties(template, "SweepTimer")["FlexibleTimeWindow"] = {"Mode": "FLEXIBLE"}


def schedule_of_anybody(template: Template) -> None:
    properties(template, "FeedSchedulerRole")["AssumeRolePolicyDocument"]["Statement"][0][
        "Principal"
    ] = {"Service": "events.amazonaws.com"}


def no_output(template: Template) -> None:
    del template["Outputs"]["StatusPublisherDeadLetterQueueUrl"]


def queue_of_nobody(template: Template) -> None:
    template["Resources"]["SpareQueue"] = {"Type": "AWS::SQS::Queue", "Properties": {}}


def queue_that_nothing_feeds(template: Template) -> None:
    del template["Resources"]["StatusPublisherRule"]


def second_rule(template: Template) -> None:
    template["Resources"]["ResyncRule"] = copy.deepcopy(
        template["Resources"]["StatusPublisherRule"]
    )


def function_without_its_block(template: Template) -> None:
    del template["Resources"]["StatusPublisherFunction"]


def queue_not_on_the_dashboard(template: Template) -> None:
    body = properties(template, "Dashboard")["DashboardBody"]
    body["Fn::Sub"] = body["Fn::Sub"].replace(
        "${StatusPublisherQueue.QueueName}", "${ReconcilerQueue.QueueName}"
    )


@pytest.mark.parametrize(
    ("plant", "noticed"),
    [
        (longer_timeout, "StatusPublisherQueue: VisibilityTimeout is 365; the pattern has 545"),
        (
            longer_timeout,
            (
                "StatusPublisherFunction: Environment/Variables/CLAIM_SECONDS is 90;"
                " the pattern has 120"
            ),
        ),
        (property_of_its_own, "StatusPublisherQueue: DelaySeconds is not in the pattern"),
        (
            resource_attribute_of_its_own,
            "StatusPublisherLogs: DeletionPolicy is not in the pattern",
        ),
        (alarm_without_actions, "StatusPublisherAgeAlarm: AlarmActions is not there"),
        (alarm_without_description, "StatusPublisherAgeAlarm: AlarmDescription is not there"),
        (no_refused_item_alarm, "StatusPublisherRefusedItemAlarm: is not there"),
        (plain_text_log, "StatusPublisherFunction: LoggingConfig/LogFormat is Text"),
        (
            queue_of_another,
            "StatusPublisherFunction: Environment/Variables/QUEUE_URL/Ref is OnboardingSyncQueue",
        ),
        (right_to_send, "StatusPublisherRole: Policies/0/PolicyDocument/Statement/8/Action is ["),
        (
            rule_without_dead_letter_queue,
            "StatusPublisherRule: Targets/0/DeadLetterConfig is not there",
        ),
        (flexible_schedule, "SweepTimer: FlexibleTimeWindow/Mode is FLEXIBLE"),
        (
            schedule_of_anybody,
            "FeedSchedulerRole: AssumeRolePolicyDocument/Statement/0/Principal/Service is events",
        ),
        (no_output, "output StatusPublisherDeadLetterQueueUrl: is not there"),
        (queue_of_nobody, "SpareQueue: is a queue of no consumer"),
        (queue_that_nothing_feeds, "StatusPublisherQueue: no rule and no schedule sends to it"),
        (second_rule, "StatusPublisherQueue: its policy names one rule"),
        (function_without_its_block, "StatusPublisherFunction: is not there"),
        (
            queue_not_on_the_dashboard,
            "Dashboard: does not show the age of the oldest message of StatusPublisherQueue",
        ),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_block_with_a_planted_drift_is_noticed(
    plant: Callable[[Template], None], noticed: str
) -> None:
    template = copy.deepcopy(load())

    plant(template)

    assert any(sentence.startswith(noticed) for sentence in differences(template)), list(
        differences(template)
    )


def test_new_function_without_the_rest_of_its_block_is_told_what_is_missing() -> None:
    template = copy.deepcopy(load())
    template["Resources"]["OrderMonitorFunction"] = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"CodeUri": "functions/order_monitor"},
    }

    missing = {
        sentence.split(":")[0]
        for sentence in differences(template, [Consumer(name="OrderMonitor", refused_rows=True)])
    }

    resources = {
        f"OrderMonitor{kind}" for kind in (*WHOLE, "Role", "Function") if kind != "QueuePolicy"
    }
    outputs = {
        f"output OrderMonitor{kind}" for kind in ("QueueUrl", "DeadLetterQueueUrl", "FunctionName")
    }
    assert missing == {*resources, *outputs, "Dashboard", "OrderMonitorQueue"}
