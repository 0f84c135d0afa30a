"""No 60 s ever see more calls than the rate allows, whatever is asked for and when."""

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.mapping.call_rate import MINUTE, SECOND, CallRate, RateState

START = 1_780_000_000 * SECOND


@st.composite
def rates(draw: st.DrawFn) -> CallRate:
    calls_per_minute = draw(st.integers(2, 400))
    return CallRate(calls_per_minute, draw(st.integers(1, calls_per_minute - 1)))


def most_in_a_minute(grants: list[tuple[int, int]]) -> int:
    """The most calls in any 60 s, both ends included.

    It is enough to look at the windows that begin with a grant.
    """
    return max(
        (
            sum(calls for at, calls in grants if begin <= at <= begin + MINUTE)
            for begin, _ in grants
        ),
        default=0,
    )


def run(rate: CallRate, wishes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The grants for wishes of (instant, calls)."""
    state, grants = RateState(), []
    for now, calls in wishes:
        decision = rate.take(state, now=now, calls=calls)
        if not decision.wait:
            grants.append((now, calls))
        state = decision.state
    return grants


@settings(deadline=None)
@given(rate=rates(), data=st.data())
def test_take_whenever_asked_never_exceeds_the_limit_in_any_minute(
    rate: CallRate, data: st.DataObject
) -> None:
    pauses = data.draw(
        st.lists(
            st.one_of(st.just(0), st.integers(0, rate.cost * 2), st.integers(0, 2 * MINUTE)),
            max_size=60,
        )
    )
    calls = data.draw(
        st.lists(st.integers(1, rate.burst), min_size=len(pauses), max_size=len(pauses))
    )

    grants = run(rate, list(zip(accumulate(pauses, initial=START), calls, strict=False)))

    assert most_in_a_minute(grants) <= rate.calls_per_minute


@settings(deadline=None)
@given(rate=rates())
def test_take_as_soon_as_it_is_possible_reaches_the_limit_and_does_not_exceed_it(
    rate: CallRate,
) -> None:
    state, now, grants = RateState(), START, []
    while now <= START + 2 * MINUTE:
        decision = rate.take(state, now=now)
        if decision.wait:
            now += decision.wait
        else:
            grants.append((now, 1))
            state = decision.state

    assert rate.calls_per_minute - 1 <= most_in_a_minute(grants) <= rate.calls_per_minute


@settings(deadline=None)
@given(rate=rates(), data=st.data())
def test_take_after_the_wait_that_it_was_told_is_granted_and_a_moment_sooner_is_not(
    rate: CallRate, data: st.DataObject
) -> None:
    calls = data.draw(st.integers(1, rate.burst))
    spent = rate.take(RateState(), now=START, calls=rate.burst).state

    wait = rate.take(spent, now=START, calls=calls).wait

    assert rate.take(spent, now=START + wait, calls=calls).wait == 0
    assert rate.take(spent, now=START + wait - 1, calls=calls).wait == 1


@settings(deadline=None)
@given(rate=rates(), data=st.data())
def test_take_with_clocks_that_lag_never_exceeds_the_limit_in_any_minute(
    rate: CallRate, data: st.DataObject
) -> None:
    pauses = data.draw(st.lists(st.integers(0, rate.cost * 2), min_size=1, max_size=60))
    lags = data.draw(
        st.lists(st.integers(0, 5 * SECOND), min_size=len(pauses), max_size=len(pauses))
    )
    true_times = list(accumulate(pauses, initial=START))[1:]
    # A lagging taker is granted what it would be granted at its own, earlier time: count the grants
    # at the true time.
    state, grants = RateState(), []
    for now, lag in zip(true_times, lags, strict=True):
        decision = rate.take(state, now=now - lag)
        state = decision.state
        if not decision.wait:
            grants.append((now, 1))

    flowed_in_during_the_lag = 5 * SECOND // rate.cost + 1
    assert most_in_a_minute(grants) <= rate.calls_per_minute + flowed_in_during_the_lag


def test_take_when_the_clock_has_gone_back_grants_nothing_more() -> None:
    rate = CallRate(calls_per_minute=60, burst=30)
    state = rate.take(RateState(), now=START, calls=30).state

    decision = rate.take(state, now=START - 10 * SECOND)

    assert decision.wait == rate.cost + 10 * SECOND
    assert decision.state == state


def test_take_while_blocked_waits_for_the_end_of_the_block() -> None:
    state = RateState(blocked_until=START + 40 * SECOND)
    rate = CallRate(calls_per_minute=180, burst=60)

    assert rate.take(state, now=START).wait == 40 * SECOND
    assert rate.take(state, now=START + 40 * SECOND).wait == 0


def test_take_of_the_whole_burst_is_followed_by_the_refill_rate() -> None:
    rate = CallRate(calls_per_minute=180, burst=60)

    state = rate.take(RateState(), now=START, calls=60).state

    assert rate.take(state, now=START).wait == SECOND // 2


@pytest.mark.parametrize("calls", [0, -1, 61])
def test_take_of_more_than_can_be_had_at_once_or_of_nothing_is_an_error(calls: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 60"):
        CallRate(calls_per_minute=180, burst=60).take(RateState(), now=START, calls=calls)


@pytest.mark.parametrize(
    ("calls_per_minute", "burst"), [(60, 60), (60, 0), (60, -1), (1, 1), (0, 0), (60, 61)]
)
def test_rate_that_could_never_be_kept_is_an_error(calls_per_minute: int, burst: int) -> None:
    with pytest.raises(ValueError, match="burst"):
        CallRate(calls_per_minute, burst)


@settings(deadline=None)
@given(rate=rates(), ahead=st.integers(-MINUTE, MINUTE), blocked=st.integers(-SECOND, SECOND))
def test_calls_left_are_the_most_that_are_granted_at_once(
    rate: CallRate, ahead: int, blocked: int
) -> None:
    state = RateState(START + ahead, START + blocked)

    left = rate.calls_left(state, now=START)

    assert 0 <= left <= rate.burst
    if left:
        assert rate.take(state, now=START, calls=left).wait == 0
    if left < rate.burst:
        assert rate.take(state, now=START, calls=left + 1).wait > 0
