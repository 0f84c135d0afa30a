"""Use case 3 against a Trading Grid and a portal in memory."""

import time
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import SourceBehind, Unavailable
from gridwix.mapping.wix_items import item_id
from gridwix.models.events import EVERYTHING, HUB_RESYNC_REQUESTED, RESYNC_REQUESTED, Change
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import SERVICE_NOTICES
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.entities import Entity
from gridwix.notice_publisher.ports import READS_IN_FLIGHT
from gridwix.notice_publisher.service import NoticePublisher
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import Publisher, Verdict
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, NOW, PRAIRIE_GOLD, case, change, comment, notice, partner
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, lost_answer
from tests.fakes.refreshes import FakeRefreshQueue, audience_refreshes
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.trading_grid import FakeTradingGrid
from tests.fakes.wire import ManualClock


class Bench:
    def __init__(self, pace: float = 0.0, grid: FakeTradingGrid | None = None) -> None:
        self.grid, self.portal, self.ledger = (
            grid or FakeTradingGrid(),
            FakePortal(),
            MemoryLedger(),
        )
        self.clock = ManualClock()
        publisher = Publisher(
            collections=self.portal,
            ledger=self.ledger,
            refused_items=FakeRefusedItems(),
            function="test",
            clock=self.clock,
            hold=90,
            pace=pace,
        )
        self.refresh_queue = FakeRefreshQueue()
        self.notices = NoticePublisher(
            source=self.grid,
            partners=HubPartners(self.grid, time.time),
            ledger=self.ledger,
            publisher=publisher,
            refreshes=audience_refreshes(queue=self.refresh_queue),
            configuration=configuration(),
        )
        self.grid.put(partner(country="US"), partner(BALTIC, country="EE"))

    def issue(self, identifier: str = "case_1") -> dict[str, Any]:
        return dict(self.portal.rows[("OpenIssues", item_id(identifier))].data)  # type: ignore[index]

    def notice(self, identifier: str = "ntc_1") -> dict[str, Any]:
        return dict(self.portal.rows[("ServiceNotices", item_id(identifier))].data)  # type: ignore[index]


def of(entity: Entity, event_id: str = "evt_1", **fields: Any) -> Change:
    fields = {"type": "case.updated", **fields}
    return change(event_id, subject=entity.record, version=entity.version, **fields)


def test_publish_when_a_row_was_just_written_reads_nothing_and_leaves_what_it_shows_done() -> None:
    bench, opened = Bench(pace=1.0), case()
    bench.grid.put(opened)
    bench.notices.publish([of(opened)])
    calls = bench.grid.calls

    covered = bench.notices.publish([of(opened, "evt_2")])
    newer = bench.notices.publish([of(case(version=opened.version + 1), "evt_3")])

    assert covered.count(Verdict.UNCHANGED) == 1
    (error,) = newer.reasons.values()
    assert (error.code, error.wait) == ("row_paced", 1.0)
    assert bench.grid.calls == calls


def test_record_of_a_change_without_a_version_is_read_whatever_else_is_in_the_batch() -> None:
    bench, opened = Bench(), case()
    bench.grid.put(opened)
    bench.notices.publish([of(opened)])
    bench.grid.put(case(version=opened.version + 1, subject="Moved meanwhile"))

    bench.notices.publish(
        [of(opened, "evt_2"), of(opened, "evt_3").model_copy(update={"version": None})]
    )

    assert bench.issue()["subject"] == "Moved meanwhile"


