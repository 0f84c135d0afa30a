"""The full comparison: whatever has drifted is repaired, and nothing else, however often the run is
interrupted or repeated.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridwix.errors import (
    BudgetExhausted,
    ConfigurationError,
    CursorExpired,
    GridwixError,
    RecordFault,
    Refused,
    RowHeld,
    Unavailable,
    UpstreamConflict,
)
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.ids import CollectionId, CompanyId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.reconciliation import FullPage, RunRequest
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.wix import DataItem
from gridwix.ports import EventBus
from gridwix.publication.drift import DeleteGuard
from gridwix.publication.models import Claim
from gridwix.publication.publisher import Publisher
from gridwix.publication.resync import ResyncRequester
from gridwix.reconciler.page_report import PageReport
from gridwix.reconciler.service import Reconciler
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.projection import status_row
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus
from gridwix.status_publisher.service import PartnerStatusPublisher, status_row_key
from tests.examples import examples
from tests.factories import HUB, NOW, case, change, check, partner, texts
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, Trouble
from tests.fakes.reconciliation import FakeContinuation, FakeDocuments, FakeRows
from tests.fakes.stores import FakeBus, FakeRefusedItems
from tests.fakes.trading_grid import FakeTradingGrid

COMPANY = CompanyId(HUB)


class Lists(FakeTradingGrid):
    """Trading Grid whose list of partners can leave some out, or expire."""

    hidden: Collection[str] = ()
    expires: int = 0

    def partner_ids(self, page: str | None) -> tuple[Sequence[PartnerId], str | None]:
        if self.expires:
            self.expires -= 1
            raise CursorExpired(system="trading_grid", status=410)
        ids, following = super().partner_ids(page)
        return [identifier for identifier in ids if identifier not in self.hidden], following


class Other(ReconciledPartnerStatus):
    """A second collection, of which neither side has anything."""

    name = CollectionId("Other")


@dataclass
class World:
    """Partners that are all on the portal, a reconciler, and the publisher behind the bus."""

    partners: int = 6
    rows_per_page: int = 2
    guard: DeleteGuard = field(default_factory=lambda: DeleteGuard(share=0.2, allowed=2))
    grid: Lists = field(default_factory=Lists)
    portal: FakePortal = field(default_factory=FakePortal)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    bus: FakeBus = field(default_factory=FakeBus)
    documents: FakeDocuments = field(default_factory=FakeDocuments)
    queue: FakeContinuation = field(default_factory=FakeContinuation)
    now: float = NOW.timestamp()

    def __post_init__(self) -> None:
        self.rows = FakeRows(self.portal)
        self.publisher = Publisher(
            collections=self.portal,
            ledger=self.ledger,
            refused_items=FakeRefusedItems(),
            function="reconciler",
            clock=lambda: self.now,
            hold=90,
        )
        self.status = PartnerStatusPublisher(
            self.grid, self.ledger, self.publisher, configuration()
        )
        self.reconciler = self.new_reconciler()
        for key in self.partner_ids():
            self.grid.put(partner(key), check(f"chk-{key}", partnerId=key))
        self.status.publish(
            [
                change(f"evt-{key}", partnerId=key, subject=f"partners/{key}")
                for key in self.partner_ids()
            ]
        )
        self.portal.writes.clear()
        self.portal.calls = 0

    def new_reconciler(self, *others: ReconciledPartnerStatus) -> Reconciler:
        return Reconciler(
            collections=[
                ReconciledPartnerStatus(self.grid, configuration(), self.desk(self.bus)),
                *others,
            ],
            rows=self.rows,
            ledger=self.ledger,
            publisher=self.publisher,
            documents=self.documents,
            continuation=self.queue,
            guard=self.guard,
            clock=lambda: self.now,
            rows_per_page=self.rows_per_page,
        )

    def desk(self, bus: EventBus) -> ResyncRequester:
        return ResyncRequester(bus, company_id=COMPANY, clock=lambda: self.now)

    def partner_ids(self) -> list[str]:
        return [f"GC{number:04}" for number in range(self.partners)]

    def begin(self, run: str = "full-1", **wish: Any) -> None:
        request = RunRequest.model_validate({"mode": "full", **wish})
        self.queue.pages.append(
            self.reconciler.first_page(
                request, run=run, begun=datetime.fromtimestamp(self.now, UTC)
            )
        )

    def step(self) -> PageReport:
        """Handle the next page; one that fails stays where it is."""
        page = self.queue.pages[0]
        assert isinstance(page, FullPage)
        report = self.reconciler.handle(page)
        self.queue.pages.remove(page)
        return report

    def publish(self) -> None:
        """The ordinary publisher takes what is on the bus."""
        failures = self.status.publish(self.bus.changes).reasons
        assert failures == {}
        self.bus.changes.clear()

    def run(self, run: str = "full-1", **wish: Any) -> dict[str, Any]:
        """A whole run and the publications that it asks for; returns the drift report."""
        self.begin(run, **wish)
        while self.queue.pages:
            self.step()
        self.publish()
        return self.report(run)

    def report(self, run: str = "full-1") -> dict[str, Any]:
        report: dict[str, Any] = json.loads(
            self.documents.read_document(f"reports/2026-03-12/{run}-PartnerStatus.json") or "{}"
        )
        return report

    def shown(self) -> dict[str, Any]:
        return {identifier: item.data for (_, identifier), item in self.portal.rows.items()}

    def wanted(self) -> dict[str, Any]:
        rows = {}
        for name, entities in self.grid.past.items():
            if isinstance(entities[-1], Partner):
                key = PartnerId(name.removeprefix("partners/"))
                row = status_row(self.grid.current(key), texts())
                if row is not None:
                    rows[str(item_id(key))] = data_item(key, row).data
        return rows

    def edit(self, key: str, **fields: Any) -> None:
        """Somebody edits a row in Wix's CMS."""
        row = (PARTNER_STATUS, item_id(key))
        self.portal.rows[row] = DataItem(row[1], {**self.portal.rows[row].data, **fields})

    def drop(self, key: str) -> None:
        del self.portal.rows[PARTNER_STATUS, item_id(key)]

    def add(self, identifier: str, **data: Any) -> None:
        self.portal.rows[PARTNER_STATUS, WixItemId(identifier)] = DataItem(
            WixItemId(identifier), data
        )

    def written(self) -> list[str]:
        return sorted(identifier for (_, identifier), _ in self.portal.writes)


