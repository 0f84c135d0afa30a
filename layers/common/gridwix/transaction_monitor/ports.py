"""The transaction monitor's port to its table of reported exceptions."""

from collections.abc import Collection, Mapping
from typing import Protocol


class KnownExceptions(Protocol):
    """Stores the last reported state of each process (transaction), by correlation id.

    The state is the kind of its exception, ``over`` if the exception is resolved, or ``telling``
    while the event is being put on the bus.
    """

    def read_states(self, processes: Collection[str]) -> Mapping[str, str]:
        """Return the last recorded state of each of these processes, by correlation id.

        A process without a recorded state is left out. Raises UpstreamError.
        """

    def record(self, exceptions: Mapping[str, str], *, at: float) -> None:
        """Record the state of each given process, in place of its last one; others keep theirs.

        ``exceptions`` maps the correlation ids of processes (transactions) to the states to record.
        ``at`` is the time of the record in Unix seconds. Raises UpstreamError.
        """
