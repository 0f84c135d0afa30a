"""Reads JSON over HTTPS from an untrusted API, with retries and backoff, bounded in time and size.

Redirects and links are followed within the source's own origin only, so that its credentials reach
no other host. Error messages name the kind of failure; they hold no query, header or body.
"""

import json
import logging
import random
import socket
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Timer
from typing import Any, Protocol

import httpx

from gridwix_gateway.sources.faults import SourceFault

USER_AGENT = "gridwix-gateway"

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
"""Timeouts, in seconds: ``CONNECT_SECONDS`` to connect, this one between two parts of a
response.
"""

REQUEST_SECONDS = 60.0
"""Maximum seconds for a complete response, even if data trickles in."""

ATTEMPTS = 4
"""Maximum attempts of a request that fails with a transient error."""

LONGEST_WAIT = 30.0
"""Maximum seconds between two attempts (backoff). A longer ``Retry-After`` ends the run."""

FIRST_WAIT = 1.0

LONGEST_PAUSE = 6 * 3600.0
"""Maximum seconds for which an API's ``Retry-After`` keeps the next run from beginning."""

MAX_REDIRECTS = 3
MAX_URL = 8_000
MAX_TOKEN_BYTES = 64_000
MAX_ERROR_BYTES = 1_000
CHUNK = 65_536

RETRIED = frozenset({500, 502, 503, 504})
"""HTTP statuses that are retried, in addition to 429."""

TRANSIENT = frozenset({"unreachable", "server-error", "throttled"})
"""Codes of network faults that are retried, those of the token endpoint included."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Clocks, sleep and random jitter, as functions that tests replace.

    Attributes:
        monotonic: Returns seconds that a change of the clock does not shift.
        now: Returns the time.
        sleep: Waits for a number of seconds.
        jitter: Returns a number from 0 to 1, by which the backoff is multiplied.
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random  # noqa: S311 - no secret


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """An HTTP response of a source's API, read completely."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    url: httpx.URL


@dataclass(frozen=True, slots=True)
class JsonPage:
    """A JSON document from an API, with its response's headers and URL, which paging needs."""

    document: Any = field(repr=False)
    headers: httpx.Headers
    url: httpx.URL

    @property
    def date(self) -> datetime | None:
        """Time of the API's server (header ``Date``); None without a readable header."""
        try:
            moment = parsedate_to_datetime(self.headers.get("date", ""))
        except (ValueError, OverflowError):
            return None
        return moment if moment.tzinfo is not None else None


class Exchange(Protocol):
    """Port: sends one HTTP request without retries, and returns the response."""

    def __call__(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        content: bytes | None,
        max_bytes: int,
    ) -> ApiAnswer:
        """Send a request once, and return its response of any status. Raises SourceFault."""


class Authentication(Protocol):
    """Port: gives the credentials for the requests to a source's API."""

    def headers(self, exchange: Exchange, /) -> Mapping[str, str]:
        """Return the headers with the credentials. Raises SourceFault.

        ``exchange`` sends the request for a token, if one is needed.
        """

    def renew_token(self) -> bool:
        """Forget the token that the API has refused, so that a new one is requested.

        Return False if the credentials are no token, so that there is nothing to renew.
        """


