"""What the transaction monitor needs of its table."""

from collections.abc import Collection, Mapping
from typing import Protocol


class KnownExceptions(Protocol):
    """What is already known to be wrong, by correlation id: an exception's kind, ``over``, or ``telling`` while the bus is being told."""

    def read(self, processes: Collection[str]) -> Mapping[str, str]:
        """What was recorded of each last. A process of which nothing is recorded is left out."""

    def record(self, exceptions: Mapping[str, str], *, at: float) -> None:
        """Record these, each in the place of what was there."""
