"""The feed's pages, and the two weeks for which it shows events."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import compress, product

import pytest

from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import EVENT_LIFETIME, Commits, Draft
from gridwix_gateway.store.dynamodb import COUNTER
from gridwix_gateway.store.feed import MAX_SCANNED_BYTES, RETENTION, Feed
from gridwix_gateway.store.items import BLOCK_SIZE, event_key
from gridwix_gateway.store.table import Item, Key
from tests.fakes.gateway.memory_table import MemoryTable

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


class Days:
    """A table with so many events a day, and a clock."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.table = MemoryTable(lambda: self.now)
        self.feed = Feed(self.table, lambda: self.now)

    def append(self, count: int) -> None:
        while count > 0:
            batch = min(count, 90)
            Commits(self.table, "GC1", "t.").run(partial(_append, batch))
            count -= batch

    def read(self, position: int, limit: int = 200, *types: str) -> tuple[list[int], int, bool]:
        page = self.feed.read_page(position, limit, types)
        return [int(event["sequence"]) for event in page.events], page.position, page.has_more


def _append(count: int, draft: Draft) -> None:
    record: Document = {"id": "c1", "version": 1, "partnerId": "p1"}
    for _ in range(count):
        rare = draft.next_number % 1_000 == 7
        kind = "case.created" if rare else "case.updated"
        draft.append_event(kind, "cases", record, "cases/c1", [], {})


@pytest.fixture
def days() -> Days:
    return Days()


def test_pages_follow_each_other_across_blocks(days: Days) -> None:
    days.append(2 * BLOCK_SIZE + 5)
    found, position, more = list[int](), 0, True

    while more:
        numbers, position, more = days.read(position, 170)
        found += numbers

    assert found == [*range(1, 2 * BLOCK_SIZE + 6)]
    assert days.read(position) == ([], position, False)


def test_page_of_rare_types_is_bounded_and_continues(days: Days) -> None:
    days.append(7_100)

    first, position, more = days.read(0, 200, "t.case.created")
    second, end, finished = days.read(position, 200, "t.case.created")

    assert (first, position, more) == ([7, 1007, 2007, 3007, 4007], 5_000, True)
    assert (second, end, finished) == ([5007, 6007, 7007], 7_100, False)


def test_events_are_shown_for_two_weeks(days: Days) -> None:
    days.append(150)
    days.now += RETENTION - timedelta(hours=1)
    days.append(20)

    assert days.feed.start() == 0
    assert days.read(0, 1)[0] == [1]

    days.now += timedelta(hours=2)

    assert days.feed.start() == 150
    assert days.read(150)[0] == [*range(151, 171)]
    for position in (0, 149):
        with pytest.raises(Problem) as raised:
            days.read(position)
        assert raised.value.code == "cursor-expired"


def test_reader_at_the_end_goes_on_after_a_month_without_events(days: Days) -> None:
    days.append(3)
    days.now += timedelta(days=40)
    _delete_events(days, 1, 2, 3)

    assert days.read(3) == ([], 3, False)
    assert days.feed.start() == 3

    days.append(1)

    assert days.read(3) == ([4], 4, False)


def test_events_outlive_their_time_in_the_feed_so_that_holes_are_never_seen(days: Days) -> None:
    """DynamoDB deletes expired items within days, in no order."""
    days.append(10)
    assert int(days.table.items[event_key(1)]["expiresAt"]) == int(
        (BEGIN + EVENT_LIFETIME).timestamp()
    )
    assert RETENTION + timedelta(days=7) <= EVENT_LIFETIME
    days.now += EVENT_LIFETIME + timedelta(days=1)
    days.append(10)
    _delete_events(days, 2, 3, 5, 10)

    assert days.feed.start() == 10
    for position in (0, 1, 4, 9):
        with pytest.raises(Problem) as raised:
            days.read(position)
        assert raised.value.code == "cursor-expired"


def test_cursor_of_a_table_before_it_was_restored_is_expired(days: Days) -> None:
    days.append(5)

    with pytest.raises(Problem) as raised:
        days.read(6)

    assert raised.value.code == "cursor-expired"
    assert days.table.get(COUNTER) is not None


def _delete_events(days: Days, *numbers: int) -> None:
    for number in numbers:
        days.table.delete(event_key(number))


