"""Quiet hours and time zones of partners, correct on days with a clock change. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from gridwix.configuration.messaging import Messaging, QuietHours
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.time_zones import time_zone
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.member_settings import QuietPeriod

MINUTE = timedelta(minutes=1)
LONGEST_SHIFT = 180
"""Upper bound of a clock change, in minutes."""

MOST_ROUNDS = 6
"""Number of times that quiet periods may extend one another. Beyond it they are taken to leave no
time of the day."""


def partner_zone(partner: Partner, messaging: Messaging) -> tzinfo:
    """Return the time zone configured for a partner, else for its country, else the default."""
    named = (
        messaging.partners.get(partner.id)
        or messaging.time_zones.get(partner.country or "")
        or messaging.default_time_zone
    )
    return time_zone(named)


def partner_locale(partner: Partner, messaging: Messaging) -> str:
    """Return the configured language of the partner's country, or else the default language."""
    return messaging.locales.get(partner.country or "", DEFAULT_LOCALE)


def is_quiet(quiet: QuietHours, zone: tzinfo, at: datetime) -> bool:
    """Return True if a time lies in quiet hours, which include their start but not their end.

    >>> night = QuietHours(begins=time(20), ends=time(7))
    >>> [is_quiet(night, UTC, datetime(2026, 3, 12, hour, tzinfo=UTC)) for hour in (19, 20, 7)]
    [False, True, False]
    """
    clock = at.astimezone(zone).time()
    if quiet.begins < quiet.ends:
        return quiet.begins <= clock < quiet.ends
    # The period crosses midnight.
    return clock >= quiet.begins or clock < quiet.ends


def earliest_sending_time(quiet: QuietHours | None, zone: tzinfo, at: datetime) -> datetime:
    """Return the earliest time, ``at`` or later, that is outside quiet hours.

    ``at`` itself is returned unchanged. A later time is in UTC and exact to the minute, also on a
    day with a clock change.

    >>> night = QuietHours(begins=time(20), ends=time(7))
    >>> earliest_sending_time(night, UTC, datetime(2026, 3, 12, 22, 30, tzinfo=UTC)).isoformat()
    '2026-03-13T07:00:00+00:00'

    Args:
        quiet: Quiet hours in wall-clock time. None: there are none.
        zone: Time zone of the partner.
        at: A time with its zone.
    """
    if quiet is None or not is_quiet(quiet, zone, at):
        return at
    local = at.astimezone(zone)
    day = local.date() if local.time() < quiet.ends else local.date() + timedelta(days=1)
    moment = _earliest_reading(day, quiet.ends, zone)
    if moment <= at:
        # The clock was put back: it shows this hour a second time, and has shown the end already.
        moment = at.replace(second=0, microsecond=0)
    for _ in range(LONGEST_SHIFT):
        if moment > at and not is_quiet(quiet, zone, moment):
            break
        moment += MINUTE
    return moment


def earliest_time_outside(periods: Sequence[QuietPeriod], at: datetime) -> datetime:
    """Return the earliest time, ``at`` or later, that is outside all quiet periods.

    If the periods leave no time of the day, only the first one counts.

    >>> night = QuietPeriod(QuietHours(begins=time(20), ends=time(7)), UTC)
    >>> late = QuietPeriod(QuietHours(begins=time(6), ends=time(9)), UTC)
    >>> earliest_time_outside([night, late], datetime(2026, 3, 12, 22, tzinfo=UTC)).isoformat()
    '2026-03-13T09:00:00+00:00'

    Args:
        periods: Quiet periods, each in its own zone, the most important one first; may be empty.
        at: A time with its zone.
    """
    moment = at
    for _ in range(MOST_ROUNDS):
        later = moment
        for period in periods:
            later = earliest_sending_time(period.hours, period.zone, later)
        if later == moment:
            return moment
        moment = later
    # Not reached without periods: the first round ends then.
    return earliest_sending_time(periods[0].hours, periods[0].zone, at)


def next_wall_clock_time(clock: time, zone: tzinfo, after: datetime) -> datetime:
    """Return the next time after ``after``, in UTC, at which clocks in a zone show ``clock``."""
    today = after.astimezone(zone).date()
    return next(
        moment
        for number in range(3)
        if (moment := wall_clock_time(today + timedelta(days=number), clock, zone)) > after
    )


def wall_clock_time(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return a wall-clock time of a zone in UTC.

    A time that a clock change skips is shifted by the change.

    >>> wall_clock_time(date(2026, 3, 12), time(9), time_zone("America/Chicago")).isoformat()
    '2026-03-12T14:00:00+00:00'
    """
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _earliest_reading(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return the first instant at which the clocks of a zone show a time of a day.

    A clock change may repeat or skip the time; the earlier of the two possible instants is
    returned.
    """
    wall = datetime.combine(day, clock, zone)
    return min(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
