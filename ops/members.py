"""Links between members and partners, and invitations by which members create their own link.

The portal's backend is the counterpart (``portal/backend/links.js``,
``portal/backend/invitations.js``): both compute the ids of links and invitations in the same way.
"""

import base64
import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from gridwix.clients.wix.patch import FieldModification, set_field
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
)
from gridwix.models.wix import DataItem
from gridwix.people.persons import InvitationStatus, LinkedMember
from gridwix.people.rows import read_invitation, read_link

INVITATION_REDEMPTIONS = CollectionId("InvitationRedemptions")

CODE_BYTES = 20
"""Random bytes of a code: 160 bits, 32 characters in base32."""

GROUP = 4
"""Characters per group of a code."""
DAYS = 14
"""Default validity of an invitation in days."""
MOST_DAYS = 90
"""Maximum validity of an invitation in days."""


class Role(StrEnum):
    """The function of a member at a partner."""

    ADMIN = "admin"
    EDI = "edi"
    FINANCE = "finance"
    LOGISTICS = "logistics"


class LinkStore(Protocol):
    """The part of the Wix client that links need."""

    def get_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None: ...
    def items_where(
        self, collection: CollectionId, field: str, value: str
    ) -> Sequence[DataItem]: ...
    def insert_item(self, collection: CollectionId, item: DataItem) -> DataItem: ...
    def save_item(self, collection: CollectionId, item: DataItem) -> DataItem: ...
    def patch_item(
        self,
        collection: CollectionId,
        item_id: WixItemId,
        modifications: Sequence[FieldModification],
    ) -> DataItem: ...
    def remove_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None: ...


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation. ``code`` is shown once: the portal stores only its hash."""

    code: str = field(repr=False)
    expires_at: datetime


class Unlinked(NamedTuple):
    """Result of unlinking: the partners to which the member was linked, and the number of rows with
    its own data that were erased.
    """

    partners: Sequence[PartnerId]
    erased: int


def link_id(member_id: str, partner_id: str) -> WixItemId:
    """Return the id of a link. A member has at most one link per partner."""
    return WixItemId(hashlib.sha256(f"{member_id}/{partner_id}".encode()).hexdigest()[:32])


def invitation_id(code: str) -> WixItemId:
    """Return the id of a code's invitation: 160 bits of its hash. Hyphens in the code are ignored.

    >>> invitation_id("AB-CD") == invitation_id("ABCD")
    True
    """
    return WixItemId(hashlib.sha256(code.replace("-", "").encode()).hexdigest()[:40])


def new_code() -> str:
    """Return a random code in groups of four characters that can be read aloud."""
    letters = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    return "-".join(letters[place : place + GROUP] for place in range(0, len(letters), GROUP))


def create_invitation(
    store: LinkStore, partner: PartnerId, role: Role, *, days: int, now: datetime
) -> Invitation:
    """Create an invitation with which one member can link itself to a partner.

    Args:
        store: The Wix client.
        partner: The partner.
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
    store.insert_item(PARTNER_INVITATIONS, DataItem(invitation_id(invitation.code), facts))
    return invitation


def link_member(
    store: LinkStore, member_id: str, partner: PartnerId, role: Role, *, now: datetime
) -> None:
    """Link a member to a partner in a role.

    An existing link gets the role, and keeps what else is known of the person.

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


def unlink_member(
    store: LinkStore,
    member_id: str,
    partner: PartnerId | None,
    login_addresses: Collection[str] = (),
) -> Unlinked:
    """Remove a member's link to a partner, or all links for None. Takes effect at once.

    An interrupted redemption may have left its invitation active. It is marked as used, so that
    its code cannot restore the link. Open invitations of the member's addresses are revoked, for
    the same reason: of ``login_addresses``, and of the one with which it accepted.

    Then erases what the portal keeps of the member for partners to which it has no link: the read
    marks there, and with the last link its settings. Idempotent, so that a second call completes
    one that failed, and erases the data of a member whose links somebody removed on the site.

    Raises:
        UpstreamError: A call to Wix failed.
    """
    for redemption in store.items_where(INVITATION_REDEMPTIONS, "memberId", member_id):
        invitation = store.get_item(PARTNER_INVITATIONS, redemption.id)
        if (
            invitation is not None
            and invitation.data.get("status") == "active"
            and partner in (None, invitation.data.get("partnerId"))
        ):
            store.patch_item(
                PARTNER_INVITATIONS,
                redemption.id,
                [set_field("status", "used"), set_field("usedBy", member_id)],
            )
    links = store.items_where(PARTNER_LINKS, "memberId", member_id)
    found = [one for one in links if partner in (None, one.data.get("partnerId"))]
    for one in found:
        _revoke_invitations(store, read_link(one, login_addresses))
        # After that: a run that is interrupted in between finds the link again.
        store.remove_item(PARTNER_LINKS, one.id)
    # Not read again: a replica may still list the links that were just removed.
    linked = {one.data.get("partnerId") for one in links if one not in found}
    return Unlinked(
        [PartnerId(str(one.data.get("partnerId"))) for one in found],
        _erase_data(store, member_id, linked),
    )


def _revoke_invitations(store: LinkStore, link: LinkedMember) -> None:
    """Revoke open invitations of a member's addresses at a partner."""
    if not link.emails:
        return
    for item in store.items_where(PARTNER_INVITATIONS, "partnerId", link.partner_id):
        invitation = read_invitation(item)
        if invitation.status == InvitationStatus.ACTIVE and invitation.email in link.emails:
            revoked = [set_field("status", InvitationStatus.REVOKED.value)]
            store.patch_item(PARTNER_INVITATIONS, item.id, revoked)


def _erase_data(store: LinkStore, member_id: str, linked: set[object]) -> int:
    """Remove a member's rows for other partners than those, and its settings if there are none."""
    rows = [
        (MEMBER_READ_MARKS, one.id)
        for one in store.items_where(MEMBER_READ_MARKS, "memberId", member_id)
        if one.data.get("partnerId") not in linked
    ]
    if not linked:
        rows += [
            (MEMBER_SETTINGS, one.id)
            for one in store.items_where(MEMBER_SETTINGS, "memberId", member_id)
        ]
    for collection, identifier in rows:
        store.remove_item(collection, identifier)
    return len(rows)
