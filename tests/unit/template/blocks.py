"""The block of resources that ``template.yaml`` repeats for each function behind a queue, as one
pattern and one table.

A consumer's block is a queue, its dead-letter queue, the queue's policy, a log group, a role, a
function, two or three alarms and three outputs; where it has them, a rule and schedules that send
to the queue. ``differences`` compares every property with the pattern. To add a function, copy a
block of the template and add its name to ``CONSUMERS``.
``docs/adr/0018-the-template-is-long-and-held-to-a-pattern.md`` says why the template is not made
from this table.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.unit.template.rules import (
    FOURTEEN_DAYS,
    LOG_KEY,
    TRACING_POLICIES,
    Template,
    of_type,
    target,
    timeout,
)

HOUR = 3600
BATCH_MARGIN = 5
"""Seconds that a queue whose consumer waits for a batch adds to six time-outs of the function.

More than any batching window of the template.
"""
CLAIM_MARGIN = 30
"""Seconds by which a claim on a row outlives the function that made it:
``docs/adr/0002-no-stale-overwrite.md``.
"""


class _Free:
    """Stands for a value that each block chooses for itself."""

    def __repr__(self) -> str:
        return "a value of its own"


FREE = _Free()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeAlarm:
    """The alarm on the age of a queue's oldest message.

    ``period`` and ``threshold`` are in seconds.
    """

    threshold: int
    period: int = 60
    evaluations: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A function behind a queue, and each value in which its block may differ from the others.

    The defaults are the pattern.

    ``retention`` is in seconds, ``receives`` counts deliveries before the dead-letter queue.
    ``refused_rows``: it has an alarm on rows that Wix refuses. ``sends_to_itself``: it continues a
    long run, or does something later, with a message to its own queue. ``fed_by_functions``: no
    rule and no schedule sends to its queue.
    """

    name: str
    retention: int = FOURTEEN_DAYS
    receives: int = 20
    age: AgeAlarm = AgeAlarm(threshold=300)
    refused_rows: bool = False
    sends_to_itself: bool = False
    fed_by_functions: bool = False


CONSUMERS = (
    # A poll is repeated by its schedule: an old one is of no use, and its alarm waits for some
    # polls to fail.
    Consumer(name="TradingGridFeed", retention=HOUR, receives=5, age=AgeAlarm(threshold=600)),
    Consumer(name="TransactionMonitor", retention=HOUR, receives=5, age=AgeAlarm(threshold=600)),
    # A run may read for minutes, and one that is deferred comes back for most of an hour.
    Consumer(
        name="ActivityPublisher",
        retention=4 * HOUR,
        age=AgeAlarm(threshold=3600, period=300, evaluations=3),
        refused_rows=True,
        sends_to_itself=True,
    ),
    Consumer(name="StatusPublisher", refused_rows=True),
    Consumer(name="OnboardingSync", refused_rows=True),
    # It gathers changes of partners: a message to itself resolves all audiences.
    Consumer(name="NoticePublisher", refused_rows=True, sends_to_itself=True),
    Consumer(name="CaseOpener"),
    Consumer(name="FormIntake", refused_rows=True),
    Consumer(name="RequestPublisher", refused_rows=True),
    # One large file may take minutes. It gathers changes of partners, too.
    Consumer(
        name="DocumentSync",
        age=AgeAlarm(threshold=900),
        refused_rows=True,
        sends_to_itself=True,
    ),
    Consumer(name="PartnerMessenger"),
    # Whoever writes rows sends to it, and it sends each ring to itself again.
    Consumer(name="PortalRinger", sends_to_itself=True, fed_by_functions=True),
    # A full comparison runs for long, page by page.
    Consumer(
        name="Reconciler",
        age=AgeAlarm(threshold=3600, period=300, evaluations=3),
        sends_to_itself=True,
    ),
)


def differences(template: Template, consumers: Sequence[Consumer] = CONSUMERS) -> Iterator[str]:
    """One sentence for each property in which a block of ``consumers`` differs from the pattern,
    and for each queue that belongs to no block.
    """
    for consumer in consumers:
        yield from _block(template, consumer)
    of_a_block = {
        f"{consumer.name}{kind}" for consumer in CONSUMERS for kind in ("Queue", "DeadLetterQueue")
    }
    for name, _ in of_type(template, "AWS::SQS::Queue"):
        if name not in of_a_block:
            yield f"{name}: is a queue of no consumer in CONSUMERS"