class JsonReader:
    """Reads JSON documents from one source's API, with retries, and from no other origin.

    Args:
        base: The source's URL. No other origin is read.
        authentication: The source's credentials.
        headers: Further headers of each request.
        max_bytes: Maximum bytes of a response, decompressed.
        deadline: Time on the monotonic clock at which the run must have ended, in seconds.
        timing: Clocks and waits.
        transport: Replaces the network in tests.
    """

    def __init__(
        self,
        base: httpx.URL,
        authentication: Authentication,
        *,
        headers: Mapping[str, str],
        max_bytes: int,
        deadline: float,
        timing: Timing,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base = base
        self._authentication = authentication
        self._headers = dict(headers)
        self._max_bytes = max_bytes
        self._deadline = deadline
        self._timing = timing
        self._connections = _Connections()
        # At INFO, httpx logs every URL with its query string.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        # Neither proxies nor .netrc of the environment: the credentials are the source's alone.
        self._http = httpx.Client(
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=2, max_keepalive_connections=2),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def __enter__(self) -> "JsonReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def read_document(self, url: httpx.URL) -> JsonPage:
        """Read a JSON document, retrying transient failures with backoff.

        Args:
            url: URL of the document, in the source's origin.

        Returns:
            The document, with the response's headers and URL.

        Raises:
            SourceFault: The request was refused, or failed in each of at most ``ATTEMPTS``
                attempts.
        """
        redirects = renewals = attempt = 0
        while True:
            try:
                credentials = self._authentication.headers(self._exchange)
                answer = self._exchange(
                    "GET",
                    self.own_url(url),
                    {"Accept": "application/json", **self._headers, **credentials},
                    None,
                    self._max_bytes,
                )
            except SourceFault as fault:
                attempt += 1
                if fault.code not in TRANSIENT:
                    raise
                self._wait(attempt, 0.0, fault)
                continue
            if answer.status in (301, 302, 303, 307, 308):
                redirects += 1
                url = self._redirect_target(answer, redirects)
            elif answer.status == 401 and renewals == 0 and self._authentication.renew_token():
                renewals += 1
            elif answer.status == 429 or answer.status in RETRIED:
                attempt += 1
                self._wait(attempt, self._asked_wait(answer), _failure(answer.status))
            elif answer.status != 200:
                raise _failure(answer.status)
            else:
                return JsonPage(parse_json(answer), answer.headers, answer.url)

    def own_url(self, url: httpx.URL) -> httpx.URL:
        """Return a URL unchanged if it is in the source's origin.

        Else raise SourceFault ``foreign-link``.
        """
        if url.userinfo or _origin(url) != _origin(self._base) or len(str(url)) > MAX_URL:
            raise SourceFault("foreign-link", "a link leads to another host than the source's")
        return url

    def _redirect_target(self, answer: ApiAnswer, count: int) -> httpx.URL:
        if count > MAX_REDIRECTS:
            raise SourceFault("redirect", f"the API redirects more than {MAX_REDIRECTS} times")
        try:
            target = answer.url.join(answer.headers.get("location", ""))
            return self.own_url(target)
        except (httpx.InvalidURL, SourceFault):
            raise SourceFault("redirect", "the API redirects to another host") from None

    def _asked_wait(self, answer: ApiAnswer) -> float:
        """Return the header ``Retry-After`` in seconds (RFC 9110, 10.2.3); 0 if there is none."""
        text = answer.headers.get("retry-after", "").strip()
        if text.isdecimal() and len(text) < 9:
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return 0.0
        if moment.tzinfo is None:
            return 0.0
        return max(0.0, (moment - self._timing.now()).total_seconds())

    def _wait(self, attempt: int, asked: float, fault: SourceFault) -> None:
        """Sleep before a retry: for ``Retry-After``, or for an exponential backoff with jitter.

        Raises ``fault``, the failure of the attempt, if no attempt is left or the wait is too long
        for this run.
        """
        bound = min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
        seconds = asked or bound * self._timing.jitter()
        left = self._deadline - self._timing.monotonic()
        if attempt >= ATTEMPTS or seconds > LONGEST_WAIT or seconds >= left:
            fault.wait_seconds = min(asked, LONGEST_PAUSE)
            raise fault
        self._timing.sleep(seconds)

    def _exchange(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        content: bytes | None,
        max_bytes: int,
    ) -> ApiAnswer:
        left = min(REQUEST_SECONDS, self._deadline - self._timing.monotonic())
        if left <= 0:
            raise SourceFault("too-slow", "the time of the run is over")
        with (
            self._connections.closed_after(left) as expiry,
            _translated_errors(),
            self._http.stream(
                method,
                url,
                headers=dict(headers),
                content=content,
                extensions={"trace": self._connections.note_socket},
            ) as response,
        ):
            # The body of an error is not used, but reading a little keeps the connection.
            limit = max_bytes if response.status_code == 200 else MAX_ERROR_BYTES
            body = bytearray()
            for part in _decoded_parts(response):
                if expiry.passed:
                    raise SourceFault("too-slow", f"an answer took longer than {left:.0f} seconds")
                body += part
                if len(body) > limit:
                    if response.status_code != 200:
                        break
                    raise SourceFault("too-large", f"an answer has more than {limit:,} bytes")
            if expiry.passed:
                raise SourceFault("too-slow", f"an answer took longer than {left:.0f} seconds")
            return ApiAnswer(response.status_code, response.headers, bytes(body), response.url)


class _Expiry:
    """Flag that is set when the time for a response is over."""

    def __init__(self) -> None:
        self.passed = False


class _Connections:
    """Open sockets of the HTTP client, which a timer shuts down if a response takes too long.

    httpx's read timeout starts again with each byte, so it does not limit the time of a slow
    response.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def note_socket(self, event: str, info: Mapping[str, Any]) -> None:
        """Add a new socket of the client to the list. httpx's extension ``trace`` calls it."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            found = info["return_value"].get_extra_info("socket")
            if isinstance(found, socket.socket):
                self._sockets = [one for one in self._sockets if one.fileno() >= 0] + [found]

    @contextmanager
    def closed_after(self, seconds: float) -> Iterator[_Expiry]:
        """Shut down the client's sockets if the ``with`` block takes longer than ``seconds``.

        Yields a flag that is set when this time is over.
        """
        expiry = _Expiry()

        def expire() -> None:
            expiry.passed = True
            for one in self._sockets:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

        timer = Timer(seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            yield expiry
        except SourceFault as fault:
            if expiry.passed:
                raise SourceFault(
                    "too-slow", f"an answer took longer than {seconds:.0f} seconds"
                ) from fault
            raise
        finally:
            timer.cancel()


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn httpx's errors in a ``with`` block into SourceFault, without their messages.

    The messages can hold a query string.
    """
    try:
        yield
    except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
        raise SourceFault("too-slow", f"no data came ({type(error).__name__})") from None
    except (httpx.HTTPError, httpx.InvalidURL, zlib.error, OSError) as error:
        raise SourceFault("unreachable", f"there is no answer ({type(error).__name__})") from None


def _decoded_parts(response: httpx.Response) -> Iterator[bytes]:
    """Yield the decompressed body in bounded parts, so that a decompression bomb is harmless."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise SourceFault(
            "content-type", "the answer is compressed in a way that was not asked for"
        )
    if encoding != "gzip":
        yield from response.iter_raw(CHUNK)
        return
    decoder = zlib.decompressobj(wbits=31)
    for part in response.iter_raw(CHUNK):
        pending = part
        while pending and not decoder.eof:
            yield decoder.decompress(pending, CHUNK)
            pending = decoder.unconsumed_tail
    yield decoder.flush(CHUNK)
    if not decoder.eof:
        raise SourceFault("unreachable", "the answer is cut off")


def _failure(status: int) -> SourceFault:
    if status == 429:
        return SourceFault("throttled", "the API has refused further requests (429)")
    if status in (401, 403, 407):
        return SourceFault("unauthenticated", f"the API refuses the credentials ({status})")
    if status >= 500:
        return SourceFault("server-error", f"the API fails with status {status}")
    return SourceFault("refused", f"the API refuses the request with status {status}")


def parse_json(answer: ApiAnswer) -> Any:
    """Return the JSON value of a response. Raises SourceFault ``content-type`` or ``not-json``."""
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        shown = media_type if media_type.isascii() and media_type.isprintable() else ""
        raise SourceFault("content-type", f"the answer is {shown[:60] or 'untyped'}, not JSON")
    try:
        return json.loads(answer.body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise SourceFault("not-json", f"the answer is no JSON ({type(error).__name__})") from None


def _refuse_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")


def _origin(url: httpx.URL) -> Sequence[object]:
    ports = {"https": 443, "http": 80}
    return url.scheme, url.host, url.port or ports.get(url.scheme)
