"""The handlers of the transaction monitor and of the case opener."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from functions.case_opener import handler as opener_module
from functions.transaction_monitor import handler as monitor_module
from gridwix.case_opener.service import CaseReport
from gridwix.errors import GridwixError, Unavailable, UnknownPartner
from gridwix.models.deadline import Deadline
from gridwix.models.events import TRANSACTION_EXCEPTION, Change
from gridwix.models.transactions import ExceptionKind
from gridwix.transaction_monitor.service import MonitorReport
from tests.factories import change
from tests.fakes.invocation import lambda_context, metric_values
from tests.fakes.redelivery import Redelivery
from tests.log_lines import lines_named


class Monitor:
    def __init__(self) -> None:
        self.error: GridwixError | None = None
        self.near: list[bool] = []

    def announce_exceptions(self, deadline: Deadline) -> MonitorReport:
        self.near.append(deadline.is_near())
        if self.error:
            raise self.error
        return MonitorReport(
            entries=7,
            raised=Counter({ExceptionKind.DELIVERY_FAILED: 2}),
            over=1,
            unknown=Counter({"transaction.status=quantum": 3}),
        )


class Opener:
    def __init__(self) -> None:
        self.error: GridwixError | None = None

    def handle(self, changes: Sequence[Change]) -> CaseReport:
        if self.error:
            raise self.error
        return CaseReport(opened=1, joined=2, failures={"evt_2": UnknownPartner()})


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Monitor:
    fake = Monitor()
    monkeypatch.setattr(monitor_module, "transaction_monitor", lambda: fake)
    return fake


@pytest.fixture
def opener(monkeypatch: pytest.MonkeyPatch) -> Opener:
    fake = Opener()
    monkeypatch.setattr(opener_module, "case_opener", lambda: fake)
    monkeypatch.setattr(opener_module, "redelivery", Redelivery)
    return fake


def call(module: Any, event: Mapping[str, Any], remaining: int = 60_000) -> list[str]:
    return [
        failure["itemIdentifier"]
        for failure in module.handler(event, lambda_context(remaining))["batchItemFailures"]
    ]


POLLS = {"Records": [{"messageId": "m1", "body": "{}"}, {"messageId": "m2", "body": "{}"}]}


def record(number: int, body: str | None = None) -> dict[str, Any]:
    detail = change(
        f"evt_{number}", type=TRANSACTION_EXCEPTION, subject=f"transactions/c-{number}", via="poll"
    ).model_dump(mode="json", by_alias=True)
    shown = json.dumps({"detail": detail}) if body is None else body
    return {
        "messageId": f"m{number}",
        "receiptHandle": f"r{number}",
        "attributes": {"ApproximateReceiveCount": "1"},
        "body": shown,
    }


def test_monitor_runs_once_however_many_messages_ask(
    monitor: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monitor_module, POLLS) == []

    assert monitor.near == [False]
    found = metric_values(capsys.readouterr().out)
    assert (found["TransactionsRead"], found["ExceptionsRaised"], found["ExceptionsOver"]) == (
        7,
        2,
        1,
    )
    assert (
        found["ExceptionsRaised/delivery_failed"],
        found["UnknownValues/transaction.status=quantum"],
    ) == (2, 3)


def test_monitor_when_little_time_is_left_begins_no_further_stretch(monitor: Monitor) -> None:
    call(monitor_module, POLLS, remaining=19_000)

    assert monitor.near == [True]


def test_monitor_when_lens_fails_has_every_message_come_again(
    monitor: Monitor, caplog: pytest.LogCaptureFixture
) -> None:
    monitor.error = Unavailable(system="trading_grid", status=503)

    assert call(monitor_module, POLLS) == ["m1", "m2"]
    (line,) = lines_named(caplog, "transactions_not_read")
    assert line["code"] == "upstream_unavailable"


def test_opener_reports_only_what_is_not_done(
    opener: Opener, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = call(opener_module, {"Records": [record(1), record(2), record(3, body="{")]})

    assert sorted(failed) == ["m2", "m3"]
    found = metric_values(capsys.readouterr().out)
    assert (found["CasesOpened"], found["CasesJoined"], found["MessagesMalformed"]) == (1, 2, 1)
    assert found["MessagesDeferred/unknown_partner"] == 1


def test_opener_when_nothing_can_be_read_has_every_message_come_again(opener: Opener) -> None:
    opener.error = Unavailable(system="trading_grid")

    assert call(opener_module, {"Records": [record(1), record(2)]}) == ["m1", "m2"]
