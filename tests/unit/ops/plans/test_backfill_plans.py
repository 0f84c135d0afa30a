"""Plans of backfills: which records, in which order, and at which pace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gridwix.errors import Unavailable
from gridwix.models.ids import CollectionId, CompanyId, PartnerId
from gridwix.models.portal.collection_ids import (
    OPEN_ISSUES,
    PARTNER_DOCUMENTS,
    PARTNER_STATUS,
)
from gridwix.models.reconciliation import ChangedPage, ChangedRecord
from gridwix.publication.resync import ResyncRequester
from ops.plans import backfill_plans
from ops.plans.application import PlanOutdated, apply_plan
from ops.plans.backfill_plans import BATCH, MAX_WAITING, BackfillPlans
from ops.plans.files import PlanError
from ops.plans.models import BackfillPlan
from ops.reconcile import COLLECTIONS
from ops.stack import Stack
from ops.waiting import Standstill
from tests.factories import partner
from tests.fakes.stores import FakeBus
from tests.fakes.trading_grid import FakeTradingGrid

SINCE = datetime(2026, 11, 28, tzinfo=UTC)
ONE, OTHER = PartnerId("GC1"), PartnerId("GC2")


@dataclass
class Lists:
    """Trading Grid's lists, two records on a page. ``asked`` are the kinds and times."""

    records: list[ChangedRecord] = field(default_factory=list)
    asked: list[tuple[str, datetime]] = field(default_factory=list)

    def put(self, record: str, owner: PartnerId, version: int = 1, *, of_hub: bool = False) -> None:
        self.records = [one for one in self.records if one.record != record]
        self.records.append(ChangedRecord(record, None if of_hub else owner, version, owner))

    def changed(self, kind: str, since: datetime, cursor: str | None) -> ChangedPage:
        self.asked.append((kind, since))
        mine = [one for one in self.records if one.record.startswith(f"{kind}/")]
        begin = int(cursor or 0)
        following = str(begin + 2) if begin + 2 < len(mine) else None
        return ChangedPage(mine[begin : begin + 2], following, SINCE)


@dataclass
class World:
    """Trading Grid with one partner, and a bus."""

    lists: Lists = field(default_factory=Lists)
    grid: FakeTradingGrid = field(default_factory=FakeTradingGrid)
    bus: FakeBus = field(default_factory=FakeBus)
    waiting: Sequence[int] = (0,)

    def __post_init__(self) -> None:
        self.grid.put(partner(ONE, 4))
        self.looks = 0

    def count_waiting(self) -> int:
        self.looks += 1
        return self.waiting[min(self.looks, len(self.waiting)) - 1]

    def plans(self, timeout: float = 5) -> BackfillPlans:
        return BackfillPlans(
            Stack("gridwix", {}, cast("Any", SimpleNamespace()), id="arn:stack"),
            self.lists,
            self.grid,
            ResyncRequester(self.bus, company_id=CompanyId("GC0"), clock=lambda: 0.0),
            count_waiting=self.count_waiting,
            timeout=timeout,
        )

    def plan(
        self,
        partner_id: PartnerId | None = None,
        since: datetime | None = None,
        collection: CollectionId | None = None,
    ) -> BackfillPlan:
        return self.plans().make(partner_id, since, collection)

    def requested(self) -> list[str]:
        return [change.record for change in self.bus.changes]


def records(plan: BackfillPlan) -> list[str]:
    return [change.record for change in plan.changes]


def test_plan_of_a_partner_is_one_request_for_everything_of_it() -> None:
    made = World().plan(ONE)

    assert [(one.record, one.partner, one.version) for one in made.changes] == [
        (f"partners/{ONE}", ONE, 4)
    ]


def test_plan_of_an_unknown_partner_is_not_made() -> None:
    with pytest.raises(PlanError, match="no partner GC2"):
        World().plan(OTHER)


def test_plan_without_a_selection_is_not_made() -> None:
    with pytest.raises(PlanError, match="gridwix resync"):
        World().plan()


def test_plan_of_a_time_lists_every_kind_once_with_its_pages_and_keeps_the_order() -> None:
    world = World()
    for number in range(5):
        world.lists.put(f"cases/c{number}", ONE)
    world.lists.put(f"partners/{OTHER}", OTHER)

    made = world.plan(since=SINCE)

    assert records(made) == [f"partners/{OTHER}", *(f"cases/c{number}" for number in range(5))]
    assert {since for _, since in world.lists.asked} == {SINCE}
    assert [kind for kind, _ in world.lists.asked].count("documents") == 1


