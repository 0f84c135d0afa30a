"""The transaction monitor's port to its table of reported exceptions."""

from collections.abc import Collection, Mapping
from typing import Protocol


class KnownExceptions(Protocol):
    """Last recorded state of each process, by correlation id: the kind of its exception, ``over``,
    or ``telling`` while its event is being put on the bus.
    """

    def read(self, processes: Collection[str]) -> Mapping[str, str]:
        """Return the last recorded state of each process.

        A process without a recorded state is left out. Raises UpstreamError.
        """

    def record(self, exceptions: Mapping[str, str], *, at: float) -> None:
        """Replace the state of each process; ``at`` is in Unix seconds. Raises UpstreamError."""
