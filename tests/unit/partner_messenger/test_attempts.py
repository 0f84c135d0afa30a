"""State of a dispatch after an attempt, for each kind of error."""

from datetime import timedelta
from typing import Any

import pytest

from gridwix.errors import (
    BudgetExhausted,
    Forbidden,
    GridwixError,
    InvalidEvent,
    NotFound,
    NotJson,
    Throttled,
    TransactionInFlight,
    Unavailable,
    UpstreamConflict,
)
from gridwix.models.ids import PartnerId
from gridwix.partner_messenger.attempts import (
    DispatchAttempt,
    DispatchVerdict,
    Postponed,
    Suppressed,
    verdict_on,
)
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState, Suppression
from gridwix.partner_messenger.template_faults import TemplateFault
from tests.factories import NOW, PRAIRIE_GOLD

MAX_AGE = timedelta(hours=3)
LATER = NOW + timedelta(hours=9)


def verdict(
    error: Exception | None,
    channel: Any = "email",
    age: timedelta = timedelta(0),
    attempts: int = 1,
) -> DispatchVerdict:
    since = NOW - age
    dispatch = Dispatch(
        "d-1",
        "review",
        "evt_1",
        "cases/case_1",
        PartnerId(PRAIRIE_GOLD),
        since,
        since,
        channel=channel,
        attempts=attempts,
    )
    return verdict_on(
        DispatchAttempt(dispatch, error=error),
        now=NOW,
        max_age=MAX_AGE,
        can_repeat=channel != "inbox",
    )


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (None, DispatchState.SENT, ""),
        (Suppressed(Suppression.NO_MEMBER), DispatchState.SUPPRESSED, "no_member"),
        (Postponed(LATER), DispatchState.PLANNED, "quiet_hours"),
        (TemplateFault("line 1"), DispatchState.FAILED, "template"),
        (NotJson("text"), DispatchState.FAILED, "not_json"),
        (InvalidEvent("subject"), DispatchState.FAILED, "invalid_event"),
        (TransactionInFlight(system="aws"), DispatchState.PLANNED, "upstream_conflict"),
        (NotFound(system="wix"), DispatchState.FAILED, "upstream_not_found"),
        (Forbidden(system="wix"), DispatchState.PLANNED, "upstream_forbidden"),
        (Throttled(system="wix"), DispatchState.PLANNED, "upstream_throttled"),
        (KeyError("x"), DispatchState.PLANNED, "record_fault"),
    ],
)
def test_verdict_follows_from_the_error(
    error: Exception | None, state: DispatchState, reason: str
) -> None:
    found = verdict(error)

    assert (found.state, found.reason) == (state, reason)


@pytest.mark.parametrize(
    ("channel", "state"),
    [
        ("inbox", DispatchState.UNKNOWN),
        ("email", DispatchState.PLANNED),
        ("portal", DispatchState.PLANNED),
    ],
)
def test_lost_response_is_retried_unless_a_retry_could_duplicate_the_message(
    channel: str, state: DispatchState
) -> None:
    assert verdict(Unavailable(system="wix", ambiguous=True), channel).state is state


def test_retry_waits_for_the_longer_of_backoff_and_the_wait_of_the_error() -> None:
    waits = [
        verdict(error, attempts=attempts).due_at
        for error, attempts in ((BudgetExhausted(wait=40), 1), (BudgetExhausted(wait=40), 3))
    ]

    assert waits == [NOW + timedelta(seconds=40), NOW + timedelta(seconds=60)]


def test_retry_ends_with_the_age_of_the_dispatch() -> None:
    error = Unavailable(system="wix")

    assert [
        verdict(error, age=MAX_AGE + extra).state for extra in (timedelta(0), timedelta(seconds=1))
    ] == [DispatchState.PLANNED, DispatchState.FAILED]


@pytest.mark.parametrize(
    ("error", "throttled"),
    [
        (BudgetExhausted(wait=1), True),
        (Throttled(system="wix"), True),
        (UpstreamConflict(system="wix"), False),
    ],
)
def test_only_a_rate_limit_throttles_the_run(error: GridwixError, throttled: bool) -> None:
    dispatch = Dispatch("d-1", "review", "evt_1", "cases/case_1", PartnerId(PRAIRIE_GOLD), NOW, NOW)

    assert DispatchAttempt(dispatch, error=error).is_throttled is throttled
