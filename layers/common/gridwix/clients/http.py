"""Sending one HTTP request to a vendor: bounded in time and size, repeated only where that cannot do harm, with errors that give nothing away.

Which failures are repeated at once, at most twice and with less than a second of sleep in all (full jitter):

- any call whose request certainly was not sent, because no connection came about;
- a *safe* call (one that changes nothing, RFC 9110 section 9.2.1) whose connection broke, or that was answered 502, 503 or 504 without ``Retry-After``.

A write that may have been carried out is never repeated here, not even an idempotent one: the first copy could still arrive after the second has been
answered and something newer has been written. A 429 is never repeated either. Time-outs of an answer are not repeated, as there is no time left for that.

Messages name the operation and the kind of failure. They hold no URL, header or body, and neither does the chain of causes.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Never
from urllib.parse import quote

import httpx
from pydantic_core import from_json
from tenacity import RetryCallState, Retrying, retry_if_result, wait_random_exponential

from gridwix.errors import Conflict, Forbidden, NotFound, Refused, Throttled, Unauthenticated, Unavailable, UpstreamError

VERSION = "0.1.0"
USER_AGENT = f"gridwix/{VERSION}"

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""Largest answer that is read into memory, after decompression."""

MAX_FAULT_BYTES = 64 * 1024
"""Most bytes that are read of an answer that was to be a file and says what went wrong."""

ANSWER_SECONDS = 60.0
"""Longest time that the body of one answer may take, however steadily it trickles."""

MAX_ATTEMPTS = 3
REPEAT_WINDOW = 5.0
"""Seconds after which a call is no longer repeated, so that slow failures do not add up."""

MAX_DIGITS = 1000
"""Digits of a whole number that is read as one."""

LONGEST_WAIT = 3600.0
"""Largest number of seconds that is believed of a ``Retry-After``."""

