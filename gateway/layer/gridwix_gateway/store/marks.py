"""Marks in the counter: decide whether an invisible event was deleted or is not visible yet. Pure.

The items of a DynamoDB transaction become visible one after the other, the counter possibly before
an event. Events older than three weeks are deleted in no order. So an event that a read does not
find was deleted, or its commit is just becoming visible. The marks decide: they are numbers of
earlier events, with times.
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
    """Two marks in the counter: the number of the last event at two earlier commit times.

    Attributes:
        last: Number of the last event before the later mark's commit.
        at: Time of the later mark's commit, RFC 3339.
        former_last: Number of the last event before the earlier mark's commit.
        former_at: Time of the earlier mark's commit: at least :data:`APART` before ``at``, or equal
            to it.
    """

    last: int
    at: str
    former_last: int
    former_at: str

    def earliest_time(self, number: int) -> str:
        """Return the earliest possible time of an event that may not be visible yet.

        >>> times = ("2026-03-12T14:01:00.000Z", "2026-03-12T14:00:00.000Z")
        >>> marks = Marks(8, times[0], 5, times[1])
        >>> [marks.earliest_time(number)[14:19] for number in (9, 7, 5)]
        ['01:00', '00:00', '']

        Args:
            number: The event's number.

        Returns:
            The time, RFC 3339; "" for an event so old that its commit is surely visible: if it is
            not found, it was deleted.
        """
        if number > self.last:
            return self.at
        return self.former_at if number > self.former_last else ""


def read_marks(counter: Item | None) -> Marks | None:
    """Return the marks in the counter's item; None if it has none.

    Args:
        counter: The counter's item. A release before the marks wrote none.

    Returns:
        The marks.
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
    """Return the marks to store with a commit: a new mark if the last one is old enough.

    Args:
        marks: The marks before it.
        last: Number of the last event before the commit.
        at: Time of the commit, RFC 3339.

    Returns:
        The marks.
    """
    if marks is None:
        return Marks(last, at, last, at)
    if parse_timestamp(at) - parse_timestamp(marks.at) < APART:
        return marks
    return Marks(last, at, marks.last, marks.at)


def mark_members(marks: Marks) -> Item:
    """Return the marks as members of the counter's item. :func:`read_marks` reverses it."""
    return {
        "marked": marks.last,
        "markedAt": marks.at,
        "formerMarked": marks.former_last,
        "formerMarkedAt": marks.former_at,
    }
