"""Cursors in DynamoDB when botocore repeats a write whose answer was lost."""

from collections.abc import Iterator

import pytest

from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.models.cursors import FeedCursor
from tests.fakes.aws import OneAtATime, create_table
from tests.fakes.lost_answers import LostAnswers, lost_answers

NAME = "trading_grid.events"
NOW = 1_780_000_000.123456


@pytest.fixture
def answers() -> Iterator[LostAnswers]:
    with lost_answers() as found:
        yield found


@pytest.fixture
def table(answers: LostAnswers) -> str:
    return create_table(OneAtATime(answers.client), "name")


def store(answers: LostAnswers, table: str, now: float = NOW) -> DynamoDBCursorStore:
    return DynamoDBCursorStore(answers.client, table, lambda: now)


@pytest.mark.parametrize(
    "cursor",
    [FeedCursor("place-7"), FeedCursor("place-7", resyncing=True, listing="page-2"), FeedCursor()],
)
def test_advance_when_its_answer_is_lost_is_made(
    cursor: FeedCursor, answers: LostAnswers, table: str
) -> None:
    cursors = store(answers, table)
    first = cursors.advance(NAME, FeedCursor("place-1", listing="page-1"))
    assert first is not None
    answers.lose("PutItem")

    advanced = cursors.advance(
        NAME, FeedCursor(cursor.cursor, cursor.resyncing, cursor.listing, first.revision)
    )

    assert answers.lost == 1
    assert advanced == cursors.read_cursor(NAME)
    assert advanced == FeedCursor(cursor.cursor, cursor.resyncing, cursor.listing, 2)


def test_first_advance_when_its_answer_is_lost_is_made(answers: LostAnswers, table: str) -> None:
    answers.lose("PutItem")

    assert store(answers, table).advance(NAME, FeedCursor("place-1")) is not None


@pytest.mark.parametrize(
    ("cursor", "now"), [(FeedCursor("place-9"), NOW), (FeedCursor("place-2"), NOW + 0.001)]
)
def test_advance_when_another_reader_was_faster_and_its_answer_is_lost_is_refused(
    cursor: FeedCursor, now: float, answers: LostAnswers, table: str
) -> None:
    faster = store(answers, table, now).advance(NAME, cursor)
    answers.lose("PutItem")

    assert store(answers, table).advance(NAME, FeedCursor("place-2")) is None
    assert store(answers, table).read_cursor(NAME) == faster
