"""Authenticates the gateway at sources' APIs. The credentials are in Secrets Manager."""

import base64
from collections.abc import Callable, Mapping
from typing import Annotated, Literal
from urllib.parse import urlencode

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import (
    MAX_TOKEN_BYTES,
    ApiAnswer,
    Authentication,
    Exchange,
    Timing,
    parse_json,
)

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

TOKEN_MARGIN = 60.0
"""Seconds before a token's expiry from which it is no longer used."""

DEFAULT_LIFETIME = 300.0
"""Lifetime of a token, in seconds, if the token endpoint's response names none."""

MAX_LIFETIME = 36_000.0


def checked_url(text: str) -> str:
    """Return the URL if a source may read it: HTTPS, or HTTP on this machine. Raises ValueError."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise ValueError("it is no URL") from None
    if url.scheme != "https" and not (url.scheme == "http" and url.host in LOOPBACK):
        raise ValueError("write a URL that begins with https://")
    if not url.host or url.userinfo or url.query or url.fragment:
        raise ValueError("write the URL without user, query and fragment")
    return text


type Url = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(checked_url)]
type SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
"""Last segment of a secret's name: ``servicenow`` for ``STACK/sources/servicenow``."""
type HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,59}$")]

type Secrets = Callable[[str], Mapping[str, str]]
"""Reads a secret's members, by the last segment of its name. Raises SourceFault ``secret``."""


class _Declaration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: SecretName


class BasicDeclaration(_Declaration):
    """HTTP Basic authentication. The secret has ``username`` and ``password``."""

    type: Literal["basic"]


class BearerDeclaration(_Declaration):
    """Authentication by a fixed bearer token. The secret has ``token``."""

    type: Literal["bearer"]


class ApiKeyDeclaration(_Declaration):
    """Authentication by an API key in a header. The secret has ``key``."""

    type: Literal["api_key"]
    header: HeaderName


class OAuthDeclaration(_Declaration):
    """Authentication by OAuth 2.0 client credentials (RFC 6749, 4.4).

    The secret has ``client_id`` and ``client_secret``.

    Attributes:
        token_url: The token endpoint.
        scope: Scopes, separated by spaces.
        client: Place of the client's credentials: in the header, or in the body.
        grant: Place of ``grant_type``: in the body, or in the query, as OpenText requires.
    """

    type: Literal["oauth"]
    token_url: Url
    scope: str = ""
    client: Literal["header", "body"] = "header"
    grant: Literal["body", "query"] = "body"


class AnonymousDeclaration(BaseModel):
    """Declaration of an API that needs no authentication."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["none"]


type AuthenticationDeclaration = Annotated[
    BasicDeclaration
    | BearerDeclaration
    | ApiKeyDeclaration
    | OAuthDeclaration
    | AnonymousDeclaration,
    Field(discriminator="type"),
]


class FixedHeaders(Authentication):
    """Authentication by the same headers on each request."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def headers(self, _: Exchange, /) -> Mapping[str, str]:
        return self._headers

    def renew_token(self) -> bool:
        return False


