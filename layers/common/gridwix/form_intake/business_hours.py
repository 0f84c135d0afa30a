"""Due dates in business hours: adds working time to a timestamp, skipping closed days. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from gridwix.configuration.routing import Desk
from gridwix.models.time_zones import time_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_DAYS = 3_700


def is_open(desk: Desk, at: datetime) -> bool:
    """Whether somebody is at the desk. The moment at which it closes is not open."""
    opens, closes = next(_opening_hours(desk, at), (at, at))
    return opens <= at < closes


def due_date(desk: Desk, at: datetime, hours: int) -> datetime:
    """When the desk will have been open for ``hours`` since ``at``, in UTC.

    The hours are those that pass: a day on which the clocks change is longer or shorter only where the change falls into the time that the desk is open.
    Raises ValueError if the desk is not open that long within ten years.
    """
    left = timedelta(hours=hours)
    for opens, closes in _opening_hours(desk, at):
        begins = max(opens, at)
        if left <= closes - begins:
            return begins + left
        left -= closes - begins
    raise ValueError("the desk is hardly ever open")


def _opening_hours(desk: Desk, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The times, in UTC, from when to when the desk is open, beginning with the first that is not over."""
    zone = time_zone(desk.time_zone)
    today = at.astimezone(zone).date()
    for number in range(MAX_DAYS):
        day = today + timedelta(days=number)
        if WEEKDAYS[day.weekday()] in desk.days and day not in desk.holidays:
            opens, closes = (datetime.combine(day, clock, zone).astimezone(UTC) for clock in (desk.opens, desk.closes))
            if closes > at:
                yield opens, closes
