"""The state of an endpoint, and the lease by which one sender at a time works for it."""

import uuid
from collections.abc import Callable
from typing import Self

from gridwix_gateway.store.table import Item, Key, Table
from gridwix_gateway.webhooks.endpoints import STATES

LEASE_SECONDS = 120.0
"""Seconds after which another sender may take over. A function that sends ends before that."""


class LeaseLost(Exception):
    """Another sender has taken over, or the endpoint was deleted."""


class Lease:
    """An endpoint's state while a sender works for it.

    Each write depends on the one before it, so a sender that was overtaken cannot move a position
    back.

    Args:
        table: The gateway's table.
        state: The endpoint's state as it was read.
        clock: Returns Unix seconds.

    Attributes:
        endpoint: The endpoint's id.
        position: Number of the last event of the feed that was attempted.
        failures: Failed attempts in a row.
        paused_until: Unix seconds before which the endpoint gets no request.
    """

    def __init__(self, table: Table, state: Item, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock
        self._revision = int(state["revision"])
        # By it, a write that was repeated after a lost answer is known from a rival's equal one.
        self._holder = uuid.uuid4().hex
        self.endpoint = str(state["sk"])
        self.position = int(state["position"])
        self.failures = int(state["failures"])
        self.paused_until = int(state["pausedUntil"]) / 1000

    @classmethod
    def take(cls, table: Table, endpoint: str, clock: Callable[[], float]) -> Self | None:
        """Take the lease of an endpoint. Return None if it is taken, or if there is no endpoint."""
        state = table.get(Key(STATES, endpoint))
        if state is None or int(state["leaseUntil"]) > clock() * 1000:
            return None
        lease = cls(table, state, clock)
        try:
            lease.save()
        except LeaseLost:
            return None
        return lease

    @property
    def is_paused(self) -> bool:
        """True while the endpoint gets no request."""
        return self.paused_until > self._clock()

    def save(self) -> None:
        """Write the state and extend the lease. Raises LeaseLost."""
        self._write(int((self._clock() + LEASE_SECONDS) * 1000))

    def release(self) -> None:
        """Write the state and end the lease. Raises LeaseLost."""
        self._write(0)

    def _write(self, lease_until: int) -> None:
        item: Item = {
            "pk": STATES,
            "sk": self.endpoint,
            "revision": self._revision + 1,
            "holder": self._holder,
            "position": self.position,
            "failures": self.failures,
            "leaseUntil": lease_until,
            "pausedUntil": int(self.paused_until * 1000),
        }
        if not self._table.replace(item, "revision", self._revision):
            raise LeaseLost
        self._revision += 1
