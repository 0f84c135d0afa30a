"""Which slices are read, and when again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridwix.activity_publisher.slices import (
    DAYS,
    GROWTH,
    LEAST_PAUSE,
    SLICE,
    day_start,
    due_slices,
    next_reading,
    shown_days,
)

NOW = datetime(2026, 3, 12, 14, 20, tzinfo=UTC)


def test_first_run_reads_every_hour_of_the_shown_days_newest_first() -> None:
    due = due_slices({}, NOW)

    assert due[0] == datetime(2026, 3, 12, 14, tzinfo=UTC)
    assert due[-1] == day_start(shown_days(NOW)[0])
    assert len(due) == (DAYS - 1) * 24 + 15
    assert list(due) == sorted(set(due), reverse=True)


def test_new_hour_is_due_at_once_and_the_hour_before_is_read_after_its_end() -> None:
    before, hour = datetime(2026, 3, 12, 14, 59, tzinfo=UTC), datetime(2026, 3, 12, 14, tzinfo=UTC)
    read_at = dict.fromkeys(due_slices({}, before), before)

    assert due_slices(read_at, before + timedelta(minutes=1)) == [hour + SLICE]
    assert hour in due_slices(read_at, before + timedelta(minutes=59 * GROWTH))


@given(st.floats(0, 29 * 24 * 60), st.floats(0, 60))
def test_change_is_counted_before_its_age_has_grown_by_a_good_half(
    age: float, offset: float
) -> None:
    """With a run every 15 minutes: no change waits for longer than that plus its share."""
    start = NOW - timedelta(minutes=age)
    changed = NOW
    read, readings = start + timedelta(minutes=offset / 4), 0
    while read < changed:
        read = max(next_reading(start, read), read + timedelta(minutes=15))
        readings += 1

    waited = read - changed
    assert waited <= max(LEAST_PAUSE, (changed - start) * GROWTH) + timedelta(minutes=15)
    assert readings < 40


def test_slices_that_are_read_again_in_a_day_are_few() -> None:
    """24 readings an hour and less: each age at which a slice is read again comes to one slice."""
    read_at = dict.fromkeys(due_slices({}, NOW), NOW - timedelta(days=40))
    now, readings = NOW, 0
    for start in read_at:
        read = start
        while (following := next_reading(start, read)) <= NOW:
            read = following
        read_at[start] = read
    for _ in range(4 * 24):
        now += timedelta(minutes=15)
        due = due_slices(read_at, now)
        readings += len(due)
        read_at |= dict.fromkeys(due, now)

    assert readings <= 24 * 24
