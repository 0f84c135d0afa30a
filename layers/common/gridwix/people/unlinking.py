"""Ends the access of a member to a partner.

It removes the member's link, revokes the invitations that could restore the link, and erases the
member's data. Every step is idempotent, so a second call completes one that was interrupted.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from gridwix.errors import Refused
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
)
from gridwix.models.wix import MISSING_ITEM, BulkOutcome, DataItem
from gridwix.people.persons import InvitationStatus, LinkedMember
from gridwix.people.rows import read_invitation, read_link

INVITATION_REDEMPTIONS = CollectionId("InvitationRedemptions")


class FieldSetter(Protocol):
    """Sets fields of portal rows. The Wix client implements this protocol.

    Raises UpstreamError, BudgetExhausted.
    """

    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome: ...


class LinkRows(FieldSetter, Protocol):
    """Reads, changes and removes portal rows. The Wix client implements this protocol.

    Raises UpstreamError, BudgetExhausted.
    """

    def get_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None: ...
    def items_where(
        self, collection: CollectionId, field: str, value: str
    ) -> Sequence[DataItem]: ...
    def remove_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None: ...


class Unlinked(NamedTuple):
    """Result of removing a member's links to partners.

    ``partners`` are the partners of the removed links; ``erased`` is the number of removed rows
    with the member's own data.
    """

    partners: Sequence[PartnerId]
    erased: int


def unlink_member(
    rows: LinkRows,
    member_id: str,
    partner: PartnerId | None,
    login_addresses: Collection[str] = (),
) -> Unlinked:
    """Remove a member's link to ``partner``, or all links of the member if ``partner`` is None.

    A link is the permission to act for a partner, so the access ends at once. No invitation can
    restore it: one that the member was accepting when that was interrupted is marked as used, and
    active ones to the member's addresses are revoked (``login_addresses``, and the address with
    which the member accepted).

    Then data that the member no longer needs is erased: the marks of what the member has read at a
    partner without a link, and the member's settings (such as the language) if no link is left.
    Idempotent: a second call completes one that failed. It also erases the data if an editor has
    removed the member's links on the site.

    Returns:
        The partners of the removed links, and the number of erased rows with the member's data.

    Raises:
        UpstreamError: A call to Wix failed.
    """
    for redemption in rows.items_where(INVITATION_REDEMPTIONS, "memberId", member_id):
        invitation = rows.get_item(PARTNER_INVITATIONS, redemption.id)
        if (
            invitation is not None
            and invitation.data.get("status") == InvitationStatus.ACTIVE
            and partner in (None, invitation.data.get("partnerId"))
        ):
            used = {"status": InvitationStatus.USED.value, "usedBy": member_id}
            set_fields(rows, PARTNER_INVITATIONS, {redemption.id: used})
    links = rows.items_where(PARTNER_LINKS, "memberId", member_id)
    found = [one for one in links if partner in (None, one.data.get("partnerId"))]
    for one in found:
        _revoke_invitations(rows, read_link(one, login_addresses))
        # After that: a run that is interrupted in between finds the link again.
        rows.remove_item(PARTNER_LINKS, one.id)
    # Not read again: a replica may still list the links that were just removed.
    linked = {one.data.get("partnerId") for one in links if one not in found}
    return Unlinked(
        [PartnerId(str(one.data.get("partnerId"))) for one in found],
        _erase_data(rows, member_id, linked),
    )


def set_fields(
    rows: FieldSetter,
    collection: CollectionId,
    changes: Mapping[WixItemId, Mapping[str, Any]],
) -> None:
    """Set fields of the rows of a collection in bulk. A row that no longer exists is left out.

    Raises:
        Refused: Wix refuses a row.
        UpstreamError: The call failed.
    """
    if not changes:
        return
    codes = {one.code for one in rows.bulk_set(collection, changes).refused} - {MISSING_ITEM}
    if codes:
        raise Refused(
            f"Wix refuses to set fields of {collection}",
            system="wix",
            status=200,
            vendor_code=min(codes),
        )


def _revoke_invitations(rows: LinkRows, link: LinkedMember) -> None:
    """Revoke the active invitations to a partner that are addressed to one member.

    ``link`` is the member's permission to act for the partner. It names the partner, and has the
    member's email addresses.
    """
    if not link.emails:
        return
    invitations = map(
        read_invitation, rows.items_where(PARTNER_INVITATIONS, "partnerId", link.partner_id)
    )
    revoked = {"status": InvitationStatus.REVOKED.value}
    set_fields(
        rows,
        PARTNER_INVITATIONS,
        {
            one.id: revoked
            for one in invitations
            if one.status == InvitationStatus.ACTIVE and one.email in link.emails
        },
    )


def _erase_data(rows: LinkRows, member_id: str, linked: Collection[object]) -> int:
    """Remove a member's read marks and settings that are not needed any more; return their number.

    Read marks are removed at partners that are not among ``linked``, and settings if ``linked`` is
    empty.
    """
    found = [
        (MEMBER_READ_MARKS, one.id)
        for one in rows.items_where(MEMBER_READ_MARKS, "memberId", member_id)
        if one.data.get("partnerId") not in linked
    ]
    if not linked:
        found += [
            (MEMBER_SETTINGS, one.id)
            for one in rows.items_where(MEMBER_SETTINGS, "memberId", member_id)
        ]
    for collection, identifier in found:
        rows.remove_item(collection, identifier)
    return len(found)