def _block(template: Template, consumer: Consumer) -> Iterator[str]:
    resources, name = template["Resources"], consumer.name
    if f"{name}Function" not in resources:
        yield f"{name}Function: is not there"
        return
    rules = [
        rule
        for rule, properties in of_type(template, "AWS::Events::Rule")
        if any(target(entry["Arn"]) == f"{name}Queue" for entry in properties["Targets"])
    ]
    timers = [
        timer
        for timer, properties in of_type(template, "AWS::Scheduler::Schedule")
        if target(properties["Target"]["Arn"]) == f"{name}Queue"
    ]
    for logical_id, expected in _whole(template, consumer, rules).items():
        yield from _compare(logical_id, resources.get(logical_id), expected, whole=True)
    for logical_id, expected in _in_part(template, consumer, rules, timers).items():
        yield from _compare(logical_id, resources.get(logical_id), expected, whole=False)
    for output, value in {
        "QueueUrl": "Queue",
        "DeadLetterQueueUrl": "DeadLetterQueue",
        "FunctionName": "Function",
    }.items():
        yield from _compare(
            f"output {name}{output}",
            template["Outputs"].get(f"{name}{output}"),
            {"Value": {"Ref": f"{name}{value}"}},
            whole=True,
        )
    if (
        f'"ApproximateAgeOfOldestMessage", "QueueName", "${{{name}Queue.QueueName}}"'
        not in resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    ):
        yield f"Dashboard: does not show the age of the oldest message of {name}Queue"
    if not rules and not timers and not consumer.fed_by_functions:
        yield f"{name}Queue: no rule and no schedule sends to it"
    if len(rules) > 1:
        yield f"{name}Queue: its policy names one rule as sender, and {', '.join(rules)} send to it"


def _whole(template: Template, consumer: Consumer, rules: list[str]) -> dict[str, Any]:
    """The resources of a block of which every property is in the pattern."""
    name = consumer.name
    function = template["Resources"][f"{name}Function"]["Properties"]
    waits = "MaximumBatchingWindowInSeconds" in function.get("Events", {}).get("Queue", {}).get(
        "Properties", {}
    )
    queue = {
        "VisibilityTimeout": 6 * timeout(template, function) + (BATCH_MARGIN if waits else 0),
        "MessageRetentionPeriod": consumer.retention,
        "SqsManagedSseEnabled": True,
        "RedrivePolicy": {
            "deadLetterTargetArn": _arn(f"{name}DeadLetterQueue"),
            "maxReceiveCount": consumer.receives,
        },
    }
    dead_letters = {"MessageRetentionPeriod": FOURTEEN_DAYS, "SqsManagedSseEnabled": True}
    logs = {
        "LogGroupName": {"Fn::Sub": f"/gridwix/${{AWS::StackName}}/{_snake(name)}"},
        "RetentionInDays": {"Ref": "LogRetentionInDays"},
        "KmsKeyId": LOG_KEY,
    }
    age = {
        "Statistic": "Maximum",
        "Period": consumer.age.period,
        "EvaluationPeriods": consumer.age.evaluations,
        "Threshold": consumer.age.threshold,
    }
    visible = {"Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 0}
    refused = {"Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 0}
    block = {
        f"{name}Queue": _resource("AWS::SQS::Queue", queue),
        f"{name}DeadLetterQueue": _resource("AWS::SQS::Queue", dead_letters),
        f"{name}Logs": _resource("AWS::Logs::LogGroup", logs),
        f"{name}AgeAlarm": _alarm(
            "AWS/SQS",
            "ApproximateAgeOfOldestMessage",
            "QueueName",
            _attribute(f"{name}Queue", "QueueName"),
            age,
        ),
        f"{name}DeadLetterAlarm": _alarm(
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            "QueueName",
            _attribute(f"{name}DeadLetterQueue", "QueueName"),
            visible,
        ),
    }
    if consumer.refused_rows:
        block[f"{name}RefusedItemAlarm"] = _alarm(
            "gridwix", "RowsRefused", "service", _snake(name), refused
        )
    if rules:
        block[f"{name}QueuePolicy"] = _resource(
            "AWS::SQS::QueuePolicy", _queue_policy(name, rules[0])
        )
    return block


def _in_part(
    template: Template, consumer: Consumer, rules: list[str], timers: list[str]
) -> dict[str, Any]:
    """The resources of a block that have more than the pattern says: what a function may do, knows
    and listens to.
    """
    name = consumer.name
    own_role = _trusted("lambda.amazonaws.com", _permissions(template, consumer))
    block: dict[str, Any] = {
        f"{name}Role": _resource(
            "AWS::IAM::Role", {**own_role, "ManagedPolicyArns": TRACING_POLICIES}
        ),
        f"{name}Function": _resource("AWS::Serverless::Function", _function(template, consumer)),
    }
    if "CLAIM_SECONDS" in _environment(template, name):
        seconds = (
            timeout(template, template["Resources"][f"{name}Function"]["Properties"]) + CLAIM_MARGIN
        )
        block[f"{name}Function"]["Properties"]["Environment"]["Variables"]["CLAIM_SECONDS"] = str(
            seconds
        )
    for rule in rules:
        entry = {
            "Id": "queue",
            "Arn": _arn(f"{name}Queue"),
            "DeadLetterConfig": {"Arn": _arn(f"{name}DeadLetterQueue")},
        }
        block[rule] = _resource(
            "AWS::Events::Rule",
            {
                "EventBusName": {"Ref": "Bus"},
                "EventPattern": {"source": FREE, "detail-type": FREE},
                "Targets": [entry],
            },
        )
    for timer in timers:
        role = target(template["Resources"][timer]["Properties"]["Target"].get("RoleArn"))
        sent = {"Arn": _arn(f"{name}Queue"), "RoleArn": _arn(role), "Input": FREE}
        block[timer] = _resource(
            "AWS::Scheduler::Schedule",
            {"ScheduleExpression": FREE, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": sent},
        )
        block[role] = _resource(
            "AWS::IAM::Role",
            _trusted("scheduler.amazonaws.com", [_allow("sqs:SendMessage", _arn(f"{name}Queue"))]),
        )
    return block


def _function(template: Template, consumer: Consumer) -> dict[str, Any]:
    name = consumer.name
    variables: dict[str, Any] = {"POWERTOOLS_SERVICE_NAME": _snake(name)}
    if "QUEUE_URL" in _environment(template, name):
        variables["QUEUE_URL"] = {"Ref": f"{name}Queue"}
    queue = {
        "Queue": _arn(f"{name}Queue"),
        "BatchSize": FREE,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": FREE},
    }
    return {
        "CodeUri": f"functions/{_snake(name)}",
        "Role": _arn(f"{name}Role"),
        "LoggingConfig": {
            "LogFormat": "JSON",
            "SystemLogLevel": "WARN",
            "LogGroup": {"Ref": f"{name}Logs"},
        },
        "Environment": {"Variables": variables},
        "Events": {"Queue": {"Type": "SQS", "Properties": queue}},
    }


def _environment(template: Template, name: str) -> dict[str, Any]:
    variables: dict[str, Any] = (
        template["Resources"][f"{name}Function"]["Properties"]
        .get("Environment", {})
        .get("Variables", {})
    )
    return variables


def _permissions(template: Template, consumer: Consumer) -> list[Any]:
    """The statements of a function's role: first its log, last its queue, and what it chooses
    between the two.
    """
    name = consumer.name
    found = (
        template["Resources"]
        .get(f"{name}Role", {})
        .get("Properties", {})
        .get("Policies", [{}])[0]
        .get("PolicyDocument", {})
        .get("Statement", [])
    )
    defers = "QUEUE_URL" in _environment(template, name)
    # AWS checks the single call's name for a batch of them, too; the local cloud checks the batch's
    # own.
    changes = ["sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"] if defers else []
    sends = ["sqs:SendMessage"] if consumer.sends_to_itself else []
    queue = [*sends, "sqs:ReceiveMessage", "sqs:DeleteMessage", *changes, "sqs:GetQueueAttributes"]
    logs = _allow(["logs:CreateLogStream", "logs:PutLogEvents"], _arn(f"{name}Logs"))
    return [logs, *[FREE] * max(len(found) - 2, 0), _allow(queue, _arn(f"{name}Queue"))]


def _trusted(service: str, statements: list[Any]) -> dict[str, Any]:
    """The properties of a role that ``service`` takes on, with one policy."""
    assume = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [assume]},
        "Policies": [
            {
                "PolicyName": FREE,
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            }
        ],
    }


def _queue_policy(name: str, rule: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": [_arn(f"{name}Queue"), _arn(f"{name}DeadLetterQueue")],
        "Condition": {"ArnEquals": {"aws:SourceArn": _arn(rule)}},
    }
    return {
        "Queues": [{"Ref": f"{name}Queue"}, {"Ref": f"{name}DeadLetterQueue"}],
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }


def _alarm(
    namespace: str, metric: str, dimension: str, value: Any, when: dict[str, Any]
) -> dict[str, Any]:
    properties = {
        "AlarmDescription": FREE,
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": dimension, "Value": value}],
        **when,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": {
            "Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]
        },
    }
    return _resource("AWS::CloudWatch::Alarm", properties)


