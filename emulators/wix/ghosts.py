"""Writes that land although their caller got no answer."""

from collections.abc import Callable
from dataclasses import dataclass

from emulators.common.clock import Clock
from emulators.wix.errors import InvalidRequest, WixError


@dataclass(frozen=True, slots=True)
class Ghost:
    """``due`` is in Unix seconds of the clock; None waits for an order."""

    due: float | None
    write: Callable[[], object]


class Ghosts:
    """Those that are still underway. They land before the first request that comes when they are due, so nobody can tell it from landing on time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._underway: list[Ghost] = []

    def add(self, write: Callable[[], object], seconds: float | None) -> None:
        """Carry out ``write`` after that many seconds; None waits for :meth:`land`."""
        due = None if seconds is None else self._clock.now().timestamp() + seconds
        self._underway.append(Ghost(due, write))

    def __len__(self) -> int:
        return len(self._underway)

    def apply_due(self, *, all_of_them: bool = False) -> int:
        """Carry out those that are due, in the order in which they are; return how many."""
        now = self._clock.now().timestamp()
        landing = [ghost for ghost in self._underway if all_of_them or (ghost.due is not None and ghost.due <= now)]
        self._underway = [ghost for ghost in self._underway if ghost not in landing]
        for ghost in sorted(landing, key=lambda ghost: now if ghost.due is None else ghost.due):
            try:
                ghost.write()
            except (WixError, InvalidRequest):
                # Its caller would have been told; there is none.
                continue
        return len(landing)
