"""Due dates in business hours: adds working time to a timestamp, skipping closed days. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from gridwix.configuration.routing import Desk
from gridwix.models.time_zones import time_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_DAYS = 3_700
"""Days to search for opening hours: a little more than ten years."""


def is_open(desk: Desk, at: datetime) -> bool:
    """Return True if the hub's desk is open at ``at``. Closing time itself counts as closed.

    >>> from datetime import time
    >>> desk = Desk(time_zone="America/Chicago", opens=time(8), closes=time(17), days=("mon",))
    >>> is_open(desk, datetime(2026, 11, 30, 22, tzinfo=UTC))  # Monday, 16:00 in Chicago
    True
    """
    opens, closes = next(_opening_hours(desk, at), (at, at))
    return opens <= at < closes


def due_date(desk: Desk, at: datetime, hours: int) -> datetime:
    """Add business hours to a timestamp; the result is in UTC.

    Elapsed hours count, not wall-clock hours: a daylight saving change makes a day longer or
    shorter only if it falls into opening hours.

    Args:
        desk: Opening hours, holidays and time zone.
        at: Start, time zone aware.
        hours: Business hours to add.

    Raises:
        ValueError: The desk is not open that long within ten years (``MAX_DAYS``).

    >>> from datetime import time
    >>> opens, closes = time(8), time(17)
    >>> desk = Desk(time_zone="America/Chicago", opens=opens, closes=closes, days=("mon", "tue"))
    >>> due_date(desk, datetime(2026, 11, 30, 22, tzinfo=UTC), 2)  # Monday, 16:00 in Chicago
    datetime.datetime(2026, 12, 1, 15, 0, tzinfo=datetime.timezone.utc)
    """
    left = timedelta(hours=hours)
    for opens, closes in _opening_hours(desk, at):
        begins = max(opens, at)
        if left <= closes - begins:
            return begins + left
        left -= closes - begins
    raise ValueError(
        f"the desk is open for less than {hours} hours in {MAX_DAYS} days: correct opens,"
        " closes, days or holidays under desk in config/routing.yaml"
    )


def _opening_hours(desk: Desk, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield opening and closing time of each open period of the desk, in UTC, in order of time.

    It begins with the first period that ends after ``at``, and stops after ``MAX_DAYS`` days.
    """
    zone = time_zone(desk.time_zone)
    today = at.astimezone(zone).date()
    for number in range(MAX_DAYS):
        day = today + timedelta(days=number)
        if WEEKDAYS[day.weekday()] in desk.days and day not in desk.holidays:
            opens, closes = (
                datetime.combine(day, clock, zone).astimezone(UTC)
                for clock in (desk.opens, desk.closes)
            )
            if closes > at:
                yield opens, closes
