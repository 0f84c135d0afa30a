"""Who may call: the account owner's API key with a site id, or an app's token.

Source: https://dev.wix.com/docs/go-headless/develop-your-project/admin-operations/make-rest-api-calls-with-an-api-key and
https://dev.wix.com/docs/build-apps/develop-your-app/access/authentication/authenticate-using-oauth.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from emulators.kit.clock import Clock
from emulators.wix.errors import WixError

TOKEN_LIFETIME = 14_400
"""Seconds for which an app's token is good."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The site, and what a client needs to call it. All of it fictional."""

    site_id: str = "5a1e0c3e-7d5b-4f8a-9d51-0d4c2a6b7e10"
    account_id: str = "0f6a2c58-2d3b-4f0e-8c69-6f1d6a1c9b20"
    api_key: str = "IST.emulator-key-of-the-account-owner"
    app_id: str = "c1d5b9b0-3a52-4e0c-9d7a-6f0b8a4e2d30"
    app_secret: str = "emulator-app-secret"
    instance_id: str = "7be4f2a6-91c5-4d83-a1b7-2c9e5d8f0a40"


class Auth:
    """Checks callers and hands out tokens."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self.identity = identity
        self._clock = clock
        self._tokens: dict[str, float] = {}

    def token(self, request: Any) -> dict[str, Any]:
        """The answer to ``POST /oauth2/token``."""
        wanted = {"client_id": self.identity.app_id, "client_secret": self.identity.app_secret, "instance_id": self.identity.instance_id}
        if not isinstance(request, dict) or request.get("grant_type") != "client_credentials":
            raise WixError("INVALID_ARGUMENT", "grant_type is not supported", 400)
        if not all(_same(str(request.get(name, "")), value) for name, value in wanted.items()):
            raise WixError("UNAUTHENTICATED", "The app's credentials are not valid", 401)
        token = f"OauthNG.JWS.{secrets.token_urlsafe(24)}"
        self._tokens[token] = self._clock.now().timestamp() + TOKEN_LIFETIME
        return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFETIME}

    def token_info(self, token: str) -> dict[str, Any]:
        """The answer to ``POST /oauth2/token-info``."""
        expires = self._tokens.get(token)
        if expires is None or expires <= self._clock.now().timestamp():
            return {"active": False}
        return {
            "active": True,
            "subjectType": "APP",
            "subjectId": self.identity.app_id,
            "iat": str(int(expires - TOKEN_LIFETIME)),
            "exp": str(int(expires)),
            "clientId": self.identity.app_id,
            "accountId": self.identity.account_id,
            "siteId": self.identity.site_id,
            "instanceId": self.identity.instance_id,
        }

    def check(self, headers: Mapping[str, str]) -> None:
        """Raises WixError 401 without valid credentials, and 403 for an API key with the wrong site or with none."""
        credential = headers.get("authorization", "").removeprefix("Bearer ").strip()
        if _same(credential, self.identity.api_key):
            if headers.get("wix-site-id") != self.identity.site_id or headers.get("wix-account-id"):
                raise WixError("PERMISSION_DENIED", "wix-site-id is missing, wrong, or beside wix-account-id", 403)
        elif not self.token_info(credential)["active"]:
            raise WixError("UNAUTHENTICATED", "The credentials are missing, not valid, or expired", 401)

    def expire_tokens(self) -> None:
        self._tokens.clear()

    def info(self) -> dict[str, str]:
        """What a client needs, in camelCase."""
        names = {"site_id": "siteId", "account_id": "accountId", "api_key": "apiKey", "app_id": "appId", "app_secret": "appSecret", "instance_id": "instanceId"}
        return {names[name]: value for name, value in asdict(self.identity).items()}


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
