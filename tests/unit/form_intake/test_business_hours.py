"""Due dates in business hours, also where the clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.configuration.routing import Desk
from gridwix.form_intake.business_hours import due_date, is_open
from gridwix.models.time_zones import time_zone

CHICAGO = time_zone("America/Chicago")


def desk(
    zone: str = "America/Chicago", opens: str = "08:00", closes: str = "17:00", **fields: object
) -> Desk:
    return Desk.model_validate(
        {
            "time_zone": zone,
            "opens": opens,
            "closes": closes,
            "days": ["mon", "tue", "wed", "thu", "fri"],
            **fields,
        }
    )


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("at", "hours", "wanted"),
    [
        ("2026-03-02T09:00", 4, "2026-03-02T13:00"),
        ("2026-03-02T16:00", 4, "2026-03-03T11:00"),
        ("2026-03-02T06:30", 9, "2026-03-02T17:00"),
        ("2026-03-02T22:00", 1, "2026-03-03T09:00"),
        ("2026-03-06T16:00", 2, "2026-03-09T09:00"),
        ("2026-03-07T12:00", 1, "2026-03-09T09:00"),
        ("2026-03-02T17:00", 1, "2026-03-03T09:00"),
        # The clocks go forward in the night to 8 March and back in the night to 1 November: noon
        # stays noon.
        ("2026-03-06T16:00", 5, "2026-03-09T12:00"),
        ("2026-10-30T16:00", 5, "2026-11-02T12:00"),
    ],
)
def test_due_is_when_the_desk_will_have_been_open_that_long(
    at: str, hours: int, wanted: str
) -> None:
    assert due_date(desk(), local(at), hours) == local(wanted)


def test_holidays_are_no_working_days() -> None:
    closed = desk(holidays=[date(2026, 11, 26)])

    assert due_date(closed, local("2026-11-25T16:00"), 2) == local("2026-11-27T09:00")
    assert not is_open(closed, local("2026-11-26T10:00"))


def test_clocks_that_change_while_the_desk_is_open_make_the_day_longer() -> None:
    always = desk(opens="00:00", closes="23:00", days=["sun"])

    assert due_date(always, local("2026-03-08T00:00"), 22) == local("2026-03-08T23:00")
    assert due_date(always, local("2026-11-01T00:00"), 24) == local("2026-11-01T23:00")


def test_desk_that_never_opens_is_an_error_and_no_endless_search() -> None:
    with pytest.raises(ValueError, match="is open for less than"):
        due_date(desk(opens="08:00", closes="08:01"), local("2026-03-02T09:00"), 2_000)


ZONES = st.sampled_from(
    [
        "America/Chicago",
        "Europe/Tallinn",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "UTC",
    ]
)
MOMENTS = st.integers(0, 5 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(ZONES, MOMENTS, st.integers(1, 200), st.integers(1, 200))
def test_hours_add_up_and_end_while_the_desk_is_open(
    zone: str, at: datetime, first: int, second: int
) -> None:
    there = desk(zone)

    whole = due_date(there, at, first + second)

    assert due_date(there, due_date(there, at, first), second) == whole
    assert whole - at >= timedelta(hours=first + second)
    assert is_open(there, whole - timedelta(microseconds=1))


@given(ZONES, MOMENTS, MOMENTS, st.integers(1, 50))
def test_what_comes_later_is_not_due_sooner(
    zone: str, one: datetime, other: datetime, hours: int
) -> None:
    sooner, later = sorted([one, other])

    assert due_date(desk(zone), sooner, hours) <= due_date(desk(zone), later, hours)
