"""People at partners: who should have access to the portal, who has it, and who is invited.

Pure data. Access is a link: the permission of a member of the Wix site to act for a partner.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from gridwix.models.ids import CollectionId, PartnerId, WixItemId


class PersonKey(NamedTuple):
    """A person: one email address, in normal form, at one partner."""

    partner_id: PartnerId
    email: str


class Source(StrEnum):
    """Origin of a person's data: a file, OpenText's directory, the portal, or input by the hub."""

    FILE = "file"
    DIRECTORY = "directory"
    PORTAL = "portal"
    HUB = "hub"


class InvitationStatus(StrEnum):
    """Status of an invitation. An invitation with the status active can have expired."""

    ACTIVE = "active"
    USED = "used"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Person:
    """A person who is to have access to the portal for a partner.

    ``email`` is in normal form. ``language`` is one of the portal's languages, "" if unknown.
    ``user_id`` is the person's id in OpenText's directory, "" for a person from elsewhere.
    """

    partner_id: PartnerId
    email: str = field(repr=False)
    role: str
    name: str = field(default="", repr=False)
    language: str = ""
    source: Source = Source.FILE
    user_id: str = ""

    @property
    def key(self) -> PersonKey:
        return PersonKey(self.partner_id, self.email)


@dataclass(frozen=True, slots=True)
class LinkedMember:
    """A link of a member to a partner: the member's permission to act for the partner.

    ``emails`` are the member's login address and the address with which the member accepted the
    invitation, in normal form. ``invitation_id`` is the invitation from which the link was made, ""
    if it was made without an invitation.
    """

    id: WixItemId
    member_id: str
    partner_id: PartnerId
    role: str
    emails: frozenset[str] = field(default=frozenset(), repr=False)
    name: str = field(default="", repr=False)
    source: str = ""
    user_id: str = ""
    since: datetime | None = None
    invitation_id: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation of a person to act for a partner, as its portal row has it.

    Site editors can change the row. ``email`` is in normal form; "" for an invitation without an
    address: its secret code was handed over instead of sent by email. ``expires_at`` None counts as
    expired. ``round`` numbers the invitations of one person, from 1. ``ended_for`` is the reason
    for which gridwix has ended the invitation, or the access that it gave; "" if gridwix has ended
    neither.
    """

    id: WixItemId
    partner_id: PartnerId
    email: str = field(repr=False)
    role: str
    status: str
    expires_at: datetime | None
    round: int = 1
    name: str = field(default="", repr=False)
    source: str = ""
    user_id: str = ""
    invited_at: datetime | None = None
    used_by: str = ""
    ended_at: datetime | None = None
    ended_for: str = ""
    language: str = ""

    def is_open(self, now: datetime) -> bool:
        """True if the invitation can be accepted: it is active and has not expired."""
        return (
            self.status == InvitationStatus.ACTIVE
            and self.expires_at is not None
            and self.expires_at > now
        )


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Fields to set in one row of the portal, by collection and row id."""

    collection: CollectionId
    item_id: WixItemId
    fields: Mapping[str, Any] = field(repr=False)
