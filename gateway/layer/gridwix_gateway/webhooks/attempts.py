"""Delivery attempts of webhooks: retry schedule, circuit breaker, meaning of responses. Pure."""

from dataclasses import dataclass
from typing import Literal

from gridwix_gateway.webhooks.ports import EndpointAnswer

SCHEDULE = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Backoff before each attempt, in seconds, as Standard Webhooks recommends. Its length is the
maximum number of attempts.
"""

JITTER = 0.1
"""Maximum share by which a backoff is lengthened at random, so that retries do not come all at
once.
"""

FAILURES_BEFORE_PAUSE = 5
"""Failures in a row after which an endpoint gets no requests for a while (circuit breaker)."""

FIRST_PAUSE = 60.0
LONGEST_PAUSE = 900.0
"""Maximum pause of a failing endpoint, in seconds. It doubles with each failure from
``FIRST_PAUSE``.
"""

MAX_RETRY_AFTER = 3_600.0
"""Maximum ``Retry-After``, in seconds, that is honored."""

BUSY = frozenset({429, 502, 503, 504})
"""HTTP statuses for which ``Retry-After`` pauses the endpoint: it is overloaded."""

type Status = Literal["pending", "delivered", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a delivery attempt: done, to be retried, or failed permanently.

    Args:
        status: The delivery's status.
        wait: Seconds until the retry of a pending delivery (backoff).
        pause: Seconds for which the endpoint asked to get no request (``Retry-After``); 0 if it did
            not.
        gone: Whether the endpoint wants no more webhooks (410), so that it is disabled.
    """

    status: Status
    wait: float = 0.0
    pause: float = 0.0
    gone: bool = False


def attempt_outcome(
    attempts: int, answer: EndpointAnswer, jitter: float, scale: float = 1.0
) -> Outcome:
    """Return the outcome of an attempt: 2xx is success, 410 disables, all else is retried.

    Args:
        attempts: Attempts so far, this one included.
        answer: The endpoint's response.
        jitter: A number from 0 to 1.
        scale: Multiplies backoff and pause; 1 except in tests.

    >>> attempt_outcome(1, EndpointAnswer(204), 0.0)
    Outcome(status='delivered', wait=0.0, pause=0.0, gone=False)
    >>> attempt_outcome(1, EndpointAnswer(302), 0.0).wait
    5.0
    >>> attempt_outcome(9, EndpointAnswer(None), 0.5).wait
    90720.0
    >>> attempt_outcome(10, EndpointAnswer(500), 0.0).status
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
    """Return the seconds of pause after so many failures of an endpoint (circuit breaker).

    >>> [failure_pause(count) for count in (4, 5, 6, 9, 500)]
    [0.0, 60.0, 120.0, 900.0, 900.0]
    """
    if failures < FAILURES_BEFORE_PAUSE:
        return 0.0
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - FAILURES_BEFORE_PAUSE, 10))
