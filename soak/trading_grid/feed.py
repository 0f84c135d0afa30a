"""The event feed of Trading Grid: CloudEvents, kept for some time."""

from bisect import bisect_left
from typing import Any

import orjson

from emulators.trading_grid.problems import Problem

type Event = dict[str, Any]

RETENTION = 14 * 86_400.0
"""Seconds for which the feed keeps events."""

TRIM_AT = 50_000
"""Number of expired events at which their memory is freed."""

_GONE = "The events behind the cursor are no longer kept."


class Feed:
    """The events of the feed, in the order in which they happened.

    An event is stored as two pieces of JSON: the second one is the record after the change, with
    bytes that it shares with the collection.
    """

    def __init__(self) -> None:
        self._times: list[float] = []
        self._events: list[tuple[bytes, bytes]] = []
        self._trimmed = 0
        self._expired = 0
        self._asked = 0

    @property
    def last(self) -> int:
        """Number of the newest event, counted from 1; 0 if there was none."""
        return self._trimmed + len(self._events)

    def append(self, event: Event, after: bytes, now: float) -> None:
        """Append an event to the feed.

        Args:
            event: The event; its last member is ``data``, which lacks ``after``.
            after: The JSON of ``data.after``.
            now: Unix seconds.
        """
        self._times.append(now)
        self._events.append((orjson.dumps(event)[:-2] + b',"after":', after))

    def append_malformed(self, item: bytes, now: float) -> None:
        """Append an item to the feed, as JSON, that is no event."""
        self._times.append(now)
        self._events.append((item, b""))

    def expire_cursors(self) -> list[Event]:
        """Drop all events, so that every cursor before the newest event is refused from now on.

        Returns the events that no reader has processed. A reader confirms events by a request with
        the cursor after them.
        """
        unread = self._events[max(0, self._asked - self._trimmed) :]
        self._expired = self.last
        # Without a record it is no event.
        return [orjson.loads(_event_json(one)) for one in unread if one[1]]

    def read(
        self, cursor: str, limit: int, now: float, replica: float | None, *, twice: bool = False
    ) -> bytes:
        """Return the JSON of a page of the feed.

        Args:
            cursor: Position, ``now`` for the newest event, "" for the oldest one.
            limit: Maximum number of events.
            now: Unix seconds.
            replica: Unix seconds up to which a lagging replica has events; None for no lag.
            twice: Let the second half of the page come again in the next one.

        Raises:
            Problem: The cursor is invalid, or older than the kept events.
        """
        self._trim(now)
        if cursor == "now":
            return _page(b"", self.last, has_more=False)
        oldest = max(self._trimmed + bisect_left(self._times, now - RETENTION), self._expired)
        after = oldest if cursor == "" else _read_cursor(cursor)
        self._asked = max(self._asked, after)
        # A reader that has missed events must resync; an empty page would hide the loss.
        if after < oldest:
            raise Problem("cursor-expired", _GONE)
        end = self.last if replica is None else self._trimmed + bisect_left(self._times, replica)
        first = after - self._trimmed
        found = self._events[first : max(first, min(first + limit, end - self._trimmed))]
        items = b",".join([_event_json(one) for one in found])
        following = after + (len(found) // 2 if twice else len(found))
        return _page(items, following, has_more=following < end)

    def _trim(self, now: float) -> None:
        old = bisect_left(self._times, now - RETENTION)
        if old >= TRIM_AT:
            del self._times[:old], self._events[:old]
            self._trimmed += old


def _event_json(event: tuple[bytes, bytes]) -> bytes:
    head, after = event
    return head + after + b"}}" if after else head


def _page(items: bytes, position: int, *, has_more: bool) -> bytes:
    return b'{"items":[%b],"nextCursor":"feed:%d","hasMore":%b}' % (
        items,
        position,
        b"true" if has_more else b"false",
    )


def _read_cursor(cursor: str) -> int:
    kind, _, number = cursor.partition(":")
    if kind != "feed" or not (number.isascii() and number.isdigit()):
        raise Problem("cursor-invalid", "The cursor is not valid.")
    return int(number[:18])
