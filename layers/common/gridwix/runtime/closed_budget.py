"""Circuit breaker: fails batches at once while the call budget of the Wix site is used up.

The call budget is the rate limit of the calls that all functions make to the site. The breaker
covers one execution environment.
"""

from collections.abc import Iterable

from gridwix.errors import BudgetExhausted, GridwixError

SHORTEST = 1.0
"""Shortest wait, in seconds, that trips the breaker: reading a batch takes about as long."""

LONGEST = 60.0
"""Longest time, in seconds, until a batch tries again: an operator may have lifted the block."""


class ClosedBudget:
    """Circuit breaker: while the call budget of the Wix site is used up, batches fail at once.

    The call budget is the rate limit of the calls that all functions make to the site. Without the
    breaker, each batch would be read from Trading Grid, could not be written, and would be read
    again later, while Wix answers 429.
    """

    def __init__(self) -> None:
        self._until = 0.0

    def note(self, errors: Iterable[GridwixError], now: float) -> None:
        """Trip the breaker if one of the errors of a batch says that the call budget is used up.

        ``now``: Unix seconds.
        """
        waits = [
            error.wait
            for error in errors
            if isinstance(error, BudgetExhausted) and error.wait is not None
        ]
        if (wait := max(waits, default=0.0)) > SHORTEST:
            self._until = now + min(wait, LONGEST)

    def require_open(self, now: float) -> None:
        """Raise BudgetExhausted while the call budget is used up (the breaker is tripped).

        The error has the time until calls may be granted again. Returns None otherwise.

        Args:
            now: Unix seconds.
        """
        if SHORTEST < (left := self._until - now) <= LONGEST:
            raise BudgetExhausted("the call budget of the site is still used up", wait=left)

    def forget(self) -> None:
        """Reset the breaker, as in a new execution environment."""
        self._until = 0.0


closed_budget = ClosedBudget()
"""The breaker of this execution environment."""
