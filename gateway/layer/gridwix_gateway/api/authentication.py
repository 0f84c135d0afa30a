"""Authentication: consumer keys, and the access tokens that they are exchanged for.

The token call has the same form as OpenText's, so that a client needs one kind of authentication
for OpenText and for this gateway: ``POST /v1/oauth2/tokens?grant_type=client_credentials`` with
HTTP Basic.

A token is signed and not stored. Its signature depends on the consumer's secret: once a secret is
removed, its tokens are refused too.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gridwix_gateway.api.messages import Request, Response
from gridwix_gateway.problems import Problem

TOKEN_SEGMENTS = ("v1", "oauth2", "tokens")
"""Segments of the path at which clients request access tokens."""

LIFETIME = 36_000
"""Seconds until a token expires: OpenText asks clients for a new token every 10 hours."""

MAX_HEADER = 2_000
"""Characters of an ``Authorization`` header that are read; the rest is cut off."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """A client of the API: its consumer key (client id) and one secret.

    During the rotation of a secret, there are two consumers with the same key.

    Args:
        key: The consumer key.
        secret: The consumer secret.
        scopes: Groups of routes that the consumer may call: ``community``, ``desk``.
    """

    key: str
    secret: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Credentials:
    """All consumers (clients) of the gateway, and the key that signs their access tokens."""

    consumers: tuple[Consumer, ...]
    token_key: bytes


class CredentialStore(Protocol):
    """Reads the credentials of consumers, the clients of the API. Cached for some minutes."""

    def read(self, *, refresh: bool = False) -> Credentials:
        """Return the credentials, at most some minutes old.

        With ``refresh``, read them again from their storage, but only a few times a minute at most.
        """


class Authenticator:
    """Issues access tokens to consumers, the clients of the API, and checks the tokens of requests.

    Args:
        store: Reads the consumers' credentials.
        clock: Returns Unix seconds.
    """

    def __init__(self, store: CredentialStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def create_token(self, request: Request) -> Response:
        """Answer a request for an access token.

        Error responses have OpenText's form, not the form of the gateway's other errors (RFC 9457).
        """
        if request.method != "POST":
            return _error_response(405, "Method not allowed", "invalid_request")
        if request.query_value("grant_type") != "client_credentials":
            return _error_response(400, "grant_type is not supported", "invalid_request")
        key, secret = _basic_credentials(request)
        consumer = self._find_consumer(key, secret, refresh=False)
        if consumer is None:
            consumer = self._find_consumer(key, secret, refresh=True)
        if consumer is None:
            refused = _error_response(401, "Invalid consumer key or secret", "invalid_client")
            return Response(401, refused.document, {"www-authenticate": "Basic"})
        expires = int(self._clock()) + LIFETIME
        token = _signed_token(consumer, self._store.read().token_key, expires)
        return Response(
            200, {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}
        )

    def read_consumer(self, request: Request) -> Consumer:
        """Return the consumer (client) to which the request's access token was issued.

        Raises:
            Problem: ``unauthenticated``: the token is missing, forged or expired, or its consumer
                was removed.
        """
        token = _authorization(request, "bearer")
        key, expires = _token_claims(token)
        if expires > self._clock():
            for refresh in (False, True):
                credentials = self._store.read(refresh=refresh)
                for consumer in credentials.consumers:
                    if consumer.key == key and _is_equal(
                        token, _signed_token(consumer, credentials.token_key, expires)
                    ):
                        return consumer
        raise Problem("unauthenticated", "The access token is missing or has expired.")

    def _find_consumer(self, key: str, secret: str, *, refresh: bool) -> Consumer | None:
        found: Consumer | None = None
        for consumer in self._store.read(refresh=refresh).consumers:
            # Both are always compared: the response time must not tell which one is wrong.
            good = _is_equal(key, consumer.key) & _is_equal(secret, consumer.secret)
            found = consumer if good else found
        return found


def _signed_token(consumer: Consumer, token_key: bytes, expires: int) -> str:
    """Return a consumer's access token: its claims and their HMAC signature, in base64url."""
    claims = json.dumps({"key": consumer.key, "exp": expires}, separators=(",", ":")).encode()
    # A key for each secret, so that a removed secret takes its tokens with it.
    key = hmac.digest(token_key, consumer.secret.encode(), hashlib.sha256)
    return f"{_base64url(claims)}.{_base64url(hmac.digest(key, claims, hashlib.sha256))}"


def _token_claims(token: str) -> tuple[str, int]:
    """Return the consumer key and expiry in a token, without checking its signature.

    Returns "" and 0 if the token is malformed.
    """
    try:
        claims = json.loads(base64.urlsafe_b64decode(f"{token.partition('.')[0]}==="))
        key, expires = claims["key"], claims["exp"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", 0
    if not isinstance(key, str) or type(expires) is not int:
        return "", 0
    return key, expires


def _basic_credentials(request: Request) -> tuple[str, str]:
    try:
        text = base64.b64decode(_authorization(request, "basic"), validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    key, _, secret = text.partition(":")
    return key, secret


def _authorization(request: Request, scheme: str) -> str:
    """Return the value of ``Authorization`` without its scheme; "" if the scheme is another one."""
    given, _, value = request.headers.get("authorization", "")[:MAX_HEADER].partition(" ")
    return value.strip() if given.lower() == scheme else ""


def _is_equal(first: str, second: str) -> bool:
    # A text that comes out of JSON can hold a lone surrogate.
    return hmac.compare_digest(
        first.encode(errors="surrogatepass"), second.encode(errors="surrogatepass")
    )


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _error_response(status: int, message: str, code: str) -> Response:
    return Response(status, {"status": str(status), "message": message, "error-code": code})
