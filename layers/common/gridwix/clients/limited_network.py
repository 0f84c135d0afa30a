"""Network of an httpx transport whose every wait is bounded by a limit of the caller.

A module of its own, because it loads httpcore, and ``files.py`` needs it at the first transfer.
"""

from collections.abc import Callable, Iterable
from ssl import SSLContext
from typing import Any, override

import httpcore
import httpx

type Bounded = Callable[[float | None, type[Exception]], float | None]
"""Returns a time-out, in seconds, within the limit; raises the given error past it."""

WRITTEN_AT_ONCE = 16 * 1024
"""Bytes of one write, after which the limit is looked at again."""


def limit_waits(transport: httpx.HTTPTransport, bounded: Bounded) -> None:
    """Have each wait of a transport's connections be at most what ``bounded`` returns for it."""
    # httpx takes no backend for its pool. A test sees whether the limit holds.
    pool: Any = transport._pool
    pool._network_backend = _LimitedBackend(pool._network_backend, bounded)


class _LimitedBackend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend, bounded: Bounded) -> None:
        self._inner = inner
        self._bounded = bounded

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        bounded = self._bounded(timeout, httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, bounded, local_address, socket_options)
        return _LimitedStream(stream, self._bounded)


class _LimitedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, bounded: Bounded) -> None:
        self._inner = inner
        self._bounded = bounded

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._bounded(timeout, httpcore.ReadTimeout))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In pieces: the inner stream bounds each of its own writes, and not the sum of them.
        view = memoryview(buffer)
        for begin in range(0, len(view), WRITTEN_AT_ONCE):
            bounded = self._bounded(timeout, httpcore.WriteTimeout)
            self._inner.write(bytes(view[begin : begin + WRITTEN_AT_ONCE]), bounded)

    @override
    def close(self) -> None:
        self._inner.close()

    @override
    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        bounded = self._bounded(timeout, httpcore.ConnectTimeout)
        return _LimitedStream(
            self._inner.start_tls(ssl_context, server_hostname, bounded), self._bounded
        )

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
