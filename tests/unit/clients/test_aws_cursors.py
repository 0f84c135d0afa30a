from typing import TYPE_CHECKING

import pytest

from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.errors import NotFound
from gridwix.models.cursors import FeedCursor
from tests.fakes.aws import OneAtATime, as_client, create_table

if TYPE_CHECKING:
    from gridwix.ports import CursorStore

NAME = "trading_grid.events"
NOW = 1_780_000_000.5


@pytest.fixture
def table(tables: OneAtATime) -> str:
    return create_table(tables, "name")


def store(tables: OneAtATime, table: str) -> "CursorStore":
    return DynamoDBCursorStore(as_client(tables), table, lambda: NOW)


def test_read_when_nothing_is_stored_gives_the_empty_cursor(tables: OneAtATime, table: str) -> None:
    assert store(tables, table).read_cursor(NAME) == FeedCursor()


@pytest.mark.parametrize(
    "cursor",
    [
        FeedCursor("place-7"),
        FeedCursor("place-7", resyncing=True, listing="page-2"),
        FeedCursor(None, resyncing=True),
        FeedCursor(""),
    ],
)
def test_read_after_an_advance_gives_what_was_stored(
    cursor: FeedCursor, tables: OneAtATime, table: str
) -> None:
    cursors = store(tables, table)

    advanced = cursors.advance(NAME, cursor)

    assert advanced == FeedCursor(cursor.cursor, cursor.resyncing, cursor.listing, revision=1)
    assert cursors.read_cursor(NAME) == advanced


def test_advance_of_one_cursor_leaves_the_others_alone(tables: OneAtATime, table: str) -> None:
    cursors = store(tables, table)

    cursors.advance(NAME, FeedCursor("place-7"))

    assert cursors.read_cursor("wix.submissions") == FeedCursor()


def test_advance_after_another_reader_was_faster_is_refused(tables: OneAtATime, table: str) -> None:
    cursors = store(tables, table)
    first = cursors.advance(NAME, FeedCursor("place-1"))
    assert first is not None
    fastest = cursors.advance(NAME, FeedCursor("place-9", revision=first.revision))

    slow = cursors.advance(NAME, FeedCursor("place-2", revision=first.revision))

    assert slow is None
    assert cursors.read_cursor(NAME) == fastest == FeedCursor("place-9", revision=2)


def test_first_advance_after_another_readers_first_is_refused(
    tables: OneAtATime, table: str
) -> None:
    cursors = store(tables, table)
    cursors.advance(NAME, FeedCursor("place-1"))

    assert cursors.advance(NAME, FeedCursor("place-2")) is None


def test_advance_from_a_revision_that_was_deleted_since_is_refused(
    tables: OneAtATime, table: str
) -> None:
    assert store(tables, table).advance(NAME, FeedCursor("place-2", revision=4)) is None


def test_advance_says_when_the_cursor_moved(tables: OneAtATime, table: str) -> None:
    store(tables, table).advance(NAME, FeedCursor("place-1"))

    item = tables.get_item(TableName=table, Key={"name": {"S": NAME}})["Item"]

    assert float(item["updatedAt"]["N"]) == NOW


def test_missing_table_is_not_found(tables: OneAtATime) -> None:
    with pytest.raises(NotFound):
        store(tables, "no-such-table").read_cursor(NAME)


def test_confirm_leaves_the_cursor_as_it_is_and_says_when_it_was_last_read(
    tables: OneAtATime, table: str
) -> None:
    now = [NOW]
    cursors = DynamoDBCursorStore(as_client(tables), table, lambda: now[0])
    stored = cursors.advance(NAME, FeedCursor("place-7"))
    assert stored is not None
    now[0] += 3600

    cursors.confirm(NAME, stored)

    assert cursors.read_cursor(NAME) == stored
    assert cursors.update_time(NAME) == NOW + 3600


def test_confirm_after_another_reader_has_moved_the_cursor_changes_nothing(
    tables: OneAtATime, table: str
) -> None:
    now = [NOW]
    cursors = DynamoDBCursorStore(as_client(tables), table, lambda: now[0])
    old = cursors.advance(NAME, FeedCursor("place-7"))
    assert old is not None
    moved = cursors.advance(NAME, FeedCursor("place-8", revision=old.revision))
    now[0] += 3600

    cursors.confirm(NAME, old)

    assert cursors.read_cursor(NAME) == moved
    assert cursors.update_time(NAME) == NOW


def test_confirm_does_not_stand_in_the_way_of_a_reader_that_has_found_something(
    tables: OneAtATime, table: str
) -> None:
    cursors = store(tables, table)
    read = cursors.advance(NAME, FeedCursor("place-7"))
    assert read is not None

    cursors.confirm(NAME, read)

    assert cursors.advance(NAME, FeedCursor("place-8", revision=read.revision)) is not None


def test_read_at_of_a_cursor_that_is_not_stored_is_none(tables: OneAtATime, table: str) -> None:
    assert DynamoDBCursorStore(as_client(tables), table, lambda: NOW).update_time(NAME) is None