def counts(report: dict[str, Any]) -> dict[str, int]:
    names = (
        "rows",
        "equal",
        "drifted",
        "missing",
        "extra",
        "unsettled",
        "removed",
        "kept",
        "repaired",
    )
    return {name: report[name] for name in names if report[name]}


def test_run_over_a_portal_that_is_right_writes_nothing_and_says_so() -> None:
    world = World()

    report = world.run()

    assert counts(report) == {"rows": 6, "equal": 6}
    assert (report["listed"], report["previouslyListed"], report["guard"]) == (6, None, None)
    assert world.portal.calls == 0
    assert world.bus.changes == []


def test_run_repairs_exactly_the_rows_that_were_edited_emptied_or_lost() -> None:
    world = World()
    world.edit("GC0001", headline="Edited by hand")
    world.edit("GC0002", failedChecks=None)
    world.drop("GC0004")

    report = world.run()

    assert counts(report) == {"rows": 6, "equal": 3, "drifted": 2, "missing": 1, "repaired": 3}
    assert report["ids"]["drifted"] == ["GC0001", "GC0002"]
    assert report["ids"]["missing"] == ["GC0004"]
    assert world.written() == ["GC0001", "GC0002", "GC0004"]
    assert world.shown() == world.wanted()


def test_run_publishes_a_change_of_which_nobody_told() -> None:
    world = World()
    world.grid.put(check("chk-GC0003", 2, partnerId="GC0003", status="passed"))

    report = world.run()

    assert counts(report) == {"rows": 6, "equal": 5, "drifted": 1, "repaired": 1}
    assert world.shown() == world.wanted()


def test_second_run_finds_nothing_to_do() -> None:
    world = World()
    world.edit("GC0001", headline="Edited by hand")
    world.run()
    world.portal.writes.clear()

    report = world.run("full-2")

    assert counts(report) == {"rows": 6, "equal": 6}
    assert report["previouslyListed"] == 6
    assert world.written() == []