def test_page_of_large_events_ends_at_a_number_of_bytes_and_the_next_goes_on(days: Days) -> None:
    record: Document = {"id": "c1", "version": 1, "partnerId": "p1", "subject": "x" * 300_000}
    commits = Commits(days.table, "GC1", "t.")
    for _ in range(80):
        commits.run(
            lambda draft: draft.append_event("case.updated", "cases", record, "cases/c1", [], {})
        )
    found, position, more = list[int](), 0, True

    while more:
        numbers, position, more = days.read(position)
        assert len(numbers) <= MAX_SCANNED_BYTES // 300_000 + 1
        found += numbers

    assert found == [*range(1, 81)]


class HiddenTable(MemoryTable):
    """A table that hides items: their transactions are not visible everywhere yet."""

    hidden: Collection[Key] = ()

    def get(self, key: Key) -> Item | None:
        return None if key in self.hidden else super().get(key)

    def query(
        self, pk: str, *, after: str = "", limit: int, backwards: bool = False
    ) -> Sequence[Item]:
        found = super().query(pk, after=after, limit=limit, backwards=backwards)
        return [item for item in found if Key(str(item["pk"]), str(item["sk"])) not in self.hidden]

    def hide(self, *numbers: int) -> None:
        self.hidden = {event_key(number) for number in numbers}


class HiddenDays(Days):
    """Days whose events can be hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.table: HiddenTable = HiddenTable(lambda: self.now)
        self.feed = Feed(self.table, lambda: self.now)


def test_event_whose_commit_is_just_becoming_visible_does_not_expire_a_cursor() -> None:
    days = HiddenDays()
    days.append(3)
    days.table.hide(3)

    during = days.read(2)
    days.table.hide()

    assert during == ([], 2, True)
    assert days.read(2) == ([3], 3, False)


def test_event_that_was_deleted_for_its_age_expires_a_cursor() -> None:
    days = HiddenDays()
    days.append(3)
    days.now += EVENT_LIFETIME + timedelta(days=1)
    days.table.hide(3)

    with pytest.raises(Problem) as expired:
        days.read(2)
    assert expired.value.code == "cursor-expired"


FRESH = 4
"""Events of commits that are becoming visible."""


@pytest.mark.parametrize("commits", [(4,), (1, 3), (2, 2)], ids=str)
@pytest.mark.parametrize("kept", [0, 3])
@pytest.mark.parametrize("deleted", [0, 5])
def test_reader_that_starts_while_commits_become_visible_skips_no_event(
    deleted: int, kept: int, commits: tuple[int, ...]
) -> None:
    days = HiddenDays()
    days.append(deleted)
    days.now += EVENT_LIFETIME + timedelta(days=1)
    _delete_events(days, *range(1, deleted + 1))
    days.append(kept)
    days.now += timedelta(days=3)
    for count in commits:
        days.append(count)
    last = deleted + kept + FRESH
    fresh = range(last - FRESH + 1, last + 1)

    for hidden in product((True, False), repeat=FRESH):
        days.table.hide(*compress(fresh, hidden))
        start = days.feed.start()
        seen, position, more = days.read(start)
        days.table.hide()
        rest = days.read(position)[0]

        assert start == deleted
        assert seen + rest == [*range(deleted + 1, last + 1)]
        assert more == (position < last)


def test_events_that_others_commits_follow_are_deleted_once_they_are_old() -> None:
    days = HiddenDays()
    commits = Commits(days.table, "GC1", "t.")
    days.append(3)
    for _ in range(30):
        days.now += timedelta(days=1)
        commits.run(lambda draft: draft.put_item({"pk": "mark", "sk": "-", "at": draft.at}))
    _delete_events(days, 1, 2, 3)

    assert days.feed.start() == 3
    with pytest.raises(Problem) as expired:
        days.read(0)
    assert expired.value.code == "cursor-expired"


@pytest.mark.parametrize("seconds", [0, 1, 40, 59, 60, 61, 200])
def test_event_counts_as_becoming_visible_for_a_minute_at_least(seconds: int) -> None:
    days = HiddenDays()
    days.append(1)
    days.now += timedelta(days=20)
    days.append(1)
    for _ in range(max(60 // max(seconds, 1), 1)):
        days.now += timedelta(seconds=seconds)
        days.append(1)
    _delete_events(days, 1)

    days.table.hide(2)

    assert days.feed.start() == 1
