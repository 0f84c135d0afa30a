"""Reads Trading Grid's event feed, and puts its events on the EventBridge bus.

Triggered by the feed queue: on schedule, and by webhooks.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.runtime.deadlines import invocation_deadline
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics
from gridwix.trading_grid_feed.queue import FeedQueue
from gridwix.trading_grid_feed.wiring import feed_reader

RESERVE_SECONDS = 20.0
"""Seconds reserved for one page of the feed: with less time left, no further page is read."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Read the event feed from the stored cursor (checkpoint) on, and put its events on the bus.

    It runs once for all messages of the batch. Failed messages are returned to the queue (partial
    batch response).
    """
    return FeedQueue(feed_reader, invocation_deadline(context, reserve=RESERVE_SECONDS)).process(
        event, journal
    )
