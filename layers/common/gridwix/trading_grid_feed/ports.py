"""What the feed reader needs of Trading Grid."""

from typing import Protocol

from gridwix.models.trading_grid.event_feed import EventPage


class EventFeed(Protocol):
    """The change feed of the community gateway profile."""

    def head(self) -> str:
        """A cursor behind which only events lie that are still to come."""

    def read(self, cursor: str, limit: int) -> EventPage:
        """The events after a cursor, oldest first. Raises CursorExpired when they are no longer kept."""
