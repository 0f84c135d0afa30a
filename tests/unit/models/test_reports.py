"""Results of steps add up without losing a field."""

from collections import Counter
from dataclasses import dataclass

import pytest

from gridwix.activity_publisher.service import ActivityReport
from gridwix.case_opener.service import CaseReport
from gridwix.document_sync.service import DocumentReport
from gridwix.errors import RowHeld, SourceBehind
from gridwix.form_intake.report import IntakeReport
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.reports import Addable
from gridwix.partner_messenger.dispatching import DispatchReport
from gridwix.partner_messenger.planning import PlanReport
from gridwix.partner_messenger.retention import RetentionReport
from gridwix.partner_messenger.unlocking import UnlockReport
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import RowReport, Verdict
from gridwix.trading_grid_feed.service import FeedReport
from gridwix.transaction_monitor.service import MonitorReport
from tests.factories import change

ROW, OTHER = (
    RowKey(CollectionId("PartnerStatus"), WixItemId(partner)) for partner in ("GC1", "GC2")
)


def test_sum_of_reports_adds_every_field() -> None:
    first = ChangeReport(
        verdicts={ROW: Verdict.WRITTEN},
        unknown=Counter(a=1),
        conflicts=((ROW.collection, ROW.item_id, "title"),),
    )
    second = ChangeReport(
        verdicts={OTHER: Verdict.REFUSED},
        unknown=Counter(a=1, b=2),
        invalid={"evt_1": SourceBehind()},
    )

    total = first + second

    assert total.verdicts == {ROW: Verdict.WRITTEN, OTHER: Verdict.REFUSED}
    assert (total.unknown, total.conflicts, set(total.invalid)) == (
        Counter(a=2, b=2),
        first.conflicts,
        {"evt_1"},
    )
    assert first.verdicts == {ROW: Verdict.WRITTEN}


def test_sum_of_reports_on_the_same_row_keeps_the_later_verdict() -> None:
    total = RowReport.of_verdict(Verdict.WRITTEN, [ROW]) + RowReport.of_deferred({ROW: RowHeld()})

    assert (total.verdicts, total.reasons[ROW].code) == ({ROW: Verdict.DEFERRED}, RowHeld().code)


def test_sum_of_reports_on_the_same_change_waits_for_the_rows_of_both() -> None:
    one = change("evt_1")

    total = ChangeReport.total(
        [
            ChangeReport.for_changes([one]),
            ChangeReport.for_changes([one], [ROW]),
            ChangeReport.for_deferred([one], OTHER, SourceBehind()),
        ]
    )

    assert total.rows == {"evt_1": (ROW, OTHER)}
    assert isinstance(total.failure(one), SourceBehind)


def test_failure_of_a_change_that_the_report_does_not_know_is_an_error() -> None:
    with pytest.raises(KeyError):
        ChangeReport().failure(change("evt_1"))


def test_sum_that_would_lose_fields_is_refused() -> None:
    with pytest.raises(TypeError, match="RowReport cannot hold ChangeReport"):
        RowReport() + ChangeReport()


@dataclass(frozen=True, slots=True)
class Step(Addable):
    """A report with a field of each kind."""

    done: bool = False
    lanes: frozenset[str] = frozenset()
    stopped: Exception | None = None


def test_sum_keeps_a_flag_unites_sets_and_takes_the_last_error() -> None:
    first, last = ValueError("first"), ValueError("last")

    total = Step.total(
        [
            Step(done=True, lanes=frozenset("a"), stopped=first),
            Step(lanes=frozenset("b"), stopped=last),
            Step(),
        ]
    )

    assert total == Step(done=True, lanes=frozenset("ab"), stopped=last)


@pytest.mark.parametrize(
    "report",
    [
        ActivityReport,
        CaseReport,
        ChangeReport,
        DispatchReport,
        DocumentReport,
        FeedReport,
        IntakeReport,
        MonitorReport,
        PlanReport,
        RetentionReport,
        RowReport,
        UnlockReport,
    ],
)
def test_sum_of_nothing_is_the_empty_report(report: type[Addable]) -> None:
    assert report.total([report(), report()]) == report() == report.total([])
