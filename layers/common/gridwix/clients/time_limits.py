"""Ends HTTP exchanges that take too long as a whole, however steadily their bytes arrive.

httpx's timeouts bound each wait for data. A server that sends one byte every few seconds never
exceeds one of them, also within headers, where no line of ours runs. So the limit is checked where
a socket is read: httpcore hands the timeout of a request, unchanged, to each of its reads.
"""

import time
from collections.abc import Iterable
from typing import Any, override

import httpcore
import httpx

_WRITTEN_AT_ONCE = 64 * 1024
"""Bytes between two looks at the clock while a request is sent."""


class TimeLimit(float):
    """A timeout in seconds that also ends at a moment. httpx takes it like any other timeout."""

    ends_at: float

    def __new__(cls, timeout: float, ends_at: float) -> "TimeLimit":
        """Args:
        timeout: Seconds of one wait.
        ends_at: Monotonic seconds at which every wait ends.
        """
        self = super().__new__(cls, timeout)
        self.ends_at = ends_at
        return self


def limited_timeouts(timeouts: httpx.Timeout, seconds: float) -> dict[str, float | None]:
    """Return the extension ``timeout`` of a request that must be over in ``seconds``.

    It holds with a client of :func:`keep_limits`. Any other client takes it as the timeouts alone.
    """
    ends_at = time.monotonic() + seconds
    return {
        name: TimeLimit(seconds if timeout is None else timeout, ends_at)
        for name, timeout in timeouts.as_dict().items()
    }


def keep_limits(client: httpx.Client) -> httpx.Client:
    """Have a client keep the :class:`TimeLimit` of its requests, and return it.

    httpx has no setting for the network of its transports, so this one goes through its attributes.
    Transports that are none of httpx's, as in tests, stay as they are.
    """
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            pool: Any = transport._pool
            pool._network_backend = _LimitedNetwork(pool._network_backend)
    return client


class _LimitedNetwork(httpcore.NetworkBackend):
    """Opens connections whose waits end with the limit of their request."""

    def __init__(self, network: httpcore.NetworkBackend) -> None:
        self._network = network

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _seconds_left(timeout, httpcore.ConnectTimeout)
        return _LimitedStream(
            self._network.connect_tcp(host, port, left, local_address, socket_options)
        )

    @override
    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _seconds_left(timeout, httpcore.ConnectTimeout)
        return _LimitedStream(self._network.connect_unix_socket(path, left, socket_options))

    @override
    def sleep(self, seconds: float) -> None:
        self._network.sleep(seconds)


class _LimitedStream(httpcore.NetworkStream):
    """A connection whose waits end with the limit of their request."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _seconds_left(timeout, httpcore.ReadTimeout))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITTEN_AT_ONCE):
            piece = buffer[start : start + _WRITTEN_AT_ONCE]
            self._stream.write(piece, _seconds_left(timeout, httpcore.WriteTimeout))

    @override
    def close(self) -> None:
        self._stream.close()

    @override
    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _seconds_left(timeout, httpcore.ConnectTimeout)
        return _LimitedStream(self._stream.start_tls(ssl_context, server_hostname, left))

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _seconds_left(timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
    """Return how long to wait. Raises ``error`` if the limit has passed."""
    if not isinstance(timeout, TimeLimit):
        return timeout
    left = timeout.ends_at - time.monotonic()
    if left <= 0:
        raise error("the exchange takes too long")
    return min(float(timeout), left)