STATUSES: Mapping[int, type[UpstreamError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    428: Conflict,
    429: Throttled,
}
"""What an HTTP status means where the vendor's own code says nothing better. Any other 5xx is Unavailable, anything else Refused."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout)
_BROKEN = (httpx.NetworkError, httpx.RemoteProtocolError)
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_FIELD = re.compile(r"[\w./\[\]-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``operation`` is what errors call it; ``safe`` says that it changes nothing."""

    operation: str
    method: str
    url: str
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer, whatever its status."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)

    def wait(self, now: float) -> float | None:
        """The seconds of ``Retry-After``, which may be a number or an HTTP date (RFC 9110 section 10.2.3); None if it is absent or senseless."""
        return retry_after(self.headers.get("Retry-After"), now)


@dataclass(frozen=True, slots=True)
class _Outcome:
    result: Answer | Unavailable
    repeatable: bool


def new_client(*, connect: float = 3.0, read: float = 15.0, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client with bounded time-outs (seconds), connections that are kept for the next invocation, and no redirects. One per sandbox serves every vendor."""
    # At INFO, httpx logs every URL with its query string, and a query may hold a user's login name.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.Client(
        headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
        timeout=httpx.Timeout(read, connect=connect, pool=connect),
        limits=httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30.0),
        follow_redirects=False,
        transport=transport,
    )


class Sender:
    """Sends calls to one vendor. ``system`` is the vendor's name in errors; ``clock`` gives Unix seconds."""

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        *,
        system: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.system = system
        self.clock = clock
        self._http = http
        self._auth = auth
        self._sleep = sleep
        self._max_answer_bytes = max_answer_bytes
        self._answer_seconds = answer_seconds

    def send(self, call: Call, admit: Callable[[], None] = lambda: None) -> Answer:
        """The answer to ``call``, of whatever status. ``admit`` runs before each attempt and may raise to forbid it.

        Raises Unavailable if there is no complete answer: ``ambiguous`` unless the request certainly was not sent. What the authentication raises passes
        through.
        """
        begun = self.clock()

        def give_up(state: RetryCallState) -> bool:
            return state.attempt_number >= MAX_ATTEMPTS or self.clock() - begun > REPEAT_WINDOW

        outcome = Retrying(
            retry=retry_if_result(_is_repeatable),
            stop=give_up,
            wait=wait_random_exponential(multiplier=0.2, max=0.4),
            sleep=self._sleep,
            retry_error_callback=_last_outcome,
        )(self._attempt, call, admit)
        if isinstance(outcome.result, Unavailable):
            raise outcome.result
        return outcome.result

    def _attempt(self, call: Call, admit: Callable[[], None]) -> _Outcome:
        admit()
        request = self._http.build_request(call.method, call.url, params=list(call.params) or None, headers=dict(call.headers), content=call.content)
        # An httpx error carries the request with its credentials, so it must not become the context of ours: it is dealt with outside the handler.
        fault: httpx.RequestError | None = None
        try:
            answer = self._exchange(call, request)
        except httpx.RequestError as error:
            fault = error
        if fault is None:
            overloaded = answer.status in (502, 503, 504) and answer.wait(self.clock()) is None
            return _Outcome(answer, repeatable=call.safe and overloaded)
        sent = _concerns(fault, request) and not isinstance(fault, _NOT_SENT)
        repeatable = isinstance(fault, _NOT_CONNECTED) or (isinstance(fault, _BROKEN) and (call.safe or not sent))
        return _Outcome(self._unavailable(call, type(fault).__name__, ambiguous=sent), repeatable=repeatable)

    def _exchange(self, call: Call, request: httpx.Request) -> Answer:
        begun = self.clock()
        response = self._http.send(request, auth=self._auth, stream=True)
        try:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > self._max_answer_bytes:
                    raise self._unavailable(call, f"the answer exceeds {self._max_answer_bytes} bytes", status=response.status_code, ambiguous=True)
                if self.clock() - begun > self._answer_seconds:
                    raise self._unavailable(call, "the answer takes too long", status=response.status_code, ambiguous=True)
        finally:
            response.close()
        return Answer(response.status_code, response.headers, bytes(body))

    @contextmanager
    def open(self, call: Call, pieces: int) -> Iterator[Answer | Iterator[bytes]]:
        """The body of a success in pieces of at most that many bytes, or the whole answer of any other status. It is not repeated.

        Raises Unavailable, also between two pieces.
        """
        request = self._http.build_request(call.method, call.url, params=list(call.params) or None, headers=dict(call.headers))
        response, fault = self._opened(request)
        if response is None:
            raise self._unavailable(call, fault, ambiguous=False)
        try:
            if response.is_success:
                yield self._pieces(call, response, pieces)
            else:
                yield Answer(response.status_code, response.headers, next(response.iter_bytes(MAX_FAULT_BYTES), b""))
        finally:
            response.close()

    def _opened(self, request: httpx.Request) -> tuple[httpx.Response | None, str]:
        # An httpx error carries the request with its credentials, so it must not become the context of ours: it ends here.
        try:
            return self._http.send(request, auth=self._auth, stream=True), ""
        except httpx.RequestError as error:
            return None, type(error).__name__

    def _pieces(self, call: Call, response: httpx.Response, size: int) -> Iterator[bytes]:
        pieces = response.iter_bytes(size)
        while True:
            fault = ""
            try:
                piece = next(pieces, None)
            except httpx.RequestError as error:
                fault = type(error).__name__
            if fault:
                raise self._unavailable(call, fault, ambiguous=False)
            if piece is None:
                return
            yield piece

    def _unavailable(self, call: Call, reason: str, *, ambiguous: bool, status: int = 0) -> Unavailable:
        return Unavailable(
            f"{call.operation}: {reason}", system=self.system, status=status, request_id=call.headers.get("X-Request-ID", ""), ambiguous=ambiguous
        )


def _is_repeatable(outcome: _Outcome) -> bool:
    return outcome.repeatable


def _last_outcome(state: RetryCallState) -> _Outcome:
    assert state.outcome is not None
    outcome: _Outcome = state.outcome.result()
    return outcome


def _concerns(fault: httpx.RequestError, request: httpx.Request) -> bool:
    """Whether it was this request that failed, not the one for its access token."""
    try:
        return fault.request is request
    except RuntimeError:
        return True


def error_kind(status: int) -> type[UpstreamError]:
    """The error class for a status that is not a success."""
    return STATUSES.get(status, Unavailable if status >= 500 else Refused)


def upstream_error(
    kind: type[UpstreamError], message: str, *, system: str, status: int, vendor_code: str = "", request_id: str = "", wait: float | None = None
) -> UpstreamError:
    """An error for an answer. One that is Unavailable is ambiguous: the request arrived, and nobody knows how far it got."""
    if issubclass(kind, Unavailable):
        return kind(message, system=system, status=status, vendor_code=vendor_code, request_id=request_id, wait=wait, ambiguous=True)
    return kind(message, system=system, status=status, vendor_code=vendor_code, request_id=request_id, wait=wait)


def parse_json(body: bytes, object_hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """The JSON value of a body; None if it is not JSON, or nested too deeply to be read.

    What is JSON but fits no text or number here (a lone surrogate, a number of thousands of digits) is still read, so that the one record that holds it is
    refused by its model, and not the whole answer.
    """
    if object_hook is None:
        try:
            return from_json(body, allow_inf_nan=False)
        except ValueError:
            pass
    try:
        return json.loads(body, object_hook=object_hook, parse_constant=_refuse_constant, parse_int=_integer)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


def members(value: Any) -> Mapping[str, Any]:
    """``value`` if it is a JSON object, else an empty one: for reading answers whose shape cannot be relied on."""
    return value if isinstance(value, dict) else {}


def vendor_code(value: object) -> str:
    """A code that is fit for logs: at most 64 characters of an identifier, else ""."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _CODE.fullmatch(text) else ""


def request_id(value: object) -> str:
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else ""


def field_name(value: object) -> str:
    """The name or path of a field, fit for logs; ``?`` for anything that could be a value."""
    return value if isinstance(value, str) and _FIELD.fullmatch(value) else "?"


def path_segment(text: str) -> str:
    """``text`` as one segment of a path. Raises ValueError for text that a server could resolve to another path."""
    if text in ("", ".", ".."):
        raise ValueError("an id in a path must not be empty, '.' or '..'")
    return quote(text, safe="")


def retry_after(value: str | None, now: float) -> float | None:
    """The seconds of a ``Retry-After`` header, at most an hour; None if it is absent or senseless."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(at.timestamp() - now, 0.0), LONGEST_WAIT)
