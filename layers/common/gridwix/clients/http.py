"""Sends HTTP requests to vendors: bounded in time and size, retried only where that is safe.

Retries happen at once, at most twice, with less than a second of sleep in all (exponential backoff
with full jitter). Two kinds of calls are retried:

- any call for which no connection could be opened, as its request was certainly not sent;
- a *safe* call (one that changes nothing, RFC 9110 section 9.2.1) if the connection broke, or if
  the response was 502, 503 or 504 without ``Retry-After``.

A write that may have been carried out is never retried here, not even an idempotent one: the first
copy could still arrive after the response to the second, and overwrite something newer. A 429 is
never retried either. Read timeouts are not retried, as there is no time left for that.

Error messages name the operation and the kind of failure. They hold no URL, header or body, and
neither do the causes of an error.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from tenacity import RetryCallState, Retrying, retry_if_result, wait_random_exponential

from gridwix.clients.http_bodies import ACCEPTED, BodyFault, decoded_pieces
from gridwix.clients.http_messages import Call, HttpResponse
from gridwix.clients.time_limits import keep_limits, limited_timeouts
from gridwix.errors import Unavailable

VERSION = "0.1.0"
USER_AGENT = f"gridwix/{VERSION}"

MAX_RESPONSE_BYTES = 32 * 1024 * 1024
"""Maximum size of a response body in memory, after decompression."""

MAX_ERROR_BYTES = 64 * 1024
"""Maximum number of bytes read of an error response to a streamed call."""

RESPONSE_SECONDS = 60.0
"""Maximum time, in seconds, of one exchange, however steadily its bytes trickle."""

STREAM_SECONDS = 240.0
"""Maximum time, in seconds, for streaming one response body."""

MAX_ATTEMPTS = 3
RETRY_WINDOW = 5.0
"""Seconds after which a call is no longer retried, so that slow failures do not add up."""

NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Errors of httpx after which certainly no byte of the request was sent. After any other, the
vendor may carry it out.
"""

_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout)
_BROKEN = (httpx.NetworkError, httpx.RemoteProtocolError)


