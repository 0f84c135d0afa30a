"""The sweep publishes everything that was updated since the last one.

All of it is on the bus before the cursor moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from gridwix.clients.trading_grid.changed import OF_THE_HUB
from gridwix.errors import BudgetExhausted, CursorExpired, GridwixError, Unavailable, UpstreamError
from gridwix.models.cursors import FeedCursor
from gridwix.models.events import HUB_RESYNC_REQUESTED, RESYNC_REQUESTED
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.portal.areas import COLLECTION_OF, Area, hidden_areas
from gridwix.models.reconciliation import ChangedPage, ChangedRecord, RunRequest, SweepPage
from gridwix.reconciler.sweep import CURSOR_NAME, KINDS, Sweep, SweepReport
from tests.factories import HUB, NOW
from tests.fakes.reconciliation import FakeContinuation, FakeSources
from tests.fakes.stores import FakeBus, FakeCursors, FakeHandovers

REQUEST = RunRequest(mode="sweep")


@dataclass
class Changed:
    """Implements ``ChangedRecords``: one record a page.

    ``expired`` are cursors that are no longer kept.
    """

    records: dict[str, list[tuple[datetime, ChangedRecord]]] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    now: datetime = NOW
    asked_since: set[datetime] = field(default_factory=set)

    def put(self, kind: str, identifier: str, at: datetime, version: int = 1) -> None:
        self.records.setdefault(kind, []).append(
            (
                at,
                ChangedRecord(
                    f"{kind}/{identifier}",
                    None if kind in OF_THE_HUB else PartnerId(f"owner-of-{identifier}"),
                    version,
                ),
            )
        )

    def changed(self, kind: str, since: datetime, cursor: str | None) -> ChangedPage:
        if cursor in self.expired:
            raise CursorExpired(system="trading_grid", status=410)
        self.asked_since.add(since)
        self.now += timedelta(seconds=1)
        found = [record for at, record in self.records.get(kind, []) if at >= since]
        start = int(cursor or 0)
        return ChangedPage(
            found[start : start + 1], str(start + 1) if start + 1 < len(found) else None, self.now
        )


@dataclass
class FakeFreshness:
    """Implements ``Freshness``."""

    told: list[datetime] = field(default_factory=list)
    hidden: list[Sequence[Area] | None] = field(default_factory=list)
    failure: GridwixError | None = None

    def tell(self, as_of: datetime, hidden: Sequence[Area] | None) -> None:
        if self.failure is not None:
            raise self.failure
        self.told.append(as_of)
        self.hidden.append(hidden)


@dataclass
class Ending:
    """Implements ``EndingSubmissions``."""

    number: int = 0
    failure: UpstreamError | None = None

    def count_ending(self, now: float) -> int:
        assert now == NOW.timestamp()
        if self.failure is not None:
            raise self.failure
        return self.number


@dataclass
class World:
    source: Changed = field(default_factory=Changed)
    sources: FakeSources = field(default_factory=FakeSources)
    bus: FakeBus = field(default_factory=FakeBus)
    cursors: FakeCursors = field(default_factory=FakeCursors)
    queue: FakeContinuation = field(default_factory=FakeContinuation)
    freshness: FakeFreshness = field(default_factory=FakeFreshness)
    handovers: FakeHandovers = field(default_factory=FakeHandovers)
    ending: Ending = field(default_factory=Ending)

    def __post_init__(self) -> None:
        self.sweep = Sweep(
            source=self.source,
            sources=self.sources,
            bus=self.bus,
            handovers=self.handovers,
            cursors=self.cursors,
            continuation=self.queue,
            freshness=self.freshness,
            company_id=CompanyId(HUB),
            clock=NOW.timestamp,
            overlap=120,
            ending=self.ending,
        )

    def stand_at(self, moment: datetime) -> None:
        self.cursors.stored[CURSOR_NAME] = FeedCursor(cursor=moment.isoformat(), revision=1)

    def run(self, request: RunRequest = REQUEST) -> SweepReport:
        report = self.sweep.handle(self.sweep.first_page(request, run="sweep-1"))
        while self.queue.pages:
            page = self.queue.pages.pop()
            assert isinstance(page, SweepPage)
            report = self.sweep.handle(page)
        return report

    def stored(self) -> datetime:
        cursor = self.cursors.read_cursor(CURSOR_NAME).cursor
        assert cursor is not None
        return datetime.fromisoformat(cursor)


def test_sweep_puts_every_record_of_every_kind_on_the_bus_with_its_version() -> None:
    world = World()
    for number, kind in enumerate(KINDS, start=1):
        world.source.put(kind, f"id{number}", NOW, version=number)

    report = world.run()

    assert (report.found, report.finished, report.overtaken) == (len(KINDS), True, False)
    assert [(c.type, c.record, c.partner_id, c.version, c.via) for c in world.bus.changes] == [
        (RESYNC_REQUESTED, "partners/id1", "owner-of-id1", 1, "resync"),
        (RESYNC_REQUESTED, "enrollments/id2", "owner-of-id2", 2, "resync"),
        (RESYNC_REQUESTED, "compliance-checks/id3", "owner-of-id3", 3, "resync"),
        (RESYNC_REQUESTED, "cases/id4", "owner-of-id4", 4, "resync"),
        (HUB_RESYNC_REQUESTED, "onboarding-programs/id5", None, 5, "resync"),
        (HUB_RESYNC_REQUESTED, "service-notices/id6", None, 6, "resync"),
        (HUB_RESYNC_REQUESTED, "collaboration-requests/id7", None, 7, "resync"),
        (HUB_RESYNC_REQUESTED, "documents/id8", None, 8, "resync"),
    ]


def test_sweep_looks_back_over_the_overlap_and_moves_to_when_it_began_to_read() -> None:
    world = World()
    last = NOW - timedelta(minutes=15)
    world.stand_at(last)
    world.source.put("cases", "just-in", last - timedelta(seconds=120))
    world.source.put("cases", "too-old", last - timedelta(seconds=121))

    world.run()

    assert [change.record for change in world.bus.changes] == ["cases/just-in"]
    assert world.source.asked_since == {last - timedelta(seconds=120)}
    assert world.stored() == NOW + timedelta(seconds=1)


def test_first_sweep_looks_back_an_hour() -> None:
    world = World()

    world.run()

    assert world.source.asked_since == {NOW - timedelta(hours=1, seconds=120)}


def test_long_sweep_goes_on_message_by_message_and_moves_the_cursor_once() -> None:
    world = World()
    for number in range(70):
        world.source.put("enrollments", f"e{number:02}", NOW)

    report = world.sweep.handle(world.sweep.first_page(REQUEST, run="sweep-1"))

    assert (report.finished, len(world.queue.pages), CURSOR_NAME in world.cursors.stored) == (
        False,
        1,
        False,
    )
    while world.queue.pages:
        page = world.queue.pages.pop()
        assert isinstance(page, SweepPage)
        world.sweep.handle(page)
    assert [change.record for change in world.bus.changes] == [
        f"enrollments/e{number:02}" for number in range(70)
    ]
    assert world.stored() == NOW + timedelta(seconds=1)


def test_sweep_that_fails_half_way_keeps_the_cursor_and_loses_nothing_when_repeated() -> None:
    world = World()
    for number in range(3):
        world.source.put("partners", f"p{number}", NOW)
    world.bus.fails = 1
    with pytest.raises(Unavailable):
        world.run()
    assert CURSOR_NAME not in world.cursors.stored

    world.run()

    assert {change.record for change in world.bus.changes} == {
        "partners/p0",
        "partners/p1",
        "partners/p2",
    }
    assert world.cursors.read_cursor(CURSOR_NAME).revision == 1


def test_sweep_that_another_one_has_overtaken_leaves_the_cursor_to_it() -> None:
    world = World()
    page = world.sweep.first_page(REQUEST, run="sweep-1")
    world.stand_at(NOW + timedelta(minutes=10))

    report = world.sweep.handle(page)

    assert report.overtaken
    assert world.stored() == NOW + timedelta(minutes=10)


def test_dry_sweep_counts_and_touches_neither_bus_nor_cursor() -> None:
    world = World()
    world.source.put("partners", "p1", NOW)

    report = world.run(RunRequest(mode="sweep", dry_run=True))

    assert report.found == 1
    assert world.bus.changes == []
    assert world.cursors.stored == {}


def test_page_whose_cursor_has_expired_begins_its_kind_anew() -> None:
    world = World()
    for number in range(3):
        world.source.put("cases", f"c{number}", NOW)
    page = world.sweep.first_page(REQUEST, run="sweep-1").model_copy(
        update={"kind": KINDS.index("cases"), "cursor": "1"}
    )
    world.source.expired = {"1"}

    def heal(kind: str, since: datetime, cursor: str | None) -> ChangedPage:
        if cursor is None:
            world.source.expired = set()
        return Changed.changed(world.source, kind, since, cursor)

    world.source.changed = heal  # type: ignore[method-assign]
    world.sweep.handle(page)

    assert [change.record for change in world.bus.changes] == ["cases/c0", "cases/c1", "cases/c2"]


def test_sweep_when_it_is_over_the_portal_is_told_until_when_it_is_new() -> None:
    world = World()
    world.source.put("cases", "case_1", NOW)

    world.run()

    assert world.freshness.told == [world.stored()]


@pytest.mark.parametrize(
    ("collections", "hidden"),
    [
        (None, ()),
        (
            frozenset({"partners", "cases", "collaboration-requests"}),
            ("onboarding", "compliance", "notices", "documents"),
        ),
        (frozenset({*COLLECTION_OF.values(), "of-2031"}), ()),
    ],
)
def test_sweep_hides_the_areas_whose_collections_have_no_source(
    collections: frozenset[str] | None, hidden: tuple[Area, ...]
) -> None:
    world = World(sources=FakeSources(collections))

    report = world.run()

    assert world.freshness.hidden == [hidden]
    assert report.unlisted is None


def test_sweep_that_cannot_ask_for_the_sources_leaves_hidden_what_was_hidden() -> None:
    failure = Unavailable(system="trading_grid", status=503)
    world = World(sources=FakeSources(failure=failure))

    report = world.run()

    assert (report.finished, report.unlisted) == (True, failure)
    assert (world.freshness.told, world.freshness.hidden) == ([world.stored()], [None])


def test_every_area_with_a_source_is_shown_and_every_other_one_is_hidden() -> None:
    for area, name in COLLECTION_OF.items():
        assert hidden_areas(set(COLLECTION_OF.values()) - {name}) == (area,)


def test_sweep_when_it_only_looks_tells_nobody() -> None:
    world = World()

    world.run(RunRequest(mode="sweep", dry_run=True))

    assert world.freshness.told == []


def test_sweep_when_another_has_overtaken_it_tells_nobody() -> None:
    world = World()
    first = world.sweep.first_page(REQUEST, run="sweep-1")
    world.stand_at(NOW + timedelta(hours=1))

    report = world.sweep.handle(first)

    assert (report.overtaken, world.freshness.told) == (True, [])


@pytest.mark.parametrize(
    "failure", [Unavailable(system="wix", status=503), BudgetExhausted(wait=3.0)]
)
def test_sweep_when_the_portal_cannot_be_told_is_over_all_the_same(failure: GridwixError) -> None:
    world = World()
    world.freshness.failure = failure

    report = world.run()

    assert (report.finished, report.overtaken, report.untold) == (True, False, failure)
    assert world.stored() > NOW


def test_sweep_leaves_out_versions_that_passed_before_and_still_tells_how_new_the_portal_is() -> (
    None
):
    world = World(handovers=FakeHandovers({"cases/known@3": frozenset({"evt_1"})}))
    world.source.put("cases", "known", NOW, version=3)
    world.source.put("cases", "newer", NOW, version=4)

    report = world.run()

    assert [change.record for change in world.bus.changes] == ["cases/newer"]
    assert report.finished
    assert world.freshness.told == [world.stored()]


def test_sweep_of_the_overlap_asks_for_no_record_twice() -> None:
    world = World()
    world.source.put("cases", "c1", NOW)
    world.source.put("partners", "p1", NOW)

    world.run()
    world.run()

    assert [change.record for change in world.bus.changes] == ["partners/p1", "cases/c1"]


def test_sweep_when_handovers_cannot_be_read_asks_for_everything_and_says_so() -> None:
    world = World(handovers=FakeHandovers({"cases/c1@1": frozenset({"evt_1"})}, fails=1))
    world.source.put("cases", "c1", NOW)

    report = world.run()

    assert [change.record for change in world.bus.changes] == ["cases/c1"]
    assert isinstance(report.unrecorded, Unavailable)


def test_dry_run_of_a_sweep_records_no_handover() -> None:
    world = World()
    world.source.put("cases", "c1", NOW)

    world.run(RunRequest(mode="sweep", dry_run=True))

    assert world.handovers.stored == {}


def test_finished_sweep_counts_the_held_submissions_that_end_soon() -> None:
    world = World(ending=Ending(3))

    assert world.run().ending == 3
    assert world.run(RunRequest(mode="sweep", dry_run=True)).ending is None


def test_sweep_ends_although_the_held_submissions_cannot_be_counted() -> None:
    world = World(ending=Ending(failure=Unavailable(system="aws")))

    report = world.run()

    assert (report.finished, report.ending) == (True, None)
    assert isinstance(report.uncounted, Unavailable)
    assert world.freshness.told
