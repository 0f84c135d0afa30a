"""Checks the cursor of the function that polls the event feed: valid, and not far behind."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.json_values import json_object
from gridwix.errors import CursorExpired, GridwixError
from gridwix.models.cursors import FeedCursor
from gridwix.models.trading_grid.event_feed import EventPage
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops.console import format_duration
from ops.stack import Stack

MAX_LAG = 900.0
"""Maximum age in seconds of the first unread event. Beyond it, the poller counts as far behind."""


class Feed(Protocol):
    """The calls of the community gateway's client that read the event feed."""

    def head(self) -> str: ...
    def read_events(self, cursor: str, limit: int) -> EventPage: ...


def check_feed(feed: Feed, cursor: Callable[[], FeedCursor], now: float) -> str:
    """Return a text on how far the event feed was read; raise if events are lost or delayed.

    Args:
        feed: The community gateway.
        cursor: Reads the stored cursor of the function that polls the feed.
        now: Unix seconds.

    Raises:
        GridwixError: The cursor has expired, or the first unread event is older than ``MAX_LAG``.
    """
    place = cursor().cursor
    if place is None:
        head = feed.head()
        return "has a head, and was not read yet" if head else "is empty"
    try:
        page = feed.read_events(place, 1)
    except CursorExpired:
        raise GridwixError(
            "the stored cursor of the feed has expired, so events were lost: the next run of"
            " trading_grid_feed publishes all partners again. If this stays, the function does not"
            " run: see its log, or run `gridwix resync`"
        ) from None
    if not page.items:
        return "read to its end"
    lag = _age(page, now)
    if lag is not None and lag > MAX_LAG:
        raise GridwixError(
            f"the reader is far behind: the first unread event is {format_duration(lag)} old."
            " See the log of trading_grid_feed; `gridwix resync` overtakes a long backlog"
        )
    return "read but for the newest events"


def stored_cursor(stack: Stack) -> FeedCursor:
    """Return the stored cursor of the function that polls the event feed. Raises UpstreamError."""
    table = stack.output("CursorTableName")
    return DynamoDBCursorStore(stack.aws.dynamodb, table, time.time).read_cursor(CURSOR_NAME)


def _age(page: EventPage, now: float) -> float | None:
    """Return the age in seconds of the first event on a page of the event feed.

    Returns None if the event's time cannot be read.
    """
    try:
        return now - datetime.fromisoformat(str(json_object(page.items[0]).get("time"))).timestamp()
    except ValueError:
        return None
