"""Progress lines of a run: its state, with the time and the memory that it took."""

import platform
import re
import resource
from collections.abc import Callable
from time import process_time
from typing import NamedTuple

from soak.kernel.virtual_time import real_time

EVERY = 10.0
"""Minimum seconds of wall time between two lines of a kind."""

_NUMBERS = re.compile(r"[\d.,]+")


class Effort(NamedTuple):
    """The cost of a run: ``wall`` and ``processor`` time in seconds, and the process's peak of
    memory in MB.
    """

    wall: float
    processor: float
    megabytes: float


class ProgressLines:
    """Prints progress lines: the first of each kind at once, then the newest every ten seconds.

    ``share`` returns the part of the work that is done, from 0 to 1, for lines that show it.

    Args:
        clock: Returns wall time, in seconds.
        show: Prints a line.
    """

    def __init__(
        self,
        clock: Callable[[], float] = real_time,
        show: Callable[[str], None] = lambda line: print(line, flush=True),
    ) -> None:
        self.share: Callable[[], float] | None = None
        self._clock = clock
        self._show = show
        self._begun = self._last = clock()
        self._processor = process_time()
        self._kind = ""

    def __call__(self, text: str) -> None:
        """Print a line, unless one of the same kind was printed in the last ten seconds.

        Lines of a kind differ in their numbers, or in the text after a colon.
        """
        kind, now = _NUMBERS.sub("", text.partition(":")[0]), self._clock()
        if kind == self._kind and now - self._last < EVERY:
            return
        self._kind, self._last = kind, now
        effort = self.effort()
        share = "" if self.share is None else f", {min(1.0, self.share()):4.0%} done"
        self._show(
            f"{effort.wall:6,.0f} s, {effort.processor:6,.0f} s of processor time,"
            f" {effort.megabytes:6,.0f} MB at most{share}: {text}"
        )

    def effort(self) -> Effort:
        """Return the time and memory that the run took so far."""
        return Effort(
            self._clock() - self._begun, process_time() - self._processor, _peak_megabytes()
        )


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # In KB, but in bytes on macOS.
    return peak / (1024**2 if platform.system() == "Darwin" else 1024)
