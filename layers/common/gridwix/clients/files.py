"""Fetches and uploads files by URL, in pieces, from and to public addresses only (SSRF protection).

A file's URL comes from a form, so it is not trusted. The URL is refused unless its host name
resolves to a public address. The connection goes to the very address that was checked
(``ssrfguard``), so DNS rebinding does not get around the check. Redirects are not followed.

A transfer has a deadline. No wait for the network lasts beyond the deadline
(:mod:`gridwix.clients.time_limits`), even if the server sends byte by byte.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import IO
from urllib.parse import urlsplit

import httpx

from gridwix.clients.http import NOT_SENT, USER_AGENT
from gridwix.clients.http_messages import HttpResponse, retry_after_seconds
from gridwix.clients.time_limits import keep_limits, limited_timeouts
from gridwix.clients.vendor_errors import error_type, upstream_error
from gridwix.errors import (
    FileRefused,
    FileUnreachable,
    Throttled,
    Unavailable,
    UpstreamError,
)
from gridwix.files.ports import FileTransfer
from gridwix.lazy_imports import import_lazily
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.files import FileFacts, FileFault

# Most batches transfer no file.
with import_lazily("gridwix.clients.guard"):
    from gridwix.clients import guard

SYSTEM = "files"

MAX_RESPONSE_BYTES = 1024 * 1024
"""Maximum size, in bytes, of a response body that is read as a whole (any but that of a download).
"""

PIECE = 256 * 1024
"""Size, in bytes, of the pieces in which a file is transferred: one piece is in memory at once."""

TIMEOUT = httpx.Timeout(20.0, connect=3.0)

GONE = frozenset({401, 403, 404, 410})
"""HTTP statuses of a download that mean that the file does not exist, or may not be read."""


class FileClient(FileTransfer):
    """Downloads and uploads files by URL, in pieces, with SSRF protection and a deadline.

    Args:
        exempt: Hosts that the operator trusts, with their ports as in a URL (``127.0.0.1:8001``).
            The SSRF policy does not apply to them.
        guarded: Transport for all other hosts; the default is ``guard.new_transport()``.
        trusted: Transport for the exempt hosts; the default is httpx's own.
        seconds: Maximum duration of one transfer, in seconds.
        clock: Returns the seconds of a monotonic clock.
    """

    def __init__(
        self,
        *,
        exempt: Collection[str] = (),
        guarded: httpx.BaseTransport | None = None,
        trusted: httpx.BaseTransport | None = None,
        seconds: float = 240.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exempt = frozenset(exempt)
        self._transports = {True: trusted, False: guarded}
        self._clients: dict[bool, httpx.Client] = {}
        self._building = Lock()
        self._seconds = seconds
        self._clock = clock

    def fetch(
        self, url: str, into: IO[bytes], most: int, deadline: Deadline = NO_DEADLINE
    ) -> FileFacts:
        digest, size = hashlib.sha256(), 0
        failed: UpstreamError | None = None
        seconds = min(self._seconds, deadline.left())
        try:
            with self._open_exchange("fetch of a file", "GET", url, b"", {}, seconds) as response:
                # Without a size of its own: a piece of one would wait until it is full.
                for piece in response.iter_raw():
                    size += len(piece)
                    if size > most:
                        raise FileRefused(FileFault.TOO_LARGE)
                    digest.update(piece)
                    into.write(piece)
        except UpstreamError as error:
            failed = error
        # Raised outside the handler: httpx's error, which holds the URL, is in its context.
        if failed is not None:
            raise _fetch_error(failed)
        if size == 0:
            raise FileRefused(FileFault.EMPTY)
        return FileFacts(digest.hexdigest(), size)

    @contextmanager
    def stream(self, url: str) -> Iterator[Iterator[bytes]]:
        """Download a file: yield an iterator of its bytes, in pieces.

        Args:
            url: Address of the file, which is not trusted.

        Raises:
            FileRefused: The SSRF policy forbids the address, or the file does not exist.
            UpstreamError: The download failed, perhaps between two pieces.
        """
        operation = "fetch of a file"
        with self._open_exchange(operation, "GET", url, b"", {}, self._seconds) as response:
            yield self._bounded_pieces(operation, response)

    def put(
        self,
        url: str,
        pieces: Iterable[bytes],
        size: int,
        media_type: str,
        deadline: Deadline = NO_DEADLINE,
    ) -> bytes:
        """Upload ``size`` bytes with PUT before the deadline, and return the response body.

        Raises FileRefused if the SSRF policy forbids the address, UpstreamError if the upload
        fails. An Unavailable error is ``ambiguous`` if the bytes may have arrived, or may arrive
        later. Errors that ``pieces`` raises pass through.
        """
        headers = {"Content-Type": media_type, "Content-Length": str(size)}
        return self.request("put of a file", "PUT", url, headers, pieces, deadline).body

    def request(
        self,
        operation: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: Iterable[bytes] | bytes = b"",
        deadline: Deadline = NO_DEADLINE,
    ) -> HttpResponse:
        """Send an HTTP request, within the SSRF policy, and return the response if it is a success.

        Args:
            operation: The operation's name in errors.
            method: HTTP method.
            url: Address, which is not trusted.
            headers: Headers of the request.
            content: Body of the request, whole or in pieces.
            deadline: The whole exchange ends before this deadline.

        Raises:
            FileRefused: The SSRF policy forbids the address, or the response is a redirect.
            UpstreamError: There is no response, or it is an error. An Unavailable error is
                ``ambiguous`` if the server may carry the request out all the same.
        """
        seconds = min(self._seconds, deadline.left())
        with self._open_exchange(operation, method, url, content, headers, seconds) as response:
            body = bytearray()
            for piece in response.iter_raw():
                body += piece
                if len(body) > MAX_RESPONSE_BYTES:
                    raise Unavailable(
                        f"{operation}: the answer exceeds {MAX_RESPONSE_BYTES} bytes",
                        system=SYSTEM,
                        ambiguous=True,
                    )
            return HttpResponse(response.status_code, response.headers, bytes(body))

    def _bounded_pieces(self, operation: str, response: httpx.Response) -> Iterator[bytes]:
        pieces, begun = response.iter_raw(PIECE), self._clock()
        while True:
            fault = ""
            try:
                piece = next(pieces, None)
            except httpx.HTTPError as error:
                fault = type(error).__name__
            # Raised outside the handler: httpx's error holds the URL.
            if fault:
                raise Unavailable(f"{operation}: {fault}", system=SYSTEM)
            if piece is None:
                return
            # Also where whoever takes the pieces is slow, and the network is not.
            if self._clock() - begun > self._seconds:
                raise Unavailable(f"{operation}: it takes too long", system=SYSTEM)
            yield piece

    def _open_exchange(
        self,
        operation: str,
        method: str,
        url: str,
        content: Iterable[bytes] | bytes,
        headers: Mapping[str, str],
        seconds: float,
    ) -> "_Exchange":
        client = self._client(exempt=_host_and_port(url) in self._exempt)
        return _Exchange(operation, client, method, url, content, headers, seconds)

    def _client(self, *, exempt: bool) -> httpx.Client:
        """Return the HTTP client for a host, built at its first use.

        If ``exempt`` is true, the host is trusted, and the client does not apply the SSRF policy.
        """
        # Files are copied by several threads.
        with self._building:
            if exempt not in self._clients:
                transport = self._transports[exempt]
                if transport is None and not exempt:
                    transport = guard.new_transport()
                self._clients[exempt] = keep_limits(_new_client(transport))
            return self._clients[exempt]


class _Exchange:
    """Context manager that sends one request, yields its response if successful, and closes it.

    Errors of httpx are replaced by gridwix's own: an httpx error holds the URL, which may hold a
    token.
    """

    def __init__(
        self,
        operation: str,
        client: httpx.Client,
        method: str,
        url: str,
        content: Iterable[bytes] | bytes,
        headers: Mapping[str, str],
        seconds: float,
    ) -> None:
        self._operation = operation
        self._client = client
        self._arguments = (method, url, content, headers)
        self._limits = limited_timeouts(TIMEOUT, seconds)
        self._response: httpx.Response | None = None

    def __enter__(self) -> httpx.Response:
        method, url, content, headers = self._arguments
        # httpx adds a Content-Length of its own to bytes, even to none.
        sent = content or None if isinstance(content, bytes) else content
        fault: Exception | None = None
        try:
            self._response = self._client.send(
                self._client.build_request(
                    method,
                    url,
                    content=sent,
                    headers=dict(headers),
                    extensions={"timeout": self._limits},
                ),
                stream=True,
            )
        except (httpx.HTTPError, httpx.InvalidURL, guard.SSRFGuardError, ValueError) as error:
            fault = error
        # Raised outside the handler, so that httpx's error does not become the context of ours.
        if fault is not None:
            raise self._transport_error(fault)
        assert self._response is not None
        if not self._response.is_success:
            self._response.close()
            raise self._status_error(self._response)
        return self._response

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._response is not None:
            self._response.close()
        if isinstance(error, httpx.HTTPError):
            raise self._transport_error(error) from None

    def _transport_error(self, fault: Exception) -> FileRefused | Unavailable:
        if isinstance(
            fault, guard.SSRFGuardError | httpx.InvalidURL | httpx.UnsupportedProtocol | ValueError
        ):
            return FileRefused(FileFault.BLOCKED)
        return Unavailable(
            f"{self._operation}: {type(fault).__name__}",
            system=SYSTEM,
            # A fetch changes nothing. An upload may arrive later than its sender gave up.
            ambiguous=self._arguments[0] != "GET" and not isinstance(fault, NOT_SENT),
        )

    def _status_error(self, response: httpx.Response) -> FileRefused | UpstreamError:
        # A redirect could lead to an address that the policy forbids.
        if response.is_redirect:
            return FileRefused(FileFault.BLOCKED)
        if response.status_code in GONE and self._arguments[0] == "GET":
            return FileRefused(FileFault.GONE)
        wait = retry_after_seconds(response.headers.get("Retry-After"), time.time())
        kind = error_type(response.status_code)
        return upstream_error(
            kind,
            f"{self._operation}: answered {response.status_code}",
            system=SYSTEM,
            status=response.status_code,
            wait=wait,
        )


def _fetch_error(error: UpstreamError) -> FileRefused | UpstreamError:
    """Map the error of a failed download to the error to raise.

    It is FileUnreachable (retryable) if the server fails, limits the rate or does not respond, and
    FileRefused if the server refuses the request.
    """
    if isinstance(error, Unavailable | Throttled):
        return FileUnreachable(str(error), system=SYSTEM, status=error.status, wait=error.wait)
    return FileRefused(FileFault.GONE)


def _new_client(transport: httpx.BaseTransport | None) -> httpx.Client:
    return httpx.Client(
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        transport=transport,
    )


def _host_and_port(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
