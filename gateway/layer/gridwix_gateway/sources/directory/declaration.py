"""Declaration of a directory source, which reads OpenText's partner directory.

It is a file in ``config/gateway/sources/`` with ``source: directory``.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gridwix_gateway.sources.credentials import OAuthDeclaration, SecretName, Url
from gridwix_gateway.sources.rest.declaration import Guard

TOKEN_PATH = "/v1/oauth2/tokens"  # noqa: S105 - a path
"""Path of OpenText's token endpoint: ``tokens`` in the plural, ``grant_type`` in the query."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NewPartner(_Part):
    """Role of a new partner, and its status if OpenText's partner directory gives none.

    Later the hub's employees change these values, and reading the directory again does not
    overwrite their changes.
    """

    status: Literal["invited", "onboarding", "active"] = "active"
    role: Annotated[str, StringConstraints(min_length=1, max_length=60)] = "supplier"


class MissingGuard(_Part):
    """Limits on partners that vanished from the directory: above both, a run changes nothing.

    Attributes:
        share: Share of the partners read before that may have vanished.
        partners: Number of partners that may have vanished, regardless of their share.
    """

    share: Annotated[float, Field(ge=0, le=1)] = 0.05
    partners: Annotated[int, Field(ge=0, le=1_000)] = 2


class DirectoryDeclaration(_Part):
    """Declaration of a directory source, which reads OpenText's partner directory.

    Attributes:
        source: The kind of source.
        url: OpenText's gateway, such as ``https://apigrid.opentext.com``.
        company: The hub's company id (BUID).
        secret: The secret with the consumer key as ``client_id`` and the consumer secret as
            ``client_secret``.
        every_minutes: Minutes between two runs.
        new_partner: Role of new partners, and their status if the directory gives none.
        contacts: ``users`` reads the users of each partner's company as contacts, if the gateway's
            account may read them; ``none`` reads none.
        missing: ``terminate`` sets partners that are no longer in the directory to ``terminated``;
            ``keep`` leaves them as they are.
        guard: Limits on refused entries: above them, a run changes nothing.
        missing_guard: Limits on vanished partners: above them, a run changes nothing.
    """

    source: Literal["directory"]
    url: Url = "https://apigrid.opentext.com"
    company: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
    secret: SecretName = "trading-grid"  # noqa: S105 - a name
    every_minutes: Annotated[int, Field(ge=5, le=1_440)] = 60
    new_partner: NewPartner = NewPartner()
    contacts: Literal["none", "users"] = "none"
    missing: Literal["keep", "terminate"] = "keep"
    guard: Guard = Guard()
    missing_guard: MissingGuard = MissingGuard()

    @property
    def authentication(self) -> OAuthDeclaration:
        """Declaration of OpenText's OAuth: client id in the header, ``grant_type`` in the query."""
        return OAuthDeclaration(
            type="oauth",
            secret=self.secret,
            token_url=self.url.rstrip("/") + TOKEN_PATH,
            client="header",
            grant="query",
        )