def test_dry_run_reports_the_drift_and_changes_nothing() -> None:
    world = World()
    world.edit("GC0001", headline="Edited by hand")
    world.add("GC9999", partnerId="GC9999")
    before, entries = (
        dict(world.portal.rows),
        world.ledger.read_entries([status_row_key(PartnerId(key)) for key in world.partner_ids()]),
    )

    report = world.run(dryRun=True)

    assert counts(report) == {"rows": 7, "equal": 5, "drifted": 1, "extra": 1}
    assert report["dryRun"] is True
    assert world.portal.rows == before
    assert world.ledger.read_entries(list(entries)) == entries
    assert "baselines/PartnerStatus.json" not in world.documents.texts


def test_row_of_a_deleted_partner_goes() -> None:
    world = World()
    world.grid.put(partner("GC0002", 2, deletedAt=NOW))

    report = world.run()

    assert counts(report) == {"rows": 6, "equal": 5, "extra": 1, "removed": 1, "repaired": 1}
    assert world.shown() == world.wanted()


def test_row_that_no_partner_stands_behind_goes() -> None:
    world = World()
    world.add("GC9999", partnerId="GC9999")
    world.add("by-hand", title="made in the CMS")

    report = world.run()

    assert report["ids"]["removed"] == ["GC9999", "by-hand"]
    assert world.shown() == world.wanted()


def test_row_that_claims_another_rows_partner_is_looked_up_as_nobodys() -> None:
    world = World()
    world.add("by-hand", partnerId="GC0001")

    report = world.run()

    assert report["ids"]["removed"] == ["by-hand"]
    assert world.shown() == world.wanted()


def test_partner_that_the_list_leaves_out_but_the_source_knows_keeps_its_row() -> None:
    world = World()
    world.grid.hidden = {"GC0003"}

    report = world.run()

    assert counts(report) == {"rows": 6, "equal": 5, "extra": 1, "kept": 1}
    assert world.shown() == world.wanted()
    # Its publisher has looked, and has written what was there.
    assert world.written() == ["GC0003"]


