"""When a person may be written to. Pure."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from gridwix.configuration.messaging import Messaging, QuietHours
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.time_zones import time_zone
from gridwix.models.trading_grid.partners import Partner

MINUTE = timedelta(minutes=1)
LONGEST_SHIFT = 180
"""Minutes by which clocks are put forward or back at most."""


def zone_of(partner: Partner, messaging: Messaging) -> tzinfo:
    """The partner's own time zone, if it is set; else its country's; else the default."""
    named = messaging.partners.get(partner.id) or messaging.time_zones.get(partner.country or "") or messaging.default_time_zone
    return time_zone(named)


def locale_of(partner: Partner, messaging: Messaging) -> str:
    """The language of the partner's country, else the default."""
    return messaging.locales.get(partner.country or "", DEFAULT_LOCALE)


def is_quiet(quiet: QuietHours, zone: tzinfo, at: datetime) -> bool:
    """Whether the clock on the partner's wall says so. The moment at which quiet hours end is not quiet."""
    clock = at.astimezone(zone).time()
    if quiet.begins < quiet.ends:
        return quiet.begins <= clock < quiet.ends
    return clock >= quiet.begins or clock < quiet.ends


def not_quiet(quiet: QuietHours | None, zone: tzinfo, at: datetime) -> datetime:
    """``at`` if it is not quiet then, else the first moment after it (to the minute) that is not, in UTC, also on a day on which the clocks change."""
    if quiet is None or not is_quiet(quiet, zone, at):
        return at
    local = at.astimezone(zone)
    day = local.date() if local.time() < quiet.ends else local.date() + timedelta(days=1)
    moment = _first(day, quiet.ends, zone)
    if moment <= at:
        # It is the second time that the clock shows this hour, and it has shown the end already.
        moment = at.replace(second=0, microsecond=0)
    for _ in range(LONGEST_SHIFT):
        if moment > at and not is_quiet(quiet, zone, moment):
            break
        moment += MINUTE
    return moment


def next_time(clock: time, zone: tzinfo, after: datetime) -> datetime:
    """The next moment after another at which the clock on the wall shows a time, in UTC."""
    today = after.astimezone(zone).date()
    return next(moment for number in range(3) if (moment := at_wall_clock(today + timedelta(days=number), clock, zone)) > after)


def at_wall_clock(day: date, clock: time, zone: tzinfo) -> datetime:
    """When the clock on the wall shows a time, in UTC. A time that clocks skip is as much later as they skip."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _first(day: date, clock: time, zone: tzinfo) -> datetime:
    """The earliest moment that can be meant by a time that the clock shows twice, or not at all."""
    wall = datetime.combine(day, clock, zone)
    return min(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
