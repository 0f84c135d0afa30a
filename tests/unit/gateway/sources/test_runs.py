"""Runs of sources: one at a time, exact after a crash anywhere, and no row is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gridwix_gateway.documents import parse_timestamp
from gridwix_gateway.sources import runs
from gridwix_gateway.sources.apply import MAX_STEP_EVENTS
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.mapping import MappedRecord, MappedRow
from gridwix_gateway.sources.rest.run import RestSource
from gridwix_gateway.sources.runs import CHUNK_ROWS, SourceRow
from gridwix_gateway.store.items import item_document
from gridwix_gateway.store.table import Key, Table
from tests.fakes.gateway.source_runs import PARTNERS, World, simple_source
from tests.fakes.gateway.tables import GATEWAY_TEMPLATE
from tests.unit.template.rules import load

SOURCE = simple_source()
UPDATED = "2026-03-12T07:{:02}:00Z"


class Killed(BaseException):
    """A crash. Not an Exception, so that no handler of the code under test catches it."""


class MortalTable:
    """A table whose user dies before or after the call of a number."""

    def __init__(self, table: Table, number: int, *, after: bool) -> None:
        self._table = table
        self._left = number
        self._after = after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._table, name)

        def call(*args: Any, **options: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
            result = method(*args, **options)
            if self._left == 0:
                raise Killed
            return result

        return call


def make_api(count: int, **changes: dict[str, Any]) -> Callable[[httpx.Request], httpx.Response]:
    """Make an API of rows ``r0`` to ``rN`` in the order of their updates."""
    rows = []
    for number in range(count):
        row = {"id": f"r{number}", "updated": UPDATED.format(number), "subject": f"case {number}"}
        rows.append(row | changes.get(row["id"], {}))
    rows.sort(key=lambda row: str(row["updated"]))

    def answer(request: httpx.Request) -> httpx.Response:
        since, offset = request.url.params["since"], int(request.url.params["offset"])
        found = [row for row in rows if row["updated"] >= since]
        return httpx.Response(200, json={"rows": found[offset : offset + 3]})

    return answer


def mapped_row(identifier: str, **fields: Any) -> SourceRow:
    whole = {"partnerId": PARTNERS[0], "subject": "856 rejected", "status": "open"}
    record = MappedRecord("cases", identifier, {**whole, **fields})
    return SourceRow(identifier, MappedRow((record,)), {"id": identifier})


@pytest.mark.parametrize("after", [False, True], ids=["before-a-call", "after-a-call"])
def test_run_when_it_dies_at_any_call_then_the_next_run_completes_it_exactly(after: bool) -> None:
    expected = World(make_api(7))
    expected.run_to_end(SOURCE)
    number, died = 0, True
    while died:
        number += 1
        world = World(make_api(7))
        world.table = MortalTable(world.memory, number, after=after)
        try:
            world.run_source(SOURCE)
            died = False
        except Killed:
            died = True
        world.table = world.memory
        if died:
            world.clock.advance(minutes=7)
            world.run_to_end(SOURCE)

        assert world.records().keys() == expected.records().keys()
        assert world.last_event() == expected.last_event()
        assert world.source_state(SOURCE).cursor == expected.source_state(SOURCE).cursor
    assert number > 30


def test_source_when_a_run_has_it_then_no_other_begins_until_it_counts_as_dead() -> None:
    world = World(make_api(1))
    first = world.begin_run(SOURCE)
    assert first is not None

    assert world.begin_run(SOURCE) is None
    world.clock.advance(minutes=7)
    second = world.begin_run(SOURCE)

    assert second is not None
    with pytest.raises(SourceFault) as raised:
        first.commit_rows([mapped_row("c1", subject="late")], first.state)
    assert raised.value.code == "superseded"
    assert world.records() == {}
    assert world.read_source(SOURCE, first).fault == "superseded"
    assert world.read_source(SOURCE, second).outcome == "complete"


def test_source_when_it_has_run_then_it_is_due_after_its_interval() -> None:
    world = World(make_api(1))
    world.run_source(SOURCE)

    world.clock.advance(minutes=4)
    assert world.begin_run(SOURCE, forced=False) is None
    world.clock.advance(minutes=1)
    assert world.begin_run(SOURCE, forced=False) is not None


def test_source_when_its_reading_is_unfinished_then_it_is_due_at_once() -> None:
    world = World(make_api(9))
    source = simple_source(limits={"pages": 1})
    assert world.run_source(source).outcome == "partial"

    assert world.begin_run(source, forced=False) is not None


def test_time_when_it_is_nearly_over_then_no_page_is_begun() -> None:
    world = World(make_api(9))

    report = world.run_source(SOURCE, seconds=10)

    assert (report.outcome, report.pages, report.fault) == ("partial", 0, "")


def test_mapping_when_it_changes_then_all_rows_are_read_again() -> None:
    world = World(make_api(5))
    world.run_to_end(SOURCE)
    records = SOURCE.declaration.model_dump(mode="json")["records"]
    records[0]["fields"] |= {"description": "'see ' + row.subject"}
    changed = simple_source(records=records)

    report = world.run_to_end(changed)

    assert report.counts.changed == 5
    assert world.records()["c_r0"]["description"] == "see case 0"
    assert world.run_source(replace_guard(changed)).counts.changed == 0


def replace_guard(source: RestSource) -> RestSource:
    """Return the source with another guard, which changes no row."""
    declared = source.declaration.model_dump(mode="json", exclude_defaults=True)
    return simple_source(**declared | {"source": "rest", "guard": {"refused_share": 0.9}})


def test_portal_when_it_changed_a_member_then_an_unchanged_row_leaves_it() -> None:
    world = World(make_api(1))
    world.run_source(SOURCE)
    world.commits.run(
        lambda draft: draft.change(
            "cases", draft.get("cases", "c_r0") or {}, {"subject": "by the desk"}, "case.updated"
        )
    )

    assert world.run_source(SOURCE).counts.unchanged == 2
    assert world.records()["c_r0"]["subject"] == "by the desk"


def test_refused_row_when_a_newer_one_of_its_key_passes_then_the_old_one_is_forgotten() -> None:
    world = World(make_api(1, r0={"subject": 7.5e300}))
    world.run_source(SOURCE)
    assert world.refused_codes(SOURCE) == {"r0": ["digits-lost"]}
    world.replace_api(make_api(1, r0={"subject": "new", "updated": "2026-03-12T07:30:00Z"}))

    world.run_source(SOURCE)

    assert world.refused_codes(SOURCE) == {}
    assert world.records()["c_r0"]["subject"] == "new"


def test_refused_row_when_nothing_has_changed_then_it_is_not_written_again() -> None:
    world = World(make_api(2, r0={"subject": 7.5e300}))
    first = world.run_source(SOURCE)
    key = Key("S#simple#F", "r0")
    item = world.memory.items[key]
    world.clock.advance(hours=1)

    second = world.run_source(SOURCE)

    assert (first.counts.refused, first.refused) == (1, 1)
    assert (second.counts.refused, second.refused) == (0, 1)
    assert world.memory.items[key] is item


def test_refused_row_when_it_is_stored_then_it_expires_as_the_reports_of_files_do() -> None:
    world = World(make_api(1, r0={"subject": 7.5e300}))
    world.run_source(SOURCE)
    item = world.memory.items[Key("S#simple#F", "r0")]
    template = load(GATEWAY_TEMPLATE)["Resources"]
    rules = template["FileBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (days,) = (rule["ExpirationInDays"] for rule in rules if rule["Id"] == "refused")

    assert template["Table"]["Properties"]["TimeToLiveSpecification"] == {
        "AttributeName": "expiresAt",
        "Enabled": True,
    }
    at = parse_timestamp(item_document(item)["at"])
    assert item["expiresAt"] == int((at + timedelta(days=days)).timestamp())


def test_refused_row_when_an_older_release_stored_it_then_it_expires_from_now_on() -> None:
    world = World(make_api(1, r0={"subject": 7.5e300}))
    world.run_source(SOURCE)
    key = Key("S#simple#F", "r0")
    former = world.memory.items[key]
    world.memory.items[key] = {name: former[name] for name in ("pk", "sk", "document")}
    world.memory.put(world.memory.items[key])

    world.run_source(SOURCE)

    assert world.memory.items[key] == former


def test_refused_row_when_there_are_more_than_a_run_knows_then_a_newer_one_still_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "MAX_REFUSED_READ", 1)
    world = World(make_api(3, r1={"subject": 7.5e300}, r2={"subject": 7.5e300}))
    world.run_source(SOURCE)
    assert len(world.refused_codes(SOURCE)) == 2
    newer = {"subject": "new", "updated": "2026-03-12T07:30:00Z"}
    world.replace_api(make_api(3, r1=newer, r2=newer))

    world.run_source(SOURCE)

    assert world.refused_codes(SOURCE) == {}


def test_record_when_its_partner_is_unknown_then_the_rest_of_the_page_goes_through() -> None:
    world = World(make_api(1))
    run = world.begin_run(SOURCE)
    assert run is not None
    unknown = mapped_row("c2", partnerId="GC9")

    run.commit_rows([mapped_row("c1"), unknown, mapped_row("c3")], run.state)

    assert sorted(world.records()) == ["c1", "c3"]
    assert (run.counts.changed, run.counts.refused, run.codes) == (2, 1, {"reference": 1})


def test_page_when_it_is_large_then_it_takes_several_commits_and_the_last_moves_the_state() -> None:
    world = World(make_api(1))
    run = world.begin_run(SOURCE)
    assert run is not None
    rows = [mapped_row(f"c{number}", subject=f"case {number}") for number in range(CHUNK_ROWS + 50)]
    states: list[str] = []
    commit = world.memory.commit

    def note(transaction: Any) -> None:
        states.append(world.source_state(SOURCE).cursor)
        commit(transaction)

    world.memory.commit = note  # type: ignore[method-assign]

    run.commit_rows(rows, replace(run.state, cursor="2026-03-12T07:00:00.000Z"))

    assert len(states) > 5
    assert set(states) == {""}
    assert world.source_state(SOURCE).cursor == "2026-03-12T07:00:00.000Z"
    assert run.counts.changed == len(rows)


def test_page_when_most_rows_are_unchanged_then_the_state_still_moves_last() -> None:
    world = World(make_api(1))
    run = world.begin_run(SOURCE)
    assert run is not None
    rows = [mapped_row(f"c{number}") for number in range(CHUNK_ROWS + 50)]
    run.commit_rows(rows, run.state)
    states: list[str] = []
    commit = world.memory.commit

    def note(transaction: Any) -> None:
        states.append(world.source_state(SOURCE).cursor)
        commit(transaction)

    world.memory.commit = note  # type: ignore[method-assign]
    rows[-1] = mapped_row(rows[-1].key, subject="changed")

    run.commit_rows(rows, replace(run.state, cursor="2026-03-12T07:00:00.000Z"))

    assert states == [""]
    assert world.source_state(SOURCE).cursor == "2026-03-12T07:00:00.000Z"


def test_deleted_record_when_the_source_says_so_then_it_is_a_tombstone() -> None:
    world = World(make_api(1))
    world.run_source(SOURCE)
    run = world.begin_run(SOURCE)
    assert run is not None
    gone = SourceRow("c_r0", MappedRow((MappedRecord("cases", "c_r0", {}, deleted=True),)))

    run.commit_rows([gone, gone], run.state)

    assert world.records() == {}
    assert (run.counts.changed, run.counts.unchanged) == (1, 1)


def large_row(kind: str) -> SourceRow:
    """Return a row whose records fit no commit: by their number of items, or by their bytes."""
    if kind == "items":
        return enrollment_row("completed")
    large = {"partnerId": PARTNERS[0], "status": "open", "description": "x" * 300_000}
    records = tuple(MappedRecord("cases", f"large{number}", large) for number in range(6))
    return SourceRow("large", MappedRow(records), {"id": "large"})


def enrollment_row(status: str) -> SourceRow:
    """Return a row of two enrollments, each with as many steps as have events of their own."""
    steps = [{"key": f"s{number}", "status": status} for number in range(MAX_STEP_EVENTS)]
    fields = {"partnerId": PARTNERS[0], "programId": "p", "status": "in_progress", "steps": steps}
    records = tuple(
        MappedRecord("enrollments", f"e{number}", fields, gather={"steps": "key"})
        for number in range(2)
    )
    return SourceRow("large", MappedRow(records), {"id": "large"})


@pytest.mark.parametrize("kind", ["items", "bytes"])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_row_when_its_records_fit_no_commit_then_it_alone_is_refused(kind: str, place: int) -> None:
    world = World(make_api(1))
    world.commits.run(
        lambda draft: draft.create("onboarding-programs", {"id": "p", "steps": []}, None)
    )
    run = world.begin_run(SOURCE)
    assert run is not None
    run.commit_rows([enrollment_row("available")], run.state)
    before = world.records("enrollments")
    rows = [mapped_row(f"c{number}") for number in range(3)]
    rows.insert(place, large_row(kind))

    run.commit_rows(rows, replace(run.state, cursor="2026-03-12T07:00:00.000Z"))

    assert sorted(world.records()) == ["c0", "c1", "c2"]
    assert world.records("enrollments") == before
    assert world.refused_codes(SOURCE) == {"large": ["row-too-large"]}
    assert (run.counts.changed, run.counts.refused, run.codes) == (4, 1, {"row-too-large": 1})
    assert world.source_state(SOURCE).cursor == "2026-03-12T07:00:00.000Z"


def test_row_when_it_fits_a_commit_again_then_its_refusal_ends() -> None:
    world = World(make_api(1))
    run = world.begin_run(SOURCE)
    assert run is not None
    run.commit_rows([large_row("bytes")], run.state)
    first = dict(world.memory.items)
    run.commit_rows([large_row("bytes")], run.state)
    again = dict(world.memory.items)

    run.commit_rows([replace(mapped_row("c1"), key="large")], run.state)

    assert first == again
    assert world.refused_codes(SOURCE) == {}
    assert sorted(world.records()) == ["c1"]


def test_run_when_a_row_fits_no_commit_then_it_is_complete_and_names_the_row() -> None:
    records = [
        {
            "collection": "enrollments",
            "id": f"'e{number}_' + row.id",
            "fields": {
                "partnerId": f"'{PARTNERS[0]}'",
                "programId": "'p'",
                "status": "'in_progress'",
                "steps": "row.steps",
            },
        }
        for number in range(2)
    ]
    columns = SOURCE.declaration.model_dump(mode="json", exclude_defaults=True)["columns"]
    del columns["subject"]
    columns["steps"] = {"path": "steps", "type": "json"}
    source = simple_source(records=records, columns=columns)
    steps = [{"key": f"s{key}", "status": "available"} for key in range(MAX_STEP_EVENTS)]
    done = [{**step, "status": "completed"} for step in steps]
    rows: dict[str, dict[str, Any]] = {f"r{number}": {"steps": steps} for number in range(5)}
    world = World(make_api(5, **rows))
    world.commits.run(
        lambda draft: draft.create("onboarding-programs", {"id": "p", "steps": []}, None)
    )
    world.run_to_end(source)
    later = {"updated": "2026-03-12T07:30:00Z"}
    rows |= {"r2": {"steps": done, **later}, "r4": {"steps": [*done[:1], *steps[1:]], **later}}
    world.replace_api(make_api(5, **rows))

    report = world.run_to_end(source)

    assert (report.outcome, report.fault, report.refused) == ("complete", "", 1)
    assert world.refused_codes(source) == {"r2": ["row-too-large"]}
    statuses = {
        key: [step["status"] for step in one["steps"]].count("completed")
        for key, one in world.records("enrollments").items()
    }
    assert {key for key, count in statuses.items() if count} == {"e0_r4", "e1_r4"}
