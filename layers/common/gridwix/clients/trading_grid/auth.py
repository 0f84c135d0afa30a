"""How gridwix proves to Trading Grid who it is. Which way applies is configuration, as OpenText's identity domains do not share tokens.

Source of ``apigrid``: github.com/opentext/BN-Trading-Grid, Postman collections of Community Management.
"""

import base64
import time
from collections.abc import Callable, Mapping

import httpx

from gridwix.clients.http_auth import StaticBearer, TokenAuth, checked_credential
from gridwix.errors import ConfigurationError

SYSTEM = "trading_grid"
TOKEN_PATH = "/v1/oauth2/tokens"  # noqa: S105 - a path

TOKEN_SECONDS = 36_000.0
"""After ten hours a token must be fetched anew, say OpenText's instructions; whether the answer names a lifetime is not documented."""


class TradingGridAuth(TokenAuth):
    """The gateway's client credentials: Basic with consumer key and secret, the grant in the query, no body."""

    def __init__(
        self, consumer_key: str, consumer_secret: str, token_url: str, clock: Callable[[], float] = time.time, *, lifetime: float = TOKEN_SECONDS
    ) -> None:
        key, secret = checked_credential("the consumer key", consumer_key), checked_credential("the consumer secret", consumer_secret)
        if ":" in key:
            raise ConfigurationError("the consumer key must not contain a colon")
        basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
        url = httpx.URL(token_url).copy_merge_params({"grant_type": "client_credentials"})
        request = httpx.Request("POST", url, headers={"Authorization": f"Basic {basic}"})
        super().__init__(request, system=SYSTEM, lifetime=lifetime, clock=clock)


def _apigrid(credentials: Mapping[str, str], base_url: str, clock: Callable[[], float]) -> httpx.Auth:
    return TradingGridAuth(_member(credentials, "consumerKey"), _member(credentials, "consumerSecret"), base_url.rstrip("/") + TOKEN_PATH, clock)


def _static_bearer(credentials: Mapping[str, str], base_url: str, clock: Callable[[], float]) -> httpx.Auth:
    del base_url, clock
    return StaticBearer(_member(credentials, "token"))


AUTH_MODES: Mapping[str, Callable[[Mapping[str, str], str, Callable[[], float]], httpx.Auth]] = {"apigrid": _apigrid, "static-bearer": _static_bearer}
"""The ways to log in, by name. Each takes the secret's members, the gateway's base URL and a clock."""


def trading_grid_auth(mode: str, credentials: Mapping[str, str], *, base_url: str, clock: Callable[[], float] = time.time) -> httpx.Auth:
    """``apigrid`` needs ``consumerKey`` and ``consumerSecret``, ``static-bearer`` needs ``token``. Raises ConfigurationError for anything else."""
    build = AUTH_MODES.get(mode)
    if build is None:
        raise ConfigurationError(f"the Trading Grid authentication mode must be one of {', '.join(AUTH_MODES)}")
    return build(credentials, base_url, clock)


def _member(credentials: Mapping[str, str], name: str) -> str:
    value = credentials.get(name)
    if not isinstance(value, str):
        raise ConfigurationError(f"the Trading Grid credentials have no {name}")
    return value
