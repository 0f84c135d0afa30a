"""Authentication for httpx by bearer tokens: OAuth access tokens that are fetched and cached.

A token is fetched by the client that needs it, and by one thread at a time.
"""

import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from gridwix.clients.http import USER_AGENT
from gridwix.clients.http_bodies import ACCEPTED, BodyFault, small_body
from gridwix.clients.http_messages import (
    MAX_REDIRECTS,
    REDIRECTS,
    retry_after_seconds,
    same_origin_redirect,
)
from gridwix.clients.json_values import json_object, parse_json
from gridwix.clients.vendor_errors import error_type
from gridwix.errors import ConfigurationError, Refused, Unauthenticated, Unavailable, UpstreamError
from gridwix.models.secret_names import TRADING_GRID_CREDENTIALS

MARGIN = 300.0
"""Seconds before its expiration at which a token is no longer used. For a token with a lifetime of
less than twice this margin, the margin is half the lifetime."""

MAX_BODY_BYTES = 64 * 1024
MAX_TOKEN_LENGTH = 16 * 1024


NOT_VISIBLE = "must be visible ASCII characters without spaces, and not empty"
"""Fault text for a credential with characters that an HTTP header cannot hold."""


def checked_credential(name: str, value: str) -> str:
    """Return a credential unchanged if an HTTP header can hold it.

    Raises ConfigurationError otherwise. The error contains ``name``, the name of the secret and its
    field, but not ``value``, the credential itself.
    """
    if not is_visible_ascii(value):
        raise ConfigurationError(
            NOT_VISIBLE, secret=name, remedy="store it again, without spaces and line breaks"
        )
    return value


def is_visible_ascii(text: str) -> bool:
    """Return True if a text can be a token in an HTTP header: visible ASCII, and not empty."""
    return (
        bool(text)
        and len(text) <= MAX_TOKEN_LENGTH
        and all("!" <= character <= "~" for character in text)
    )


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    fresh_until: float


class SyncAuth(httpx.Auth):
    """Base class of an httpx authentication that works with ``httpx.Client`` only.

    An asynchronous client must not use it, because it takes locks or reads responses.
    """

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        raise RuntimeError(f"{type(self).__name__} works with httpx.Client only")
        yield request


class StaticBearer(httpx.Auth):
    """Authentication by a bearer token from the configuration. The token is never refreshed."""

    def __init__(self, token: str) -> None:
        self._token = checked_credential(f"{TRADING_GRID_CREDENTIALS} (token)", token)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class TokenAuth(SyncAuth):
    """Authentication by a cached OAuth 2.0 access token (RFC 6749 section 4.4).

    The token is used until shortly before it expires. On a 401 it is fetched again once and the
    request is retried once; a second 401 is returned. Threads that need a token at the same time
    share one fetch.

    Fetching a token raises Unauthenticated if the credentials are not accepted, Throttled on a rate
    limit, Unavailable if there is no usable response, and otherwise the error for the response's
    status. Unavailable is not ambiguous here, as the request that needs the token was not sent.

    Args:
        token_request: The request for a token.
        system: The vendor's name in errors.
        lifetime: Lifetime of a token, in seconds, if the response with the token does not state it.
            A longer lifetime in the response is cut to this one.
        clock: Returns Unix seconds.
        scheme: Text before the token in the header ``Authorization``.
    """

    def __init__(
        self,
        token_request: httpx.Request,
        *,
        system: str,
        lifetime: float,
        clock: Callable[[], float],
        scheme: str = "Bearer ",
    ) -> None:
        self._token_request = token_request
        self._system = system
        self._lifetime = lifetime
        self._clock = clock
        self._scheme = scheme
        self._lock = threading.Lock()
        self._cached: _Token | None = None

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        token = yield from self._token_text(request)
        request.headers["Authorization"] = self._scheme + token
        response = yield request
        # A token can be revoked before it expires.
        if response.status_code == httpx.codes.UNAUTHORIZED:
            _drop_body(response)
            token = yield from self._token_text(request, rejected=token)
            request.headers["Authorization"] = self._scheme + token
            yield request

    def _token_text(
        self, request: httpx.Request, rejected: str = ""
    ) -> Generator[httpx.Request, httpx.Response, str]:
        token = self._usable_token(rejected)
        if token is None:
            with self._lock:
                # Another thread may have fetched one while this one waited for the lock.
                token = self._usable_token(rejected)
                if token is None:
                    begun = self._clock()
                    response = yield from self._token_response(request)
                    token = self._cached = self._read_token(response, begun)
        return token.text

    def _token_response(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, httpx.Response]:
        token_request = self._new_token_request(request)
        for _ in range(MAX_REDIRECTS):
            response = yield token_request
            target = (
                same_origin_redirect(str(token_request.url), response.headers.get("Location", ""))
                if response.status_code in REDIRECTS
                else None
            )
            if target is None:
                return response
            _drop_body(response)
            token_request = self._new_token_request(request, target)
        return (yield token_request)

    def _usable_token(self, rejected: str) -> _Token | None:
        token = self._cached
        return (
            token
            if token is not None and token.text != rejected and self._clock() < token.fresh_until
            else None
        )

    def _new_token_request(
        self, request: httpx.Request, target: httpx.URL | None = None
    ) -> httpx.Request:
        # A request that is not built by the client has no timeouts of its own.
        timeouts = (
            {"timeout": request.extensions["timeout"]} if "timeout" in request.extensions else {}
        )
        template = self._token_request
        headers = {
            **template.headers,
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
        }
        return httpx.Request(
            template.method,
            target or template.url,
            headers=headers,
            content=template.content,
            extensions=timeouts,
        )

    def _read_token(self, response: httpx.Response, begun: float) -> _Token:
        try:
            body = json_object(parse_json(small_body(response, MAX_BODY_BYTES)))
        except BodyFault:
            body = {}
        status = response.status_code
        if status != httpx.codes.OK:
            raise self._token_error(response)
        text = body.get("access_token")
        if not isinstance(text, str) or not is_visible_ascii(text):
            raise Unavailable(
                f"access token: {self._system} answered without a token",
                system=self._system,
                status=status,
            )
        lifetime = min(_positive_seconds(body.get("expires_in"), self._lifetime), self._lifetime)
        return _Token(text, begun + lifetime - min(MARGIN, lifetime / 2))

    def _token_error(self, response: httpx.Response) -> UpstreamError:
        status = response.status_code
        kind = error_type(status)
        # A 400 means that the credentials are wrong (RFC 6749 section 5.2).
        return (Unauthenticated if kind is Refused else kind)(
            f"access token: {self._system} answered {status}",
            system=self._system,
            status=status,
            wait=retry_after_seconds(response.headers.get("Retry-After"), self._clock()),
        )


def _drop_body(response: httpx.Response) -> None:
    """Read the body of a 401 or of a redirect, within a size limit, and discard it.

    A connection can be used for the next request only after the response was read to the end. httpx
    itself would read the whole body, however large it is.
    """
    with suppress(httpx.RequestError, BodyFault):
        small_body(response, MAX_BODY_BYTES)


def _positive_seconds(value: object, default: float) -> float:
    """Parse a positive number of seconds, which some servers send as text; else return ``default``.

    >>> _positive_seconds("3600", 60.0), _positive_seconds(-1, 60.0)
    (3600.0, 60.0)
    """
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return float(value[:9]) or default
    return (
        float(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        else default
    )