@pytest.mark.parametrize(
    "error",
    [
        Refused(system="trading_grid", status=403),
        UpstreamConflict(system="trading_grid", status=409),
        RecordFault("partners/GC0003", "name missing"),
    ],
)
def test_row_whose_record_the_source_does_not_return_is_kept(
    error: GridwixError, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    world.grid.hidden = {"GC0003"}
    read = world.grid.record

    def record(name: str) -> Any:
        if name == "partners/GC0003":
            raise error
        return read(name)

    monkeypatch.setattr(world.grid, "record", record)

    report = world.run()

    assert (report["ids"]["removed"], report["ids"]["kept"]) == ([], ["GC0003"])
    assert world.shown() == world.wanted()


def test_answer_with_far_fewer_records_removes_nothing_and_trips_the_guard() -> None:
    world = World(partners=20)
    world.run()
    for key in world.partner_ids()[:12]:
        world.grid.forget(f"partners/{key}")
    before = dict(world.portal.rows)

    report = world.run("full-2")

    assert (report["guard"], report["listed"], report["previouslyListed"]) == ("shrunk", 8, 20)
    assert counts(report) == {"rows": 20, "equal": 8, "extra": 12}
    assert world.portal.rows == before
    assert json.loads(world.documents.texts["baselines/PartnerStatus.json"])["listed"] == 20


def test_guard_holds_in_a_first_run_too_as_too_large_a_share_of_the_portal_would_go() -> None:
    world = World(partners=20)
    for key in world.partner_ids()[:12]:
        world.grid.forget(f"partners/{key}")
    before = dict(world.portal.rows)

    report = world.run()

    assert report["guard"] == "too_many"
    assert world.portal.rows == before


def test_guarded_run_repairs_drift_all_the_same() -> None:
    world = World(partners=20)
    world.run()
    for key in world.partner_ids()[:12]:
        world.grid.forget(f"partners/{key}")
    world.edit("GC0015", headline="Edited by hand")

    report = world.run("full-2")

    assert counts(report) == {"rows": 20, "equal": 7, "drifted": 1, "extra": 12, "repaired": 1}
    assert world.written() == ["GC0015"]


def test_operator_who_accepts_the_shrink_gets_the_rows_removed_and_a_new_baseline() -> None:
    world = World(partners=20)
    world.run()
    for key in world.partner_ids()[:12]:
        world.grid.forget(f"partners/{key}")

    report = world.run("full-2", acceptShrink=True)

    assert (report["guard"], report["removed"]) == (None, 12)
    assert set(world.shown()) == set(world.partner_ids()[12:])
    assert json.loads(world.documents.texts["baselines/PartnerStatus.json"])["listed"] == 8


def test_partner_that_comes_back_after_its_row_was_removed_gets_it_again() -> None:
    world = World()
    records = world.grid.past.pop("partners/GC0002")
    world.run()
    world.grid.past["partners/GC0002"] = records

    report = world.run("full-2")

    assert counts(report) == {"rows": 6, "equal": 5, "missing": 1, "repaired": 1}
    assert world.shown() == world.wanted()


def test_row_that_is_being_written_is_left_to_its_writer() -> None:
    world = World()
    key = status_row_key(PartnerId("GC0001"))
    entry = world.ledger.read_entries([key])[key]
    world.ledger.claim(
        [Claim(key, entry.revision, entry.floor)],
        holder="writer",
        now=world.now,
        until=world.now + 60,
    )
    world.edit("GC0001", headline="Half-way")

    report = world.run()

    assert counts(report) == {"rows": 6, "equal": 5, "unsettled": 1}
    assert world.ledger.read_entries([key])[key] == replace(
        entry,
        revision=entry.revision + 1,
        intended=entry.published,
        held_until=world.now + 60,
    )


def test_answer_that_is_behind_the_ledger_is_no_drift_and_writes_nothing_old() -> None:
    world = World()
    world.grid.put(check("chk-GC0001", 2, partnerId="GC0001", status="passed"))
    world.status.publish([change(subject="checks/x", partnerId="GC0001")])
    world.grid.lag = lambda name: int(name == "compliance-checks/chk-GC0001")
    world.begin()
    while world.queue.pages:
        world.step()
    world.grid.lag = lambda _: 0

    world.publish()

    assert counts(world.report()) == {"rows": 6, "equal": 5, "unsettled": 1}
    assert world.shown() == world.wanted()


def test_partner_of_which_lists_say_nothing_is_unsettled_and_not_asked_for() -> None:
    world = World(partners=3)
    world.begin()
    world.step()
    world.grid.forget("partners/GC0001")
    while world.queue.pages:
        world.step()

    assert counts(world.report()) == {"rows": 3, "equal": 2, "unsettled": 1}
    assert world.bus.changes == []


def test_list_whose_cursor_expires_is_begun_anew_but_not_for_ever() -> None:
    world = World()
    world.grid.expires = 3

    assert counts(world.run()) == {"rows": 6, "equal": 6}

    world.grid.expires = 4
    with pytest.raises(CursorExpired):
        world.run("full-2")


def test_more_rows_than_wix_gives_at_once_are_read_in_further_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gridwix.reconciler.comparison.ROWS_PER_QUERY", 3)
    monkeypatch.setattr("tests.fakes.reconciliation.MAX_ROWS", 3)
    world = World(partners=4, rows_per_page=2, guard=DeleteGuard(share=1.0))
    world.rows.most = 3
    for number in range(8):
        world.add(f"GC0001-{number}", title="stray")
    world.edit("GC0003", headline="Edited by hand")

    report = world.run()

    assert counts(report) == {
        "rows": 12,
        "equal": 3,
        "drifted": 1,
        "extra": 8,
        "removed": 8,
        "repaired": 9,
    }
    assert world.shown() == world.wanted()


def test_removal_that_has_to_wait_is_done_when_the_page_comes_again() -> None:
    world = World()
    world.grid.put(partner("GC0002", 2, deletedAt=NOW))
    world.begin()
    world.portal.troubles.append(Trouble(BudgetExhausted(wait=7)))
    with pytest.raises(BudgetExhausted) as raised:
        while world.queue.pages:
            world.step()

    while world.queue.pages:
        world.step()

    assert raised.value.wait == 7
    assert world.report()["ids"]["removed"] == ["GC0002"]
    assert world.shown() == world.wanted()


def test_removal_of_a_row_that_is_held_waits() -> None:
    world = World()
    key = status_row_key(PartnerId("GC0002"))
    world.grid.put(partner("GC0002", 2, deletedAt=NOW))
    world.begin()
    while not (
        isinstance(world.queue.pages[0], FullPage) and world.queue.pages[0].phase == "remove"
    ):
        world.step()
    entry = world.ledger.read_entries([key])[key]
    world.ledger.claim(
        [Claim(key, entry.revision, entry.floor)],
        holder="writer",
        now=world.now,
        until=world.now + 60,
    )

    with pytest.raises(RowHeld):
        world.step()

    world.now += 61
    while world.queue.pages:
        world.step()
    assert world.shown() == world.wanted()


def test_hundreds_of_extra_rows_are_removed_in_pages() -> None:
    world = World(partners=3, rows_per_page=500, guard=DeleteGuard(share=1.0))
    for number in range(250):
        world.add(f"stray-{number:03}")

    report = world.run()

    assert report["removed"] == 250
    assert world.portal.calls == 3
    assert world.shown() == world.wanted()


def test_run_over_every_collection_goes_from_one_to_the_next() -> None:
    world = World()
    world.reconciler = world.new_reconciler(Other(Lists(), configuration(), world.desk(world.bus)))

    world.run()

    assert {name for name in world.documents.texts if name.startswith("reports/")} == {
        "reports/2026-03-12/full-1-PartnerStatus.json",
        "reports/2026-03-12/full-1-Other.json",
    }


def test_run_of_a_collection_that_is_not_reconciled_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError):
        World().run(collection="Other")


