"""Shows snapshots of a stack one after another.

In a terminal this is a live screen; elsewhere the texts are printed one below the other.
"""

import contextlib
import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live

from ops.watch.snapshot import Snapshot
from ops.watch.view import snapshot_view

INTERVAL = 10.0
"""Seconds between two snapshots."""

SHORTEST, LONGEST = 2.0, 3600.0
"""Bounds of the interval in seconds. Each snapshot takes some dozens of AWS calls."""


def watch_snapshots(
    read: Callable[[], Snapshot],
    console: Console,
    *,
    interval: float = INTERVAL,
    most: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Snapshot | None:
    """Show snapshots of a stack until Ctrl-C, or ``most`` of them; return the last snapshot.

    Return None if there was no snapshot. In a terminal, the newest replaces the one before it, and
    stays on the screen at the end. Elsewhere, each snapshot is printed as a whole.

    Args:
        read: Reads a snapshot.
        console: The console on which the snapshots are shown.
        interval: Seconds between the end of one read and the begin of the next.
        most: Maximum number of snapshots; None for no limit.
        sleep: Sleeps for a number of seconds.
    """
    last: Snapshot | None = None
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as screen:
        live = (
            screen.enter_context(Live(console=console, auto_refresh=False))
            if console.is_terminal
            else None
        )
        number = 0
        while most is None or number < most:
            if number:
                sleep(interval)
            last = read()
            number += 1
            if live is None:
                console.print(snapshot_view(last), "")
            else:
                live.update(snapshot_view(last), refresh=True)
    return last
