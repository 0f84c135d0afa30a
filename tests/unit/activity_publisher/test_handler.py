"""The handler of the activity publisher: one run for all messages, its deadlines and metrics."""

import json
from collections import Counter
from typing import Any

import pytest

from functions.activity_publisher import handler as module
from gridwix.activity_publisher.queue import PUBLISHING_RESERVE
from gridwix.activity_publisher.service import ActivityReport
from gridwix.errors import BudgetExhausted, Forbidden, GridwixError, RowHeld, Unavailable
from gridwix.models.deadline import Deadline
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_ACTIVITY
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import RowReport, Verdict
from ops.paths import ROOT
from tests.fakes.invocation import lambda_context, metric_values, sqs_record
from tests.fakes.redelivery import Redelivery

ROWS = [RowKey(PARTNER_ACTIVITY, WixItemId(partner)) for partner in ("GC1", "GC2")]
EVENTS = sorted((ROOT / "events/activity_publisher").glob("*.json"))


class Service:
    def __init__(self) -> None:
        self.error: GridwixError | None = None
        self.report = ActivityReport(
            slices=3,
            documents=70,
            unmapped=2,
            unreadable=1,
            unknown=Counter({"transaction.status=quantum": 3}),
        ) + RowReport.of_verdict(Verdict.WRITTEN, ROWS)
        self.deadlines: list[tuple[bool, bool]] = []

    def publish_activity(self, reading: Deadline, publishing: Deadline) -> ActivityReport:
        self.deadlines.append((reading.is_near(), publishing.is_near()))
        if self.error:
            raise self.error
        return self.report


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    fake = Service()
    monkeypatch.setattr(module, "activity_publisher", lambda: fake)
    monkeypatch.setattr(module, "redelivery", Redelivery)
    return fake


def call(*identifiers: str, remaining: int = 600_000) -> list[str]:
    event: dict[str, Any] = {
        "Records": [sqs_record(one, {"reason": "schedule"}) for one in identifiers]
    }
    answer = module.handler(event, lambda_context(remaining))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_sample_event_is_one_run(service: Service, path: Any) -> None:
    answer = module.handler(json.loads(path.read_text()), lambda_context(600_000))

    assert answer == {"batchItemFailures": []}
    assert service.deadlines == [(False, False)]


def test_run_is_counted_in_metrics(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("m1", "m2") == []

    found = metric_values(capsys.readouterr().out)
    assert len(service.deadlines) == 1
    assert (found["SlicesRead"], found["DocumentsCounted"], found["DocumentsUnmapped"]) == (
        3,
        70,
        2,
    )
    assert (found["RowsWritten"], found["RowsDeferred"]) == (2, 0)
    assert found["UnknownValues/transaction.status=quantum"] == 3


def test_rows_have_time_after_the_last_slice(service: Service) -> None:
    call("m1", remaining=int(1000 * module.RESERVE_SECONDS) - 1000)
    call("m1", remaining=int(1000 * PUBLISHING_RESERVE) - 1000)

    assert service.deadlines == [(True, False), (True, True)]


def test_deferred_row_returns_every_message(service: Service) -> None:
    service.report = ActivityReport() + RowReport.of_deferred({ROWS[0]: BudgetExhausted(wait=5)})

    assert call("m1", "m2") == ["m1", "m2"]


def test_failed_call_is_logged_next_to_a_held_row(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    reasons = {ROWS[0]: RowHeld(), ROWS[1]: Forbidden(system="aws", status=403)}
    service.report = ActivityReport() + RowReport.of_deferred(reasons)

    call("m1")

    assert [vars(line)["code"] for line in caplog.records if hasattr(line, "code")] == [
        "upstream_forbidden"
    ]


def test_run_that_fails_returns_every_message(service: Service) -> None:
    service.error = Unavailable(system="trading_grid", status=503)

    assert call("m1", "m2") == ["m1", "m2"]
