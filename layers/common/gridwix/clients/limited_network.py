"""Network backend of httpcore that lets no wait last beyond the time limit of its request.

The time limit is a :class:`gridwix.clients.time_limits.TimeLimit`. This is a separate module so
that ``time_limits.py`` can load it together with the first client.
"""

import time
from collections.abc import Iterable
from typing import Any, override

import httpcore

from gridwix.clients.time_limits import TimeLimit

_WRITTEN_AT_ONCE = 64 * 1024
"""Number of bytes of a request that are sent between two checks of the time limit."""


class LimitedNetwork(httpcore.NetworkBackend):
    """Opens connections on which no wait lasts beyond the time limit of the request.

    It wraps another network backend, which makes the connections.
    """

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
    """A connection on which no read or write lasts beyond the time limit of the request."""

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
    """Return how many seconds one read or write may wait, by the timeout that httpcore passes.

    If ``timeout`` is a :class:`~gridwix.clients.time_limits.TimeLimit`, that is at most the time
    until its deadline, and ``error`` is raised if the deadline has passed. Any other timeout is
    returned as it is; None means no limit.
    """
    if not isinstance(timeout, TimeLimit):
        return timeout
    left = timeout.ends_at - time.monotonic()
    if left <= 0:
        raise error("the exchange takes too long")
    return min(float(timeout), left)
