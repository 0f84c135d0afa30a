"""Rules for delivery attempts of webhooks: retry schedule, circuit breaker, responses. Pure."""

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
    """Outcome of an attempt to deliver a webhook: delivered, to be retried, or failed permanently.

    Args:
        status: Status of the delivery after the attempt.
        wait: Seconds until the retry of a pending delivery (backoff).
        pause: Seconds for which the endpoint asked to get no request (``Retry-After``); 0 if it did
            not ask.
        gone: Whether the endpoint responded 410: it wants no more webhooks and gets disabled.
    """

    status: Status
    wait: float = 0.0
    pause: float = 0.0
    gone: bool = False


def attempt_outcome(
    attempts: int, answer: EndpointAnswer, jitter: float, scale: float = 1.0
) -> Outcome:
    """Return the outcome of an attempt to deliver a webhook, by the endpoint's response.

    2xx is success, and 410 disables the endpoint. Any other response, or none, is retried until the
    attempts of the schedule are used up; then the delivery has failed. If the endpoint is
    overloaded (429, 502, 503 or 504) and sends ``Retry-After``, it is also paused for that time: it
    gets no requests at all.

    Args:
        attempts: Number of attempts of this delivery so far, this one included.
        answer: The endpoint's response.
        jitter: A random number from 0 to 1, which lengthens the backoff.
        scale: Multiplies the backoff (the result's ``wait``) and the ``pause``; 1 except in tests.

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
    """Return how long to pause an endpoint after ``failures`` failed attempts in a row, in seconds.

    This is the circuit breaker: it returns 0 for the first few failures.

    >>> [failure_pause(count) for count in (4, 5, 6, 9, 500)]
    [0.0, 60.0, 120.0, 900.0, 900.0]
    """
    if failures < FAILURES_BEFORE_PAUSE:
        return 0.0
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - FAILURES_BEFORE_PAUSE, 10))