def _resource(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def _allow(action: str | list[str], resource: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _attribute(logical_id: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, attribute]}


def _arn(logical_id: str) -> dict[str, Any]:
    return _attribute(logical_id, "Arn")


def _snake(name: str) -> str:
    """The function's folder and service name: ``status_publisher`` for ``StatusPublisher``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _compare(
    logical_id: str, found: Any, expected: Any, *, whole: bool, path: str = ""
) -> Iterator[str]:
    """Yield each difference of ``found`` from ``expected``, by the path of its property.

    Properties that are not expected are wrong in a ``whole`` resource only.
    """
    inner = path.removeprefix("/").removeprefix("Properties").removeprefix("/")
    at = f"{logical_id}: {inner}".strip()
    if expected is FREE:
        if found is None:
            yield f"{at} is not there; the pattern has {FREE}"
    elif isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            yield from _compare(
                logical_id, found.get(key), value, whole=whole, path=f"{path}/{key}"
            )
        for key in found.keys() - expected.keys() if whole else ():
            yield (
                f"{at} {key} is not in the pattern"
                if path in ("", "/Properties")
                else f"{at}/{key} is not in the pattern"
            )
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, value in enumerate(expected):
            yield from _compare(
                logical_id, found[number], value, whole=whole, path=f"{path}/{number}"
            )
    elif found is None:
        yield f"{at} is not there; the pattern has {expected}"
    elif found != expected:
        yield f"{at} is {found}; the pattern has {expected}"
