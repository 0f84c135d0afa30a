"""How the command takes calls from the budget that all functions share, so that its calls count at Wix as theirs do and it does not crowd them out."""

import time
from collections.abc import Callable

from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.ports import CallBudget
from gridwix.runtime.settings import WixSettings
from ops.aws import Aws

SPARE_SHARE = 0.5
"""Part of the calls that may come at once which somebody who only looks leaves to the functions."""

NOTICEABLE = 1.0
"""Seconds of waiting that are worth a word."""

QUIET = 5.0
"""Seconds between two such words."""


class UnlimitedBudget:
    """The call budget of somebody who only watches, and takes nothing from the functions'. Implements ``CallBudget``."""

    def take(self, calls: int = 1) -> float:  # noqa: ARG002 - there is always enough
        return 0.0

    def exhaust(self, seconds: float) -> None:
        """Nothing: Wix's own limit shows as an error."""


class WaitingBudget:
    """A call budget that waits for calls which cannot be had at once, and says so. Implements ``CallBudget``.

    ``until`` is the time of ``clock`` up to which it waits: what would come later is answered with the seconds to wait, so that the caller raises
    BudgetExhausted. None waits for as long as it takes.
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
        self._budget_with_burst = budget
        self._sleep = sleep
        self._report = report
        self._until = until
        self._clock = clock
        # Single calls flow in every half second: many short waits are a long one.
        self._waited = 0.0
        self._quiet_until = clock()

    def take(self, calls: int = 1) -> float:
        while wait := self._budget_with_burst.take(calls):
            if self._until is not None and self._clock() + wait > self._until:
                return wait
            self._waited += wait
            if self._waited >= NOTICEABLE:
                self._report_wait(wait)
            self._sleep(wait)
        return 0.0

    def exhaust(self, seconds: float) -> None:
        self._budget_with_burst.exhaust(seconds)

    def _report_wait(self, wait: float) -> None:
        # Several threads may wait at once: one word is enough for all.
        now = self._clock()
        if now >= self._quiet_until:
            self._quiet_until = now + max(wait, QUIET)
            self._waited = 0.0
            howlong = f"{wait:.0f} s " if wait >= NOTICEABLE else ""
            self._report(f"waiting {howlong}for the site's call budget, which the functions use as well")


def shared_budget(aws: Aws, settings: WixSettings, *, clock: Callable[[], float] = time.time) -> CallBudget:
    """The functions' own budget."""
    return _budget_with_burst(aws, settings, settings.wix_call_burst, clock)


def reserving_budget(aws: Aws, settings: WixSettings, share: float = SPARE_SHARE, *, clock: Callable[[], float] = time.time) -> CallBudget:
    """The functions' own budget for somebody who only looks: it grants a call only if ``share`` of the calls that may come at once are left after it.

    Calls flow into the bucket as fast as the functions see them flow, and what is taken is missing to them; but a rush of theirs always finds its share.
    """
    return _budget_with_burst(aws, settings, max(1, settings.wix_call_burst - round(settings.wix_call_burst * share)), clock)


def _budget_with_burst(aws: Aws, settings: WixSettings, burst: int, clock: Callable[[], float]) -> CallBudget:
    # The bucket fills at calls_per_minute - burst, and its state is one instant: with the same flow and a smaller burst, a taker sees the same bucket as full
    # only down to the rest that it leaves.
    flow = settings.wix_calls_per_minute - settings.wix_call_burst
    return DynamoDBCallBudget(aws.dynamodb, settings.budget_table, settings.wix_site_id, calls_per_minute=flow + burst, burst=burst, clock=clock)
