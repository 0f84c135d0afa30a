"""The address of the gateway to check, and the access token for it."""

import base64
import ipaddress
import json
from collections.abc import Mapping

import httpx

from gridwix.clients.http_auth import checked_credential
from ops.errors import OpsError
from ops.gateway.check.bounded_http import BoundedHttp, GatewayFault
from ops.gateway.check.gateway import Limits
from ops.gateway.stacks import COMMUNITY_URL

TOKEN = "GRIDWIX_GATEWAY_TOKEN"  # noqa: S105 - the name of a variable
CONSUMER_KEY = "GRIDWIX_GATEWAY_CONSUMER_KEY"
CONSUMER_SECRET = "GRIDWIX_GATEWAY_CONSUMER_SECRET"  # noqa: S105 - the name of a variable


def checked_url(text: str, *, allow_http: bool) -> str:
    """Return the URL of a gateway, checked so that the access token may be sent to it.

    Args:
        text: The URL as it was given.
        allow_http: True to allow HTTP without TLS. To this machine it is always allowed.

    Returns:
        The URL without a slash at its end.

    Raises:
        OpsError: The text is no URL of HTTP, has a query, a fragment or credentials, or lacks TLS.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise OpsError(f"the URL is not valid ({error})", COMMUNITY_URL) from None
    if url.scheme not in ("http", "https") or not url.host:
        raise OpsError(f"{text} is no URL, which begins with https:// and a host", COMMUNITY_URL)
    if url.userinfo or url.query or url.fragment:
        raise OpsError("the URL has credentials, a query or a fragment", "leave them out")
    if url.scheme == "http" and not allow_http and not _is_loopback(url.host):
        raise OpsError(
            f"{url.host} would get the token without TLS",
            "give a URL that begins with https://; --allow-http permits http",
        )
    return str(url).rstrip("/")


def read_token(environment: Mapping[str, str], token_url: str | None, limits: Limits) -> str:
    """Return the access token for the gateway, from the environment or by OpenText's token call.

    Args:
        environment: The environment variables.
        token_url: The URL of the token call; None if the environment has the token.
        limits: The limits of the call.

    Returns:
        The token.

    Raises:
        OpsError: A variable is missing, or the call gave no token.
        ConfigurationError: A value cannot be sent in a header.
    """
    if token_url is None:
        return checked_credential(
            TOKEN, _variable(environment, TOKEN, "set it to the token, or name a --token-url")
        )
    hint = "set it, since --token-url needs it"
    key = checked_credential(CONSUMER_KEY, _variable(environment, CONSUMER_KEY, hint))
    secret = checked_credential(CONSUMER_SECRET, _variable(environment, CONSUMER_SECRET, hint))
    if ":" in key:
        raise OpsError(
            f"{CONSUMER_KEY} must not contain a colon",
            "set it to the key that the issuer has given you",
        )
    return _call_for_token(token_url, key, secret, limits)


def _call_for_token(token_url: str, key: str, secret: str, limits: Limits) -> str:
    basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
    url = httpx.URL(token_url).copy_merge_params({"grant_type": "client_credentials"})
    http = BoundedHttp(limits.request_seconds, limits.response_bytes)
    try:
        response = http.send("POST", str(url), b"", {"authorization": f"Basic {basic}"})
    finally:
        http.close()
    if response.status != 200:
        raise GatewayFault(
            f"the token call to {url.host} answers {response.status}",
            f"correct --token-url, {CONSUMER_KEY} or {CONSUMER_SECRET}",
        )
    try:
        document = json.loads(response.body)
    except (ValueError, RecursionError):
        document = None
    token = document.get("access_token") if isinstance(document, dict) else None
    if not isinstance(token, str) or not token:
        raise GatewayFault(
            f"the token call to {url.host} answers without an access_token", "correct --token-url"
        )
    return checked_credential("the access token", token)


def _variable(environment: Mapping[str, str], name: str, hint: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise OpsError(f"the environment variable {name} is not set", hint)
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
