"""Result of one attempt to send a planned message, and the state that each error leads to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gridwix.configuration.campaigns import Campaign
from gridwix.errors import (
    BudgetExhausted,
    ConfigurationError,
    Forbidden,
    GridwixError,
    InvalidEvent,
    NotJson,
    RecordFault,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from gridwix.mapping.record_faults import reason_of
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState, Suppression
from gridwix.partner_messenger.template_faults import TemplateFault

DIGEST_AGE = timedelta(hours=48)
"""Age up to which the sending of a digest is retried."""

FIRST_BACKOFF, LONGEST_BACKOFF = 15.0, 900.0
"""Lower and upper bound, in seconds, of the exponential backoff between two attempts to send."""

QUIET_HOURS = "quiet_hours"
"""Reason of a dispatch that waits for the end of quiet hours."""

MAIL_PACE = "mail_pace"
"""Reason of a dispatch that waits because of the rate limit of emails."""

FIXABLE = (Unauthenticated, Forbidden, ConfigurationError)
"""Errors that an operator can fix, so that the same call may succeed later."""


class Suppressed(Exception):
    """Raised for a dispatch (planned message) that must not be sent, with the reason."""

    def __init__(self, reason: Suppression) -> None:
        super().__init__(reason)
        self.reason = reason


class Postponed(Exception):
    """Raised for a dispatch (planned message) that must not be sent before ``until``.

    ``reason`` is ``QUIET_HOURS`` or ``MAIL_PACE`` (the rate limit of emails).
    """

    def __init__(self, until: datetime, reason: str = QUIET_HOURS) -> None:
        super().__init__(reason)
        self.until = until
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DispatchAttempt:
    """Result of one attempt to send a planned message, or to plan the messages for an occasion.

    The outbox stores both as a :class:`Dispatch`. A dispatch without a channel is an occasion (a
    reason to write to a partner): the attempt expands the occasion into one message per channel and
    recipient. ``state`` and ``reason`` are the result, unless there is an ``error``. ``waited`` is
    the time that the dispatch had to wait for quiet hours; this time does not count toward the
    maximum age.

    Of an expansion, ``due`` are the new messages to send now, and ``collected`` is the number of
    messages that were added to a digest, which combines the messages of a day. Of a digest,
    ``template_faults`` describes the broken templates of its messages, by campaign. ``collected``
    and ``template_faults`` are valid after an error, too.
    """

    dispatch: Dispatch
    state: DispatchState = DispatchState.SENT
    reason: str = ""
    error: Exception | None = None
    waited: timedelta = timedelta(0)
    due: tuple[Dispatch, ...] = ()
    collected: int = 0
    template_faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_throttled(self) -> bool:
        """True if a rate limit ended the attempt, so that no further call would succeed now."""
        return isinstance(self.error, BudgetExhausted | Throttled)


@dataclass(frozen=True, slots=True)
class DispatchVerdict:
    """State of a dispatch (planned message) after an attempt to send it.

    ``due_at`` is the time of the retry, for the state PLANNED; otherwise None. ``error`` is
    reported as a metric. ``template_fault`` describes a broken template, or is "".
    """

    state: DispatchState
    reason: str = ""
    due_at: datetime | None = None
    error: GridwixError | None = None
    template_fault: str = ""


def verdict_on(
    attempt: DispatchAttempt, *, now: datetime, max_age: timedelta, can_repeat: bool
) -> DispatchVerdict:
    """Return the state of a dispatch after an attempt: sent, to be retried, failed or unknown.

    A dispatch is a planned message.

    | error | state |
    |---|---|
    | none | the ``state`` of the attempt |
    | Suppressed | SUPPRESSED |
    | Postponed | PLANNED, due after quiet hours, or once the rate limit of emails permits it |
    | TemplateFault, NotJson, InvalidEvent | FAILED |
    | ambiguous Unavailable, not ``can_repeat`` | UNKNOWN: a retry could duplicate the message |
    | retryable, or fixable by an operator | PLANNED with backoff; FAILED after ``max_age`` |
    | any other GridwixError | FAILED |
    | any other exception | as for a RecordFault, which is retryable |

    Args:
        attempt: The attempt.
        now: Current time.
        max_age: Age of the dispatch up to which it is retried.
        can_repeat: The channel is idempotent, so that a second delivery changes nothing.
    """
    match attempt.error:
        case None:
            return DispatchVerdict(attempt.state, attempt.reason)
        case Suppressed() as suppressed:
            return DispatchVerdict(DispatchState.SUPPRESSED, suppressed.reason)
        case Postponed() as postponed:
            return DispatchVerdict(DispatchState.PLANNED, postponed.reason, postponed.until)
        case TemplateFault() as fault:
            return DispatchVerdict(DispatchState.FAILED, "template", template_fault=str(fault))
        case NotJson():
            # A text that JSON cannot represent.
            return DispatchVerdict(DispatchState.FAILED, "not_json")
        case InvalidEvent() as error:
            return DispatchVerdict(DispatchState.FAILED, error.code)
        case GridwixError() as error:
            return _verdict_on_error(attempt.dispatch, error, now, max_age, can_repeat)
        case error:
            return _verdict_on_error(
                attempt.dispatch,
                RecordFault(attempt.dispatch.record, reason_of(error)),
                now,
                max_age,
                can_repeat,
            )


def max_dispatch_age(campaign: str, campaigns: Mapping[str, Campaign]) -> timedelta:
    """Age up to which sending a message of a campaign is retried; ``DIGEST_AGE`` for a digest."""
    found = campaigns.get(campaign)
    return DIGEST_AGE if found is None else timedelta(hours=found.max_age_hours)


def dispatch_backoff(attempts: int) -> float:
    """Return the seconds to wait before the next attempt to send: exponential backoff with a limit.

    >>> [dispatch_backoff(attempts) for attempts in (1, 2, 3, 7, 99)]
    [15.0, 30.0, 60.0, 900.0, 900.0]
    """
    return min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(attempts - 1, 10))


def _verdict_on_error(
    dispatch: Dispatch, error: GridwixError, now: datetime, max_age: timedelta, can_repeat: bool
) -> DispatchVerdict:
    if not can_repeat and isinstance(error, Unavailable) and error.ambiguous:
        return DispatchVerdict(DispatchState.UNKNOWN, error.code, error=error)
    if not (error.retryable or isinstance(error, FIXABLE)) or now - dispatch.since > max_age:
        return DispatchVerdict(DispatchState.FAILED, error.code, error=error)
    wait = max(error.wait or 0.0, dispatch_backoff(dispatch.attempts))
    return DispatchVerdict(DispatchState.PLANNED, error.code, now + timedelta(seconds=wait), error)
