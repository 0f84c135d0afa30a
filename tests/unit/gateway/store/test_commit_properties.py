"""Commits under concurrency: no change lost, none twice, versions and times only grow.

Writers and readers stop before each call of the table, and inside a commit before each of its items
becomes visible. The examples choose who continues, who is killed, and how the server's clock jumps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix_gateway.documents import Document, parse_timestamp, timestamp
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.dynamodb import COUNTER
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.records import Filters, Records
from gridwix_gateway.store.table import Key, Table
from tests.examples import examples
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.interleaving import Killed, Turns, Worker

OVERLAP = timedelta(minutes=2)
CASES = ("c1", "c2")
WRITES = 3

jumps = st.lists(st.integers(-30, 30), min_size=1, max_size=20)
turns = st.lists(st.integers(0, 1_000), max_size=250)
kills = st.lists(st.integers(1, 60), max_size=3)


@dataclass
class World:
    """A table whose server's clock jumps by seconds with each reading."""

    jumps: list[int]
    now: datetime = datetime(2026, 3, 12, tzinfo=UTC)
    readings: int = 0
    turns: Turns | None = None
    succeeded: list[str] = field(default_factory=list)
    seen: dict[tuple[str, int], Document] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table = MemoryTable(self.read_clock, reveal=self.pause, lags=True)

    def read_clock(self) -> datetime:
        self.readings += 1
        self.now += timedelta(seconds=self.jumps[self.readings % len(self.jumps)])
        return self.now

    def pause(self) -> None:
        if self.turns is not None:
            self.turns.pause()

    def commits(self, table: Table) -> Commits:
        return Commits(table, "GC1", "t.", sleep=lambda _: None, monotonic=lambda: 0.0)

    def note(self, document: Document) -> None:
        """Note a record as somebody has seen it: a version has one content for ever."""
        known = self.seen.setdefault((document["id"], document["version"]), document)
        assert known == document


def add_one(world: World, case: str, draft: Draft) -> Document:
    """Count the commits of a case in the case itself, so that a lost update is seen.

    The sum of both cases' counts is kept in a third record, so that a contradiction is seen. A
    commit has two events of the case: a query can see the second before the first.
    """
    cases = [draft.get("cases", name) for name in CASES]
    total = draft.get("cases", "sum")
    for known in (*cases, total):
        if known is not None:
            world.note(known)
    if sum(known["n"] for known in cases if known) != (total["n"] if total else 0):
        raise AssertionError("a use case ended after contradicting reads")
    current = cases[CASES.index(case)]
    if current is None:
        found = draft.create("cases", {"id": case, "partnerId": "p1", "n": 1}, "case.created")
    else:
        found = draft.change("cases", current, {"n": current["n"] + 1}, "case.updated")
    draft.append_event("case.commented", "cases", found, f"cases/{case}", [], {})
    if total is None:
        draft.create("cases", {"id": "sum", "partnerId": "p2", "n": 1}, None)
    else:
        draft.change("cases", total, {"n": total["n"] + 1}, None)
    return found


def add_once(draft: Draft) -> bool:
    """Keep a mark without an event; return False if it is there."""
    if draft.get_item(Key("mark", "-")) is not None:
        return False
    draft.put_item({"pk": "mark", "sk": "-"})
    return True


def write(world: World, number: int, turn: Turns) -> None:
    commits = world.commits(turn.pausing(world.table))
    for step in range(WRITES):
        case = CASES[(number + step) % len(CASES)]
        try:
            document = commits.run(partial(add_one, world, case))
        except Problem as problem:
            assert problem.code == "unavailable"
        else:
            world.note(document)
            world.succeeded.append(f"{case}/{document['version']}")


def follow_feed(world: World, turn: Turns) -> list[Document]:
    feed = Feed(turn.pausing(world.table), lambda: world.now)
    found: list[Document] = []
    position = 0
    for _ in range(8):
        page = feed.read_page(position, 3)
        found += page.events
        position = page.position
    return found


def watch_records(world: World, turn: Turns) -> None:
    records = Records(turn.pausing(world.table))
    last = dict.fromkeys(CASES, 0)
    for number in range(8):
        case = CASES[number % len(CASES)]
        document = records.get("cases", case)
        if document is not None:
            world.note(document)
            assert document["version"] >= last[case]
            last[case] = document["version"]


