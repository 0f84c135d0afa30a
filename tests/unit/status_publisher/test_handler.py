"""The status publisher's handler: from an SQS event to a partial batch response, log lines and
metrics.
"""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from functions.status_publisher import handler as module
from gridwix.errors import GridwixError, RowHeld, Throttled, Unauthenticated
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.wix import Refusal
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import RowReport, Verdict
from gridwix.runtime import queue_runner
from gridwix.status_publisher.service import status_row_key
from tests.factories import change
from tests.fakes.invocation import lambda_context
from tests.fakes.redelivery import Redelivery
from tests.log_lines import lines_named


class Publisher:
    """Gives each partner the verdict that it is told to."""

    def __init__(self) -> None:
        self.verdicts: dict[str, tuple[Verdict, GridwixError | None]] = {}
        self.error: GridwixError | None = None

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        if self.error:
            raise self.error
        report = ChangeReport()
        for one in changes:
            assert one.partner_id is not None
            key = status_row_key(one.partner_id)
            report += ChangeReport.for_changes([one], [key])
            verdict, reason = self.verdicts.get(one.partner_id, (Verdict.WRITTEN, None))
            if reason is not None:
                report += RowReport.of_deferred({key: reason})
            elif verdict is Verdict.REFUSED:
                report += RowReport.of_refused(
                    [Refusal(key.collection, key.item_id, "WDE0080", "Dana Whitfield is not valid")]
                )
            else:
                report += RowReport.of_verdict(verdict, [key])
        return report


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Publisher:
    fake = Publisher()
    monkeypatch.setattr(module, "status_publisher", lambda: fake)
    return fake


@pytest.fixture
def redelivery(monkeypatch: pytest.MonkeyPatch) -> Redelivery:
    fake = Redelivery()
    monkeypatch.setattr(module, "redelivery", lambda: fake)
    return fake


def record(partner: str, body: str | None = None) -> dict[str, Any]:
    detail = change(f"evt_{partner}", partnerId=partner).model_dump(mode="json", by_alias=True)
    return {
        "messageId": partner,
        "receiptHandle": f"r-{partner}",
        "attributes": {"ApproximateReceiveCount": "1"},
        "body": json.dumps({"detail": detail}) if body is None else body,
    }


def call(*records: dict[str, Any]) -> list[str]:
    answer: dict[str, Any] = module.handler({"Records": list(records)}, lambda_context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_handler_reports_only_what_is_not_done(
    publisher: Publisher,
    redelivery: Redelivery,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    publisher.verdicts = {
        "B": (Verdict.DEFERRED, RowHeld()),
        "C": (Verdict.REFUSED, None),
        "D": (Verdict.UNCHANGED, None),
    }

    failed = call(record("A"), record("B"), record("C"), record("D"), record("E", body="{"))

    assert failed == ["E", "B"]
    assert list(redelivery.delays) == ["r-B"]
    (published,) = lines_named(caplog, "rows_published")
    assert published["rows"] == {"unchanged": 1, "written": 1, "refused": 1, "deferred": 1}
    assert published["deferred"] == {"row_held": 1}
    (metrics,) = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if "RowsWritten" in line
    ]
    assert [metrics[f"Rows{name}"] for name in ("Written", "Unchanged", "Refused", "Deferred")] == [
        [1.0]
    ] * 4
    assert metrics["MessagesMalformed"] == [1.0]


def test_handler_names_refused_rows_and_not_what_is_in_them(
    publisher: Publisher, redelivery: Redelivery, caplog: pytest.LogCaptureFixture
) -> None:
    publisher.verdicts = {"A": (Verdict.REFUSED, None)}

    assert call(record("A")) == []

    (refused,) = lines_named(caplog, "row_refused")
    assert (refused["item_id"], refused["code"]) == ("A", "WDE0080")
    assert not any("Dana" in str(vars(line)) for line in caplog.records)


def test_handler_when_trading_grid_cannot_be_read_has_every_message_come_again_when_it_said(
    publisher: Publisher, redelivery: Redelivery, caplog: pytest.LogCaptureFixture
) -> None:
    publisher.error = Throttled(system="trading_grid", status=429, request_id="req-7", wait=40)

    assert call(record("A"), record("B")) == ["A", "B"]

    assert all(40 <= seconds <= 50 for seconds in redelivery.delays.values())
    (line,) = lines_named(caplog, "call_failed")
    assert [line[name] for name in ("code", "system", "status", "request_id")] == [
        "upstream_throttled",
        "trading_grid",
        429,
        "req-7",
    ]


@pytest.mark.parametrize(
    ("error", "forgets"),
    [
        (Unauthenticated(system="wix", status=401), True),
        (Throttled(system="wix", status=429), False),
    ],
)
def test_handler_reads_the_credentials_anew_only_after_they_were_refused(
    publisher: Publisher,
    redelivery: Redelivery,
    monkeypatch: pytest.MonkeyPatch,
    error: GridwixError,
    forgets: bool,
) -> None:
    publisher.verdicts = {"A": (Verdict.DEFERRED, error)}
    forgotten: list[GridwixError] = []
    monkeypatch.setattr(queue_runner, "forget_credentials_after", forgotten.extend)

    call(record("A"), record("B"))

    assert any(isinstance(one, Unauthenticated) for one in forgotten) is forgets


def test_row_key_of_a_partner_is_its_row() -> None:
    assert status_row_key(PartnerId("GC1")) == RowKey(
        CollectionId("PartnerStatus"), WixItemId("GC1")
    )
