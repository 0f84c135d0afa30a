"""The feed's pages, and the two weeks for which it shows events."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

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
    """A table that hides an item: its transaction is not visible everywhere yet."""

    hidden: Key | None = None

    def get(self, key: Key) -> Item | None:
        return None if key == self.hidden else super().get(key)

    def query(
        self, pk: str, *, after: str = "", limit: int, backwards: bool = False
    ) -> Sequence[Item]:
        found = super().query(pk, after=after, limit=limit, backwards=backwards)
        return [item for item in found if Key(str(item["pk"]), str(item["sk"])) != self.hidden]


def test_event_whose_commit_is_just_becoming_visible_does_not_expire_a_cursor() -> None:
    days = Days()
    days.table = table = HiddenTable(lambda: days.now)
    days.feed = Feed(table, lambda: days.now)
    days.append(3)
    table.hidden = event_key(3)

    during = days.read(2)
    table.hidden = None

    assert during == ([], 2, True)
    assert days.read(2) == ([3], 3, False)


def test_event_that_was_deleted_for_its_age_expires_a_cursor() -> None:
    days = Days()
    days.table = table = HiddenTable(lambda: days.now)
    days.feed = Feed(table, lambda: days.now)
    days.append(3)
    days.now += EVENT_LIFETIME + timedelta(days=1)
    table.hidden = event_key(3)

    with pytest.raises(Problem) as expired:
        days.read(2)
    assert expired.value.code == "cursor-expired"
