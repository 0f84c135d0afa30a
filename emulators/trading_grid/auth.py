"""Issues access tokens on OpenText's published path, and checks bearer tokens."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.common.clock import Clock
from emulators.trading_grid.problems import legacy_error

LIFETIME = 36_000
"""Seconds until an access token expires: OpenText asks clients for a new token every 10 hours."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A consumer key and its secret, both made up."""

    consumer_key: str = "emulator-consumer-key"
    consumer_secret: str = "emulator-consumer-secret"


class Auth:
    """Issues access tokens for the consumer key and secret, and checks them in requests."""

    def __init__(self, credentials: Credentials, clock: Clock) -> None:
        self.credentials = credentials
        self._clock = clock
        self._tokens: dict[str, float] = {}

    def routes(self) -> list[Route]:
        return [Route("/v1/oauth2/tokens", self._create_token, methods=["POST"])]

    def is_valid(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return (
            scheme.lower() == "bearer"
            and self._tokens.get(token, 0) > self._clock.now().timestamp()
        )

    def expire_tokens(self) -> None:
        self._tokens.clear()

    async def _create_token(self, request: Request) -> Response:
        """Handle ``POST /v1/oauth2/tokens?grant_type=client_credentials`` with HTTP Basic.

        The user is the consumer key, the password the consumer secret.
        """
        if request.query_params.get("grant_type") != "client_credentials":
            return legacy_error(400, "grant_type is not supported", "invalid_request")
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            key = secret = ""
        good = hmac.compare_digest(key.encode(), self.credentials.consumer_key.encode())
        # Both are always compared: the response time must not tell which one is wrong.
        good &= hmac.compare_digest(secret.encode(), self.credentials.consumer_secret.encode())
        if scheme.lower() != "basic" or not good:
            return legacy_error(401, "Invalid consumer key or secret", "invalid_client")
        token = secrets.token_urlsafe(32)
        self._tokens[token] = self._clock.now().timestamp() + LIFETIME
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME})
