"""Asking for a full resync: the cursor's place is forgotten, whoever else moves it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from gridwix.models.cursors import FeedCursor
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops.errors import StackError
from ops.queues import read_depth
from ops.resync import request_resync
from tests.fakes.stores import FakeCursors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class RacedCursors(FakeCursors):
    """Cursors that a feed reader advances right before the first ``races`` advances of anybody
    else.
    """

    races = 0

    def advance(self, name: str, cursor: FeedCursor) -> FeedCursor | None:
        if self.races:
            self.races -= 1
            super().advance(
                name, FeedCursor(cursor="moved", revision=self.read_cursor(name).revision)
            )
        return super().advance(name, cursor)


@pytest.fixture
def sqs() -> Iterator["SQSClient"]:
    with mock_aws():
        yield boto3.client("sqs", region_name="us-east-1")


def feed_queue(sqs: "SQSClient") -> str:
    return sqs.create_queue(QueueName="feed")["QueueUrl"]


def test_resync_forgets_the_place_and_rings_the_feed_reader(sqs: "SQSClient") -> None:
    url = feed_queue(sqs)
    cursors = FakeCursors(
        {CURSOR_NAME: FeedCursor(cursor="abc", resyncing=True, listing="page", revision=7)}
    )

    request_resync(cursors, sqs, url)

    assert cursors.read_cursor(CURSOR_NAME) == FeedCursor(revision=8)
    assert read_depth(sqs, url).waiting == 1


def test_resync_of_a_stack_that_has_never_read_the_feed_rings_the_feed_reader(
    sqs: "SQSClient",
) -> None:
    url = feed_queue(sqs)
    cursors = FakeCursors()

    request_resync(cursors, sqs, url)

    assert cursors.read_cursor(CURSOR_NAME).cursor is None
    assert read_depth(sqs, url).waiting == 1


def test_resync_while_a_reader_moves_the_cursor_wins_in_the_end(sqs: "SQSClient") -> None:
    cursors = RacedCursors({CURSOR_NAME: FeedCursor(cursor="abc", revision=7)})
    cursors.races = 3

    request_resync(cursors, sqs, feed_queue(sqs))

    assert cursors.read_cursor(CURSOR_NAME).cursor is None


def test_resync_when_the_cursor_never_stands_still_gives_up_and_rings_nobody(
    sqs: "SQSClient",
) -> None:
    url = feed_queue(sqs)
    cursors = RacedCursors({CURSOR_NAME: FeedCursor(cursor="abc", revision=7)})
    cursors.races = 1000

    with pytest.raises(StackError, match="try again"):
        request_resync(cursors, sqs, url)

    assert read_depth(sqs, url).waiting == 0
