"""Attempts of a delivery: the retry schedule, and what an answer means. Pure."""

from dataclasses import dataclass
from typing import Literal

from gridwix_gateway.webhooks.ports import Answer

SCHEDULE = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between attempts, as Standard Webhooks recommends them."""

JITTER = 0.1
"""Part of a wait by which it is lengthened at most, so that retries do not come all at once."""

FAILURES_BEFORE_PAUSE = 5
"""Failures in a row after which an endpoint is left alone for a time."""

FIRST_PAUSE = 60.0
LONGEST_PAUSE = 900.0
"""Seconds. Each further failure doubles the pause, up to the longest."""

MAX_RETRY_AFTER = 3_600.0
"""Seconds of a ``Retry-After`` that are honored at most."""

BUSY = frozenset({429, 502, 503, 504})
"""Statuses of an endpoint that asks for fewer requests."""

type Status = Literal["pending", "delivered", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of an attempt.

    Args:
        status: The delivery's status.
        wait: Seconds until the next attempt, of a pending delivery.
        pause: Seconds for which the endpoint asked for no request; 0 if it did not.
        gone: The endpoint wants no more webhooks (410).
    """

    status: Status
    wait: float = 0.0
    pause: float = 0.0
    gone: bool = False


def attempt_outcome(attempts: int, answer: Answer, jitter: float, scale: float = 1.0) -> Outcome:
    """Return what follows from an attempt. Success is a 2xx; a redirect is a failure.

    Args:
        attempts: Attempts so far, this one included.
        answer: The endpoint's answer.
        jitter: A number from 0 to 1.
        scale: Multiplies the waits (1; tests have no time).

    >>> attempt_outcome(1, Answer(204), 0.0)
    Outcome(status='delivered', wait=0.0, pause=0.0, gone=False)
    >>> attempt_outcome(1, Answer(302), 0.0).wait, attempt_outcome(9, Answer(None), 0.5).wait
    (5.0, 90720.0)
    >>> attempt_outcome(10, Answer(500), 0.0).status
    'failed'
    """
    if answer.status is not None and 200 <= answer.status < 300:
        return Outcome("delivered")
    if answer.status == 410:
        return Outcome("failed", gone=True)
    pause = min(answer.retry_after, MAX_RETRY_AFTER) * scale if answer.status in BUSY else 0.0
    if attempts >= len(SCHEDULE):
        return Outcome("failed", pause=pause)
    wait = SCHEDULE[attempts] * (1.0 + JITTER * jitter) * scale
    return Outcome("pending", max(wait, pause), pause)


def failure_pause(failures: int) -> float:
    """Return the seconds for which an endpoint is left alone after so many failures in a row.

    >>> [failure_pause(count) for count in (4, 5, 6, 9, 500)]
    [0.0, 60.0, 120.0, 900.0, 900.0]
    """
    if failures < FAILURES_BEFORE_PAUSE:
        return 0.0
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - FAILURES_BEFORE_PAUSE, 10))
