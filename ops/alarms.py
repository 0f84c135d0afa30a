"""Reads the CloudWatch alarms of a stack."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import batched

from ops.queue_ages import AGE
from ops.stack import Stack

ALARM = "AWS::CloudWatch::Alarm"
NAMES_PER_CALL = 100
"""Maximum number of alarm names in one ``DescribeAlarms`` call."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A CloudWatch alarm of the stack.

    ``name`` is its logical id, ``dimensions`` are those of its metric, and ``threshold`` has the
    unit of the metric. ``actions`` are the ARNs that it notifies in state ALARM.
    """

    name: str
    state: str
    description: str
    metric: str
    threshold: float
    dimensions: Mapping[str, str] = field(default_factory=dict)
    actions: tuple[str, ...] = ()

    @property
    def is_firing(self) -> bool:
        return self.state == "ALARM"


def read_alarms(stack: Stack, resources: Mapping[str, Mapping[str, str]]) -> list[Alarm]:
    """Return the stack's alarms with their current state.

    Args:
        stack: The deployed stack.
        resources: Physical ids by resource type and logical id (``Stack.read_resources``).

    Raises:
        botocore.exceptions.ClientError: CloudWatch refused a call.
    """
    names = {physical: logical for logical, physical in resources.get(ALARM, {}).items()}
    return [
        Alarm(
            names[found["AlarmName"]],
            str(found.get("StateValue", "")),
            found.get("AlarmDescription", ""),
            found.get("MetricName", ""),
            float(found.get("Threshold", 0.0)),
            {one["Name"]: one["Value"] for one in found.get("Dimensions", [])},
            tuple(found.get("AlarmActions", [])),
        )
        for group in batched(names, NAMES_PER_CALL, strict=False)
        for found in stack.aws.cloudwatch.describe_alarms(AlarmNames=list(group))["MetricAlarms"]
        if found["AlarmName"] in names
    ]


def age_limits(alarms: Iterable[Alarm]) -> dict[str, float]:
    """Return the alarm limit on the age of a queue's oldest message, in seconds, by queue name.

    The limit of a queue is the threshold of its age alarm. A queue without such an alarm is left
    out.
    """
    return {
        alarm.dimensions["QueueName"]: alarm.threshold
        for alarm in alarms
        if alarm.metric == AGE and "QueueName" in alarm.dimensions
    }
