"""Quiet hours and wall-clock times, also on days with a clock change."""

from datetime import UTC, datetime, time, timedelta, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.configuration.messaging import QuietHours
from gridwix.models.time_zones import time_zone
from gridwix.partner_messenger.quiet_hours import (
    earliest_sending_time,
    is_quiet,
    next_wall_clock_time,
    partner_locale,
    partner_zone,
)
from gridwix.runtime.configuration import configuration
from tests.factories import partner

NIGHT = QuietHours(begins=time(20), ends=time(7))
NOON = QuietHours(begins=time(12), ends=time(13, 30))
SMALL = QuietHours(begins=time(22), ends=time(2, 30))
CHICAGO, BERLIN, KOLKATA, LORD_HOWE = (
    time_zone(name)
    for name in ("America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "zone", "at", "until"),
    [
        (NIGHT, BERLIN, "2026-01-15T12:00", "2026-01-15T12:00"),
        (NIGHT, BERLIN, "2026-01-15T18:59:59", "2026-01-15T18:59:59"),
        (NIGHT, BERLIN, "2026-01-15T19:00", "2026-01-16T06:00"),
        (NIGHT, BERLIN, "2026-01-16T05:59:59", "2026-01-16T06:00"),
        (NIGHT, BERLIN, "2026-01-16T06:00", "2026-01-16T06:00"),
        (NOON, KOLKATA, "2026-01-16T06:31", "2026-01-16T08:00"),
        # The night in which clocks go forward is an hour shorter, the one in which they go back an
        # hour longer.
        (NIGHT, BERLIN, "2026-03-28T20:00", "2026-03-29T05:00"),
        (NIGHT, BERLIN, "2026-10-24T20:00", "2026-10-25T06:00"),
        (NIGHT, CHICAGO, "2026-03-08T03:00", "2026-03-08T12:00"),
        (NIGHT, CHICAGO, "2026-11-01T03:00", "2026-11-01T13:00"),
        # They end at a time that the clock skips (02:00 is 03:00), and at one that it shows twice
        # (from 03:00 back to 02:00).
        (SMALL, BERLIN, "2026-03-28T22:00", "2026-03-29T01:00"),
        (SMALL, BERLIN, "2026-10-24T22:00", "2026-10-25T00:30"),
        # It is quiet once more in the hour that comes again.
        (SMALL, BERLIN, "2026-10-25T01:10", "2026-10-25T01:30"),
    ],
)
def test_message_waits_until_quiet_hours_are_over(
    quiet: QuietHours, zone: tzinfo, at: str, until: str
) -> None:
    assert earliest_sending_time(quiet, zone, utc(at)) == utc(until)


def test_without_quiet_hours_nothing_waits() -> None:
    assert earliest_sending_time(None, BERLIN, utc("2026-01-15T22:00")) == utc("2026-01-15T22:00")


clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
changes = st.sampled_from(
    [
        utc("2026-03-29T01:00"),
        utc("2026-10-25T01:00"),
        utc("2026-03-08T08:00"),
        utc("2026-11-01T07:00"),
        utc("2026-04-04T15:00"),
    ]
)


@settings(deadline=None)
@given(
    begins=clocks,
    ends=clocks,
    zone=st.sampled_from([CHICAGO, BERLIN, KOLKATA, LORD_HOWE]),
    around=changes,
    seconds=st.integers(-40 * 3600, 40 * 3600),
)
def test_message_goes_at_the_first_minute_that_is_not_quiet(
    begins: time, ends: time, zone: tzinfo, around: datetime, seconds: int
) -> None:
    if begins == ends:
        return
    quiet, at = QuietHours(begins=begins, ends=ends), around + timedelta(seconds=seconds)

    until = earliest_sending_time(quiet, zone, at)

    assert not is_quiet(quiet, zone, until)
    assert timedelta(0) <= until - at <= timedelta(hours=25)
    if until > at:
        assert is_quiet(quiet, zone, at)
        assert until.second == 0
        minute = max(at, until - timedelta(minutes=1))
        assert is_quiet(quiet, zone, minute)


@settings(deadline=None)
@given(
    clock=clocks,
    zone=st.sampled_from([CHICAGO, BERLIN, LORD_HOWE]),
    around=changes,
    seconds=st.integers(-40 * 3600, 40 * 3600),
)
def test_next_time_is_later_and_within_a_day(
    clock: time, zone: tzinfo, around: datetime, seconds: int
) -> None:
    after = around + timedelta(seconds=seconds)

    found = next_wall_clock_time(clock, zone, after)

    assert timedelta(0) < found - after <= timedelta(hours=25)
    assert (
        found.astimezone(zone).time() == clock
        or found.astimezone(zone).date() == around.astimezone(zone).date()
    )


def test_zone_and_language_are_the_partners_its_countrys_or_the_default() -> None:
    messaging = configuration().messaging.model_copy(update={"partners": {"GC1": "America/Denver"}})

    zones = [
        str(partner_zone(partner(identifier, country=country), messaging))
        for identifier, country in (("GC1", "EE"), ("GC2", "EE"), ("GC3", "BR"), ("GC4", None))
    ]

    assert zones == ["America/Denver", "Europe/Tallinn", "America/Chicago", "America/Chicago"]
    assert [
        partner_locale(partner(country=country), messaging) for country in ("AT", "US", None)
    ] == ["de", "en", "en"]
