"""HTTP client for requests to targets, with limits for the time and the size of a response.

The time is limited even if a response arrives slowly. The client follows no redirects, keeps no
connections, and makes no retries: a retry is a new attempt of the delivery.
"""

import logging
import socket
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

CALL_SECONDS = 20.0
"""Maximum seconds of one request, from the connection to the last byte of the response."""

CONNECT_SECONDS = 5.0

MAX_ANSWER_BYTES = 1_000_000


class NoAnswer(Exception):
    """A request to a target got no complete response.

    Args:
        reason: Code of the reason.
        is_sent: Whether the server may have carried out the request: the outcome is unknown.
    """

    def __init__(self, reason: str, *, is_sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_sent = is_sent


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete HTTP response, of any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """``Retry-After`` in seconds; None if it is missing or invalid."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdecimal():
            return float(value[:9])
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            return None
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def new_http_client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Return an httpx client that follows no redirects and keeps no connections.

    Args:
        transport: Replaces the network in tests.
    """
    # At INFO, httpx logs every URL with its query string, which can hold a partner's words.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.Client(
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS),
        # The timer below cuts a connection that belongs to one request alone.
        limits=httpx.Limits(max_connections=4, max_keepalive_connections=0),
        follow_redirects=False,
        trust_env=False,
        transport=transport,
    )


class BoundedHttp:
    """Sends HTTP requests, each with limits for the total time and the size of the response.

    Args:
        client: An httpx client made by :func:`new_http_client`.
        call_seconds: Default maximum seconds of one request.
        max_bytes: Maximum bytes of a response.
    """

    def __init__(
        self,
        client: httpx.Client,
        call_seconds: float = CALL_SECONDS,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._client = client
        self._call_seconds = call_seconds
        self._max_bytes = max_bytes

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        content: bytes | Iterable[bytes] | None = None,
        seconds: float | None = None,
    ) -> HttpAnswer:
        """Send a request once, and return its response of any status.

        Args:
            method: HTTP method.
            url: URL.
            headers: Headers.
            params: Parameters of the query.
            content: Body of the request. A body in pieces is read while it is sent; ``headers``
                must have its length.
            seconds: Maximum seconds of this request; None for the default.

        Raises:
            NoAnswer: There was no complete response.
        """
        cutter = _ConnectionCutter()
        seconds = self._call_seconds if seconds is None else seconds
        timer = threading.Timer(seconds, cutter.cut)
        timer.daemon = True
        timer.start()
        # An error of httpx carries the request with its credentials, so it must not become the
        # context of ours.
        reason, is_sent = "", True
        try:
            request = self._client.build_request(
                method,
                url,
                headers=dict(headers),
                params=params or None,
                content=content,
                extensions={"trace": cutter.trace, "timeout": _timeouts(seconds)},
            )
            answer = self._exchange(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            reason, is_sent = "unreachable", False
        except httpx.TimeoutException:
            reason = "timed-out"
        except httpx.InvalidURL:
            reason, is_sent = "invalid-url", False
        except httpx.RequestError:
            reason = "connection-lost"
        finally:
            timer.cancel()
        if cutter.has_cut:
            # A body without a length looks complete when its connection is cut.
            raise NoAnswer("timed-out", is_sent=is_sent)
        if reason:
            raise NoAnswer(reason, is_sent=is_sent)
        return answer

    def _exchange(self, request: httpx.Request) -> HttpAnswer:
        response = self._client.send(request, stream=True)
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                # Not asked for, and a small one can be huge.
                raise NoAnswer("unreadable-answer", is_sent=True)
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > self._max_bytes:
                    raise NoAnswer("answer-too-large", is_sent=True)
        finally:
            response.close()
        return HttpAnswer(response.status_code, response.headers, bytes(body))


def _timeouts(seconds: float) -> dict[str, float | None]:
    return httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)).as_dict()


class _ConnectionCutter:
    """Closes a request's connection when the request's time is over.

    httpx's timeouts limit only each single wait, not the time of a request.
    """

    def __init__(self) -> None:
        self.has_cut = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Store the request's connection, to cut it later. httpx's extension ``trace`` calls it."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            found = info["return_value"].get_extra_info("socket")
            with self._lock:
                self._socket = found
                if self.has_cut:
                    self._shut_down()

    def cut(self) -> None:
        """Shut down the connection, so that the request ends at once."""
        with self._lock:
            self.has_cut = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            try:
                # Not SSLSocket's own: it would take the TLS state away from the waiting thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                return