type ReadBody = Callable[[int, Iterator[bytes]], bytes]
"""Reads the body of a response of some status, in pieces, and returns what to keep of it."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    result: HttpResponse | Unavailable
    retryable: bool


def new_client(
    *,
    connect: float = 3.0,
    read: float = 15.0,
    transport: httpx.BaseTransport | None = None,
    correlation: Callable[[], Mapping[str, str]] = dict,
) -> httpx.Client:
    """Return an httpx client with bounded timeouts and keep-alive, which follows no redirects.

    One client per execution environment serves every vendor. It enforces the time limits of
    :mod:`gridwix.clients.time_limits`.

    Args:
        connect: Timeout, in seconds, of connecting, and of waiting for a free connection.
        read: Timeout, in seconds, of each wait for data.
        transport: Replaces the network in tests.
        correlation: Returns headers for each request that name its cause, such as
            ``X-Request-ID``. A header that a request already has is not replaced.
    """

    def add_correlation(request: httpx.Request) -> None:
        for name, value in correlation().items():
            request.headers.setdefault(name, value)

    # At INFO, httpx logs every URL with its query string, and a query may hold a user's login name.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return keep_limits(
        httpx.Client(
            headers={
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                "Accept-Encoding": ACCEPTED,
            },
            timeout=httpx.Timeout(read, connect=connect, pool=connect),
            limits=httpx.Limits(
                max_connections=20, max_keepalive_connections=10, keepalive_expiry=30.0
            ),
            follow_redirects=False,
            transport=transport,
            event_hooks={"request": [add_correlation]},
        )
    )


class Sender:
    """Sends calls to one vendor, with authentication and retries.

    Args:
        http: The httpx client that all vendors share.
        auth: The vendor's authentication.
        system: The vendor's name in errors.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
        max_response_bytes: Maximum size of a response body, after decompression.
        response_seconds: Maximum duration of one exchange, in seconds, from connecting to the last
            byte of the response.
        stream_seconds: Maximum duration of an exchange with a streamed response.
    """

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        *,
        system: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        response_seconds: float = RESPONSE_SECONDS,
        stream_seconds: float = STREAM_SECONDS,
    ) -> None:
        self.system = system
        self.clock = clock
        self._http = http
        self._auth = auth
        self._sleep = sleep
        self._max_response_bytes = max_response_bytes
        self._response_seconds = response_seconds
        self._stream_seconds = stream_seconds

    def send(
        self,
        call: Call,
        admit: Callable[[], None] = lambda: None,
        read_body: ReadBody = lambda _, pieces: _join(pieces),
    ) -> HttpResponse:
        """Send a call, with retries where they are safe; return the response, of any status.

        Args:
            call: The request.
            admit: Runs before each attempt; raises an error to forbid the attempt.
            read_body: Reads the response body while it arrives. Runs again in each attempt. What
                ``read_body`` leaves is read afterwards, so that a body that is too large or breaks
                off is always noticed.

        Raises:
            Unavailable: There is no complete response. The error's ``ambiguous`` is True if the
                vendor may have carried out the request, False if it certainly was not sent.
            GridwixError: Any error of ``admit`` or of the authentication.
        """
        begun = self.clock()

        def give_up(state: RetryCallState) -> bool:
            return state.attempt_number >= MAX_ATTEMPTS or self.clock() - begun > RETRY_WINDOW

        outcome = Retrying(
            retry=retry_if_result(_is_retryable),
            stop=give_up,
            wait=wait_random_exponential(multiplier=0.2, max=0.4),
            sleep=self._sleep,
            retry_error_callback=_last_outcome,
        )(self._attempt_call, call, admit, read_body)
        if isinstance(outcome.result, Unavailable):
            raise outcome.result
        return outcome.result

    @contextmanager
    def stream(self, call: Call) -> Iterator[HttpResponse | Iterator[bytes]]:
        """Send a call without retries, and yield its response body as a stream.

        Args:
            call: A request without a body.

        Yields:
            The body of a success in pieces, each of at most some 64 KiB, or the response of any
            other status with the first bytes of its body.

        Raises:
            Unavailable: There is no response, or the response breaks off (raised between pieces).
        """
        request = self._new_request(call, self._stream_seconds)
        response, fault = self._open_response(request)
        if response is None:
            raise self._unavailable_error(call, fault, ambiguous=False)
        try:
            pieces = self._body_pieces(call, response)
            if response.is_success:
                yield pieces
            else:
                yield HttpResponse(
                    response.status_code, response.headers, _first_bytes(pieces, MAX_ERROR_BYTES)
                )
        finally:
            response.close()

    def _new_request(self, call: Call, seconds: float) -> httpx.Request:
        return self._http.build_request(
            call.method,
            call.url,
            params=list(call.params) or None,
            headers=dict(call.headers),
            content=call.content,
            extensions={"timeout": limited_timeouts(self._http.timeout, seconds)},
        )

    def _attempt_call(self, call: Call, admit: Callable[[], None], read_body: ReadBody) -> _Outcome:
        admit()
        request = self._new_request(call, self._response_seconds)
        # An httpx error carries the request with its credentials, so it must not become the context
        # of ours: it is dealt with outside the handler.
        fault: httpx.RequestError | None = None
        try:
            response = self._read_response(call, request, read_body)
        except httpx.RequestError as error:
            fault = error
        if fault is None:
            # Retry-After asks for more time than a retry at once gives.
            overloaded = (
                response.status in (502, 503, 504) and response.retry_after(self.clock()) is None
            )
            return _Outcome(response, retryable=call.safe and overloaded)
        sent = _is_fault_of(fault, request) and not isinstance(fault, NOT_SENT)
        retryable = isinstance(fault, _NOT_CONNECTED) or (
            isinstance(fault, _BROKEN) and (call.safe or not sent)
        )
        return _Outcome(
            self._unavailable_error(call, type(fault).__name__, ambiguous=sent), retryable=retryable
        )

    def _read_response(
        self, call: Call, request: httpx.Request, read_body: ReadBody
    ) -> HttpResponse:
        begun = self.clock()
        response = self._http.send(request, auth=self._auth, stream=True)
        try:
            pieces = self._bounded_pieces(call, response, begun)
            body = read_body(response.status_code, pieces)
            for _ in pieces:
                pass
        finally:
            response.close()
            # httpx's stream refers back to its response, which holds the request and its body: a
            # cycle of a megabyte per bulk call, which the tuned garbage collector would leave for
            # long.
            response.stream = httpx.ByteStream(b"")
        return HttpResponse(response.status_code, response.headers, body)

    def _bounded_pieces(
        self, call: Call, response: httpx.Response, begun: float
    ) -> Iterator[bytes]:
        """Yield the body of a response in pieces.

        Raises Unavailable if the body is too large, arrives too slowly or cannot be decoded.
        """
        fault = ""
        try:
            for piece in decoded_pieces(response, self._max_response_bytes):
                if self.clock() - begun > self._response_seconds:
                    fault = "the answer takes too long"
                    break
                if piece:
                    yield piece
        except BodyFault as error:
            fault = str(error)
        if fault:
            raise self._unavailable_error(call, fault, status=response.status_code, ambiguous=True)

    def _open_response(self, request: httpx.Request) -> tuple[httpx.Response | None, str]:
        # An httpx error carries the request with its credentials, so it must not become the context
        # of ours: only its class's name leaves this method.
        try:
            return self._http.send(request, auth=self._auth, stream=True), ""
        except httpx.RequestError as error:
            return None, type(error).__name__

    def _body_pieces(self, call: Call, response: httpx.Response) -> Iterator[bytes]:
        fault = ""
        try:
            for piece in decoded_pieces(response):
                if piece:
                    yield piece
        except httpx.RequestError as error:
            fault = type(error).__name__
        except BodyFault as error:
            fault = str(error)
        # Raised outside the handler, for the reason given in _open_response.
        if fault:
            raise self._unavailable_error(call, fault, status=response.status_code, ambiguous=False)

    def _unavailable_error(
        self, call: Call, reason: str, *, ambiguous: bool, status: int = 0
    ) -> Unavailable:
        return Unavailable(
            f"{call.operation}: {reason}",
            system=self.system,
            status=status,
            request_id=call.headers.get("X-Request-ID", ""),
            ambiguous=ambiguous,
        )


def _join(pieces: Iterator[bytes]) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
    return bytes(body)


def _first_bytes(pieces: Iterator[bytes], most: int) -> bytes:
    """Return up to ``most`` bytes of a response body, without reading the rest."""
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) >= most:
            break
    return bytes(found[:most])


def _is_retryable(outcome: _Outcome) -> bool:
    return outcome.retryable


def _last_outcome(state: RetryCallState) -> _Outcome:
    assert state.outcome is not None
    outcome: _Outcome = state.outcome.result()
    return outcome


def _is_fault_of(fault: httpx.RequestError, request: httpx.Request) -> bool:
    """Return True if an error is of this request, and not of the request for its access token."""
    try:
        return fault.request is request
    except RuntimeError:
        return True