def test_plan_of_a_partner_and_a_collection_has_its_records_also_those_of_the_hub() -> None:
    world = World()
    world.lists.put("documents/d1", ONE, of_hub=True)
    world.lists.put("documents/d2", OTHER, of_hub=True)

    made = world.plan(ONE, collection=PARTNER_DOCUMENTS)

    assert [(one.record, one.partner) for one in made.changes] == [("documents/d1", None)]


def test_plan_of_a_collection_lists_the_owner_of_each_row_and_with_a_time_all_its_records() -> None:
    world = World()

    world.plan(collection=PARTNER_STATUS)
    without = [kind for kind, _ in world.lists.asked]
    world.lists.asked.clear()
    world.plan(collection=PARTNER_STATUS, since=SINCE)

    assert without == ["partners"]
    assert [kind for kind, _ in world.lists.asked] == [
        "partners",
        "enrollments",
        "compliance-checks",
        "cases",
    ]


def test_every_reconciled_collection_can_be_selected() -> None:
    assert set(backfill_plans.KINDS) == set(COLLECTIONS)


def test_apply_requests_the_records_in_order_and_a_second_time_none(tmp_path: Path) -> None:
    world = World()
    names = [f"cases/c{number:03}" for number in range(BATCH * 2 + 5)]
    for name in names:
        world.lists.put(name, ONE)
    made = world.plan(collection=OPEN_ISSUES)

    apply_plan(tmp_path / "p", made, world.plans())
    apply_plan(tmp_path / "p", made, world.plans())

    assert world.requested() == names
    assert {change.partner_id for change in world.bus.changes} == {ONE}


@pytest.mark.parametrize("record", ["cases/c1", "cases/c9"])
def test_apply_after_a_record_changed_or_came_requests_nothing(tmp_path: Path, record: str) -> None:
    world = World()
    world.lists.put("cases/c1", ONE)
    made = world.plan(collection=OPEN_ISSUES)
    world.lists.put(record, ONE, 2)

    with pytest.raises(PlanOutdated, match=record):
        apply_plan(tmp_path / "p", made, world.plans())

    assert world.requested() == []


def test_apply_that_died_in_the_middle_requests_all_with_the_same_events(tmp_path: Path) -> None:
    world = World()
    names = [f"cases/c{number:03}" for number in range(BATCH + 5)]
    for name in names:
        world.lists.put(name, ONE)
    made = world.plan(collection=OPEN_ISSUES)
    world.bus.fails = 1

    with pytest.raises(Unavailable):
        apply_plan(tmp_path / "p", made, world.plans())
    apply_plan(tmp_path / "p", made, world.plans())

    assert list(dict.fromkeys(world.requested())) == names
    assert len({change.event_id for change in world.bus.changes}) == len(names)


def test_backfill_waits_while_the_publishers_queues_are_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill_plans, "POLL", 0.0)
    world = World(waiting=(MAX_WAITING + 2, MAX_WAITING + 2, MAX_WAITING + 1, MAX_WAITING))
    world.lists.put("cases/c1", ONE)
    made = world.plan(collection=OPEN_ISSUES)

    apply_plan(tmp_path / "p", made, world.plans())

    assert world.looks >= 4
    assert world.requested() == ["cases/c1"]


def test_backfill_gives_up_when_the_queues_stand_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill_plans, "POLL", 0.0)
    world = World(waiting=(MAX_WAITING + 1,))
    world.lists.put("cases/c1", ONE)
    made = world.plan(collection=OPEN_ISSUES)

    with pytest.raises(Standstill, match="the queues of the publishers"):
        apply_plan(tmp_path / "p", made, world.plans(timeout=0.1))

    assert world.requested() == []


def test_plan_of_more_records_than_it_holds_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.plans.header.MAX_CHANGES", 1)
    world = World()
    world.lists.put("cases/c1", ONE)
    world.lists.put("cases/c2", ONE)

    with pytest.raises(PlanError, match="later --since"):
        world.plan(collection=OPEN_ISSUES)