def test_wix_calls_of_a_run_are_one_for_each_page_of_rows() -> None:
    world = World(partners=1200, rows_per_page=500)
    for key in world.partner_ids()[::100]:
        world.edit(key, headline="Edited by hand")
    world.grid.page_size = 200

    report = world.run()

    assert counts(report) == {"rows": 1200, "equal": 1188, "drifted": 12, "repaired": 12}
    assert world.rows.calls == 3
    assert world.portal.calls == 1


DRIFT = st.sampled_from(["right", "edited", "lost", "deleted", "changed", "forgotten"])


def spoil(world: World, drift: Sequence[str], strays: Collection[int]) -> set[str]:
    """Make each partner's row wrong in its own way; returns the rows that are wrong."""
    for key, kind in zip(world.partner_ids(), drift, strict=True):
        match kind:
            case "edited":
                world.edit(key, status="edited")
            case "lost":
                world.drop(key)
            case "deleted":
                world.grid.put(partner(key, 2, deletedAt=NOW))
            case "changed":
                world.grid.put(case(f"case-{key}", partnerId=key))
            case "forgotten":
                world.grid.forget(f"partners/{key}")
    for number in strays:
        world.add(f"GC{number:04}-stray")
    return {
        key for key, kind in zip(world.partner_ids(), drift, strict=True) if kind != "right"
    } | {f"GC{number:04}-stray" for number in strays}


class Restart(BaseException):
    """The sandbox dies. Not an Exception: nothing may survive it."""


class Dying:
    """A port whose calls die after ``lives`` of them, shared by all ports of a world."""

    def __init__(self, port: object, lives: list[int]) -> None:
        self._port, self._is_live = port, lives

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not callable(attribute):
            return attribute

        def call(*args: Any, **kwargs: Any) -> Any:
            before = self._is_live[0]
            self._is_live[0] -= 1
            if before == 0:
                raise Restart
            return attribute(*args, **kwargs)

        return call


@dataclass(frozen=True)
class Mishap:
    """A failure of one delivery.

    ``which`` is the page, ``lives`` the number of calls of its ports before the sandbox dies
    (None: it never dies), and with ``again`` the page comes once more.
    """

    which: int
    lives: int | None
    again: bool
    published: bool


MISHAPS = st.builds(
    Mishap, st.integers(0, 5), st.none() | st.integers(0, 25), st.booleans(), st.booleans()
)


