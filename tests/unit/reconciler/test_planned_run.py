"""A run with a plan: it acts on the planned rows that are as planned, and on nothing else."""

from collections.abc import Iterable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.reconciliation import PageRecord, PlannedRows, RowFinding
from gridwix.reconciler.checkpoints import compared_prefix, planned_rows_name
from tests.examples import examples
from tests.factories import check
from tests.unit.reconciler.test_service import World, counts

PLAN = "3f2a"


def findings(world: World, run: str = "dry") -> list[RowFinding]:
    """The findings of a dry run, from its checkpoints."""
    world.run(run, dryRun=True)
    prefix = compared_prefix(run, PARTNER_STATUS)
    return [
        finding
        for name, text in sorted(world.documents.texts.items())
        if name.startswith(prefix)
        for finding in PageRecord.model_validate_json(text).findings
    ]


def keep_plan(world: World, rows: Iterable[RowFinding]) -> None:
    world.documents.write(
        planned_rows_name(PLAN, PARTNER_STATUS),
        PlannedRows(rows=tuple(rows)).model_dump_json(by_alias=True),
    )


def run_plan(world: World, **wish: Any) -> dict[str, Any]:
    return world.run("applied", plan=PLAN, **wish)


def test_dry_run_names_the_fields_that_differ_and_stores_no_content() -> None:
    world = World()
    world.edit("GC0001", headline="Edited by hand", failedChecks=None)
    world.drop("GC0002")
    world.add("GC9999", partnerId="GC9999")

    drifted, missing, extra = findings(world)

    assert drifted.fields == ("failedChecks", "headline")
    assert (missing.fields, missing.shown, bool(missing.expected)) == ((), "", True)
    assert (extra.fields, extra.expected, bool(extra.shown)) == ((), "", True)
    assert "Edited by hand" not in "".join(world.documents.texts.values())


def test_finding_when_another_value_is_edited_into_the_same_field_then_differs() -> None:
    world = World()
    world.edit("GC0001", headline="Edited by hand")
    (first,) = findings(world)
    world.edit("GC0001", headline="Edited again")
    (second,) = findings(world, "dry-2")

    assert (first.fields, first.expected) == (second.fields, second.expected)
    assert first.shown != second.shown


def test_planned_run_repairs_what_is_planned_and_leaves_what_has_come_since() -> None:
    world = World(partners=12)
    world.edit("GC0001", headline="Edited by hand")
    world.drop("GC0002")
    world.add("GC9998", partnerId="GC9998")
    keep_plan(world, findings(world))
    world.edit("GC0003", headline="Edited since")
    world.add("GC9999", partnerId="GC9999")

    report = run_plan(world)

    assert world.written() == ["GC0001", "GC0002", "GC9998"]
    assert counts(report) == {
        "rows": 14,
        "equal": 9,
        "drifted": 2,
        "missing": 1,
        "extra": 2,
        "removed": 1,
        "repaired": 3,
    }
    assert report["plan"] == PLAN
    assert world.shown()["GC0003"]["headline"] == "Edited since"


def test_planned_run_leaves_a_row_that_was_edited_again_or_whose_record_has_changed() -> None:
    world = World()
    for key in ("GC0001", "GC0002", "GC0003"):
        world.edit(key, headline="Edited by hand")
    keep_plan(world, findings(world))
    world.edit("GC0001", headline="Edited again")
    world.grid.put(check("chk-GC0002", 2, partnerId="GC0002", status="passed"))

    report = run_plan(world)

    assert world.written() == ["GC0003"]
    assert (report["drifted"], report["repaired"]) == (3, 1)


def test_run_with_a_plan_that_nobody_stored_changes_nothing() -> None:
    world = World()
    world.edit("GC0001", headline="Edited by hand")
    world.add("GC9999", partnerId="GC9999")

    report = run_plan(world)

    assert world.written() == []
    assert (report["drifted"], report["extra"], report["repaired"]) == (1, 1, 0)


def test_planned_run_is_stopped_by_the_guard_unless_the_plan_accepts_the_shrink() -> None:
    world = World(partners=20)
    world.run()
    for key in world.partner_ids()[:12]:
        world.grid.forget(f"partners/{key}")
    keep_plan(world, findings(world))

    stopped = run_plan(world)
    accepted = world.run("accepted", plan=PLAN, acceptShrink=True)

    assert (stopped["guard"], stopped["removed"]) == ("shrunk", 0)
    assert (accepted["guard"], accepted["removed"]) == (None, 12)


EDITS = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from(["headline", "drop", "record"]), st.integers(0, 2)
    ),
    max_size=8,
)


def change(world: World, edits: list[tuple[int, str, int]]) -> None:
    for number, kind, value in edits:
        key = f"GC{number:04}"
        if kind == "record":
            latest = len(world.grid.past[f"compliance-checks/chk-{key}"])
            status = "passed" if value else "failed"
            world.grid.put(check(f"chk-{key}", latest + 1, partnerId=key, status=status))
        elif key in world.shown():
            if kind == "drop":
                world.drop(key)
            else:
                world.edit(key, headline=f"Edited {value}")


@settings(deadline=None, max_examples=examples(10), suppress_health_check=[HealthCheck.too_slow])
@given(before=EDITS, after=EDITS)
def test_planned_run_whatever_changed_before_and_since_touches_exactly_what_is_still_as_planned(
    before: list[tuple[int, str, int]], after: list[tuple[int, str, int]]
) -> None:
    world = World()
    change(world, before)
    planned = findings(world)
    keep_plan(world, planned)
    change(world, after)
    still = {finding.id for finding in findings(world, "dry-2") if finding in planned}

    report = run_plan(world)

    assert set(world.written()) == still
    assert report["repaired"] == len(still)
