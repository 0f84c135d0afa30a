"""Tells whether an event that cannot be read was deleted, or is not visible yet. Pure.

The items of a DynamoDB transaction become visible one after the other, and the counter possibly
before an event. Events older than three weeks are deleted in no order. So an event that a read does
not find was deleted, or its commit is just becoming visible. The counter's item therefore keeps two
marks: a mark is the number of the last event before an earlier commit, with the time of that
commit.
"""

from dataclasses import dataclass
from datetime import timedelta

from gridwix_gateway.documents import parse_timestamp
from gridwix_gateway.store.table import Item

APART = timedelta(seconds=60)
"""Minimum time between two marks. A commit is written within 30 seconds of its time, so it is
visible long before the next mark.
"""


@dataclass(frozen=True, slots=True)
class Marks:
    """Event numbers at the times of two earlier commits, kept in the counter's item.

    They give the earliest possible time of an event that a read does not find. So such an event is
    known to be deleted, or to be not visible yet.

    Attributes:
        last: Number of the last event before the later commit.
        at: Time of the later commit, RFC 3339.
        former_last: Number of the last event before the earlier commit.
        former_at: Time of the earlier commit: at least :data:`APART` before ``at``, or equal to it.
    """

    last: int
    at: str
    former_last: int
    former_at: str

    def earliest_time(self, number: int) -> str:
        """Return the earliest possible time of an event that a read does not find.

        >>> times = ("2026-03-12T14:01:00.000Z", "2026-03-12T14:00:00.000Z")
        >>> marks = Marks(8, times[0], 5, times[1])
        >>> [marks.earliest_time(number)[14:19] for number in (9, 7, 5)]
        ['01:00', '00:00', '']

        Args:
            number: The event's number.

        Returns:
            The time, RFC 3339; "" for an event so old that its commit is surely visible, so that
            the event was deleted.
        """
        if number > self.last:
            return self.at
        return self.former_at if number > self.former_last else ""


def read_marks(counter: Item | None) -> Marks | None:
    """Return the event numbers of two earlier commits, as the counter's item keeps them.

    Args:
        counter: The counter's item; None before the first commit.

    Returns:
        The numbers, with their times. None if there is no item, or if an older release wrote it
        without them.
    """
    if counter is None or "markedAt" not in counter:
        return None
    return Marks(
        int(counter["marked"]),
        str(counter["markedAt"]),
        int(counter["formerMarked"]),
        str(counter["formerMarkedAt"]),
    )


def next_marks(marks: Marks | None, last: int, at: str) -> Marks:
    """Return the event numbers of two earlier commits that a new commit stores in the counter.

    If the later of the stored ones is at least a minute old, the new commit's own takes its place.

    Args:
        marks: The numbers that are stored now; None if there are none.
        last: Number of the last event before the new commit.
        at: Time of the new commit, RFC 3339.

    Returns:
        The numbers to store, with their times.
    """
    if marks is None:
        return Marks(last, at, last, at)
    if parse_timestamp(at) - parse_timestamp(marks.at) < APART:
        return marks
    return Marks(last, at, marks.last, marks.at)


def mark_members(marks: Marks) -> Item:
    """Return marks as attributes of the counter's item. :func:`read_marks` reverses it.

    Marks are the event numbers at the times of two earlier commits.
    """
    return {
        "marked": marks.last,
        "markedAt": marks.at,
        "formerMarked": marks.former_last,
        "formerMarkedAt": marks.former_at,
    }
