"""Authenticates requests to external REST APIs (targets): headers with credentials or tokens."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlencode

from gridwix_gateway.targets.declarations import (
    ApiKeyAuthentication,
    Authentication,
    BasicAuthentication,
    BearerAuthentication,
    OAuthAuthentication,
)
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp, NoAnswer

EARLY = 60.0
"""Seconds before a token's expiry from which it is no longer used."""

LONGEST_TOKEN = 3600.0
"""Maximum seconds for which a token is cached, also if its response names no lifetime."""


class SecretReader(Protocol):
    """Port: reads secrets, by name, with credentials for external systems (targets)."""

    def read_secret(self, name: str) -> Mapping[str, str]:
        """Return the values of a secret, by member name. Raises MissingSecret."""


class MissingSecret(Exception):
    """A secret does not exist, is unusable, or lacks a member that is needed."""


class RequestAuthenticator(Protocol):
    """Port: gives the credentials for requests to an external REST API (target)."""

    def headers(self) -> Mapping[str, str]:
        """Return the headers with credentials. Raises MissingSecret and NoAnswer."""

    def forget(self) -> None:
        """Forget cached credentials, because the target has refused them."""


class FixedHeader(RequestAuthenticator):
    """Authentication by one header from a secret: HTTP Basic, bearer token or API key."""

    def __init__(self, read_header: Callable[[], tuple[str, str]]) -> None:
        self._read_header = read_header

    def headers(self) -> Mapping[str, str]:
        name, value = self._read_header()
        return {name: value}

    def forget(self) -> None:
        """Do nothing: no credentials are cached here."""


class OAuthAuthenticator(RequestAuthenticator):
    """Authentication by OAuth 2.0 client credentials (RFC 6749, 4.4), with a cached token.

    Args:
        declaration: The declared authentication.
        secrets: Reads the secret with the client's id and secret.
        http: Sends the request for a token.
        monotonic: Returns seconds of a monotonic clock.
    """

    def __init__(
        self,
        declaration: OAuthAuthentication,
        secrets: SecretReader,
        http: BoundedHttp,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._declaration = declaration
        self._secrets = secrets
        self._http = http
        self._monotonic = monotonic
        self._token = ""
        self._ends = 0.0

    def headers(self) -> Mapping[str, str]:
        if not self._token or self._monotonic() >= self._ends:
            self._token, lifetime = self._request_token()
            self._ends = self._monotonic() + lifetime
        return {"Authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        self._token = ""

    def _request_token(self) -> tuple[str, float]:
        declaration = self._declaration
        secret = self._secrets.read_secret(declaration.secret)
        form = {"grant_type": "client_credentials"}
        if declaration.scope is not None:
            form["scope"] = declaration.scope
        answer = self._http.send(
            "POST",
            declaration.token_url,
            headers={
                "Authorization": _basic(
                    _member(secret, "client_id"), _member(secret, "client_secret")
                ),
                "Content-Type": "application/x-www-form-urlencoded",
            },
            content=urlencode(form).encode(),
        )
        token, lifetime = _read_token(answer.body) if answer.status == 200 else ("", 0.0)
        if not token:
            # The delivery's own request was not sent.
            raise NoAnswer("unauthorised", is_sent=False)
        return token, max(0.0, min(lifetime, LONGEST_TOKEN) - EARLY)


def new_request_authenticator(
    declaration: Authentication, secrets: SecretReader, http: BoundedHttp
) -> RequestAuthenticator:
    """Return the object that adds credentials to requests, by the declared kind of authentication.

    Args:
        declaration: The declared authentication.
        secrets: Reads the secret again for each request, so a rotated one is used soon.
        http: Sends requests for tokens.

    Returns:
        The authenticator.
    """
    match declaration:
        case BasicAuthentication(secret=name):
            return FixedHeader(lambda: ("Authorization", _basic_header(secrets, name)))
        case BearerAuthentication(secret=name):
            return FixedHeader(
                lambda: (
                    "Authorization",
                    f"Bearer {_header_value(_member(secrets.read_secret(name), 'token'))}",
                )
            )
        case ApiKeyAuthentication(secret=name, header=header):
            return FixedHeader(
                lambda: (header, _header_value(_member(secrets.read_secret(name), "key")))
            )
        case OAuthAuthentication():
            return OAuthAuthenticator(declaration, secrets, http)


def _basic_header(secrets: SecretReader, name: str) -> str:
    secret = secrets.read_secret(name)
    return _basic(_member(secret, "username"), _member(secret, "password"))


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _member(secret: Mapping[str, str], name: str) -> str:
    value = secret.get(name)
    if not isinstance(value, str) or not value:
        raise MissingSecret(f"the secret has no {name}")
    return value


def _header_value(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise MissingSecret("the secret cannot be a header")
    return text


def _read_token(body: bytes) -> tuple[str, float]:
    """Return the access token in a response and its lifetime in seconds; "" and 0 without one."""
    try:
        document = json.loads(body)
        token, lifetime = document["access_token"], float(document.get("expires_in", LONGEST_TOKEN))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "", 0.0
    is_usable = isinstance(token, str) and token.isascii() and token.isprintable()
    return (token, lifetime) if is_usable else ("", 0.0)
