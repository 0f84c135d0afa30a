"""Marks of the counter: how old an event is that cannot be seen. Pure.

DynamoDB shows the items of a transaction one after the other, the counter possibly before an event,
and deletes events that are three weeks old in no order. So an event that is not there was deleted,
or its commit is just becoming visible. The marks tell which.
"""

from dataclasses import dataclass
from datetime import timedelta

from gridwix_gateway.documents import parse_timestamp
from gridwix_gateway.store.table import Item

APART = timedelta(seconds=60)
"""Time between two marks. A commit is visible everywhere long before: it takes 30 seconds at most
from its time to its write.
"""


@dataclass(frozen=True, slots=True)
class Marks:
    """The number of the last event before two commits, the later and the earlier mark.

    Attributes:
        last: Number of the last event before the commit of the later mark.
        at: Time of that commit.
        former_last: That of the earlier mark.
        former_at: Time of its commit: at least :data:`APART` before the later one, or the same.
    """

    last: int
    at: str
    former_last: int
    former_at: str

    def earliest_time(self, number: int) -> str:
        """Return a time that an event is not older than, if it can still be becoming visible.

        >>> times = ("2026-03-12T14:01:00.000Z", "2026-03-12T14:00:00.000Z")
        >>> marks = Marks(8, times[0], 5, times[1])
        >>> [marks.earliest_time(number)[14:19] for number in (9, 7, 5)]
        ['01:00', '00:00', '']

        Args:
            number: The event's number.

        Returns:
            The time, RFC 3339; "" for an event that has been visible since its commit.
        """
        if number > self.last:
            return self.at
        return self.former_at if number > self.former_last else ""


def read_marks(counter: Item | None) -> Marks | None:
    """Return the marks of the counter; None if there are none.

    Args:
        counter: The counter. That of an older release has no marks.

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
    """Return the marks after a commit.

    Args:
        marks: The marks before it.
        last: Number of the last event before it.
        at: Its time.

    Returns:
        The marks.
    """
    if marks is None:
        return Marks(last, at, last, at)
    if parse_timestamp(at) - parse_timestamp(marks.at) < APART:
        return marks
    return Marks(last, at, marks.last, marks.at)


def mark_members(marks: Marks) -> Item:
    """Return the members of the counter that hold the marks. :func:`read_marks` reverses it."""
    return {
        "marked": marks.last,
        "markedAt": marks.at,
        "formerMarked": marks.former_last,
        "formerMarkedAt": marks.former_at,
    }
