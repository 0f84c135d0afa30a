"""Who acts for which partner on the portal: links, and the invitations by which members make them themselves.

The portal's backend does the other half (``portal/backend/links.js``, ``portal/backend/invitations.js``): both make a link's id and an invitation's id alike.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from gridwix.clients.wix.patch import FieldModification, set_field
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal import PARTNER_LINKS
from gridwix.models.wix import DataItem

PARTNER_INVITATIONS = CollectionId("PartnerInvitations")
INVITATION_REDEMPTIONS = CollectionId("InvitationRedemptions")

CODE_BYTES = 20
"""Of randomness in a code: 160 bits, 32 characters in base32."""

GROUP = 4
DAYS = 14
MOST_DAYS = 90


class Role(StrEnum):
    """What somebody does at a partner."""

    ADMIN = "admin"
    EDI = "edi"
    FINANCE = "finance"
    LOGISTICS = "logistics"


class LinkStore(Protocol):
    """The part of the Wix client that links need."""

    def get_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None: ...
    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]: ...
    def insert_item(self, collection: CollectionId, item: DataItem) -> DataItem: ...
    def save_item(self, collection: CollectionId, item: DataItem) -> DataItem: ...
    def patch_item(self, collection: CollectionId, item_id: WixItemId, modifications: Sequence[FieldModification]) -> DataItem: ...
    def remove_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None: ...


@dataclass(frozen=True, slots=True)
class Invitation:
    """``code`` is what the partner is told, once: the portal keeps only its hash."""

    code: str = field(repr=False)
    expires_at: datetime


def link_id(member_id: str, partner_id: str) -> WixItemId:
    """The id of a link: one member has at most one with a partner."""
    return WixItemId(hashlib.sha256(f"{member_id}/{partner_id}".encode()).hexdigest()[:32])


def invitation_id(code: str) -> WixItemId:
    """The id of a code's invitation: 160 bits of the hash of its letters, in whatever groups they are written."""
    return WixItemId(hashlib.sha256(code.replace("-", "").encode()).hexdigest()[:40])


def new_code() -> str:
    """A code that nobody can guess, in groups that can be read out."""
    letters = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    return "-".join(letters[place : place + GROUP] for place in range(0, len(letters), GROUP))


def create_invitation(store: LinkStore, partner: PartnerId, role: Role, *, days: int, now: datetime) -> Invitation:
    """Make a code by which one member becomes somebody of this role at the partner. Raises UpstreamError."""
    invitation = Invitation(new_code(), now + timedelta(days=days))
    facts = {"partnerId": partner, "role": role.value, "status": "active", "expiresAt": invitation.expires_at}
    store.insert_item(PARTNER_INVITATIONS, DataItem(invitation_id(invitation.code), facts))
    return invitation


def link_member(store: LinkStore, member_id: str, partner: PartnerId, role: Role, *, now: datetime) -> None:
    """Have a member act for a partner, in this role from now on. Raises UpstreamError."""
    facts = {"memberId": member_id, "partnerId": partner, "role": role.value, "verifiedBy": "hub", "verifiedAt": now}
    store.save_item(PARTNER_LINKS, DataItem(link_id(member_id, partner), facts))


def unlink_member(store: LinkStore, member_id: str, partner: PartnerId | None) -> Sequence[PartnerId]:
    """Take away a member's link with a partner, or all of them; answers with whom there was one. It counts at once.

    An invitation that the member has redeemed, but whose redemption broke off before it was marked as used, is marked now, so that its code does not bring the
    link back. Raises UpstreamError.
    """
    for redemption in store.items_where(INVITATION_REDEMPTIONS, "memberId", member_id):
        invitation = store.get_item(PARTNER_INVITATIONS, redemption.id)
        if invitation is not None and invitation.data.get("status") == "active" and partner in (None, invitation.data.get("partnerId")):
            store.patch_item(PARTNER_INVITATIONS, redemption.id, [set_field("status", "used"), set_field("usedBy", member_id)])
    found = [one for one in store.items_where(PARTNER_LINKS, "memberId", member_id) if partner in (None, one.data.get("partnerId"))]
    for one in found:
        store.remove_item(PARTNER_LINKS, one.id)
    return [PartnerId(str(one.data.get("partnerId"))) for one in found]
