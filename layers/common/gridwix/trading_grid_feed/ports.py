"""The feed reader's port to Trading Grid."""

from typing import Protocol

from gridwix.models.trading_grid.event_feed import EventPage


class EventFeed(Protocol):
    """Reads the event feed of the community gateway profile, by cursor."""

    def head(self) -> str:
        """Return the cursor of the end of the feed: only later events come after it.

        Raises UpstreamError.
        """

    def read(self, cursor: str | None, limit: int) -> EventPage:
        """Return up to ``limit`` events after a cursor, oldest first; without a cursor, the oldest
        that are kept.

        Raises CursorExpired if the feed no longer has the events after the cursor, and
        UpstreamError.
        """
