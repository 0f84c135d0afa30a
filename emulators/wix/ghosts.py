"""Delayed writes to collections: applied later, although their caller got no response."""

from collections.abc import Callable
from dataclasses import dataclass

from emulators.common.clock import Clock
from emulators.wix.errors import InvalidRequest, WixError


@dataclass(frozen=True, slots=True)
class Ghost:
    """A delayed write. ``due`` is in Unix seconds of the clock; None waits for a test's request."""

    due: float | None
    write: Callable[[], object]


class Ghosts:
    """The delayed writes that are not applied yet.

    A due write is applied before the next request is handled, so callers see it from its due time
    on.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._underway: list[Ghost] = []

    def add(self, write: Callable[[], object], seconds: float | None) -> None:
        """Schedule ``write`` after that many seconds; None waits for :meth:`apply_due`."""
        due = None if seconds is None else self._clock.now().timestamp() + seconds
        self._underway.append(Ghost(due, write))

    def __len__(self) -> int:
        return len(self._underway)

    def apply_due(self, *, all_of_them: bool = False) -> int:
        """Apply the writes that are due, in order of their due time. Return their number."""
        now = self._clock.now().timestamp()
        landing = [
            ghost
            for ghost in self._underway
            if all_of_them or (ghost.due is not None and ghost.due <= now)
        ]
        self._underway = [ghost for ghost in self._underway if ghost not in landing]
        for ghost in sorted(landing, key=lambda ghost: now if ghost.due is None else ghost.due):
            try:
                ghost.write()
            except (WixError, InvalidRequest):
                # Nobody waits for a response that could carry the error.
                continue
        return len(landing)
