"""Drops are applied once, also after crashes, and in the order in which they were dropped."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any, override

import pytest

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.apply import MAX_STEP_EVENTS
from gridwix_gateway.sources.files import snapshots
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.marks import AppliedDrop, Mark, read_source_mark
from gridwix_gateway.sources.files.ports import Drop, RecordLookup
from gridwix_gateway.sources.files.service import FileSource, Result, is_unfinished
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.items import item_document, record_key
from gridwix_gateway.store.table import Item, Key
from tests.fakes.gateway.crashing_table import Crash, CrashingTable
from tests.fakes.gateway.memory_drops import MemoryDrops
from tests.unit.gateway.sources.files.samples import CSV, declare

START = datetime(2026, 3, 12, 14, tzinfo=UTC)
SOURCE = "tracker"


class EveryRecord(RecordLookup):
    def known_ids(self, collection: str, identifiers: Collection[str]) -> Collection[str]:
        return identifiers


class World:
    """A gateway with one source of files."""

    def __init__(self, **changes: Any) -> None:
        self.table = CrashingTable(lambda: START)
        self.drops: MemoryDrops = MemoryDrops()
        self.declaration: FilesDeclaration = declare(CSV, **{"end": [], **changes})
        self.minutes = 0

    def source(self, may_go_on: Callable[[], bool] = lambda: True) -> FileSource:
        return FileSource(
            SOURCE,
            self.declaration,
            drops=self.drops,
            commits=Commits(self.table, "HUB", "t.", sleep=lambda _: None),
            records=EveryRecord(),
            may_go_on=may_go_on,
        )

    def drop(self, *rows: str, name: str = "", at: int | None = None, **options: Any) -> Drop:
        self.minutes += 1
        content = "".join(f"{row}\n" for row in ("BUID;Name;GLN;DUNS;Go live;Revenue", *rows))
        return self.drops.add_drop(
            f"{SOURCE}/{name or f'{self.minutes}.csv'}",
            content.encode(),
            START + timedelta(minutes=self.minutes if at is None else at),
            **options,
        )

    def process(self, drop: Drop) -> Result:
        return self.source().process_drop(drop)

    def partners(self) -> dict[str, Document]:
        found = [item_document(item) for item in self.table.items.values() if "listKey" in item]
        return {one["id"]: one for one in found if one.get("deletedAt") is None}

    def events(self) -> list[tuple[str, str, int]]:
        page = Feed(self.table, lambda: START).read_page(0, 10_000)
        return [
            (event["type"].removeprefix("t."), event["subject"], event["data"]["version"])
            for event in page.events
        ]

    def mark(self) -> Mark:
        commits = Commits(self.table, "HUB", "t.")
        return commits.run(lambda draft: read_source_mark(draft, SOURCE))


def partner_rows(count: int, name: str = "x", changed: Collection[int] = ()) -> list[str]:
    return [
        f"GC{number:03};{'changed' if number in changed else name};;;;" for number in range(count)
    ]


def test_changed_rows_change_their_records_and_no_others() -> None:
    world = World()
    world.process(world.drop(*partner_rows(100)))
    before = len(world.events())

    result = world.process(world.drop(*partner_rows(100, changed=(7, 93))))

    assert result.status == "applied"
    assert (result.counts.changed, result.counts.updated) == (2, 2)
    assert world.events()[before:] == [
        ("partner.updated", "partners/GC007", 2),
        ("partner.updated", "partners/GC093", 2),
    ]


@pytest.mark.parametrize("again", ["same drop", "same content"])
def test_drop_without_a_change_writes_nothing(again: str) -> None:
    world = World()
    rows = partner_rows(50)
    first = world.drop(*rows)
    world.process(first)
    commits, writes = world.table.commits, list(world.drops.writes)

    result = world.process(first if again == "same drop" else world.drop(*reversed(rows)))

    assert result.status == "unchanged"
    assert (world.table.commits, world.drops.writes) == (commits, writes)


def test_change_in_a_cell_that_no_record_shows_writes_nothing() -> None:
    world = World()
    world.process(world.drop("GC1;x;;;;"))
    commits = world.table.commits

    result = world.process(world.drop("GC1; x ;;;;"))

    assert (result.status, result.counts.changed) == ("unchanged", 1)
    assert world.table.commits == commits


def test_older_drop_after_a_newer_one_is_not_applied() -> None:
    world = World()
    world.process(world.drop("GC1;new;;;;", at=10))

    late = world.process(world.drop("GC1;old;;;;", at=5))
    newer = world.drop("GC1;newest;;;;", at=12)
    overtaken = world.process(world.drop("GC1;newer;;;;", at=11))
    world.process(newer)

    assert (late.status, overtaken.status) == ("superseded", "superseded")
    assert world.partners()["GC1"]["name"] == "newest"
    assert len(world.events()) == 2


def test_older_drop_is_not_applied_although_the_newer_one_has_expired() -> None:
    world = World()
    world.process(world.drop("GC1;new;;;;", at=10))
    world.drops.contents.clear()

    late = world.process(world.drop("GC1;old;;;;", at=5))

    assert (late.status, world.partners()["GC1"]["name"]) == ("superseded", "new")


def test_additions_are_applied_in_any_order() -> None:
    world = World(kind="additions")

    world.process(world.drop("GC1;a;;;;", at=10))
    world.process(world.drop("GC2;b;;;;", at=5))

    assert sorted(world.partners()) == ["GC1", "GC2"]


def test_additions_that_are_announced_again_do_not_undo_later_ones() -> None:
    world = World(kind="additions")
    first = world.drop("GC1;a;;;;")
    world.process(first)
    for name in "bc":
        world.process(world.drop(f"GC1;{name};;;;"))

    assert world.process(first).status == "unchanged"
    assert world.partners()["GC1"]["name"] == "c"


def test_late_drop_of_additions_does_not_overwrite_newer_rows() -> None:
    world = World(kind="additions", guards={"refused": 0.0, "refused_rows": 0})
    world.process(world.drop("GC1;new;;;;", "GC2;new;;;;", at=10))
    before = len(world.events())

    late = world.process(world.drop("GC1;old;;;;", "GC2;new;;;;", "GC3;only;;;;", at=5))

    assert (late.status, late.counts.older, late.counts.refused) == ("applied", 1, 0)
    assert names_of_partners(world) == ["new", "new", "only"]
    assert world.events()[before:] == [("partner.created", "partners/GC3", 1)]
    assert world.drops.reports[late.report].splitlines()[1:] == [
        '2,BUID,GC1,"a newer drop, of 2026-03-12T14:10:00.000Z, has given this row",older-row'
    ]


def test_drop_of_additions_whose_rows_are_all_older_writes_nothing() -> None:
    world = World(kind="additions")
    world.process(world.drop("GC1;new;;;;", at=10))
    commits, writes = world.table.commits, list(world.drops.writes)

    late = world.process(world.drop("GC1;old;;;;", at=5))

    assert (late.status, late.counts.older) == ("unchanged", 1)
    assert (world.table.commits, world.drops.writes) == (commits, writes)


@pytest.mark.parametrize("small_delta", [0, 1_000], ids=["base", "delta"])
def test_row_that_a_newer_drop_has_confirmed_is_not_overwritten_by_an_older_one(
    small_delta: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SMALL_DELTA", small_delta)
    world = World(kind="additions")
    world.process(world.drop("GC1;a;;;;", "GC2;a;;;;", at=1))
    confirmed = world.process(world.drop("GC1;a;;;;", at=3))
    files = set(world.drops.files)

    late = world.process(world.drop("GC1;b;;;;", "GC2;b;;;;", at=2))

    assert (confirmed.status, late.status) == ("unchanged", "applied")
    assert names_of_partners(world) == ["a", "b"]
    assert len(world.events()) == 3
    # What the confirmation has replaced is not left behind.
    assert len(files) == (1 if small_delta == 0 else 2)


@pytest.mark.parametrize("arrival", list(permutations(range(3))), ids=str)
def test_additions_have_one_outcome_in_whatever_order_they_arrive(arrival: Sequence[int]) -> None:
    world = World(kind="additions")
    drops = [
        world.drop("GC1;a;;;;", "GC2;a;;;;", name="x.csv", at=1),
        world.drop("GC1;b;;;;", "GC3;b;;;;", name="9.csv", at=2),
        # Of the same second: the higher number counts as the newer one.
        world.drop("GC1;c;;;;", "GC3;c;;;;", name="10.csv", at=2),
    ]

    for number in arrival:
        world.process(drops[number])

    assert names_of_partners(world) == ["c", "a", "c"]


def test_additions_that_are_dropped_again_are_newer_than_those_between() -> None:
    world = World(kind="additions")
    world.process(world.drop("GC1;a;;;;", name="a.csv", at=1))
    between = world.drop("GC1;b;;;;", name="b.csv", at=2)
    world.process(world.drop("GC1;a;;;;", name="a.csv", at=3))

    late = world.process(between)

    assert (late.status, late.counts.older) == ("unchanged", 1)
    assert names_of_partners(world) == ["a"]


@pytest.mark.parametrize("first", ["older", "newer"])
def test_older_snapshot_is_applied_when_the_newer_one_is_refused(first: str) -> None:
    world = World(guards={"missing": 0.2})
    world.process(world.drop(*partner_rows(10)))
    good, bad = world.drop(*partner_rows(10, changed=(3,))), world.drop(*partner_rows(2))

    overtaken = world.process(good) if first == "older" else None
    refused = world.process(bad)
    again = world.process(good)

    assert overtaken is None or overtaken.status == "superseded"
    assert (refused.status, refused.waiting) == ("refused", good.name)
    assert (again.status, again.counts.updated) == ("applied", 1)
    assert world.partners()["GC003"]["name"] == "changed"
    # A repeated message of the refused one finds nothing that waits.
    assert world.process(bad).waiting == ""


def test_newest_snapshot_that_is_not_refused_is_the_one_that_waits() -> None:
    world = World(guards={"missing": 0.2})
    world.process(world.drop(*partner_rows(10)))
    world.drop(*partner_rows(10, "older"))
    good = world.drop(*partner_rows(10, "good"))
    bad = [world.drop(*partner_rows(count)) for count in (1, 2)]

    first = world.process(bad[1])
    second = world.process(bad[0])

    assert (first.status, first.waiting) == ("refused", bad[0].name)
    assert (second.status, second.waiting) == ("refused", good.name)
    assert world.process(good).status == "applied"


def test_older_snapshot_is_not_announced_while_a_newer_one_waits() -> None:
    world, drops = World(guards={"missing": 0.2}), MeetingDrops()
    world.drops = drops
    world.process(world.drop(*partner_rows(10)))
    world.drop(*partner_rows(10, "older"))
    bad = world.drop(*partner_rows(2))
    drops.meetings[bad.name] = lambda: world.drop(*partner_rows(10, "newest"))

    refused = world.process(bad)

    assert (refused.status, refused.waiting) == ("refused", "")


def test_older_snapshot_is_applied_when_the_newer_one_was_deleted() -> None:
    world = World()
    good, deleted = world.drop("GC1;a;;;;"), world.drop("GC1;b;;;;")
    world.process(good)
    del world.drops.contents[deleted.name]

    gone = world.process(deleted)

    assert (gone.status, gone.waiting) == ("gone", good.name)
    assert world.source().find_waiting() == good.name
    assert world.process(good).status == "applied"
    assert world.source().find_waiting() == ""


def test_snapshot_is_left_out_for_a_newer_one_that_changed_nothing() -> None:
    world = World()
    world.process(world.drop("GC1;a;;;;"))
    late, same = world.drop("GC1;b;;;;"), world.drop("GC1;a;;;;")

    assert world.process(same).status == "unchanged"
    assert world.process(late).status == "superseded"
    assert names_of_partners(world) == ["a"]


@pytest.mark.parametrize("arrival", [(0, 1), (1, 0)], ids=str)
@pytest.mark.parametrize("listed", ["both", "each alone"])
def test_of_two_snapshots_of_one_second_the_one_with_the_higher_name_is_applied(
    arrival: Sequence[int], listed: str
) -> None:
    world = World()
    drops = [
        world.drop("GC1;lower;;;;", name="part-9.csv", at=1),
        world.drop("GC1;higher;;;;", name="part-10.csv", at=1),
    ]
    contents = dict(world.drops.contents)

    for number in arrival:
        name = drops[number].name
        if listed == "each alone":
            world.drops.contents = {name: contents[name]}
        world.process(drops[number])

    assert names_of_partners(world) == ["higher"]
    assert world.process(drops[0]).status == "superseded"


def test_missing_rows_become_tombstones() -> None:
    world = World()
    world.process(world.drop(*partner_rows(4)))

    result = world.process(world.drop(*partner_rows(3)))

    assert (result.counts.missing, result.counts.deleted) == (1, 1)
    assert sorted(world.partners()) == ["GC000", "GC001", "GC002"]


def test_drop_that_looks_wrong_changes_nothing_until_a_person_confirms_it() -> None:
    world = World(guards={"missing": 0.2})
    world.process(world.drop(*partner_rows(10)))
    commits, writes = world.table.commits, list(world.drops.writes)

    refused = world.process(world.drop(*partner_rows(4)))
    unchanged = (world.table.commits, world.drops.writes) == (commits, writes)
    confirmed = world.process(world.drop(*partner_rows(4), accept_missing=True))

    assert (refused.status, refused.code) == ("refused", "rows-missing")
    assert unchanged
    assert "6 of 10 rows are missing" in world.drops.reports[refused.report]
    assert confirmed.counts.deleted == 6


def test_file_that_cannot_be_read_is_reported_beside_it() -> None:
    world = World()
    drop = world.drops.add_drop(f"{SOURCE}/a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", START)

    result = world.process(drop)

    assert (result.status, result.code) == ("refused", "no-text")
    assert "expects a text" in world.drops.reports["refused/tracker/a.csv.csv"]


def test_refused_rows_are_reported_and_the_good_ones_go_through() -> None:
    world = World()

    result = world.process(world.drop("GC1;=1+1;;;;", "GC2;=x;=2;;;", name="t.csv"))

    assert result.counts.refused == 1
    assert world.partners()["GC1"]["name"] == "=1+1"
    assert world.drops.reports["refused/tracker/t.csv.csv"].splitlines() == [
        "Line,Column,Value,Reason,Code",
        "3,GLN,'=2,it holds signs other than digits,digits",
    ]


@pytest.mark.parametrize(
    ("name", "unfinished"),
    [("a.csv.part", True), ("~$a.xlsx", True), (".a.csv", True), ("a.TMP", True), ("a.csv", False)],
)
def test_file_that_is_still_written_is_left_alone(name: str, unfinished: bool) -> None:
    assert is_unfinished(f"tracker/{name}") == unfinished
    world = World()

    assert (world.process(world.drop("GC1;x;;;;", name=name)).status == "ignored") == unfinished


def test_drop_that_was_replaced_meanwhile_is_left_to_its_successor() -> None:
    world = World()
    first = world.drop("GC1;x;;;;", name="a.csv", at=1)
    second = world.drop("GC1;y;;;;", name="a.csv", at=1)

    assert world.process(first).status == "gone"
    assert world.process(second).status == "applied"


@pytest.mark.parametrize("after_writing", [False, True])
def test_crash_at_any_commit_loses_nothing_and_repeats_nothing(after_writing: bool) -> None:
    rows, changed = partner_rows(150), partner_rows(140, changed=range(0, 140, 2))

    def undisturbed() -> World:
        world = World()
        world.process(world.drop(*rows))
        world.process(world.drop(*changed))
        return world

    calm = undisturbed()
    commits = calm.table.attempts
    for crash_at in range(1, commits + 1):
        world = World()
        world.table.crash_at, world.table.after_writing = crash_at, after_writing
        crashes = 0
        for content in (rows, changed):
            drop = world.drop(*content)
            while True:
                try:
                    world.process(drop)
                except Crash:
                    crashes += 1
                    continue
                break
        assert crashes == 1
        assert world.events() == calm.events(), crash_at
        assert world.partners() == calm.partners()
        # Each plan has files of its own name.
        assert without_files(world.mark()) == without_files(calm.mark())
        assert world.mark().pending is None


def test_work_that_does_not_fit_an_invocation_goes_on_in_the_next() -> None:
    world = World()
    drop = world.drop(*partner_rows(200))
    left = iter([True, True, False])
    states: list[str] = []

    result = world.source(lambda: next(left)).process_drop(drop)
    states.append(result.status)
    some = len(world.partners())
    result = world.process(drop)

    assert states == ["unfinished"]
    assert 0 < some < 200
    assert result.status == "applied"
    assert len(world.events()) == 200


def test_drop_finishes_the_plan_of_an_unfinished_one_first() -> None:
    world = World()
    first = world.drop(*partner_rows(200))
    left = iter([True, False])
    world.source(lambda: next(left)).process_drop(first)

    result = world.process(world.drop(*partner_rows(200, changed=(5,))))

    assert result.counts.updated == 1
    assert len(world.events()) == 201
    assert world.partners()["GC005"]["version"] == 2


def test_two_workers_with_the_same_drop_apply_it_once() -> None:
    world = World()
    drop = world.drop(*partner_rows(300))
    barrier = threading.Barrier(2)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            barrier.wait()
            while world.process(drop).status == "unfinished":
                pass
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(world.events()) == len(set(world.events())) == 300
    assert world.mark().pending is None


class MeetingDrops(MemoryDrops):
    """A bucket at which another worker acts while a drop is being planned."""

    def __init__(self) -> None:
        super().__init__()
        self.meetings: dict[str, Callable[[], object]] = {}

    @contextmanager
    def open_drop(self, drop: Drop) -> Iterator[Path]:
        self.meetings.pop(drop.name, lambda: None)()
        with super().open_drop(drop) as path:
            yield path


def world_with_two_drops() -> tuple[World, MeetingDrops, Drop, Drop]:
    """Return a world with an applied drop, and two that change different rows of it."""
    world, drops = World(), MeetingDrops()
    world.drops = drops
    world.process(world.drop("GC1;a;;;;", "GC2;a;;;;", "GC3;a;;;;"))
    first = world.drop("GC1;b;;;;", "GC2;a;;;;", "GC3;a;;;;")
    second = world.drop("GC1;a;;;;", "GC2;b;;;;", "GC3;a;;;;")
    return world, drops, first, second


def names_of_partners(world: World) -> list[str]:
    return [partner["name"] for _, partner in sorted(world.partners().items())]


def test_drop_that_a_newer_one_overtook_while_it_was_planned_is_left_out() -> None:
    world, drops, first, second = world_with_two_drops()
    later = drops.contents.pop(second.name)

    def overtake() -> None:
        drops.contents[second.name] = later
        world.process(second)

    drops.meetings[first.name] = overtake

    assert world.process(first).status == "superseded"
    assert names_of_partners(world) == ["a", "b", "a"]


@pytest.mark.parametrize("commits", [0, 10], ids=["begun", "finished"])
def test_drop_is_planned_again_when_the_one_before_it_began_meanwhile(commits: int) -> None:
    world, drops, first, second = world_with_two_drops()

    def begin_the_first() -> None:
        # The first was chosen before the second was there.
        later, left = drops.contents.pop(second.name), iter([True] * commits)
        world.source(lambda: next(left, False)).process_drop(first)
        drops.contents[second.name] = later

    drops.meetings[second.name] = begin_the_first

    assert world.process(second).status == "applied"
    assert names_of_partners(world) == ["a", "b", "a"]
    assert world.process(world.drop("GC1;a;;;;", "GC2;b;;;;", "GC3;a;;;;")).status == "unchanged"


STEPS: dict[str, Any] = {
    "columns": {
        "key": {"heading": "Key", "type": "text", "required": True},
        "enrollment": {"heading": "Enrollment", "type": "text", "required": True},
        "note": {"heading": "Note", "type": "text"},
    },
    "key": ["key"],
    "records": [
        {
            "collection": "enrollments",
            "id": "row.enrollment",
            "fields": {
                "partnerId": "'GC1'",
                "programId": "'p'",
                "status": "'in_progress'",
                "steps": [{"key": "row.key", "note": "row.note"}],
            },
            "gather": {"steps": "key"},
        }
    ],
}


def test_record_that_is_too_large_is_left_out_and_stops_no_other() -> None:
    world = World(**STEPS)
    rows = [f"{number:04};big;{'x' * 3_000}" for number in range(150)]
    content = "\n".join(["Key;Enrollment;Note", *rows, "zz;small;y", ""]).encode()
    drop = world.drops.add_drop(f"{SOURCE}/a.csv", content, START)

    result = world.process(drop)

    assert (result.status, result.left_out) == ("applied", ("enrollments/big",))
    assert list(world.partners()) == ["small"]
    assert world.mark().pending is None


def test_rows_whose_records_need_more_than_a_commit_are_applied_in_several() -> None:
    """A row of a file needs no commit of its own: each of its records is applied for itself."""
    columns = {**STEPS["columns"], "status": {"heading": "Status", "type": "text"}}
    (record,) = STEPS["records"]
    fields = {**record["fields"], "steps": [{"key": "row.key", "status": "row.status"}]}
    records = [
        {**record, "id": f"row.enrollment + '{number}'", "fields": fields} for number in range(3)
    ]
    del columns["note"]
    world = World(**{**STEPS, "columns": columns, "records": records})

    def drop(status: str, minutes: int) -> Result:
        rows = [f"s{number:02};e;{status}" for number in range(MAX_STEP_EVENTS)]
        content = "\n".join(["Key;Enrollment;Status", *rows, ""]).encode()
        at = START + timedelta(minutes=minutes)
        return world.process(world.drops.add_drop(f"{SOURCE}/a.csv", content, at))

    drop("available", 1)
    before, commits = len(world.events()), world.table.commits

    result = drop("completed", 2)

    assert (result.status, result.left_out, result.counts.updated) == ("applied", (), 3)
    assert len(world.events()) - before == 3 * MAX_STEP_EVENTS
    # One begins the plan, and no two enrollments fit one.
    assert world.table.commits - commits == 4


def without_files(mark: Mark) -> AppliedDrop:
    assert mark.applied is not None
    return replace(mark.applied, base="", delta="")


def test_worker_whose_plan_another_one_has_finished_and_deleted_does_not_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    drop = world.drop(*partner_rows(3))
    open_file = world.drops.open_file

    def overtake(name: str) -> AbstractContextManager[Path]:
        monkeypatch.undo()
        world.process(drop)
        return open_file(name)

    monkeypatch.setattr(world.drops, "open_file", overtake)

    result = world.process(drop)

    assert result.status == "applied"
    assert len(world.events()) == 3


def test_plan_whose_file_is_lost_is_a_failure() -> None:
    world = World()
    drop = world.drop(*partner_rows(200))
    left = iter([True, False])
    world.source(lambda: next(left)).process_drop(drop)
    world.drops.files.clear()

    with pytest.raises(FileNotFoundError):
        world.process(drop)


def test_files_of_former_drops_are_deleted() -> None:
    world = World()
    world.process(world.drop("GC1;x;;;;"))
    world.process(world.drop("GC1;y;;;;"))

    applied = world.mark().applied
    assert applied is not None
    assert set(world.drops.files) == {applied.base, applied.delta}


def test_desks_change_survives_a_row_that_did_not_change() -> None:
    world = World()
    world.process(world.drop("GC1;x;;;;", "GC2;x;;;;"))
    commits = Commits(world.table, "HUB", "t.")

    def rename(draft: Any) -> None:
        draft.change("partners", draft.get("partners", "GC1"), {"name": "desk"}, None)

    commits.run(rename)
    world.process(world.drop("GC1;x;;;;", "GC2;y;;;;"))

    assert world.partners()["GC1"]["name"] == "desk"
    assert world.partners()["GC2"]["name"] == "y"


class CountingTable(CrashingTable):
    """Notes the keys of each request that reads items by key."""

    def __init__(self) -> None:
        super().__init__(lambda: START)
        self.single: list[Key] = []
        self.together: list[int] = []

    @override
    def get(self, key: Key) -> Item | None:
        self.single.append(key)
        return super().get(key)

    @override
    def get_many(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        self.together.append(len(keys))
        return {key: self.items[key] for key in keys if key in self.items}


def test_drop_reads_the_records_of_a_commit_in_one_request() -> None:
    world = World()
    table = world.table = CountingTable()

    world.process(world.drop(*partner_rows(100)))

    assert len(world.partners()) == 100
    assert sum(table.together) >= 100
    assert len(table.together) <= 3
    assert not {record_key("partners", name) for name in world.partners()} & set(table.single)
