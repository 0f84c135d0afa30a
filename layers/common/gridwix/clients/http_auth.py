"""Access tokens for httpx: fetched through the client that needs them, kept, and fetched by one thread at a time."""

import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from dataclasses import dataclass, field

import httpx

from gridwix.clients.http import USER_AGENT, error_kind, members, parse_json, retry_after
from gridwix.errors import ConfigurationError, Refused, Unauthenticated, Unavailable, UpstreamError

MARGIN = 300.0
"""Seconds before its end at which a token is no longer used. Of a token that lives less than twice as long, half the life."""

MAX_BODY_BYTES = 64 * 1024
MAX_TOKEN_LENGTH = 16 * 1024


def checked_credential(name: str, value: str) -> str:
    """``value`` if it can stand in a header. Raises ConfigurationError, which names the credential and not its value."""
    if not _is_visible_ascii(value):
        raise ConfigurationError(f"{name} must be visible ASCII characters without spaces, and not empty")
    return value


def _is_visible_ascii(text: str) -> bool:
    return bool(text) and len(text) <= MAX_TOKEN_LENGTH and all("!" <= character <= "~" for character in text)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    fresh_until: float


class _Head(httpx.SyncByteStream):
    """The first bytes of a stream. httpx reads the bodies of an authentication flow itself, and whole."""

    def __init__(self, stream: httpx.SyncByteStream, limit: int) -> None:
        self._stream = stream
        self._limit = limit

    def __iter__(self) -> Iterator[bytes]:
        left = self._limit
        for chunk in self._stream:
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                return

    def close(self) -> None:
        self._stream.close()


class SyncAuth(httpx.Auth):
    """Authentication that takes locks or reads answers, and so is for ``httpx.Client`` alone."""

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        raise RuntimeError(f"{type(self).__name__} works with httpx.Client only")
        yield request


class StaticBearer(httpx.Auth):
    """One token that somebody else has obtained."""

    def __init__(self, token: str) -> None:
        self._token = checked_credential("the bearer token", token)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class TokenAuth(SyncAuth):
    """An OAuth 2.0 access token (RFC 6749 section 4.4), kept until shortly before its end.

    On a 401 the token is fetched anew once and the request repeated once; a second 401 is the answer. Threads that need a token at the same time share one
    fetch. ``lifetime`` is the number of seconds to keep a token whose answer names none, and the most to believe; ``scheme`` goes before the token in the
    header. Fetching raises Unauthenticated if the credentials are not accepted, Throttled, or an Unavailable that is not ambiguous, as the request itself
    was not sent.
    """

    def __init__(self, token_request: httpx.Request, *, system: str, lifetime: float, clock: Callable[[], float], scheme: str = "Bearer ") -> None:
        self._token_request = token_request
        self._system = system
        self._lifetime = lifetime
        self._clock = clock
        self._scheme = scheme
        self._lock = threading.Lock()
        self._kept: _Token | None = None

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        token = yield from self._token(request)
        request.headers["Authorization"] = self._scheme + token
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            _behead(response)
            token = yield from self._token(request, rejected=token)
            request.headers["Authorization"] = self._scheme + token
            yield request

    def _token(self, request: httpx.Request, rejected: str = "") -> Generator[httpx.Request, httpx.Response, str]:
        kept = self._usable(rejected)
        if kept is None:
            with self._lock:
                kept = self._usable(rejected)
                if kept is None:
                    begun = self._clock()
                    response = yield self._new_token_request(request)
                    kept = self._kept = self._accept(response, begun)
        return kept.text

    def _usable(self, rejected: str) -> _Token | None:
        kept = self._kept
        return kept if kept is not None and kept.text != rejected and self._clock() < kept.fresh_until else None

    def _new_token_request(self, request: httpx.Request) -> httpx.Request:
        # A request that is not built by the client has no time-outs of its own.
        timeouts = {"timeout": request.extensions["timeout"]} if "timeout" in request.extensions else {}
        template = self._token_request
        headers = {**template.headers, "User-Agent": USER_AGENT, "Accept": "application/json"}
        return httpx.Request(template.method, template.url, headers=headers, content=template.content, extensions=timeouts)

    def _accept(self, response: httpx.Response, begun: float) -> _Token:
        _behead(response)
        body = members(parse_json(response.read()))
        status = response.status_code
        if status != httpx.codes.OK:
            raise self._refused(response)
        text = body.get("access_token")
        if not isinstance(text, str) or not _is_visible_ascii(text):
            raise Unavailable(f"access token: {self._system} answered without a token", system=self._system, status=status)
        lifetime = min(_seconds(body.get("expires_in"), self._lifetime), self._lifetime)
        return _Token(text, begun + lifetime - min(MARGIN, lifetime / 2))

    def _refused(self, response: httpx.Response) -> UpstreamError:
        status = response.status_code
        kind = error_kind(status)
        return (Unauthenticated if kind is Refused else kind)(
            f"access token: {self._system} answered {status}",
            system=self._system,
            status=status,
            wait=retry_after(response.headers.get("Retry-After"), self._clock()),
        )


def _behead(response: httpx.Response) -> None:
    assert isinstance(response.stream, httpx.SyncByteStream)
    response.stream = _Head(response.stream, MAX_BODY_BYTES)


def _seconds(value: object, default: float) -> float:
    """A number of seconds that some servers send as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return float(value[:9]) or default
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else default
