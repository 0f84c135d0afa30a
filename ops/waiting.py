"""Waits that go on as long as there is progress, however slow the machine is.

Nothing here, in the tests or in the benchmarks has a fixed total timeout, because a busy machine is
slow and not broken. A wait without progress for minutes fails, and its error names the condition
and the last state.
"""

import inspect
import time
from collections.abc import Callable, Hashable

import httpx

from ops.errors import OpsError

STANDSTILL = 300.0
"""Seconds without progress after which a wait fails. Also the read timeout of calls to local
servers.
"""

POLL = 0.02
"""Seconds between two checks of the condition, if it is cheap to check."""

LOOK = 3.0
"""Minimum seconds between two checks of the progress, and before the first.

A check may cost far more than the condition: one call per queue. Most waits are shorter.
"""


class Standstill(OpsError):
    """Raised by a wait if its condition is not reached, and there was no progress for minutes."""


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
    """Call ``ask`` until it returns a true value, as long as there is progress; return the value.

    Args:
        ask: Returns the value to wait for. It should raise if the value can no longer come, such
            as when a process has died.
        what: Name of the condition, for the error.
        progress: Returns the current state, such as a number or a tuple of queue depths. A state
            that was seen before is no progress, so alternating states count as a standstill. None:
            no progress.
        standstill: Seconds without progress after which the wait fails.
        poll: Minimum seconds between two calls of ``ask``.
        clock: Monotonic time in seconds.
        sleep: Sleeps for a number of seconds.

    Raises:
        Standstill: Nothing moved for ``standstill`` seconds. The message names ``what`` and the
            last state.
    """
    seen: set[Hashable] = set()
    state: Hashable = None
    # A wait that ends soon needs no progress.
    moved = looked = clock()
    look = min(LOOK, standstill / 2)
    while True:
        begun = clock()
        if answer := ask():
            return answer
        if progress is not None and clock() - looked >= look:
            state, looked = progress(), clock()
            if state not in seen:
                seen.add(state)
                moved = looked
        if clock() - moved >= standstill:
            shown = "" if progress is None else f"; the last that was seen: {state}"
            raise Standstill(
                f"waited for {what}, and nothing has moved for {clock() - moved:.0f}"
                f" seconds{shown}",
                "see why it does not go on, and run it again",
            )
        # A slow answer means a busy machine: leave most of it to those that are waited for.
        sleep(max(poll, 3 * (clock() - begun)))


def wait_for_answers() -> None:
    """Increase httpx's default timeout in this process from five seconds to ``STANDSTILL``.

    For the tests and the benchmarks, which call local servers. Deployed code sets its own timeouts.
    """
    # All of httpx's functions and clients share this default object.
    default = inspect.signature(httpx.get).parameters["timeout"].default
    default.connect = default.read = default.write = default.pool = STANDSTILL
