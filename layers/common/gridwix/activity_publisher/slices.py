"""Time slices of the activity counts: the hours of 30 days, and when to read each again. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

SLICE = timedelta(hours=1)
"""Length of a time slice."""

DAYS = 30
"""Number of days that a row shows, today included."""

EDGE = timedelta(minutes=5)
"""Overlap of a search beyond both ends of its slice, for processes with entries on both sides of an
end.
"""

LEAST_PAUSE = timedelta(minutes=10)
"""Minimum time between two readings of the same slice."""

GROWTH = 0.4
"""A slice is read again when its age has grown by this share since the last reading: 23 times in 30
days, with a run every 15 minutes. So a changed status is counted before its document has aged by
this share.
"""


def shown_days(now: datetime) -> Sequence[date]:
    """The 30 days that an activity row shows at the time ``now``, the oldest first.

    >>> days = shown_days(datetime(2026, 3, 12, 0, 5, tzinfo=UTC))
    >>> days[0].isoformat(), days[-1].isoformat(), len(days)
    ('2026-02-11', '2026-03-12', 30)
    """
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def day_start(day: date) -> datetime:
    """The time at which a day begins in UTC."""
    return datetime.combine(day, time(), UTC)


def next_reading(start: datetime, read_at: datetime) -> datetime:
    """The time from which an hour (time slice) is to be read from Lens again.

    Lens is Trading Grid's transaction search. The pause since the last reading, ``read_at``, is a
    fixed share (``GROWTH``) of the age that the slice had then, at least ``LEAST_PAUSE``. ``start``
    is the begin of the slice.

    >>> start = datetime(2026, 3, 12, 14, tzinfo=UTC)
    >>> next_reading(start, start + timedelta(minutes=15)) - start
    datetime.timedelta(seconds=1500)
    >>> next_reading(start, start + timedelta(hours=10)) - start
    datetime.timedelta(seconds=50400)
    """
    return read_at + max(LEAST_PAUSE, (read_at - start) * GROWTH)


def due_slices(read_at: Mapping[datetime, datetime], now: datetime) -> Sequence[datetime]:
    """The hours (time slices) to read now from Lens, Trading Grid's transaction search.

    The hours are given by their begin, newest first. An hour is due if it was never read, or if the
    time that :func:`next_reading` returns for it has come: the older an hour, the rarer.

    Args:
        read_at: Time of the last reading of each slice that was read, by the slice's begin.
        now: The current time.
    """
    first = day_start(shown_days(now)[0])
    starts = [first + SLICE * number for number in range(int((now - first) / SLICE) + 1)]
    return [
        start
        for start in reversed(starts)
        if start not in read_at or next_reading(start, read_at[start]) <= now
    ]
