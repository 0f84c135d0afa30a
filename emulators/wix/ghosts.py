"""Delayed writes ("ghosts"): the caller gets no response, but the write is applied later.

A test injects such a write with the fault ``ghost_write``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from emulators.common.clock import Clock
from emulators.wix.errors import InvalidRequest, WixError


@dataclass(frozen=True, slots=True)
class Ghost:
    """A delayed write. ``due`` is in Unix seconds, or None if it waits until a test applies it."""

    due: float | None
    write: Callable[[], object]


class Ghosts:
    """The delayed writes ("ghosts") that are not applied yet.

    The caller of a delayed write got no response. The write is applied before the first request
    after its due time, so callers see it from its due time on.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._underway: list[Ghost] = []

    def add(self, write: Callable[[], object], seconds: float | None) -> None:
        """Schedule ``write`` in that many seconds.

        If ``seconds`` is None, the write waits until :meth:`apply_due` applies all writes.
        """
        due = None if seconds is None else self._clock.now().timestamp() + seconds
        self._underway.append(Ghost(due, write))

    def __len__(self) -> int:
        return len(self._underway)

    def apply_due(self, *, all_of_them: bool = False) -> int:
        """Apply the delayed writes that are due, earliest first. Return their number.

        With ``all_of_them``, apply all delayed writes.
        """
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
