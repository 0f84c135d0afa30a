"""Tells whether an event that cannot be read was deleted, or is not visible yet. Pure.

Events have consecutive numbers, and the counter, one item of the table, has the last number. The
items of a DynamoDB transaction become visible one after the other, and the counter possibly before
an event. Events older than three weeks are deleted in no order. So an event that a read does not
find was deleted, or its commit is just becoming visible. To tell which, the counter's item keeps
two marks. A mark is the time of a past commit and the number of the last event before that commit:
an event with a higher number is not older than that time. The marks are at least a minute apart, so
an event with a number up to the older mark's has become visible long ago.
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
    """Two marks, each the time of a past commit and the number of the last event before it.

    They are kept in the counter, the table's item with the number of the last event. An event with
    a number above a mark's was written at the mark's time or later. If such an event is missing,
    and the feed still shows events of that time, it was not deleted: it is not visible yet.

    Attributes:
        last: Number of the last event before the newer mark's commit.
        at: Time of the newer mark's commit, RFC 3339.
        former_last: Number of the last event before the older mark's commit.
        former_at: Time of the older mark's commit: at least :data:`APART` before ``at``, or equal
            to it.
    """

    last: int
    at: str
    former_last: int
    former_at: str

    def earliest_time(self, number: int) -> str:
        """Return a time before which an event was certainly not written, judged by its number.

        Used for an event that a read does not find. An event with a number above a mark's was
        written at the mark's time or later.

        >>> times = ("2026-03-12T14:01:00.000Z", "2026-03-12T14:00:00.000Z")
        >>> marks = Marks(8, times[0], 5, times[1])
        >>> [marks.earliest_time(number)[14:19] for number in (9, 7, 5)]
        ['01:00', '00:00', '']

        Args:
            number: The event's number.

        Returns:
            The time of the newest mark below the number, RFC 3339; "" if no mark is below it. Then
            the event is so old that it was surely visible, so it has been deleted.
        """
        if number > self.last:
            return self.at
        return self.former_at if number > self.former_last else ""


def read_marks(counter: Item | None) -> Marks | None:
    """Return the two marks of past commits that the counter's item keeps.

    A mark is the time of a commit and the number of the last event before that commit. It tells
    whether an event that a read does not find was deleted, or is not visible yet.

    Args:
        counter: The table's item with the number of the last event; None before the first commit.

    Returns:
        The marks. None if there is no item, or if an older release wrote the item without marks.
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
    """Return the two marks that a new commit stores in the counter's item.

    A mark is the time of a commit and the number of the last event before that commit. If the newer
    stored mark is at least a minute old, the new commit becomes the newer mark, and that one the
    older mark; otherwise both marks stay.

    Args:
        marks: The marks that are stored now; None if there are none.
        last: Number of the last event before the new commit.
        at: Time of the new commit, RFC 3339.

    Returns:
        The marks to store.
    """
    if marks is None:
        return Marks(last, at, last, at)
    if parse_timestamp(at) - parse_timestamp(marks.at) < APART:
        return marks
    return Marks(last, at, marks.last, marks.at)


def mark_members(marks: Marks) -> Item:
    """Return marks as attributes of the counter, the table's item with the last event's number.

    A mark is the time of a past commit and the number of the last event before that commit.
    :func:`read_marks` reads the attributes back.
    """
    return {
        "marked": marks.last,
        "markedAt": marks.at,
        "formerMarked": marks.former_last,
        "formerMarkedAt": marks.former_at,
    }
