"""Requests a full resync: all partners are read from Trading Grid and published again."""

import json
from typing import TYPE_CHECKING

from gridwix.models.cursors import FeedCursor
from gridwix.ports import CursorStore
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops.errors import StackError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ATTEMPTS = 10
"""Attempts to reset the feed cursor while the feed poller changes it concurrently."""


def request_resync(cursors: CursorStore, sqs: "SQSClient", feed_queue_url: str) -> None:
    """Reset the cursor of the event feed, and trigger the feed poller.

    The poller then lists all partners before it reads events. A poller that is running loses its
    cursor update and stops (optimistic locking).

    Args:
        cursors: The table of cursors.
        sqs: The SQS client.
        feed_queue_url: URL of the queue of ``trading_grid_feed``.

    Raises:
        StackError: The poller moved the cursor during each attempt.
    """
    for _ in range(ATTEMPTS):
        if (
            cursors.advance(
                CURSOR_NAME, FeedCursor(revision=cursors.read_cursor(CURSOR_NAME).revision)
            )
            is not None
        ):
            sqs.send_message(QueueUrl=feed_queue_url, MessageBody=json.dumps({"reason": "resync"}))
            return
    raise StackError("the feed poller keeps moving the cursor", "try again in a minute")
