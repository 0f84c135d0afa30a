"""Files by their addresses: fetched and put in pieces, from and to public addresses alone.

Whoever fills in a form decides what an address says, so the address of a file is not to be trusted: it is refused unless it leads to a public address, and the
connection goes to the very address that was checked (``ssrfguard``), so a name that changes its mind in between gains nothing. Redirects are not followed.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import IO
from urllib.parse import urlsplit

import httpx
from ssrfguard import Policy, SSRFGuardError
from ssrfguard.httpx import SafeTransport

from gridwix.clients.http import USER_AGENT, Answer, error_kind, retry_after, upstream_error
from gridwix.errors import FileRefused, Unavailable, UpstreamError
from gridwix.models.files import FileFacts, FileFault

SYSTEM = "files"

MAX_ANSWER_BYTES = 1024 * 1024
"""Largest answer to anything but a fetch."""

PIECE = 256 * 1024
"""Bytes that are in memory at once."""

POLICY = Policy(allowed_schemes=frozenset({"https"}), allowed_ports=frozenset({443}))
TIMEOUT = httpx.Timeout(20.0, connect=3.0)

GONE = frozenset({401, 403, 404, 410})
"""Statuses that say that there is nothing for us at an address."""


class FileClient:
    """Implements ``gridwix.files.ports.FileTransfer``.

    ``exempt`` are hosts, with their ports as in an address (``127.0.0.1:8001``), to which no rule applies: they are trusted by whoever deploys. ``seconds``
    is the longest that one file may take.
    """

    def __init__(
        self,
        *,
        exempt: Collection[str] = (),
        guarded: httpx.BaseTransport | None = None,
        trusted: httpx.BaseTransport | None = None,
        seconds: float = 240.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._exempt = frozenset(exempt)
        self._guarded = _client(guarded or SafeTransport(policy=POLICY))
        self._trusted = _client(trusted)
        self._seconds = seconds
        self._clock = clock

    def fetch(self, url: str, into: IO[bytes], most: int) -> FileFacts:
        """Write the file behind an address and say what its bytes are. Raises FileRefused, for more than ``most`` bytes too, and UpstreamError."""
        digest, size, begun = hashlib.sha256(), 0, self._clock()
        with self._exchange("fetch of a file", "GET", url, b"", {}) as response:
            for piece in response.iter_raw(PIECE):
                size += len(piece)
                if size > most:
                    raise FileRefused(FileFault.TOO_LARGE)
                if self._clock() - begun > self._seconds:
                    raise Unavailable("fetch of a file: it takes too long", system=SYSTEM)
                digest.update(piece)
                into.write(piece)
        if size == 0:
            raise FileRefused(FileFault.EMPTY)
        return FileFacts(digest.hexdigest(), size)

    def put(self, url: str, pieces: Iterable[bytes], size: int, media_type: str) -> bytes:
        """Send ``size`` bytes to an address and return the answer. Raises FileRefused and UpstreamError; what ``pieces`` raises passes through."""
        headers = {"Content-Type": media_type, "Content-Length": str(size)}
        return self.ask("put of a file", "PUT", url, headers, pieces).body

    def ask(self, operation: str, method: str, url: str, headers: Mapping[str, str], content: Iterable[bytes] | bytes = b"") -> Answer:
        """The answer to any request that is a success. Raises FileRefused and UpstreamError."""
        with self._exchange(operation, method, url, content, headers) as response:
            body = bytearray()
            for piece in response.iter_raw(PIECE):
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise Unavailable(f"{operation}: the answer exceeds {MAX_ANSWER_BYTES} bytes", system=SYSTEM, ambiguous=True)
            return Answer(response.status_code, response.headers, bytes(body))

    def _exchange(self, operation: str, method: str, url: str, content: Iterable[bytes] | bytes, headers: Mapping[str, str]) -> "_Exchange":
        client = self._trusted if _host(url) in self._exempt else self._guarded
        return _Exchange(operation, client, method, url, content, headers)


class _Exchange:
    """A response that is closed at the end, with failures as our own errors: httpx's hold the address, which may hold a token."""

    def __init__(self, operation: str, client: httpx.Client, method: str, url: str, content: Iterable[bytes] | bytes, headers: Mapping[str, str]) -> None:
        self._operation = operation
        self._client = client
        self._arguments = (method, url, content, headers)
        self._response: httpx.Response | None = None

    def __enter__(self) -> httpx.Response:
        method, url, content, headers = self._arguments
        # httpx gives a length of its own to bytes, even to none.
        sent = content or None if isinstance(content, bytes) else content
        fault: Exception | None = None
        try:
            self._response = self._client.send(self._client.build_request(method, url, content=sent, headers=dict(headers)), stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, SSRFGuardError, ValueError) as error:
            fault = error
        if fault is not None:
            raise self._failure(fault)
        assert self._response is not None
        if not self._response.is_success:
            self._response.close()
            raise self._refusal(self._response)
        return self._response

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._response is not None:
            self._response.close()
        if isinstance(error, httpx.HTTPError):
            raise self._failure(error) from None

    def _failure(self, fault: Exception) -> FileRefused | Unavailable:
        if isinstance(fault, SSRFGuardError | httpx.InvalidURL | httpx.UnsupportedProtocol | ValueError):
            return FileRefused(FileFault.BLOCKED)
        return Unavailable(f"{self._operation}: {type(fault).__name__}", system=SYSTEM)

    def _refusal(self, response: httpx.Response) -> FileRefused | UpstreamError:
        if response.is_redirect:
            return FileRefused(FileFault.BLOCKED)
        if response.status_code in GONE and self._arguments[0] == "GET":
            return FileRefused(FileFault.GONE)
        wait = retry_after(response.headers.get("Retry-After"), time.time())
        kind = error_kind(response.status_code)
        return upstream_error(kind, f"{self._operation}: answered {response.status_code}", system=SYSTEM, status=response.status_code, wait=wait)


def _client(transport: httpx.BaseTransport | None) -> httpx.Client:
    return httpx.Client(
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}, timeout=TIMEOUT, follow_redirects=False, trust_env=False, transport=transport
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
