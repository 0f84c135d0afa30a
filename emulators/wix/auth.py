"""Authentication: the account owner's API key with a site id, or an app's access token.

An access token is valid for one site. Sources:
https://dev.wix.com/docs/go-headless/develop-your-project/admin-operations/make-rest-api-calls-with-an-api-key
and
https://dev.wix.com/docs/build-apps/develop-your-app/access/authentication/authenticate-using-oauth.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from emulators.common.clock import Clock
from emulators.wix.arguments import read_text
from emulators.wix.batch import OWNER
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.wire import Data

TOKEN_LIFETIME = 14_400
"""Seconds until an app's token expires."""

MAX_TOKENS = 10_000

USER: Data = {"identityType": "WIX_USER", "wixUserId": OWNER}
"""The account's owner, as the identity that caused an event."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The ids and credentials of the emulated site. All are made up."""

    site_id: str = "5a1e0c3e-7d5b-4f8a-9d51-0d4c2a6b7e10"
    account_id: str = "0f6a2c58-2d3b-4f0e-8c69-6f1d6a1c9b20"
    api_key: str = "IST.emulator-key-of-the-account-owner"
    app_id: str = "c1d5b9b0-3a52-4e0c-9d7a-6f0b8a4e2d30"
    app_secret: str = "emulator-app-secret"
    instance_id: str = "7be4f2a6-91c5-4d83-a1b7-2c9e5d8f0a40"

    def to_json(self) -> dict[str, str]:
        """Return the ids and credentials with camelCase names."""
        return {
            "".join(
                part.capitalize() if place else part for place, part in enumerate(name.split("_"))
            ): value
            for name, value in asdict(self).items()
        }


class Auth:
    """Authenticates callers of the site's APIs, and issues access tokens to the app."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self.identity = identity
        self._clock = clock
        self._expiry: dict[str, float] = {}

    def create_token(self, request: Data) -> Data:
        """Issue an access token: return the response of ``POST /oauth2/token``.

        Raises InvalidRequest for another grant type, WixError (401) for wrong credentials.
        """
        if request.get("grant_type") != "client_credentials":
            raise InvalidRequest("grant_type", "must be client_credentials")
        wanted = {
            "client_id": self.identity.app_id,
            "client_secret": self.identity.app_secret,
            "instance_id": self.identity.instance_id,
        }
        given = {name: read_text(request, name) for name in wanted}
        if not all(_is_same(given[name], value) for name, value in wanted.items()):
            raise WixError("UNAUTHENTICATED", "The app, its secret or its instance is not known")
        now = self._clock.now().timestamp()
        # Expired tokens are removed only when many have accumulated, not on each request.
        self._expiry = (
            {token: expiry for token, expiry in self._expiry.items() if expiry > now}
            if len(self._expiry) > MAX_TOKENS
            else self._expiry
        )
        token = f"OauthNG.JWS.{secrets.token_urlsafe(24)}"
        self._expiry[token] = now + TOKEN_LIFETIME
        return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFETIME}

    def token_info(self, token: str) -> Data:
        """Describe an access token: return the response of ``POST /oauth2/token-info``."""
        expiry = self._expiry.get(token, 0.0)
        if expiry <= self._clock.now().timestamp():
            return {"active": False}
        return {
            "active": True,
            "subjectType": "APP",
            "subjectId": self.identity.app_id,
            "iat": str(int(expiry - TOKEN_LIFETIME)),
            "exp": str(int(expiry)),
            "clientId": self.identity.app_id,
            "accountId": self.identity.account_id,
            "siteId": self.identity.site_id,
            "instanceId": self.identity.instance_id,
        }

    def authenticate(self, headers: Mapping[str, str]) -> Data:
        """Return the identity of the caller, in the form in which events contain it.

        Raises WixError: 401 without valid credentials; 403 for an API key if the request names
        another site, no site, or both a site and an account.
        """
        credential = headers.get("authorization", "").removeprefix("Bearer ").strip()
        site, account = headers.get("wix-site-id"), headers.get("wix-account-id")
        if _is_same(credential, self.identity.api_key):
            if site and account:
                raise WixError(
                    "PERMISSION_DENIED", "wix-site-id and wix-account-id exclude each other"
                )
            if site != self.identity.site_id:
                raise WixError(
                    "PERMISSION_DENIED",
                    "wix-site-id is missing, or is no site of the key's account",
                )
            return USER
        if not self.token_info(credential)["active"]:
            raise WixError("UNAUTHENTICATED", "The credentials are missing, not valid, or expired")
        if site not in (None, self.identity.site_id):
            raise WixError("PERMISSION_DENIED", "The token is another site's")
        return {"identityType": "APP", "appId": self.identity.app_id}


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
