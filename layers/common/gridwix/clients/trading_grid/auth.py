"""Authentication with Trading Grid, in one of two modes that a setting selects.

There are two modes because OpenText's identity domains do not share tokens. Source of the mode
``apigrid``: github.com/opentext/BN-Trading-Grid, Postman collections of Community Management.
"""

import base64
import time
from collections.abc import Callable, Mapping

import httpx

from gridwix.clients.http_auth import StaticBearer, TokenAuth, checked_credential
from gridwix.clients.vendor_errors import TRADING_GRID_ERRORS
from gridwix.errors import ConfigurationError
from gridwix.models.secret_names import TRADING_GRID_CREDENTIALS

TOKEN_PATH = "/v1/oauth2/tokens"  # noqa: S105 - a path

COMMUNITY_PATH = "/community/v1"
"""Path at the end of the community gateway profile's base URL."""

_COMMUNITY_CREDENTIALS = frozenset({"communityConsumerKey", "communityConsumerSecret"})

TOKEN_SECONDS = 36_000.0
"""Lifetime of a token in seconds. OpenText's instructions say ten hours; it is not documented
whether the response names a lifetime."""


class TradingGridAuth(TokenAuth):
    """Authenticates with OAuth client credentials, in the way of Trading Grid's API gateway.

    The token is requested with Basic authentication, and the grant type is in the query.

    Args:
        consumer_key: User name of the Basic authentication.
        consumer_secret: Password of the Basic authentication.
        token_url: URL of the token endpoint. The request has no body.
        clock: Returns Unix seconds.
        lifetime: Lifetime of a token in seconds.
    """

    def __init__(
        self,
        consumer_key: str,
        consumer_secret: str,
        token_url: str,
        clock: Callable[[], float] = time.time,
        *,
        lifetime: float = TOKEN_SECONDS,
    ) -> None:
        key, secret = (
            checked_credential(f"{TRADING_GRID_CREDENTIALS} (consumer key)", consumer_key),
            checked_credential(f"{TRADING_GRID_CREDENTIALS} (consumer secret)", consumer_secret),
        )
        # In Basic authentication a colon ends the user name (RFC 7617 section 2).
        if ":" in key:
            raise ConfigurationError(
                "must not contain a colon",
                secret=f"{TRADING_GRID_CREDENTIALS} (consumer key)",
                remedy="store the key that the issuer has given you",
            )
        basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
        url = httpx.URL(token_url).copy_merge_params({"grant_type": "client_credentials"})
        request = httpx.Request("POST", url, headers={"Authorization": f"Basic {basic}"})
        super().__init__(request, system=TRADING_GRID_ERRORS.system, lifetime=lifetime, clock=clock)


def _apigrid_auth(
    credentials: Mapping[str, str], base_url: str, clock: Callable[[], float]
) -> httpx.Auth:
    key, secret = (
        _credential(credentials, "consumerKey"),
        _credential(credentials, "consumerSecret"),
    )
    return TradingGridAuth(key, secret, base_url.rstrip("/") + TOKEN_PATH, clock)


def _static_bearer_auth(
    credentials: Mapping[str, str], base_url: str, clock: Callable[[], float]
) -> httpx.Auth:
    del base_url, clock
    return StaticBearer(_credential(credentials, "token"))


AUTH_MODES: Mapping[str, Callable[[Mapping[str, str], str, Callable[[], float]], httpx.Auth]] = {
    "apigrid": _apigrid_auth,
    "static-bearer": _static_bearer_auth,
}
"""Authentication by mode. Each takes the secret's members, the gateway's base URL and a clock."""


def trading_grid_auth(
    mode: str,
    credentials: Mapping[str, str],
    *,
    base_url: str,
    clock: Callable[[], float] = time.time,
) -> httpx.Auth:
    """Return the httpx authentication for Trading Grid in one of the two modes.

    Args:
        mode: ``apigrid`` or ``static-bearer``.
        credentials: ``consumerKey`` and ``consumerSecret`` for ``apigrid``, ``token`` for
            ``static-bearer``.
        base_url: Base URL of Trading Grid's API gateway, which has the token endpoint.
        clock: Returns Unix seconds.

    Raises:
        ConfigurationError: The mode is unknown, or a credential is missing or malformed.
    """
    build_auth = AUTH_MODES.get(mode)
    if build_auth is None:
        raise ConfigurationError(
            f"must be one of {', '.join(AUTH_MODES)}",
            setting="TRADING_GRID_AUTH_MODE",
            remedy="deploy with one of them as TradingGridAuthMode",
        )
    return build_auth(credentials, base_url, clock)


def community_auth(
    mode: str,
    credentials: Mapping[str, str],
    *,
    base_url: str,
    community_url: str,
    clock: Callable[[], float] = time.time,
) -> httpx.Auth:
    """Return the httpx authentication for the community gateway.

    It uses the gateway's own credentials if there are any, else those of Trading Grid. A gateway
    that issues its own tokens has its token endpoint next to its API:
    ``https://gateway.example/live/community/v1`` and
    ``https://gateway.example/live/v1/oauth2/tokens``.

    Args:
        mode: As for :func:`trading_grid_auth`.
        credentials: As for :func:`trading_grid_auth`, and ``communityConsumerKey`` and
            ``communityConsumerSecret`` if the gateway issues its own tokens.
        base_url: Base URL of Trading Grid's API gateway.
        community_url: Base URL of the community gateway.
        clock: Returns Unix seconds.

    Raises:
        ConfigurationError: The mode is unknown, or a credential is missing or malformed.
    """
    if not _COMMUNITY_CREDENTIALS & credentials.keys():
        return trading_grid_auth(mode, credentials, base_url=base_url, clock=clock)
    gateway = community_url.rstrip("/").removesuffix(COMMUNITY_PATH)
    return TradingGridAuth(
        _credential(credentials, "communityConsumerKey"),
        _credential(credentials, "communityConsumerSecret"),
        gateway + TOKEN_PATH,
        clock,
    )


def _credential(credentials: Mapping[str, str], name: str) -> str:
    value = credentials.get(name)
    if not isinstance(value, str):
        raise ConfigurationError(
            f"has no {name}",
            secret=TRADING_GRID_CREDENTIALS,
            remedy="add it with `gridwix secret set trading-grid/credentials`",
        )
    return value
