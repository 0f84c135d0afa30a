"""Invitations of people to act for a partner on the portal, with the secret codes for accepting.

The data of an invitation comes from its row on the portal; its code is derived from a secret key
when a message about the invitation is sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gridwix.errors import ConfigurationError
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.secret_names import INVITATION_KEY
from gridwix.people.codes import code_hash, invitation_code, invitation_link

COLLECTION = "invitations"
"""First segment of the subject of an event about an invitation."""

ACTIVE = "active"
"""Status of an invitation that was neither used nor revoked."""


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """Invitation of a person to act for a partner on the portal, as its row has it.

    The row has no version, because a person's data in it never changes. ``email`` is "" if the code
    is handed over manually: no message is sent about such an invitation. ``language`` is "" if it
    is not known. ``code_hash`` is the hash of the code that was derived last, or "". ``ended_for``
    is the reason for which gridwix has ended the access that the invitation gave, or "".
    """

    id: WixItemId
    partner_id: PartnerId
    role: str
    status: str
    expires_at: datetime
    email: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    language: str = ""
    code_hash: str = ""
    ended_for: str = ""

    @property
    def record(self) -> str:
        """Name of the invitation in event subjects: ``invitations/id``."""
        return f"{COLLECTION}/{self.id}"

    @property
    def event_id(self) -> str:
        """Id of the bus event that reports the new invitation."""
        return f"invitation-{self.id}"

    @property
    def version(self) -> int:
        """Version of a dispatch about the invitation: always 0, since invitations have none."""
        return 0

    @property
    def is_announced(self) -> bool:
        """True if the person is to get messages about the invitation.

        This requires an email address, and that the invitation is neither used nor revoked.
        """
        return bool(self.email) and self.status == ACTIVE

    @property
    def says_end(self) -> bool:
        """True if the person is to get a message that the access from this invitation has ended.

        This requires that gridwix has ended the access, and an email address.
        """
        return bool(self.email and self.ended_for)


@dataclass(frozen=True, slots=True)
class InvitationCode:
    """Secret code of an invitation, and the URL at which a person accepts it. Never stored."""

    code: str = field(repr=False)
    link: str = field(repr=False)
    hash: str


class InvitationCodes:
    """Derives the code of an invitation from a secret key of the stack, for the text that is sent.

    ``secret`` returns ``{"invitationKey": "..."}``. It is called for each code, not earlier.
    """

    def __init__(self, secret: Callable[[], Mapping[str, Any]], portal_url: str) -> None:
        self._secret = secret
        self._portal_url = portal_url

    def derive_code(self, invitation: InvitationRow) -> InvitationCode:
        """Return the code of an invitation. Raises ConfigurationError if the secret has no key."""
        key = self._secret().get("invitationKey")
        if not isinstance(key, str) or not key:
            raise ConfigurationError(
                "has no invitationKey",
                secret=INVITATION_KEY,
                remedy="store the one that the stack has generated, or 64 random letters",
            )
        code = invitation_code(key.encode(), invitation.id)
        return InvitationCode(code, invitation_link(self._portal_url, code), code_hash(code))


def invitation_id_of(record: str) -> WixItemId | None:
    """Return the id of the invitation that a record's name or an event's subject names.

    None if it names another kind of record.

    >>> invitation_id_of("invitations/0a1b"), invitation_id_of("cases/case_1")
    ('0a1b', None)
    """
    collection, _, identifier = record.partition("/")
    return WixItemId(identifier) if collection == COLLECTION else None
