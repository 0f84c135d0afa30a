"""Erasure of the data of members who are gone: whose rows, how many at a time, and after errors."""

from datetime import timedelta

import pytest

from gridwix.errors import BudgetExhausted, NotFound, Throttled, Unavailable
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import MEMBER_READ_MARKS, MEMBER_SETTINGS
from gridwix.models.wix import DataItem
from gridwix.partner_messenger.dispatches import PersonalRow
from gridwix.partner_messenger.erasure import LAST_SLOT, SLOTS, SLOTS_PER_DAY, ErasureReport
from tests.factories import BALTIC, PRAIRIE_GOLD
from tests.fakes.messaging import Stage, campaigns


def a_stage() -> Stage:
    """Dana acts for Prairie Gold, Katrin for Baltic. The next run looks through part 00."""
    stage = Stage(campaigns(review={"channels": ["email"]}))
    day = stage.now.toordinal()
    stage.now += timedelta(days=-day % (SLOTS // SLOTS_PER_DAY))
    assert stage.now.toordinal() * SLOTS_PER_DAY % SLOTS == 0
    return stage


def add_row(
    stage: Stage, member: str, partner: str = "", prefix: str = "00", name: str = ""
) -> WixItemId:
    collection = MEMBER_READ_MARKS if partner else MEMBER_SETTINGS
    identifier = WixItemId(f"{prefix}{name or member}{partner}")
    stage.people.personal.append(PersonalRow(collection, identifier, member, partner))
    stage.portal.rows[CollectionId(collection), identifier] = DataItem(identifier, {})
    return identifier


def left(stage: Stage) -> set[WixItemId]:
    return {identifier for _, identifier in stage.portal.rows}


def run(stage: Stage, *, scheduled: bool = True) -> ErasureReport:
    return stage.messenger().process_changes([], NO_DEADLINE, scheduled=scheduled).erasure


def test_rows_go_of_members_who_are_deleted_or_act_for_nobody_or_not_for_the_rows_partner() -> None:
    stage = a_stage()
    kept = {
        add_row(stage, "dana"),
        add_row(stage, "dana", PRAIRIE_GOLD),
        add_row(stage, "katrin", BALTIC),
    }
    add_row(stage, "dana", BALTIC)
    add_row(stage, "deleted")
    add_row(stage, "deleted", PRAIRIE_GOLD)
    stage.people.add_link("unlinked")
    stage.people.remove_links("unlinked")
    add_row(stage, "unlinked")
    add_row(stage, "unlinked", PRAIRIE_GOLD)
    stage.people.add_link("linked, and deleted")
    del stage.people.known["linked, and deleted"]
    add_row(stage, "linked, and deleted")

    report = run(stage)

    assert (report.erased, left(stage)) == (6, kept)


def test_each_part_has_its_turn_within_32_days_and_a_day_has_eight() -> None:
    stage = a_stage()
    for part in range(SLOTS):
        add_row(stage, "deleted", prefix=f"{part:02x}")
    erased = []

    for _ in range(32):
        erased.append(sum(run(stage).erased for _ in range(SLOTS_PER_DAY + 3)))
        stage.now += timedelta(days=1)

    assert erased == [SLOTS_PER_DAY] * 32
    assert left(stage) == set()


def test_day_without_a_run_leaves_its_parts_for_their_next_turn() -> None:
    stage = a_stage()
    run(stage)
    stage.now += timedelta(days=3)
    row = add_row(stage, "deleted", prefix=f"{3 * SLOTS_PER_DAY:02x}")

    assert run(stage).erased == 1
    assert row not in left(stage)


def test_run_of_changes_erases_nothing() -> None:
    stage = a_stage()
    row = add_row(stage, "deleted")

    assert run(stage, scheduled=False) == ErasureReport()
    assert left(stage) == {row}


@pytest.mark.parametrize("error", [Unavailable(system="wix"), Throttled(system="wix", status=429)])
@pytest.mark.parametrize("call", [0, 1, 2])
def test_part_whose_reads_fail_for_a_while_is_looked_through_again(
    error: Unavailable | Throttled, call: int
) -> None:
    stage = a_stage()
    kept, row = add_row(stage, "dana"), add_row(stage, "deleted")
    stage.people.errors = [*[None] * call, error]

    first = run(stage)
    assert (first, left(stage)) == (ErasureReport(stopped=error), {kept, row})

    assert (run(stage).erased, left(stage)) == (1, {kept})


def test_site_without_the_collections_is_asked_eight_times_a_day() -> None:
    stage = a_stage()
    error = NotFound(system="wix", status=404, vendor_code="WDE0025")
    stage.people.errors = [error for _ in range(20)]

    stopped = [run(stage).stopped for _ in range(12)]

    assert stopped == [error] * SLOTS_PER_DAY + [None] * 4


def test_rows_that_wix_does_not_remove_are_counted_and_harm_no_other() -> None:
    stage = a_stage()
    refused, row = add_row(stage, "deleted"), add_row(stage, "deleted", PRAIRIE_GOLD)
    stage.portal.refuse = lambda identifier: identifier == refused

    report = run(stage)

    assert (report.erased, report.refused, left(stage)) == (1, {"WDE0080": 1}, {refused})
    assert row not in left(stage)
    assert stage.outbox.versions[LAST_SLOT] == stage.now.toordinal() * SLOTS_PER_DAY


def test_budget_that_is_used_up_ends_the_erasure_and_not_the_run() -> None:
    stage = a_stage()
    add_row(stage, "deleted")
    stage.people.errors = [BudgetExhausted(wait=5.0)]

    report = stage.messenger().process_changes([], NO_DEADLINE, scheduled=True)

    assert isinstance(report.erasure.stopped, BudgetExhausted)
    assert report.failures == {}


def test_run_whose_retention_wix_has_stopped_does_not_go_on_to_erase(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = a_stage()
    add_row(stage, "deleted")

    def throttle(*_: object, **__: object) -> list[DataItem]:
        raise Throttled(system="wix", status=429)

    monkeypatch.setattr(stage.portal, "items_before", throttle)

    assert run(stage) == ErasureReport()
    assert stage.people.calls == 0