@pytest.mark.parametrize(("partner_id", "shown"), [(BALTIC, False), (PRAIRIE_GOLD, True)])
def test_comment_to_the_next_partner_of_a_case_is_not_shown_to_the_former_one(
    partner_id: str, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, opened = Bench(), case()
    bench.grid.put(opened)
    read = bench.grid.comments

    def move_and_read(case_id: str) -> Listing[Comment]:
        later = NOW + timedelta(seconds=1)
        moved = case(version=opened.version + 1, partnerId=partner_id, updatedAt=later)
        bench.grid.put(moved)
        bench.grid.said[case_id] = [comment(body="Your price is 3.20.", createdAt=later)]
        return read(case_id)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(bench.grid, "comments", move_and_read)
        report = bench.notices.publish([of(opened)])

    assert bool(bench.portal.rows) is shown
    assert (report.count(Verdict.WRITTEN), len(report.reasons)) == (int(shown), int(not shown))
    bench.notices.publish([of(opened, "evt_2").model_copy(update={"version": opened.version + 1})])
    assert bench.issue()["partnerId"] == partner_id


def test_publish_when_a_row_is_held_for_long_waits_for_that_and_reads_nothing() -> None:
    bench, opened = Bench(), case()
    bench.grid.put(opened)
    bench.portal.troubles = [lost_answer(lands="later")]
    bench.notices.publish([of(opened)])
    bench.clock.now += 30
    calls = bench.grid.calls

    report = bench.notices.publish([of(opened, "evt_2")])

    (error,) = report.reasons.values()
    assert (error.code, error.wait) == ("row_held", 60)
    assert bench.grid.calls == calls


def test_publish_when_a_case_is_commented_shows_what_is_public() -> None:
    bench, opened = Bench(), case()
    bench.grid.put(opened)
    bench.grid.said["case_1"] = [comment(), comment("cmt_2", "Consider a chargeback.", "internal")]

    report = bench.notices.publish([of(opened, type="case.commented")])

    assert report.count(Verdict.WRITTEN) == 1
    assert [shown["text"] for shown in bench.issue()["comments"]] == [
        "Please send a photo of one label."
    ]


def test_publish_of_a_change_that_the_row_already_shows_asks_nobody() -> None:
    bench, opened = Bench(), case()
    bench.grid.put(opened)
    bench.notices.publish([of(opened)])
    calls = bench.grid.calls

    report = bench.notices.publish([of(opened, "evt_again")])

    assert (bench.grid.calls, report.count(Verdict.UNCHANGED)) == (calls, 1)


def test_publish_when_trading_grid_answers_an_older_case_waits() -> None:
    bench = Bench()
    bench.grid.put(case())

    report = bench.notices.publish([change(type="case.updated", subject="cases/case_1", version=2)])

    assert isinstance(
        report.failure(change(type="case.updated", subject="cases/case_1", version=2)), SourceBehind
    )
    assert bench.portal.rows == {}


def test_publish_when_a_case_is_deleted_takes_its_row_away() -> None:
    bench = Bench()
    bench.grid.put(case())
    bench.notices.publish([of(case())])
    gone = case(version=2, deletedAt=NOW)
    bench.grid.put(gone)

    bench.notices.publish([of(gone, "evt_2")])

    assert bench.portal.rows == {}


def test_publish_when_a_notice_is_resolved_takes_it_off_the_banner() -> None:
    bench = Bench()
    bench.grid.put(notice())
    bench.notices.publish([of(notice(), type="notice.published", partnerId=None)])
    over = notice(version=2, status="resolved")
    bench.grid.put(over)

    bench.notices.publish([of(over, "evt_2", type="notice.resolved", partnerId=None)])

    assert (bench.notice()["active"], bench.notice()["statusLabel"]) == (False, "Resolved")


def test_publish_of_a_restricted_notice_names_only_its_audience() -> None:
    bench, restricted = Bench(), notice(audience={"regions": ["EU"]})
    bench.grid.put(restricted)

    bench.notices.publish([of(restricted, type="notice.published", partnerId=None)])

    assert (bench.notice()["forEverybody"], bench.notice()["partnerIds"]) == (False, [BALTIC])


def test_publish_of_a_restricted_notice_that_comes_to_be_for_all_shows_it_to_all() -> None:
    bench, restricted = Bench(), notice(audience={"regions": ["EU"]})
    bench.grid.put(restricted)
    bench.notices.publish([of(restricted, type="notice.published", partnerId=None)])
    opened = notice(version=restricted.version + 1)
    bench.grid.put(opened)

    bench.notices.publish([of(opened, "evt_2", type="notice.published", partnerId=None)])

    assert bench.notice()["forEverybody"]


def test_publish_when_a_partner_moves_into_the_audience_lets_it_see_the_notice() -> None:
    bench, restricted = Bench(), notice(audience={"regions": ["EU"]})
    bench.grid.put(restricted, notice("ntc_2"))
    bench.notices.publish(
        [
            change(
                "evt_0", type=HUB_RESYNC_REQUESTED, subject="hub/all", partnerId=None, version=None
            )
        ]
    )
    moved = partner(version=2, country="DE", updatedAt=NOW.replace(year=2027))
    bench.grid.put(moved)
    writes, calls = len(bench.portal.writes), bench.grid.calls

    report = bench.notices.publish([of(moved, "evt_1", type="partner.updated")])

    assert report.failure(of(moved, "evt_1", type="partner.updated")) is None
    assert (bench.grid.calls, len(bench.portal.writes)) == (calls, writes)

    (refresh,) = bench.refresh_queue.take()
    report = bench.notices.publish([refresh])

    assert bench.notice()["partnerIds"] == [BALTIC, PRAIRIE_GOLD]
    assert len(bench.portal.writes) == writes + 1
    assert report.failure(refresh) is None
    key = RowKey(SERVICE_NOTICES, item_id("ntc_1"))
    assert bench.ledger.read_entries([key])[key].origin == refresh.event_id


def test_publish_of_a_partner_whose_audiences_are_as_they_were_asks_for_nothing() -> None:
    bench = Bench()
    bench.grid.put(notice(audience={"regions": ["EU"]}))

    bench.notices.publish(
        [of(partner(version=2), type="partner.updated", changed=["name", "transactionTypes"])]
    )

    assert (bench.refresh_queue.sent, bench.grid.calls) == ([], 0)


def test_publish_when_a_refresh_cannot_be_sent_then_only_the_partner_waits_for_it() -> None:
    bench, opened, moved = Bench(), case(), partner(version=2, country="DE")
    bench.grid.put(opened, moved)
    bench.refresh_queue.fails = 1
    waits, other = of(moved, "evt_1", type="partner.updated"), of(opened, "evt_2")

    report = bench.notices.publish([waits, other])

    assert isinstance(report.failure(waits), Unavailable)
    assert report.failure(other) is None
    assert bench.issue()["number"] == opened.number


def test_publish_when_a_partner_is_to_be_read_anew_reads_all_its_cases() -> None:
    bench = Bench()
    bench.grid.put(case(), case("case_2", status="closed"), case("case_3", partnerId=BALTIC))

    report = bench.notices.publish(
        [
            change(
                "evt_1",
                type=RESYNC_REQUESTED,
                subject=f"partners/{PRAIRIE_GOLD}",
                partnerId=PRAIRIE_GOLD,
                version=None,
            )
        ]
    )

    assert report.count(Verdict.WRITTEN) == 2
    assert bench.issue("case_2")["open"] is False


def test_publish_of_a_change_that_is_nothing_to_notices_is_done_at_once() -> None:
    bench, renamed = (
        Bench(),
        change("evt_1", type="case.assigned", subject="cases/case_1/assignee", version=None),
    )
    bench.grid.put(case())

    report = bench.notices.publish(
        [renamed, change("evt_2", type="partner.updated", subject="partners/GC1", version=3)]
    )

    assert report.failure(renamed) is None
    assert (
        report.failure(change("evt_2", type="partner.updated", subject="partners/GC1", version=3))
        is None
    )


def test_publish_counts_values_that_have_no_label() -> None:
    bench, odd = Bench(), notice(status="quantum", audience={"regions": ["ATLANTIS"]})
    bench.grid.put(odd)

    report = bench.notices.publish([of(odd, type="notice.updated", partnerId=None)])

    assert report.unknown == {"notice.status=quantum": 1, "notice.region=ATLANTIS": 1}


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.permutations([1, 2, 3, 4]))
def test_publish_of_changes_in_any_order_and_number_ends_on_the_newest_case(
    repeats: list[int], order: list[int]
) -> None:
    bench = Bench()
    states = {
        version: case(version=version, subject=f"version {version}") for version in range(1, 5)
    }
    seen = 0
    for version in [*order, *repeats]:
        while seen < version:
            seen += 1
            bench.grid.put(states[seen])

        bench.notices.publish([of(states[version], f"evt_{version}")])

        assert bench.issue()["subject"] == f"version {seen}"