class TokenAuthentication(Authentication):
    """Bearer tokens of an OAuth token endpoint, cached until shortly before they expire.

    Args:
        declaration: Declaration of the token endpoint and its request.
        client_id: Id of the OAuth client.
        client_secret: Secret of the OAuth client.
        timing: The clock, for the tokens' expiry.
    """

    def __init__(
        self, declaration: OAuthDeclaration, client_id: str, client_secret: str, timing: Timing
    ) -> None:
        self._declaration = declaration
        self._client_id = client_id
        self._client_secret = client_secret
        self._timing = timing
        self._token = ""
        self._ends = 0.0

    def headers(self, exchange: Exchange, /) -> Mapping[str, str]:
        if not self._token or self._timing.monotonic() >= self._ends:
            self._fetch_token(exchange)
        return {"Authorization": f"Bearer {self._token}"}

    def renew_token(self) -> bool:
        self._token = ""
        return True

    def _fetch_token(self, exchange: Exchange) -> None:
        declared = self._declaration
        url, form = httpx.URL(declared.token_url), dict[str, str]()
        if declared.grant == "query":
            url = url.copy_merge_params({"grant_type": "client_credentials"})
        else:
            form["grant_type"] = "client_credentials"
        if declared.scope:
            form["scope"] = declared.scope
        headers = {"Accept": "application/json"}
        if declared.client == "header":
            headers |= basic_header(self._client_id, self._client_secret)
        else:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = exchange("POST", url, headers, urlencode(form).encode(), MAX_TOKEN_BYTES)
        self._token, lifetime = _read_token(answer)
        self._ends = self._timing.monotonic() + max(lifetime - TOKEN_MARGIN, lifetime / 2)


def make_authentication(
    declaration: AuthenticationDeclaration, secrets: Secrets, timing: Timing
) -> Authentication:
    """Return the authentication for a source's API, after reading the source's secret.

    Args:
        declaration: The kind of credentials.
        secrets: Reads the secret that the declaration names.
        timing: The clock, for the tokens' expiry.

    Returns:
        The authentication.

    Raises:
        SourceFault: ``secret``: the secret does not exist, or a member of it is missing.
    """
    match declaration:
        case AnonymousDeclaration():
            return FixedHeaders({})
        case BasicDeclaration():
            username, password = _members(declaration, secrets, "username", "password")
            return FixedHeaders(basic_header(username, password))
        case BearerDeclaration():
            (token,) = _members(declaration, secrets, "token")
            return FixedHeaders({"Authorization": f"Bearer {token}"})
        case ApiKeyDeclaration():
            (key,) = _members(declaration, secrets, "key")
            return FixedHeaders({declaration.header: key})
        case OAuthDeclaration():
            client_id, client_secret = _members(declaration, secrets, "client_id", "client_secret")
            return TokenAuthentication(declaration, client_id, client_secret, timing)


def basic_header(username: str, password: str) -> Mapping[str, str]:
    """Return the ``Authorization`` header of HTTP Basic (RFC 7617).

    >>> basic_header("Aladdin", "open sesame")
    {'Authorization': 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='}
    """
    encoded = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


def _members(declaration: _Declaration, secrets: Secrets, *names: str) -> tuple[str, ...]:
    secret = secrets(declaration.secret)
    values = [secret.get(name) for name in names]
    found = tuple(value for value in values if isinstance(value, str) and _is_header_text(value))
    if len(found) < len(names):
        raise SourceFault(
            "secret", f"the secret {declaration.secret} needs the members {', '.join(names)}"
        )
    return found


def _is_header_text(value: str) -> bool:
    """Return True if a value is safe in a header: it has no line break to begin another header."""
    return bool(value) and value.isprintable()


def _read_token(answer: ApiAnswer) -> tuple[str, float]:
    if answer.status in (400, 401, 403):
        raise SourceFault("unauthenticated", f"the token endpoint answers {answer.status}")
    if answer.status != 200:
        code = "throttled" if answer.status == 429 else "server-error"
        raise SourceFault(code, f"the token endpoint answers {answer.status}")
    document = parse_json(answer)
    token = document.get("access_token") if isinstance(document, dict) else None
    if not isinstance(token, str) or not token.isascii() or not _is_header_text(token):
        raise SourceFault("unauthenticated", "the token endpoint answers without a token")
    lifetime = document.get("expires_in")
    # Some servers write the number as a text.
    if isinstance(lifetime, str) and lifetime.isdecimal() and len(lifetime) < 9:
        lifetime = int(lifetime)
    if not isinstance(lifetime, int | float) or isinstance(lifetime, bool) or lifetime <= 0:
        return token, DEFAULT_LIFETIME
    return token, min(float(lifetime), MAX_LIFETIME)
