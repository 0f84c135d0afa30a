"""Asking for every partner to be published anew."""

import json
from typing import TYPE_CHECKING

from gridwix.models.cursors import FeedCursor
from gridwix.ports import CursorStore
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops.errors import StackError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ATTEMPTS = 10


def request_resync(cursors: CursorStore, sqs: "SQSClient", feed_queue_url: str) -> None:
    """Forget the place in the event feed and ring the feed reader, which then lists all partners first.

    A reader that runs right now is overtaken and stops. Raises StackError if the cursor moves faster than it can be forgotten.
    """
    for _ in range(ATTEMPTS):
        if cursors.advance(CURSOR_NAME, FeedCursor(revision=cursors.read(CURSOR_NAME).revision)) is not None:
            sqs.send_message(QueueUrl=feed_queue_url, MessageBody=json.dumps({"reason": "resync"}))
            return
    raise StackError("the feed reader keeps moving the cursor: try again in a minute")
