"""Authentication with Wix: by an API key of the account, or as an app installed on the site.

Sources: https://dev.wix.com/docs/rest/articles/get-started/api-keys and
https://dev.wix.com/docs/rest/app-management/oauth-2/create-access-token.
"""

import json
import time
from collections.abc import Callable, Generator, Mapping

import httpx

from gridwix.clients.http_auth import NOT_VISIBLE, TokenAuth, checked_credential, is_visible_ascii
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.errors import ConfigurationError
from gridwix.models.secret_names import WIX_CREDENTIALS

BASE_URL = "https://www.wixapis.com"

TOKEN_SECONDS = 14_400.0
"""Lifetime, in seconds, of an app's access token if the response names none."""


class ApiKeyAuth(httpx.Auth):
    """Authenticates with an API key of the Wix account that owns the site.

    The key is the whole value of the header ``Authorization``; the header ``wix-site-id`` names the
    site.
    """

    def __init__(self, key: str, site_id: str) -> None:
        self._key = checked_credential(f"{WIX_CREDENTIALS} (apiKey)", key)
        self._site_id = _checked_site_id(site_id)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = self._key
        request.headers["wix-site-id"] = self._site_id
        yield request


class AppAuth(TokenAuth):
    """Authenticates with OAuth, as a Wix app that is installed on one site (``instanceId``).

    The access token is valid for that site only, so the header ``wix-site-id`` is not sent. The
    token is the whole value of the header ``Authorization``, as in Wix's SDK.
    """

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        instance_id: str,
        clock: Callable[[], float] = time.time,
        *,
        base_url: str = BASE_URL,
    ) -> None:
        grant = {
            "grant_type": "client_credentials",
            "client_id": checked_credential(f"{WIX_CREDENTIALS} (appId)", app_id),
            "client_secret": checked_credential(f"{WIX_CREDENTIALS} (appSecret)", app_secret),
            "instance_id": checked_credential(f"{WIX_CREDENTIALS} (instanceId)", instance_id),
        }
        request = httpx.Request(
            "POST",
            f"{base_url.rstrip('/')}/oauth2/token",
            headers={"Content-Type": "application/json"},
            content=json.dumps(grant).encode(),
        )
        super().__init__(
            request, system=WIX_ERRORS.system, lifetime=TOKEN_SECONDS, clock=clock, scheme=""
        )


def wix_auth(
    credentials: Mapping[str, str],
    site_id: str,
    *,
    base_url: str = BASE_URL,
    clock: Callable[[], float] = time.time,
) -> httpx.Auth:
    """Return the httpx authentication with Wix that fits the given credentials.

    Args:
        credentials: A secret with the members ``apiKey``, or ``appId``, ``appSecret`` and
            ``instanceId``.
        site_id: Id of the site; used with an API key.
        base_url: Base URL of Wix's REST API; used with an app.
        clock: Returns Unix seconds.

    Raises:
        ConfigurationError: The secret has other members, or a malformed value.
    """
    match credentials:
        case {"apiKey": str(key)}:
            return ApiKeyAuth(key, site_id)
        case {"appId": str(app_id), "appSecret": str(app_secret), "instanceId": str(instance_id)}:
            return AppAuth(app_id, app_secret, instance_id, clock, base_url=base_url)
        case _:
            raise ConfigurationError(
                "needs apiKey, or appId, appSecret and instanceId",
                secret=WIX_CREDENTIALS,
                remedy="store them with `gridwix secret set wix/credentials`",
            )


def _checked_site_id(site_id: str) -> str:
    if not is_visible_ascii(site_id):
        raise ConfigurationError(
            NOT_VISIBLE, setting="WIX_SITE_ID", remedy="deploy with the site's id as WixSiteId"
        )
    return site_id
