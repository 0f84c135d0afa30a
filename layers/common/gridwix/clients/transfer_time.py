"""Time limit of a whole transfer, which holds while single bytes arrive.

httpx bounds each wait for the network, and not the sum of them: a server that sends a byte now and
then keeps a transfer open for as long as it likes, within a header as well. Here each wait is at
most what is left of the transfer.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from gridwix.lazy_imports import import_lazily

# Most batches transfer no file.
with import_lazily("gridwix.clients.limited_network"):
    from gridwix.clients import limited_network


class TransferTime:
    """The limit of the transfer that this thread makes.

    Args:
        clock: Returns seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._thread = threading.local()

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Limit the transfers inside. One that takes longer fails with httpx's own time-outs."""
        before = self._end()
        self._thread.end = self._clock() + seconds
        try:
            yield
        finally:
            self._thread.end = before

    def watch(self, transport: httpx.BaseTransport) -> None:
        """Have a transport keep the limit. One without connections, as in tests, has no waits."""
        if isinstance(transport, httpx.HTTPTransport):
            limited_network.limit_waits(transport, self.bounded)

    def bounded(self, timeout: float | None, error: type[Exception]) -> float | None:
        """A time-out, in seconds, within the limit. Raises ``error`` if nothing is left of it."""
        left = self.left()
        if left is None:
            return timeout
        if left <= 0:
            raise error("the transfer takes too long")
        return left if timeout is None else min(timeout, left)

    def left(self) -> float | None:
        """Seconds that are left of the limit, at least 0; None without one."""
        end = self._end()
        return None if end is None else max(0.0, end - self._clock())

    def _end(self) -> float | None:
        return getattr(self._thread, "end", None)
