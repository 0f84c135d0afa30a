"""Groups of Trading Grid statuses that several projections and rules share."""

SETTLED_CASE_STATUSES = frozenset({"closed", "cancelled"})
"""Final statuses of a case: neither side has to act."""

RUNNING_ENROLLMENT_STATUSES = frozenset({"invited", "in_progress", "on_hold"})
"""Statuses of an enrollment that is in progress."""