@pytest.mark.threads
def test_publish_reads_cases_with_their_comments_at_the_same_time() -> None:
    # Passes only if eight reads meet: with fewer in flight the barrier would never open.
    meetings = Barrier(READS_IN_FLIGHT), Barrier(READS_IN_FLIGHT)

    class TradingGrid(FakeTradingGrid):
        def record(self, record: str) -> Any:
            meetings[0].wait()
            return super().record(record)

        def comments(self, case_id: str) -> Any:
            meetings[1].wait()
            return super().comments(case_id)

    bench = Bench(grid=TradingGrid())
    cases = [case(f"case_{number}") for number in range(READS_IN_FLIGHT)]
    bench.grid.put(*cases)

    report = bench.notices.publish(
        [
            change(f"evt_{one.id}", type="case.updated", subject=one.record, version=one.version)
            for one in cases
        ]
    )

    assert report.count(Verdict.WRITTEN) == READS_IN_FLIGHT


@pytest.mark.parametrize("what", ["cases", "notices"])
def test_publish_when_a_list_cannot_be_read_fails_the_change_that_asks_for_it_alone(
    what: str,
) -> None:
    bench = Bench()
    bench.grid.put(case("case_1"))

    def unavailable(*_: object) -> Any:
        raise Unavailable(system="trading_grid", status=503)

    setattr(bench.grid, what, unavailable)
    wanted = change(
        "evt_2",
        **(
            {"type": RESYNC_REQUESTED, "subject": "partners/GC1", "partnerId": "GC1"}
            if what == "cases"
            else {"type": HUB_RESYNC_REQUESTED, "subject": EVERYTHING}
        ),
        version=None,
    )
    issue = change("evt_1", type="case.updated", subject="cases/case_1", version=1)

    report = bench.notices.publish([issue, wanted])

    assert report.failure(issue) is None
    assert isinstance(report.failure(wanted), Unavailable)
    assert report.count(Verdict.WRITTEN) == 1
