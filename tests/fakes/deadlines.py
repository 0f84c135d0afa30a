"""Deadlines that come after a number of units of work, not after a time."""

from collections.abc import Callable

from gridwix.models.deadline import Deadline

PASSED = Deadline(remaining=lambda: 0.0, reserve=1.0)
"""Always near: no time is left for anything."""


def deadline_after(checks: int) -> Deadline:
    """Return a deadline that is far at the first ``checks`` checks and near from then on."""
    left = iter(range(checks))
    return _deadline(lambda: next(left, None) is None)


def _deadline(is_near: Callable[[], bool]) -> Deadline:
    return Deadline(remaining=lambda: 0.0 if is_near() else 2.0, reserve=1.0)
