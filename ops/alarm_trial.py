"""Tests that an alarm reaches people: puts one CloudWatch alarm into state ALARM, and back.

A message published to the topic by hand would prove less: CloudWatch publishes as itself, so the
topic's policy and its KMS key have to allow that, and the alarm has to name the topic.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ops.alarms import ALARM, Alarm, read_alarms
from ops.errors import OpsError
from ops.stack import Stack

POLL = 2.0
"""Seconds between two reads of the alarm's history."""
REASON = "A test by gridwix test-alarm: nothing is wrong"
ROLLS_BACK = "RollbackAlarm"
"""End of the name of an alarm on which CodeDeploy acts: testing it would undo a deployment."""
SENT = "Successfully executed action"
"""Start of the text by which CloudWatch reports that it has carried out an action."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """Result of testing one alarm.

    ``reports`` are CloudWatch's sentences about the actions of ``alarm``; empty if CloudWatch
    reported nothing before the timeout.
    """

    alarm: str
    reports: tuple[str, ...]

    @property
    def is_sent(self) -> bool:
        """True if CloudWatch has reported that it carried out all actions of the alarm."""
        return bool(self.reports) and all(one.startswith(SENT) for one in self.reports)


def choose_alarm(alarms: Sequence[Alarm], name: str | None) -> Alarm:
    """Return the alarm with this name; if ``name`` is None, the first that can be tested.

    An alarm cannot be tested if it is in state ALARM, has no action, or rolls a deployment back.
    Raises OpsError if no alarm is left.
    """
    named = [alarm for alarm in alarms if name in (None, alarm.name)]
    if not named:
        raise OpsError(f"the stack has no alarm {name}", "choose one that its runbook lists")
    for alarm in sorted(named, key=lambda one: one.name):
        if not alarm.is_firing and not alarm.name.endswith(ROLLS_BACK) and alarm.actions:
            return alarm
    raise OpsError(
        f"{name or 'each alarm'} is in state ALARM, notifies nobody or rolls a deployment"
        " back, so it is not tested",
        "choose another with --alarm, or deploy with AlarmTopicArn",
    )


def ring_alarm(
    stack: Stack,
    name: str | None,
    timeout: float,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> TrialResult:
    """Test an alarm: put it into state ALARM, wait until CloudWatch reports its actions, reset it.

    Returns the reports. At the next evaluation, the alarm's metric decides the state again.

    Args:
        stack: The deployed stack.
        name: Logical id of the alarm; None for any.
        timeout: Seconds to wait for the report.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds.

    Raises:
        OpsError: No alarm can be tested.
        botocore.exceptions.ClientError: CloudWatch refused a call.
    """
    resources = stack.read_resources()
    alarm = choose_alarm(read_alarms(stack, resources), name)
    physical, cloudwatch, begun = resources[ALARM][alarm.name], stack.aws.cloudwatch, clock()
    cloudwatch.set_alarm_state(AlarmName=physical, StateValue="ALARM", StateReason=REASON)
    try:
        reports = _read_reports(stack, physical, begun)
        while not reports and clock() < begun + timeout:
            sleep(POLL)
            reports = _read_reports(stack, physical, begun)
    finally:
        cloudwatch.set_alarm_state(
            AlarmName=physical,
            StateValue="OK" if alarm.state == "OK" else "INSUFFICIENT_DATA",
            StateReason=REASON,
        )
    return TrialResult(alarm.name, reports)


def _read_reports(stack: Stack, alarm: str, since: float) -> tuple[str, ...]:
    history = stack.aws.cloudwatch.describe_alarm_history(
        AlarmName=alarm,
        HistoryItemType="Action",
        # The history has whole seconds.
        StartDate=datetime.fromtimestamp(int(since), UTC),
    )
    return tuple(item.get("HistorySummary", "") for item in history["AlarmHistoryItems"])
