"""Waiting by progress: as long as something moves, however slow the machine is.

Nothing here, in the tests or in the benchmarks waits for a fixed total time: a machine that does other things, too, is slow and not broken. What stands still
for minutes is broken, and the error says what was waited for and what was seen last.
"""

import inspect
import time
from collections.abc import Callable, Hashable

import httpx

from ops.errors import OpsError

STANDSTILL = 300.0
"""Seconds without any progress after which a wait is given up. Also the time-out of calls to what runs on this machine: an answer that does not come."""

POLL = 0.02
"""Seconds between two questions, where the answer is quick."""

LOOK = 1.0
"""Seconds between two looks at the progress, which may cost more than the question."""


class Standstill(OpsError):
    """What was waited for did not happen, and nothing has moved for minutes."""


def wait_for[T](
    ask: Callable[[], T],
    what: str,
    *,
    progress: Callable[[], Hashable] | None = None,
    standstill: float = STANDSTILL,
    poll: float = POLL,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Return the first answer of ``ask`` that is true; asks again for as long as there is progress.

    ``progress`` tells how far things are: a number, a tuple of queue depths, whatever moves on. A state that this wait has seen before is no progress, so that
    two states that only alternate count as a standstill. Without it, ``ask`` is given ``standstill`` seconds.

    Raises Standstill naming ``what``, the last state and for how long (seconds) nothing has moved, and whatever ``ask`` and ``progress`` raise: a question
    about a process raises at once if the process has died.
    """
    seen: set[Hashable] = set()
    state: Hashable = None
    moved = looked = clock()
    while True:
        begun = clock()
        if answer := ask():
            return answer
        if progress is not None and (not seen or begun - looked >= LOOK):
            state, looked = progress(), clock()
            if state not in seen:
                seen.add(state)
                moved = looked
        if clock() - moved >= standstill:
            shown = "" if progress is None else f"; the last that was seen: {state}"
            raise Standstill(f"waited for {what}, and nothing has moved for {clock() - moved:.0f} seconds{shown}")
        # Where an answer takes long, the machine has more to do than to be asked.
        sleep(max(poll, clock() - begun))


def wait_for_answers() -> None:
    """Have every call of httpx in this process that names no limit wait ``STANDSTILL`` seconds for an answer, instead of five.

    For the tests and the benchmarks, which call what runs on this machine. What is deployed names its limits, and keeps them.
    """
    # One object is the default of all of httpx's functions and clients.
    default = inspect.signature(httpx.get).parameters["timeout"].default
    default.connect = default.read = default.write = default.pool = STANDSTILL
