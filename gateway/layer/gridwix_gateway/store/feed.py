"""Reads the event feed, the numbered list of all changes of records, without gaps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gridwix_gateway.documents import Document, timestamp
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.dynamodb import COUNTER
from gridwix_gateway.store.items import BLOCK_SIZE, event_key, item_document
from gridwix_gateway.store.marks import Marks, read_marks
from gridwix_gateway.store.table import Item, Table

RETENTION = timedelta(days=14)
"""Time for which the feed shows an event. DynamoDB deletes it at least a week later."""

MAX_SCANNED = 5_000
"""Maximum events that one page reads. With a filter by type, a page can end before it is full."""

MAX_SCANNED_BYTES = 10_000_000
"""Maximum bytes of events that one page reads: a few seconds, and little memory."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of the event feed. It can have fewer events than were asked for although more follow.

    Args:
        events: Events as CloudEvents, oldest first.
        position: Number of the last event that was read, from which the next page continues.
        has_more: Whether there were further events when the page was read.
    """

    events: tuple[Document, ...]
    position: int
    has_more: bool


class Feed:
    """Reads the event feed, the list of all changes of records, by event number.

    Args:
        table: The gateway's table.
        clock: Returns the time. It only decides which events are too old to show.
    """

    def __init__(
        self, table: Table, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._table = table
        self._clock = clock

    def last_number(self) -> int:
        """Return the number of the feed's last event; 0 if there is none."""
        return self._read_counter()[0]

    def start(self) -> int:
        """Return the position just before the oldest event that the feed still shows."""
        low, (high, marks) = 0, self._read_counter()
        kept_from = self._kept_from()
        # Times of events never run back, so the boundary is found by bisection.
        while low < high:
            middle = (low + high) // 2 + 1
            if self._is_kept(middle, kept_from, marks):
                high = middle - 1
            else:
                low = middle
        return low

    def read_page(self, position: int, limit: int, types: Sequence[str] = ()) -> FeedPage:
        """Return the events after a position. Raises Problem rather than skip an event.

        Args:
            position: The number of the last event that the reader has seen; 0 for none.
            limit: Maximum number of events.
            types: Only events of these types; empty for all.

        Raises:
            Problem: ``cursor-expired``: an event after the position is no longer shown, or the
                position is ahead of the feed (the table was restored).
        """
        last, marks = self._read_counter()
        if position > last:
            # The table was restored from a backup: numbers are used again for other events.
            raise Problem("cursor-expired", "The cursor is ahead of the feed.")
        if position < last and not self._is_kept(position + 1, self._kept_from(), marks):
            raise Problem("cursor-expired", "The events behind the cursor are no longer kept.")
        found: list[Document] = []
        at, stop, size = position, min(last, position + MAX_SCANNED), 0
        while at < stop and len(found) < limit and size <= MAX_SCANNED_BYTES:
            items = self._read_block(at, min(stop - at, BLOCK_SIZE))
            if not items:
                break
            for item in items:
                if len(found) == limit or size > MAX_SCANNED_BYTES:
                    break
                size += len(str(item["document"]))
                if not types or item["type"] in types:
                    found.append(item_document(item))
                at = int(item["sk"])
        return FeedPage(tuple(found), at, at < last)

    def _read_block(self, after: int, limit: int) -> Sequence[Item]:
        """Return a partition's events after a number, up to the first that is not visible yet.

        DynamoDB's query can see an event of a transaction before the event's predecessor. The
        predecessor becomes visible when the transaction has ended, so the next page will have both.
        """
        begin = event_key(after + 1)
        items = self._table.query(begin.pk, after=f"{after:012}", limit=limit)
        return [
            item for number, item in enumerate(items, start=after + 1) if int(item["sk"]) == number
        ]

    def _read_counter(self) -> tuple[int, Marks | None]:
        """Return the number of the last event, 0 if there is none, and marks of earlier commits.

        The marks are event numbers with their times. None if the counter's item has no marks.
        """
        counter = self._table.get(COUNTER)
        return (0 if counter is None else int(counter["sequence"])), read_marks(counter)

    def _is_kept(self, number: int, kept_from: str, marks: Marks | None) -> bool:
        """Return whether the feed shows an event, or will show it once its commit is visible."""
        item = self._table.get(event_key(number))
        if item is not None:
            return str(item["at"]) >= kept_from
        return marks is not None and marks.earliest_time(number) >= kept_from

    def _kept_from(self) -> str:
        return timestamp(self._clock() - RETENTION)
