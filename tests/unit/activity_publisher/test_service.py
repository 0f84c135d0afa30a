"""The activity publisher over fakes: slices that change, crashes, races, and what is published."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.activity_publisher import service
from gridwix.activity_publisher.counting import SliceCounter
from gridwix.activity_publisher.counts import FailedDocument, PartnerCounts, sum_counts
from gridwix.activity_publisher.index import ActivityIndex
from gridwix.activity_publisher.projection import partner_activity
from gridwix.activity_publisher.service import (
    CASE_PATIENCE,
    CURSOR_NAME,
    MAX_SLICES,
    ActivityPublisher,
    ActivityReport,
)
from gridwix.activity_publisher.slices import SLICE, day_start, due_slices, shown_days
from gridwix.errors import BudgetExhausted, RecordFault, Unavailable
from gridwix.mapping.wix_items import data_item
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import PARTNER_ACTIVITY
from gridwix.models.transactions import LensEntry
from gridwix.publication.models import Claim, RowKey, Versions
from gridwix.publication.publisher import Publisher, Verdict
from gridwix.runtime.configuration import configuration
from tests.factories import NOW, case
from tests.fakes.activity import FakeArrivals, FakeContinuation, FakeCounts, FakeListedPartners
from tests.fakes.deadlines import PASSED, deadline_after
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, Trouble
from tests.fakes.stores import FakeCursors, FakeRefusedItems
from tests.fakes.transactions import FakeCaseDesk

GOLD, BALTIC = "GC1", "GC2"
ADDRESSES = {"ZZ:GOLD": GOLD, "ZZ:BALTIC": BALTIC}


def entry(number: int | str, *, ago: timedelta = timedelta(minutes=5), **fields: Any) -> LensEntry:
    """A delivered document of ``GOLD`` that arrived ``ago``."""
    return LensEntry(
        **{
            "transaction_id": f"t-{number}",
            "correlation_id": f"c-{number}",
            "level": "Document",
            "document_type": "856",
            "envelope_type": "ISA",
            "status": "S",
            "status_date": NOW - ago,
            "arrived_at": NOW - ago,
            "sender_address": "ZZ:GOLD",
            "receiver_address": "ZZ:HUB",
            **fields,
        }
    )


@dataclass
class Stage:
    arrivals: FakeArrivals = field(default_factory=FakeArrivals)
    counts: FakeCounts = field(default_factory=FakeCounts)
    cursors: FakeCursors = field(default_factory=FakeCursors)
    desk: FakeCaseDesk = field(default_factory=FakeCaseDesk)
    portal: FakePortal = field(default_factory=FakePortal)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    continuation: FakeContinuation = field(default_factory=FakeContinuation)
    now: datetime = NOW

    def publisher(self) -> ActivityPublisher:
        return ActivityPublisher(
            search=self.arrivals,
            partners=FakeListedPartners(ADDRESSES),
            cases=self.desk,
            store=self.counts,
            cursors=self.cursors,
            publisher=Publisher(
                collections=self.portal,
                ledger=self.ledger,
                refused_items=FakeRefusedItems(),
                function="activity_publisher",
                clock=self.now.timestamp,
                hold=60,
            ),
            continuation=self.continuation,
            rules=configuration().case_rules,
            clock=self.now.timestamp,
        )

    def run(self) -> ActivityReport:
        """A run, and those that it requests, one after the other."""
        report, requests = self.run_once(), 0
        while self.continuation.requests > requests:
            requests = self.continuation.requests
            report += self.run_once()
        self.continuation.requests = 0
        return report

    def run_once(
        self, reading: Deadline = NO_DEADLINE, publishing: Deadline = NO_DEADLINE
    ) -> ActivityReport:
        return self.publisher().publish_activity(reading, publishing)

    def rows(self) -> dict[str, Mapping[str, Any]]:
        return {
            item.id: item.data
            for (collection, _), item in self.portal.rows.items()
            if collection == PARTNER_ACTIVITY
        }

    def expected(self) -> dict[str, Mapping[str, Any]]:
        """The rows by one count of everything, without slices that were stored before."""
        days = shown_days(self.now)
        by_partner: dict[PartnerId, dict[date, list[PartnerCounts]]] = {}
        hours = {
            one.arrived_at.replace(minute=0, second=0, microsecond=0)
            for one in self.arrivals.entries.values()
            if one.arrived_at is not None
        }
        for start in hours:
            counter = SliceCounter(start, start + SLICE, ())
            for one in self.arrivals.entries.values():
                counter.add(one)
            look_up = FakeListedPartners(ADDRESSES).listed_partner_with
            for partner, counts in counter.result(look_up).partners.items():
                by_day = by_partner.setdefault(partner, {})
                by_day.setdefault(start.date(), []).append(counts)
        found = {
            partner: partner_activity(
                partner, {day: sum_counts(parts) for day, parts in by_day.items()}, days, _no_case
            )
            for partner, by_day in by_partner.items()
        }
        return {
            partner: data_item(partner, row).data
            for partner, row in found.items()
            if row is not None
        }

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


def _no_case(failure: FailedDocument) -> None:
    return None


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_row_has_the_documents_of_thirty_days_by_type_direction_and_day(stage: Stage) -> None:
    stage.arrivals.put(
        entry(1),
        entry(2, fa_status="A", ago=timedelta(days=29)),
        entry(3, fa_status="R", ago=timedelta(days=1)),
        entry(4, document_type="850", sender_address="ZZ:HUB", receiver_address="ZZ:GOLD"),
        entry(5, sender_address="ZZ:BALTIC"),
        entry(6, sender_address="ZZ:NOBODY"),
        entry(7, ago=timedelta(days=30)),
    )

    report = stage.run()

    row = stage.rows()[GOLD]
    ship_notices, orders = row["lines"]
    assert (ship_notices["documentType"], ship_notices["direction"]) == ("856", "inbound")
    assert {name: number for name, number in ship_notices.items() if number and name != "daily"} | {
        "failedDaily": 0
    } == {
        "documentType": "856",
        "direction": "inbound",
        "total": 3,
        "delivered": 1,
        "acknowledged": 1,
        "rejected": 1,
        "failedDaily": 0,
    }
    assert ship_notices["daily"] == [1] + [0] * 27 + [1, 1]
    assert ship_notices["failedDaily"] == [0] * 28 + [1, 0]
    assert (orders["documentType"], orders["direction"], orders["total"]) == ("850", "outbound", 1)
    assert (row["since"], row["until"], len(row["days"])) == ("2026-02-11", "2026-03-12", 30)
    assert row["updatedAt"] == NOW - timedelta(minutes=5)
    assert stage.rows().keys() == {GOLD, BALTIC}
    assert (report.documents, report.unmapped) == (6, 1)
    assert report.count(Verdict.WRITTEN) == 2


def test_document_whose_status_changes_counts_once_in_its_new_state(stage: Stage) -> None:
    stage.arrivals.put(entry(1, fa_status="W"))
    stage.run()
    stage.forward(days=1)
    stage.arrivals.put(entry(1, fa_status="A", fa_status_date=stage.now))
    stage.run()
    stage.forward(days=7)
    stage.arrivals.put(entry(1, fa_status="R", fa_status_date=stage.now))
    stage.run()

    (line,) = stage.rows()[GOLD]["lines"]
    assert (line["total"], line["rejected"], line["acknowledged"], line["delivered"]) == (
        1,
        1,
        0,
        0,
    )
    assert stage.rows() == stage.expected()


def test_run_without_news_writes_no_row_and_no_counts(stage: Stage) -> None:
    stage.arrivals.put(entry(1), entry(2, ago=timedelta(days=3)))
    stage.run()
    stored, calls = len(stage.counts.counts), stage.portal.calls
    stage.forward(minutes=15)

    report = stage.run()

    assert report.slices > 0
    assert (len(stage.counts.counts), stage.portal.calls) == (stored, calls)
    assert report.verdicts == {}


def test_new_day_moves_the_window_of_every_row_and_not_their_last_change(stage: Stage) -> None:
    stage.arrivals.put(entry(1), entry(2, sender_address="ZZ:BALTIC", ago=timedelta(days=29)))
    stage.run()
    before = stage.rows()[GOLD]
    stage.forward(days=1)

    stage.run()

    after = stage.rows()[GOLD]
    assert after["updatedAt"] == before["updatedAt"]
    assert after["until"] == "2026-03-13"
    assert after["lines"][0]["daily"][-2:] == [1, 0]
    # Nothing of the other one is left in the window.
    assert stage.rows().keys() == {GOLD}
    index = stage.counts.indexes[str(stage.cursors.read_cursor(CURSOR_NAME).cursor)]
    assert min(index.slices) == day_start(shown_days(stage.now)[0])


def test_failed_document_is_linked_to_the_case_that_was_opened_for_it(stage: Stage) -> None:
    stage.arrivals.put(entry(1, status="F"), entry(2, status="V"))
    stage.run()
    before = [failure.get("reference") for failure in stage.rows()[GOLD]["failures"]]
    stage.desk.stored["case_7"] = case(
        "case_7", partnerId=GOLD, transactionRefs=[{"correlationId": "c-1"}]
    )
    stage.forward(minutes=1)

    stage.run()

    failures = stage.rows()[GOLD]["failures"]
    assert before == [None, None]
    assert {failure["kind"]: failure.get("reference") for failure in failures} == {
        "delivery_failed": "cases/case_7",
        "validation_error": None,
    }


def test_case_is_not_waited_for_longer_than_it_may_take(stage: Stage) -> None:
    stage.arrivals.put(entry(1, status="F"))
    stage.run()
    stage.forward(seconds=CASE_PATIENCE.total_seconds())
    stage.run()
    reads = stage.ledger.calls["read"]
    stage.forward(minutes=1)

    stage.run()

    assert stage.ledger.calls["read"] == reads


def test_deadline_ends_reading_and_the_next_run_goes_on_where_it_ended(stage: Stage) -> None:
    stage.arrivals.put(entry(1), entry(2, ago=timedelta(days=20)))

    first = stage.run_once(reading=deadline_after(10))
    requests = stage.continuation.requests
    total_after_first = stage.rows()[GOLD]["lines"][0]["total"]
    second = stage.run()

    assert (first.slices, first.more, requests, total_after_first) == (10, True, 1, 1)
    assert second.slices == len(stage.arrivals.searches) - 10
    assert len(set(stage.arrivals.searches)) == len(stage.arrivals.searches)
    assert stage.rows() == stage.expected()


def test_run_reads_a_limited_number_of_slices_and_requests_the_next_run(stage: Stage) -> None:
    report = stage.run_once()

    assert (report.slices, report.more, stage.continuation.requests) == (MAX_SLICES, True, 1)


def test_run_that_could_do_nothing_requests_no_other(stage: Stage) -> None:
    stage.arrivals.put(entry(1))

    report = stage.run_once(reading=PASSED, publishing=PASSED)

    assert (report.slices, report.more, stage.continuation.requests) == (0, True, 0)


def test_deadline_before_the_rows_leaves_them_pending(stage: Stage) -> None:
    stage.arrivals.put(entry(1))

    report = stage.run_once(publishing=PASSED)
    nothing = stage.rows()
    stage.run()

    assert report.more and nothing == {}
    assert stage.rows() == stage.expected()


def test_search_that_breaks_off_counts_nothing_of_its_slice(stage: Stage) -> None:
    stage.arrivals.put(*(entry(number) for number in range(7)))
    stage.arrivals.fails = 1

    with pytest.raises(Unavailable):
        stage.run()
    broken = stage.rows()
    stage.run()

    assert broken == {}
    assert stage.rows() == stage.expected()


def test_row_that_is_deferred_stays_pending_and_is_the_failure_of_the_run(stage: Stage) -> None:
    stage.arrivals.put(entry(1))
    stage.portal.troubles.append(Trouble(error=BudgetExhausted(wait=7)))

    report = stage.run()
    stage.run()

    assert [error.wait for error in report.reasons.values()] == [7]
    assert stage.rows() == stage.expected()


def test_row_that_another_worker_holds_does_not_stop_the_next_thousand(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "ROWS_AT_ONCE", 1)
    stage.arrivals.put(entry(1), entry(2, sender_address="ZZ:BALTIC"))
    held = RowKey(PARTNER_ACTIVITY, WixItemId(GOLD))
    until = stage.now.timestamp() + 60
    stage.ledger.claim([Claim(held, 0, Versions())], holder="another", now=0, until=until)

    report = stage.run_once()

    assert [reason.code for reason in report.reasons.values()] == ["row_held"]
    assert stage.rows().keys() == {BALTIC}
    stage.forward(minutes=2)
    stage.run()
    assert stage.rows() == stage.expected()


def test_counts_that_make_no_row_stop_no_other_partner(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def partner_activity_or_fault(partner: PartnerId, *rest: Any) -> Any:
        if partner == GOLD:
            raise KeyError(partner)
        return partner_activity(partner, *rest)

    stage.arrivals.put(entry(1), entry(2, sender_address="ZZ:BALTIC"))
    with monkeypatch.context() as patch:
        patch.setattr(service, "partner_activity", partner_activity_or_fault)
        report = stage.run_once()

    assert [fault.record for fault in report.faults] == [f"activity/{GOLD}"]
    assert stage.rows().keys() == {BALTIC}
    stage.run()
    assert stage.rows() == stage.expected()


def test_row_that_wix_refuses_is_not_tried_again_until_it_changes(stage: Stage) -> None:
    stage.arrivals.put(entry(1))
    stage.portal.refuse = lambda _: True

    report = stage.run()
    calls = stage.portal.calls
    stage.forward(minutes=15)
    stage.run()

    assert (report.count(Verdict.REFUSED), report.reasons) == (1, {})
    assert stage.portal.calls == calls


def test_run_that_another_has_overtaken_commits_and_publishes_nothing(stage: Stage) -> None:
    stage.arrivals.put(entry(1))
    other = []

    def overtake() -> None:
        stage.arrivals.during = lambda: None
        stage.arrivals.put(entry(2))
        other.append(stage.run_once())
        stage.arrivals.entries.pop("t-2")

    stage.arrivals.during = overtake

    report = stage.run()

    assert report.overtaken and report.verdicts == {}
    assert not other[0].overtaken
    assert stage.rows()[GOLD]["lines"][0]["total"] == 2


def test_run_that_is_overtaken_before_its_rows_publishes_none(stage: Stage) -> None:
    stage.arrivals.put(entry(1))

    def overtake(name: str) -> None:
        if not name.startswith("days/"):
            return
        stage.counts.during = lambda _: None
        stage.forward(minutes=15)
        stage.arrivals.put(entry(2))
        stage.run_once()

    stage.counts.during = overtake

    # A first run reads the counts of a day only for its pending rows.
    report = stage.run_once(reading=deadline_after(1))

    assert (report.slices, report.overtaken, report.verdicts) == (1, True, {})
    assert stage.rows()[GOLD]["lines"][0]["total"] == 2


def test_lost_index_has_everything_counted_anew_and_the_rows_follow(stage: Stage) -> None:
    stage.arrivals.put(entry(1))
    stage.run()
    # More commits than the next run makes.
    for _ in range(9):
        stage.forward(minutes=15)
        stage.arrivals.put(entry(1, status_date=stage.now))
        stage.run()
    stage.counts.indexes.clear()
    stage.cursors.stored.clear()
    stage.arrivals.put(entry(2))
    stage.forward(seconds=1)

    report = stage.run()

    assert report.count(Verdict.WRITTEN) == 1
    assert stage.rows() == stage.expected()


def test_entry_that_cannot_be_read_stops_no_other(stage: Stage) -> None:
    stage.arrivals.put(entry(1))
    stage.arrivals.faulty = Listing([], [RecordFault("transactions/c-9", "status missing")])

    report = stage.run_once(reading=deadline_after(1))

    assert (report.unreadable, report.documents) == (1, 1)


def test_slices_before_one_that_lens_does_not_answer_are_committed(stage: Stage) -> None:
    stage.arrivals.put(entry(1), entry(2, ago=timedelta(hours=2)))
    searched = len(stage.arrivals.searches)

    def fail_third() -> None:
        stage.arrivals.fails = int(len(stage.arrivals.searches) == searched + 2)

    stage.arrivals.during = fail_third
    with pytest.raises(Unavailable):
        stage.run_once()
    stage.arrivals.during = lambda: None
    report = stage.run()

    # The run's own slices, without the two that are counted already.
    assert report.slices == len(due_slices({}, stage.now)) - 2
    assert stage.rows() == stage.expected()


def test_slice_that_lens_cannot_list_keeps_its_counts_and_stops_no_other(stage: Stage) -> None:
    stage.arrivals.put(entry(1), entry(2, ago=timedelta(hours=2)))
    stage.run()
    stage.arrivals.put(entry(3), entry(4, ago=timedelta(hours=2)))
    stage.forward(hours=2)

    stage.arrivals.fails, stage.arrivals.status = 1, 200
    report = stage.run_once()
    faults = [fault.record for fault in report.faults]
    stage.forward(hours=8)
    stage.run()

    assert faults == [f"activity/{NOW + timedelta(hours=2):%Y-%m-%dT%H}"]
    assert stage.rows() == stage.expected()


def test_day_is_summed_once_whatever_number_of_its_hours_is_read(stage: Stage) -> None:
    stage.arrivals.put(*(entry(number, ago=timedelta(hours=number)) for number in range(1, 7)))

    stage.run_once()

    summed = [folder for folder in stage.counts.folders if folder.startswith("days/")]
    assert summed == [f"days/{NOW:%Y-%m-%d}"]


def test_thousand_partners_are_one_call_of_wix(stage: Stage) -> None:
    many = {f"ZZ:{number}": f"GC{number:05}" for number in range(1001)}
    ADDRESSES.update(many)
    try:
        stage.arrivals.put(
            *(entry(number, sender_address=address) for number, address in enumerate(many))
        )
        report = stage.run()
    finally:
        for address in many:
            del ADDRESSES[address]

    assert report.count(Verdict.WRITTEN) == 1001
    assert stage.portal.calls == 2


STATUSES = st.sampled_from(["S", "F", "V", "P", "quantum"])
ACKNOWLEDGMENTS = st.sampled_from([None, "A", "R", "T", "W"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 8), st.integers(0, 90), STATUSES, ACKNOWLEDGMENTS),
        st.tuples(st.just("forward"), st.integers(1, 40 * 60)),
        st.tuples(st.just("run"), st.integers(1, 40), st.integers(0, 2)),
        st.tuples(st.just("search fails")),
        st.tuples(st.just("store fails")),
        st.tuples(st.just("wix fails")),
    ),
    max_size=12,
)


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_rows_converge_on_one_complete_count_whatever_happened_before(steps: list[Any]) -> None:
    stage = Stage()
    for step in steps:
        match step:
            case ("put", number, minutes, status, acknowledgment):
                known = stage.arrivals.entries.get(f"t-{number}")
                arrived = known.arrived_at if known else stage.now - timedelta(minutes=minutes)
                stage.arrivals.put(
                    entry(
                        number,
                        arrived_at=arrived,
                        status=status,
                        status_date=stage.now,
                        fa_status=acknowledgment,
                        sender_address=list(ADDRESSES)[number % 2],
                    )
                )
            case ("forward", minutes):
                stage.forward(minutes=minutes)
            case ("run", reads, rows):
                with suppress(Unavailable):
                    stage.run_once(deadline_after(reads), deadline_after(rows))
            case ("search fails",):
                stage.arrivals.fails = 1
            case ("store fails",):
                stage.counts.fails = 1
            case ("wix fails",):
                stage.portal.troubles.append(Trouble(error=Unavailable(system="wix")))
    stage.arrivals.fails = stage.counts.fails = 0
    stage.portal.troubles.clear()
    # Every slice of the window is due again after as long as its age.
    stage.forward(hours=1)
    if current := stage.cursors.read_cursor(CURSOR_NAME).cursor:
        stage.counts.indexes[current] = _unread(stage.counts.indexes[current])

    stage.run()

    assert stage.rows() == stage.expected()


def _unread(index: ActivityIndex) -> ActivityIndex:
    """The index with all slices due, as after a long time in which nothing has changed."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    return replace(
        index,
        slices={start: replace(read, read_at=long_ago) for start, read in index.slices.items()},
    )
