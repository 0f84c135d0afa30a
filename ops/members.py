"""Links between members and partners, and invitations that let a member create its own link.

A link lets a member of the Wix site act for a trading partner, in a role. The portal's backend is
the counterpart (``portal/backend/links.js``, ``portal/backend/invitations.js``): both compute the
ids of links and invitations in the same way.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from gridwix.clients.wix.patch import FieldModification, set_field
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS, PARTNER_LINKS, PARTNER_STATUS
from gridwix.models.wix import DataItem
from gridwix.people.codes import CODE_BYTES, code_hash, readable_code
from ops.errors import OpsError

DAYS = 14
"""Default validity of an invitation, in days."""
MOST_DAYS = 90
"""Maximum validity of an invitation, in days."""


class Role(StrEnum):
    """The role of a member at a partner, which decides what the member sees on the portal."""

    ADMIN = "admin"
    EDI = "edi"
    FINANCE = "finance"
    LOGISTICS = "logistics"


class LinkStore(Protocol):
    """The part of the Wix client that stores links and invitations.

    A link lets a member of the Wix site act for a trading partner. An invitation lets a member
    create such a link.
    """

    def get_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None: ...
    def insert_item(self, collection: CollectionId, item: DataItem) -> DataItem: ...
    def save_item(self, collection: CollectionId, item: DataItem) -> DataItem: ...
    def patch_item(
        self,
        collection: CollectionId,
        item_id: WixItemId,
        modifications: Sequence[FieldModification],
    ) -> DataItem: ...


class PartnerRows(Protocol):
    """The part of the Wix client that looks up a partner's row on the portal."""

    def items_where(
        self, collection: CollectionId, field: str, value: str
    ) -> Sequence[DataItem]: ...


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation with which a member of the site can link itself to a partner.

    ``code`` is the secret that the member enters. It is shown once: the portal stores only its
    hash.
    """

    code: str = field(repr=False)
    expires_at: datetime


def link_id(member_id: str, partner_id: str) -> WixItemId:
    """Return the id of the link between a member and a partner, computed from both ids.

    So there is at most one link between them.
    """
    return WixItemId(hashlib.sha256(f"{member_id}/{partner_id}".encode()).hexdigest()[:32])


def require_partner(rows: PartnerRows, partner: str) -> PartnerId:
    """Return the partner's id if the portal has a row for the partner, as a check of user input.

    A mistyped id would create a link to a partner that does not exist yet, or list no member.

    Raises:
        OpsError: The portal has no row for the partner.
    """
    if not rows.items_where(PARTNER_STATUS, "partnerId", partner):
        raise OpsError(
            f"the portal knows no partner {partner}",
            f"its id is in the collection {PARTNER_STATUS}",
        )
    return PartnerId(partner)


def new_code() -> str:
    """Return a random invitation code, in groups of four characters that can be read aloud."""
    return readable_code(secrets.token_bytes(CODE_BYTES))


def create_invitation(
    store: LinkStore, partner: PartnerId, role: Role, *, days: int, now: datetime
) -> Invitation:
    """Create an invitation with which one member can link itself to a partner.

    Args:
        store: The Wix client.
        partner: Id of the partner.
        role: The role of the member.
        days: Validity in days from ``now``.
        now: The current time.

    Raises:
        UpstreamError: A call to Wix failed.
    """
    invitation = Invitation(new_code(), now + timedelta(days=days))
    facts = {
        "partnerId": partner,
        "role": role.value,
        "status": "active",
        "expiresAt": invitation.expires_at,
    }
    store.insert_item(PARTNER_INVITATIONS, DataItem(WixItemId(code_hash(invitation.code)), facts))
    return invitation


def link_member(
    store: LinkStore, member_id: str, partner: PartnerId, role: Role, *, now: datetime
) -> None:
    """Link a member to a partner in a role.

    An existing link gets the new role, and keeps its other fields.

    Raises:
        UpstreamError: A call to Wix failed.
    """
    verified = {"role": role.value, "verifiedBy": "hub", "verifiedAt": now}
    identifier = link_id(member_id, partner)
    if store.get_item(PARTNER_LINKS, identifier) is not None:
        changes = [set_field(name, value) for name, value in verified.items()]
        store.patch_item(PARTNER_LINKS, identifier, changes)
        return
    facts = {"memberId": member_id, "partnerId": partner, **verified}
    store.save_item(PARTNER_LINKS, DataItem(identifier, facts))