@settings(max_examples=examples(40), deadline=None)
@given(jumps=jumps, turns=turns, kills=kills)
def test_every_change_reaches_every_reader_once_whoever_races_or_dies(
    jumps: list[int], turns: list[int], kills: list[int]
) -> None:
    world, order, steps = World(jumps), iter(turns), 0

    def choose(workers: list[Worker]) -> Worker:
        nonlocal steps
        steps += 1
        worker = workers[next(order, steps) % len(workers)]
        if steps in kills:
            worker.kill()
            return next((one for one in workers if not one.finished), worker)
        return worker

    turn = Turns(choose)
    world.turns = turn
    jobs: list[Callable[[], object]] = [
        *(partial(write, world, number, turn) for number in range(3)),
        *(partial(follow_feed, world, turn) for _ in range(2)),
        partial(watch_records, world, turn),
    ]
    feeds = _run_all(turn, jobs)

    whole = Feed(world.table, lambda: world.now).read_page(0, 1_000).events
    counter = world.table.get(COUNTER)
    last = 0 if counter is None else counter["sequence"]
    assert [int(event["sequence"]) for event in whole] == list(range(1, int(last) + 1))
    for read in feeds:
        assert read == list(whole[: len(read)])
    assert all(one["time"] <= other["time"] for one, other in pairwise(whole))
    for case in CASES:
        of_case = [event for event in whole if event["subject"] == f"cases/{case}"]
        history, comments = of_case[::2], of_case[1::2]
        assert {event["type"] for event in comments} <= {"t.case.commented"}
        assert [event["data"]["version"] for event in history] == [*range(1, len(history) + 1)]
        assert [event["data"]["after"]["n"] for event in history] == [*range(1, len(history) + 1)]
        for event in history:
            world.note(event["data"]["after"])
        if history:
            assert world.table.items and history[-1]["data"]["after"] == Records(world.table).get(
                "cases", case
            )
    told = {f"{event['data']['after']['id']}/{event['data']['version']}" for event in whole}
    assert len(set(world.succeeded)) == len(world.succeeded)
    assert set(world.succeeded) <= told


def _run_all(turn: Turns, jobs: list[Callable[[], object]]) -> list[list[Document]]:
    """Run all jobs side by side; return what the readers of the feed have read.

    A killed job has no result. Everything else that a job raises is raised here.
    """

    def run(job: Callable[[], object]) -> object:
        try:
            return job()
        except Killed:
            return None

    results = turn.map_in_order(run, jobs, workers=len(jobs))
    return [result for result in results if isinstance(result, list)]


@settings(max_examples=examples(20), deadline=None)
@given(turns=turns)
def test_commits_without_an_event_exclude_each_other(turns: list[int]) -> None:
    world, order = World([1]), iter(turns)
    turn = Turns(lambda workers: workers[next(order, 0) % len(workers)])
    world.turns = turn

    def mark(_: int) -> bool:
        return world.commits(turn.pausing(world.table)).run(add_once)

    added = list(turn.map_in_order(mark, range(3), workers=3))

    assert sorted(added) == [False, False, True]


@settings(max_examples=examples(50), deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["write", "list", "catch up", "wait"]), st.integers(0, 90)),
        max_size=40,
    )
)
def test_lists_with_an_overlap_of_two_minutes_miss_nothing(  # noqa: C901 - one case per step
    steps: list[tuple[str, int]],
) -> None:
    """A reader lists with ``updatedSince`` two minutes before the last list's ``asOf``.

    The index lags by up to a minute, and the writer's commits take up to half a minute.
    """
    world = World([0])
    known: dict[str, Document] = {}
    since, behind_since = "", None

    def read_list() -> None:
        nonlocal since
        _, as_of = world.table.get_with_time(COUNTER)
        position = ""
        while True:
            page = Records(world.table).list_page(
                "cases", Filters(updated_since=since), position, 2
            )
            known.update({document["id"]: document for document in page.documents})
            if page.position is None:
                break
            position = page.position
        since = timestamp(as_of - OVERLAP)

    for action, amount in steps:
        if behind_since is not None and world.now - behind_since > timedelta(seconds=60):
            world.table.catch_up()
            behind_since = None
        if action == "write":
            case = CASES[amount % len(CASES)]

            def change(draft: Draft, case: str = case, amount: int = amount) -> None:
                add_one(world, case, draft)
                world.now += timedelta(seconds=amount % 30)

            world.commits(world.table).run(change)
            behind_since = behind_since or world.now
        elif action == "list":
            read_list()
        elif action == "catch up":
            world.table.catch_up()
            behind_since = None
        else:
            world.now += timedelta(seconds=amount)
    world.table.catch_up()
    read_list()

    for case in {key.pk.rpartition("#")[2] for key in world.table.items if key.pk[:2] == "R#"}:
        assert known[case] == Records(world.table).get("cases", case)


def test_times_never_run_back_when_the_servers_clock_does() -> None:
    world = World([-600])
    commits = world.commits(world.table)

    times = [commits.run(partial(add_one, world, "c1"))["updatedAt"] for _ in range(3)]

    assert times == sorted(times)
    assert parse_timestamp(times[0]) > world.now


def test_use_case_that_takes_too_long_is_run_again_before_it_commits() -> None:
    world, seconds = World([0]), iter([0.0, 31.0, 40.0, 41.0])
    commits = Commits(
        world.table, "GC1", "t.", sleep=lambda _: None, monotonic=lambda: next(seconds)
    )

    runs: list[int] = []

    def count_run(draft: Draft) -> Document:
        runs.append(1)
        return add_one(world, "c1", draft)

    document = commits.run(count_run)

    assert (document["n"], world.table.commits, len(runs)) == (1, 1, 2)
