"""Ends HTTP exchanges that take too long as a whole, however steadily their bytes arrive.

httpx's timeouts bound each wait for data. A server that sends one byte every few seconds never
exceeds one of them, also within headers, where no line of ours runs. So the limit is checked where
a socket is read: httpcore hands the timeout of a request, unchanged, to each of its reads.
"""

import time
from typing import Any

import httpx

from gridwix.lazy_imports import import_lazily

# httpx itself loads httpcore with the first client, and not at a cold start.
with import_lazily("gridwix.clients.limited_network"):
    from gridwix.clients import limited_network


class TimeLimit(float):
    """A timeout (seconds) for each wait, with a deadline for all waits together.

    httpx takes it like any other timeout, since it is a ``float``.
    """

    ends_at: float

    def __new__(cls, timeout: float, ends_at: float) -> "TimeLimit":
        """Args:
        timeout: Maximum duration of a single wait, in seconds.
        ends_at: The deadline of all waits, as a time of ``time.monotonic()``.
        """
        self = super().__new__(cls, timeout)
        self.ends_at = ends_at
        return self


def limited_timeouts(timeouts: httpx.Timeout, seconds: float) -> dict[str, float | None]:
    """Return the extension ``timeout`` of a request that must be over in ``seconds``.

    The limit holds for a client that went through :func:`keep_limits`. Any other client applies the
    timeouts of single waits only.
    """
    ends_at = time.monotonic() + seconds
    return {
        name: TimeLimit(seconds if timeout is None else timeout, ends_at)
        for name, timeout in timeouts.as_dict().items()
    }


def keep_limits(client: httpx.Client) -> httpx.Client:
    """Make an httpx client enforce the :class:`TimeLimit` of its requests, and return the client.

    httpx has no setting for the network backend of a transport, so its attributes are replaced.
    Transports of other classes, as in tests, stay as they are.
    """
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            pool: Any = transport._pool
            pool._network_backend = limited_network.LimitedNetwork(pool._network_backend)
    return client
