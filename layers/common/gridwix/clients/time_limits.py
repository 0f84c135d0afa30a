"""Ends HTTP exchanges that take too long as a whole, however steadily their bytes arrive.

httpx's timeouts bound each single wait for data. A server that sends one byte every few seconds
never exceeds them, and while headers arrive no code of gridwix runs. So the limit is checked where
a socket is read: httpcore passes the timeout of a request, unchanged, to each of its reads.
"""

import time
from typing import Any

import httpx

from gridwix.lazy_imports import import_lazily

# httpx itself loads httpcore with the first client, and not at a cold start.
with import_lazily("gridwix.clients.limited_network"):
    from gridwix.clients import limited_network


class TimeLimit(float):
    """A timeout for each wait of an exchange, in seconds, with a deadline for all waits together.

    httpx accepts it like any other timeout, since it is a ``float``.
    """

    ends_at: float

    def __new__(cls, timeout: float, ends_at: float) -> "TimeLimit":
        """Create a timeout that also has a deadline.

        Args:
            timeout: Maximum duration of a single wait, in seconds.
            ends_at: The deadline of all waits, as a time of ``time.monotonic()``.
        """
        self = super().__new__(cls, timeout)
        self.ends_at = ends_at
        return self


def limited_timeouts(timeouts: httpx.Timeout, seconds: float) -> dict[str, float | None]:
    """Return the httpx extension ``timeout`` for a request that must end within ``seconds``.

    The limit is enforced by a client that :func:`keep_limits` has changed. Any other client applies
    only ``timeouts``, the limits of single waits.
    """
    ends_at = time.monotonic() + seconds
    return {
        name: TimeLimit(seconds if timeout is None else timeout, ends_at)
        for name, timeout in timeouts.as_dict().items()
    }


def keep_limits(client: httpx.Client) -> httpx.Client:
    """Make an httpx client enforce the :class:`TimeLimit` of its requests, and return the client.

    httpx has no setting for the network backend of a transport, so the transport's attribute is
    replaced. Transports of other classes, as in tests, stay as they are.
    """
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            pool: Any = transport._pool
            pool._network_backend = limited_network.LimitedNetwork(pool._network_backend)
    return client
