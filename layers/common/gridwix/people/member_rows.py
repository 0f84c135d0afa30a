"""Removes all portal rows that belong to one member: links to partners, and the member's own data.

``gridwix erase`` uses it, and the reconciler when the site has deleted a member, so that both
remove the same rows.
"""

from collections.abc import Sequence

from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import MEMBER_READ_MARKS, MEMBER_SETTINGS
from gridwix.people.unlinking import INVITATION_REDEMPTIONS, LinkRows, unlink_member

INVITATION_ATTEMPTS = CollectionId("InvitationAttempts")

OWN_COLLECTIONS: Sequence[CollectionId] = (
    INVITATION_REDEMPTIONS,
    INVITATION_ATTEMPTS,
    MEMBER_SETTINGS,
    MEMBER_READ_MARKS,
)
"""Collections with rows that belong to a member (field ``memberId``), besides its links."""


def erase_member_rows(rows: LinkRows, member_id: str) -> int:
    """End all access of a member, and remove the portal rows that belong only to this member.

    Idempotent. Redemptions (accepted invitation codes) are removed last: through them, a repeated
    call finds the invitations that an interrupted redemption has left open.

    Args:
        rows: Links, invitations and data of members.
        member_id: A member that the site no longer has, or that is to be erased.

    Returns:
        The number of removed rows.

    Raises:
        UpstreamError: A call to Wix failed.
        BudgetExhausted: The call budget is used up.
    """
    done = unlink_member(rows, member_id, None)
    removed = len(done.partners) + done.erased
    for collection in reversed(OWN_COLLECTIONS):
        for row in rows.items_where(collection, "memberId", member_id):
            rows.remove_item(collection, row.id)
            removed += 1
    return removed
