"""Classifies errors: of one submission alone, or common to all. Pure."""

from gridwix.errors import BudgetExhausted, GridwixError, UpstreamError
from gridwix.publication.reconciled import OF_ONE_RECORD


def concerns_all(error: GridwixError) -> bool:
    """Return True for an error that is not of one submission: the next one would fail as well.

    Such are an outage, a rate limit and an exhausted call budget.
    """
    return isinstance(error, BudgetExhausted | UpstreamError) and not isinstance(
        error, OF_ONE_RECORD
    )
