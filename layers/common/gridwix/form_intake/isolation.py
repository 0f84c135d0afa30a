"""Classifies errors: those of one submission alone, and those common to all submissions. Pure."""

from gridwix.errors import BudgetExhausted, GridwixError, UpstreamError
from gridwix.publication.reconciled import OF_ONE_RECORD


def concerns_all(error: GridwixError) -> bool:
    """Return True for an error that the next submission would meet as well.

    Such errors are an outage, a rate limit and an exhausted call budget.
    """
    return isinstance(error, BudgetExhausted | UpstreamError) and not isinstance(
        error, OF_ONE_RECORD
    )