@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drift=st.lists(DRIFT, min_size=1, max_size=8),
    strays=st.sets(st.integers(0, 9), max_size=3),
    rows_per_page=st.integers(1, 4),
    mishaps=st.lists(MISHAPS, max_size=15),
)
def test_any_drift_is_repaired_exactly_whatever_is_interrupted_or_repeated(
    drift: list[str], strays: set[int], rows_per_page: int, mishaps: list[Mishap]
) -> None:
    world = World(
        partners=len(drift), rows_per_page=rows_per_page, guard=DeleteGuard(share=1.0, allowed=100)
    )
    wrong = spoil(world, drift, strays)
    world.begin()

    for mishap in mishaps:
        if world.queue.pages:
            deliver(world, mishap)
    world.now += 60
    while world.queue.pages:
        world.step()
    world.publish()

    assert world.shown() == world.wanted()
    assert set(world.written()) <= wrong
    report = world.report()
    named = report["ids"]
    assert (
        report["rows"]
        == report["equal"]
        + report["drifted"]
        + report["missing"]
        + report["extra"]
        + report["unsettled"]
    )
    assert set(named["drifted"] + named["missing"] + named["extra"] + named["unsettled"]) == wrong


def deliver(world: World, mishap: Mishap) -> None:
    """Hand out one of the pages, at least once."""
    page = world.queue.pages[mishap.which % len(world.queue.pages)]
    assert isinstance(page, FullPage)
    lives = [-1 if mishap.lives is None else mishap.lives]
    status = ReconciledPartnerStatus(
        _dying(world.grid, lives), configuration(), world.desk(_dying(world.bus, lives))
    )
    named = {
        "rows": world.rows,
        "ledger": world.ledger,
        "publisher": world.publisher,
        "documents": world.documents,
        "continuation": world.queue,
    }
    ports = {name: _dying(port, lives) for name, port in named.items()}
    try:
        Reconciler(
            collections=[status],
            **ports,
            guard=world.guard,
            clock=lambda: world.now,
            rows_per_page=world.rows_per_page,
        ).handle(page)
    except Restart:
        world.now += 60
    else:
        if not mishap.again:
            world.queue.pages.remove(page)
    if mishap.published:
        world.publish()


def _dying(port: object, lives: list[int]) -> Any:
    return Dying(port, lives)


def test_page_that_has_been_done_is_not_done_again() -> None:
    world = World()
    world.begin()
    world.step()
    world.step()
    page = world.queue.pages[0]
    world.step()
    rows = world.rows.calls
    assert isinstance(page, FullPage)

    report = world.reconciler.handle(page)

    assert report.repeated
    assert world.rows.calls == rows


def test_page_whose_successor_was_sent_although_the_answer_was_lost_ends_in_one_report() -> None:
    world = World()
    world.edit("GC0001", headline="Edited by hand")
    world.begin()
    world.step()
    world.queue.lost_answers = [Unavailable(system="aws", ambiguous=True)]
    with pytest.raises(Unavailable):
        world.step()
    world.publish()
    assert world.shown() == world.wanted()

    while world.queue.pages:
        world.step()

    assert counts(world.report()) == {"rows": 6, "equal": 5, "drifted": 1, "repaired": 1}
    assert world.bus.changes == []


def told_rows(world: World, **wish: Any) -> dict[str, str]:
    """What the pages of a run say of each row that differed; the last word counts."""
    world.begin(**wish)
    rows: dict[str, str] = {}
    while world.queue.pages:
        rows |= world.step().rows
    return rows


def test_page_says_of_each_row_that_differed_what_was_found_and_done() -> None:
    world = World()
    world.edit("GC0001", headline="Edited by hand")
    world.drop("GC0004")
    world.add("by-hand", title="made in the CMS")

    assert told_rows(world) == {
        "PartnerStatus#GC0001": "drifted:requested",
        "PartnerStatus#GC0004": "missing:requested",
        "PartnerStatus#by-hand": "removed",
    }


def test_page_of_a_dry_run_says_what_was_found() -> None:
    world = World()
    world.edit("GC0001", headline="Edited by hand")

    assert told_rows(world, dryRun=True) == {"PartnerStatus#GC0001": "drifted:dry_run"}


def test_page_says_that_the_guard_keeps_rows_that_would_be_removed() -> None:
    world = World(partners=20)
    for key in world.partner_ids()[:12]:
        world.grid.forget(f"partners/{key}")

    rows = told_rows(world)

    assert set(rows.values()) == {"extra:too_many"}
    assert len(rows) == 12


def test_page_says_that_a_row_is_kept_whose_record_the_list_left_out() -> None:
    world = World()
    world.grid.hidden = ["GC0002"]

    assert told_rows(world) == {"PartnerStatus#GC0002": "extra:kept"}
