"""``gridwix test-alarm``: which alarm rings, what CloudWatch reports, and what is left behind."""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from ops.alarm_trial import REASON, TrialResult, choose_alarm, ring_alarm
from ops.alarms import Alarm
from ops.cli import app
from ops.commands import alarm_trial as command
from ops.errors import OpsError
from ops.stack import Stack

TOPIC = "arn:aws:sns:eu-west-1:1:alarms"
SENT = f"Successfully executed action {TOPIC}"
REFUSED = f"Failed to execute action {TOPIC}. Received error: AuthorizationError"
NOW = datetime(2026, 3, 12, 9, tzinfo=UTC).timestamp()


class CloudWatch:
    """Reports ``summaries`` from look number ``after`` on. ``fails``: the looks are refused."""

    def __init__(
        self, *summaries: str, state: str = "OK", after: int = 1, fails: bool = False
    ) -> None:
        self.summaries, self.state, self.after, self.fails = summaries, state, after, fails
        self.states: list[tuple[str, str]] = []
        self.looks: list[datetime] = []

    def describe_alarms(self, **_: Any) -> Any:
        alarm = {"AlarmName": "p-1", "StateValue": self.state, "AlarmActions": [TOPIC]}
        return {"MetricAlarms": [alarm]}

    def set_alarm_state(self, *, AlarmName: str, StateValue: str, StateReason: str) -> None:  # noqa: N803 - boto3's names
        assert StateReason == REASON
        self.states.append((AlarmName, StateValue))

    def describe_alarm_history(self, *, StartDate: datetime, **_: Any) -> Any:  # noqa: N803 - boto3's name
        self.looks.append(StartDate)
        if self.fails:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "DescribeAlarmHistory")
        seen = self.summaries if len(self.looks) >= self.after else ()
        return {"AlarmHistoryItems": [{"HistorySummary": one} for one in seen]}


def ring(cloudwatch: CloudWatch, monkeypatch: pytest.MonkeyPatch) -> TrialResult:
    now = [NOW]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    aws: Any = SimpleNamespace(cloudwatch=cloudwatch)
    resources = {"AWS::CloudWatch::Alarm": {"FirstAlarm": "p-1"}}
    monkeypatch.setattr(Stack, "read_resources", lambda _: resources)
    return ring_alarm(
        Stack("gridwix", {}, aws), None, timeout=10, clock=lambda: now[0], sleep=sleep
    )


@pytest.mark.parametrize(
    ("state", "afterwards"), [("OK", "OK"), ("INSUFFICIENT_DATA", "INSUFFICIENT_DATA")]
)
def test_alarm_rings_and_goes_back_once_cloudwatch_has_reported(
    monkeypatch: pytest.MonkeyPatch, state: str, afterwards: str
) -> None:
    cloudwatch = CloudWatch(SENT, state=state, after=3)

    result = ring(cloudwatch, monkeypatch)

    assert result == TrialResult("FirstAlarm", (SENT,))
    assert result.is_sent
    assert cloudwatch.states == [("p-1", "ALARM"), ("p-1", afterwards)]
    assert {look.timestamp() for look in cloudwatch.looks} == {NOW}


@pytest.mark.parametrize("summaries", [(), (REFUSED,), (SENT, REFUSED)])
def test_notification_that_cloudwatch_could_not_send_or_does_not_report_is_none(
    monkeypatch: pytest.MonkeyPatch, summaries: Sequence[str]
) -> None:
    result = ring(CloudWatch(*summaries), monkeypatch)

    assert not result.is_sent
    assert result.reports == summaries


def test_alarm_goes_back_although_the_history_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloudwatch = CloudWatch(fails=True)

    with pytest.raises(ClientError):
        ring(cloudwatch, monkeypatch)

    assert cloudwatch.states[-1] == ("p-1", "OK")


def alarm(name: str, *, state: str = "OK", actions: tuple[str, ...] = (TOPIC,)) -> Alarm:
    return Alarm(name, state, "", "", 0.0, actions=actions)


def test_alarm_that_is_tested_hides_no_fault_and_undoes_no_deployment() -> None:
    alarms = [
        alarm("A", state="ALARM"),
        alarm("B", actions=()),
        alarm("CRollbackAlarm"),
        alarm("E"),
        alarm("D"),
    ]

    assert choose_alarm(alarms, None).name == "D"
    assert choose_alarm(alarms, "E").name == "E"


@pytest.mark.parametrize("name", ["A", "B", "CRollbackAlarm"])
def test_alarm_that_must_not_be_tested_is_refused(name: str) -> None:
    alarms = [alarm("A", state="ALARM"), alarm("B", actions=()), alarm("CRollbackAlarm")]

    with pytest.raises(OpsError, match="is not tested"):
        choose_alarm(alarms, name)


def test_alarm_that_the_stack_lacks_is_refused() -> None:
    with pytest.raises(OpsError, match="has no alarm Typo"):
        choose_alarm([alarm("D")], "Typo")


@pytest.mark.parametrize(
    ("reports", "code", "said"),
    [
        ((SENT,), 0, "Look for a message"),
        ((REFUSED,), 1, "see its policy and its key"),
        ((), 1, "has reported no notification within 60 s"),
    ],
)
def test_command_says_what_to_look_for(
    monkeypatch: pytest.MonkeyPatch, reports: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.setattr(Stack, "read", lambda *_: None)
    monkeypatch.setattr(command, "check_alarm_topic", lambda _: "1 subscription of t")
    monkeypatch.setattr(command, "ring_alarm", lambda *_: TrialResult("FirstAlarm", reports))

    result = CliRunner().invoke(app, ["test-alarm", "--yes"])

    assert (result.exit_code, said in " ".join(result.output.split())) == (code, True)
