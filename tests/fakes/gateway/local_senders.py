"""The senders of webhooks in a thread, in place of queue and function."""

import heapq
import threading
import time
from collections.abc import Callable
from datetime import datetime

from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.table import Table
from gridwix_gateway.webhooks.dispatch import due_endpoints, run_senders
from gridwix_gateway.webhooks.http import connect
from gridwix_gateway.webhooks.ports import Waker
from gridwix_gateway.webhooks.sender import SenderParts

SOON = 30.0
"""Seconds. Wakes that are later do not count as work under way."""


class LocalSenders(Waker):
    """Runs the senders of all endpoints whenever one is woken.

    Args:
        table: The gateway's table.
        feed: Its feed.
        clock: Returns the time.
        scale: Multiplies the waits between attempts.
    """

    def __init__(
        self, table: Table, feed: Feed, clock: Callable[[], datetime], scale: float = 0.01
    ) -> None:
        self._parts = SenderParts(
            table=table,
            feed=feed,
            connect=lambda: connect("any", 5.0),
            waker=self,
            clock=lambda: clock().timestamp(),
            scale=scale,
        )
        self._now = time.monotonic
        self._wakes: list[float] = []
        self._changed = threading.Condition()
        self._running = False
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after its current run."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()

    def is_idle(self) -> bool:
        """Return True if no sender runs, and none will run soon."""
        with self._changed:
            soon = [at for at in self._wakes if at - self._now() < SOON]
            return not self._running and not soon

    def wake_senders(self) -> None:
        self.wake_sender("all", 0.0)

    def wake_sender(self, endpoint: str, delay: float) -> None:
        with self._changed:
            heapq.heappush(self._wakes, self._now() + delay)
            self._changed.notify_all()

    def _run(self) -> None:
        while self._wait_for_work():
            for result in run_senders(
                self._parts, due_endpoints(self._parts), lambda: not self._stopped
            ).values():
                if isinstance(result, Exception):
                    raise result
            with self._changed:
                self._running = False

    def _wait_for_work(self) -> bool:
        with self._changed:
            while not self._stopped:
                if self._wakes and self._wakes[0] <= self._now():
                    heapq.heappop(self._wakes)
                    self._running = True
                    return True
                wait = self._wakes[0] - self._now() if self._wakes else None
                self._changed.wait(wait)
            return False
