"""Lease and stored state of a webhook endpoint: only one sender at a time sends to an endpoint."""

import uuid
from collections.abc import Callable
from typing import Self

from gridwix_gateway.store.table import Item, Key, Table
from gridwix_gateway.webhooks.endpoints import STATES

LEASE_SECONDS = 120.0
"""Duration of a lease, in seconds. The function's invocation ends before that."""


class LeaseLost(Exception):
    """The lease was lost: another sender has taken it, or the endpoint was deleted."""


class Lease:
    """The exclusive, time-limited right to send to a webhook endpoint, with the endpoint's state.

    A write succeeds only if the stored revision is still that of the lease's last write (optimistic
    locking). So a sender that has lost the lease cannot move the position back.

    Args:
        table: The gateway's table.
        state: The table item with the endpoint's state.
        clock: Returns Unix seconds.

    Attributes:
        endpoint: The endpoint's id.
        position: High-water mark: number of the last event of the feed that the sender has handled.
        failures: Number of failed attempts in a row.
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
        """Take the lease of an endpoint.

        Returns None if another sender has the lease, or if there is no such endpoint.
        """
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
        """True while the endpoint is paused, which means that it gets no request."""
        return self.paused_until > self._clock()

    def save(self) -> None:
        """Store the endpoint's state, and renew the lease.

        Raises LeaseLost if the lease was lost before.
        """
        self._write(int((self._clock() + LEASE_SECONDS) * 1000))

    def release(self) -> None:
        """Store the endpoint's state, and give up the lease.

        Raises LeaseLost if the lease was lost before.
        """
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
