"""The fault source of a schedule: planned faults, and those of outages."""

from collections.abc import Sequence
from random import Random

from soak.kernel.edges import Fault, PlannedFaults
from soak.traffic.storms import OUTAGE


class ScheduledFaults:
    """Makes the planned calls fail, and most calls during an outage.

    Args:
        planned: Time, edge and fault of each.
        random: The seeded source of chance of the calls during outages.
        until: Unix seconds after which nothing fails.
    """

    def __init__(
        self, planned: Sequence[tuple[float, str, Fault]], random: Random, until: float
    ) -> None:
        self._planned = PlannedFaults(planned)
        self._random = random
        self._until = until
        self._outages: dict[str, float] = {}

    def begin_outage(self, edge: str, until: float) -> None:
        """Make most calls over an edge fail, until a time in Unix seconds."""
        self._outages[edge] = max(until, self._outages.get(edge, 0.0))

    def draw(self, edge: str, operation: str, now: float) -> Fault | None:
        """Return the fault of the next call over an edge; None for a call that succeeds."""
        if now >= self._until:
            return None
        if now < self._outages.get(edge, 0.0):
            return self._random.choice(OUTAGE)
        return self._planned.draw(edge, operation, now)
