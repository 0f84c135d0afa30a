"""Deadline of a run: the moment after which a function must not start another unit of work.

Pure.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """Time limit of one Lambda invocation: near it, begun work is finished and no new work begins.

    Args:
        remaining: Returns the seconds until Lambda stops the invocation.
        reserve: Seconds that one unit of work, and storing its result, may need.
    """

    remaining: Callable[[], float]
    reserve: float

    def is_near(self) -> bool:
        """Return True if no more time than the reserve is left: no further unit of work may begin.

        >>> Deadline(remaining=lambda: 30.0, reserve=20.0).is_near()
        False
        >>> Deadline(remaining=lambda: 20.0, reserve=20.0).is_near()
        True
        """
        return self.remaining() <= self.reserve

    def left(self) -> float:
        """Return the seconds until the deadline is near, at least 0; infinite without a time limit.

        >>> Deadline(remaining=lambda: 30.0, reserve=20.0).left()
        10.0
        """
        return max(0.0, self.remaining() - self.reserve)

    def with_reserve(self, reserve: float) -> "Deadline":
        """Return this deadline with another reserve: seconds that one unit of work may need."""
        return Deadline(self.remaining, reserve)

    def half(self) -> "Deadline":
        """Return a deadline that is near once half of the usable time is used up.

        Usable is the time above ``reserve``, the seconds that one unit of work may need. With 30 s
        left and a reserve of 20 s, 10 s are usable, and the new deadline is near when 25 s are
        left. Without a time limit, this deadline itself is returned.

        >>> Deadline(remaining=lambda: 30.0, reserve=20.0).half().reserve
        25.0
        >>> Deadline(remaining=lambda: 60.0, reserve=20.0).half().reserve
        40.0
        """
        left = self.remaining()
        if math.isinf(left):
            return self
        return Deadline(self.remaining, self.reserve + max(0.0, left - self.reserve) / 2)


NO_DEADLINE = Deadline(remaining=lambda: math.inf, reserve=0.0)
"""Deadline that is never near: for callers without a time limit."""
