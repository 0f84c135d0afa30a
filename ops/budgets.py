"""Call budgets of the command: rate limits of its calls to Wix.

The command takes calls from the token bucket that all functions of the site share.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.mapping.call_rate import SECOND, CallRate
from gridwix.ports import CallBudget
from gridwix.runtime.settings import WixSettings
from ops.aws import Aws

RESERVED_SHARE = 0.5
"""Share of the token bucket's burst that ``doctor`` leaves to the functions (0 to 1)."""

NOTICEABLE = 1.0
"""Total seconds of waiting for calls after which the wait is reported to the user."""

QUIET = 5.0
"""Minimum interval in seconds between two reports of a wait for calls."""


@dataclass(frozen=True, slots=True)
class BudgetLevel:
    """The state of the site's call budget at one time: how many calls could be made at once.

    ``left`` is the number of calls that could be made at once, ``burst`` its maximum. ``blocked``
    is the number of seconds for which Wix's rate limit still stops all calls; 0 if it does not.
    """

    left: int
    burst: int
    calls_per_minute: int
    blocked: float = 0.0


class UnlimitedBudget:
    """A call budget that grants every call at once. Implements ``CallBudget``.

    It is for the local environment, which measures the functions' budget and must not use it up.
    """

    def take(self, calls: int = 1) -> float:  # noqa: ARG002 - there is always enough
        return 0.0

    def exhaust(self, seconds: float) -> None:
        """Do nothing after a 429: Wix's rate limit reaches the user as an error."""


class WaitingBudget:
    """A call budget that sleeps until a call is granted, and reports long waits.

    Implements ``CallBudget``.

    Args:
        budget: The budget to take calls from.
        sleep: Sleeps for a number of seconds.
        report: Receives one sentence per reported wait.
        until: Deadline on ``clock``. ``take`` returns the wait in seconds instead of sleeping past
            it, so that the caller raises BudgetExhausted. None waits for as long as it takes.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        budget: CallBudget,
        sleep: Callable[[float], None] = time.sleep,
        *,
        report: Callable[[str], None] = lambda _: None,
        until: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budget = budget
        self._sleep = sleep
        self._report = report
        self._until = until
        self._clock = clock
        # The bucket refills one call every half second: many short waits add up to a long one.
        self._waited = 0.0
        self._quiet_until = clock()

    def take(self, calls: int = 1) -> float:
        while wait := self._budget.take(calls):
            if self._until is not None and self._clock() + wait > self._until:
                return wait
            self._waited += wait
            if self._waited >= NOTICEABLE:
                self._report_wait(wait)
            self._sleep(wait)
        return 0.0

    def exhaust(self, seconds: float) -> None:
        self._budget.exhaust(seconds)

    def _report_wait(self, wait: float) -> None:
        # Several threads may wait at once: one report is enough for all.
        now = self._clock()
        if now >= self._quiet_until:
            self._quiet_until = now + max(wait, QUIET)
            self._waited = 0.0
            duration = f"{wait:.0f} s " if wait >= NOTICEABLE else ""
            self._report(
                f"waiting {duration}for the site's call budget, which the functions use as well"
            )


def shared_budget(
    aws: Aws, settings: WixSettings, *, clock: Callable[[], float] = time.time
) -> CallBudget:
    """Return the site's call budget that all functions share (a token bucket in DynamoDB)."""
    return _budget_leaving(aws, settings, 0.0, clock)


def reserving_budget(
    aws: Aws,
    settings: WixSettings,
    share: float = RESERVED_SHARE,
    *,
    clock: Callable[[], float] = time.time,
) -> CallBudget:
    """Return the call budget for a read-only command, which leaves a reserve to the functions.

    It grants a call only if ``share`` of the burst stays free afterwards, so the functions can
    always start a burst of that size. Each granted call is taken from the budget of the functions.
    """
    return _budget_leaving(aws, settings, share, clock)


def read_budget_level(aws: Aws, settings: WixSettings, now: float) -> BudgetLevel:
    """Return the state of the functions' call budget: the calls that are left. Uses up no call.

    Args:
        aws: AWS clients.
        settings: Settings of a function that calls Wix.
        now: The present time in Unix seconds.

    Raises:
        UpstreamError: DynamoDB failed.
    """
    rate = CallRate(settings.wix_calls_per_minute, settings.wix_call_burst)
    state = _budget_leaving(aws, settings, 0.0, lambda: now).read_state()
    return BudgetLevel(
        rate.calls_left(state, now=int(now * SECOND)),
        rate.burst,
        rate.calls_per_minute,
        max(state.blocked_until / SECOND - now, 0.0),
    )


def _budget_leaving(
    aws: Aws, settings: WixSettings, share: float, clock: Callable[[], float]
) -> DynamoDBCallBudget:
    rate = CallRate(settings.wix_calls_per_minute, settings.wix_call_burst).leaving_share(share)
    return DynamoDBCallBudget(
        aws.dynamodb,
        settings.budget_table,
        settings.wix_site_id,
        calls_per_minute=rate.calls_per_minute,
        burst=rate.burst,
        clock=clock,
    )
