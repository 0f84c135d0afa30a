"""Remembers until when the site's call budget is used up, in one execution environment."""

from collections.abc import Iterable

from gridwix.errors import BudgetExhausted, GridwixError

SHORTEST = 1.0
"""Shortest wait in seconds that counts: a batch that is read meanwhile takes about as long."""

LONGEST = 60.0
"""Longest time in seconds for which no batch asks again: an operator may have lifted the block."""


class ClosedBudget:
    """Remembers a budget that granted no call, so that the next batch need not find it out.

    A batch that cannot be written is read from Trading Grid for nothing, and read again once it
    can. While Wix answers 429, that would be every batch.
    """

    def __init__(self) -> None:
        self._until = 0.0

    def note(self, errors: Iterable[GridwixError], now: float) -> None:
        """Learn from the errors of a batch. ``now``: Unix seconds."""
        waits = [
            error.wait
            for error in errors
            if isinstance(error, BudgetExhausted) and error.wait is not None
        ]
        if (wait := max(waits, default=0.0)) > SHORTEST:
            self._until = now + min(wait, LONGEST)

    def require_open(self, now: float) -> None:
        """Raise BudgetExhausted, with the time that is left, while no call is granted.

        Args:
            now: Unix seconds.
        """
        if SHORTEST < (left := self._until - now) <= LONGEST:
            raise BudgetExhausted("the call budget of the site is still used up", wait=left)

    def forget(self) -> None:
        """Know of nothing, as a new execution environment does."""
        self._until = 0.0


closed_budget = ClosedBudget()
"""That of this execution environment."""
