"""The port through which the feed reader reads the event feed of Trading Grid."""

from typing import Protocol

from gridwix.models.trading_grid.event_feed import EventPage


class EventFeed(Protocol):
    """Reads the event feed of Trading Grid's community gateway, page by page, by cursor.

    The feed is a part of the community gateway profile, the API contract that the gateway serves.
    """

    def head(self) -> str:
        """Return the cursor of the end of the feed: reading from it returns only later events.

        Raises UpstreamError.
        """

    def read_events(self, cursor: str | None, limit: int) -> EventPage:
        """Return up to ``limit`` events after a cursor, oldest first.

        If ``cursor`` is None, return the oldest events that the feed still has. Raises
        CursorExpired if the feed no longer has the events after the cursor, and UpstreamError.
        """
