"""The rows that belong to one member alone: which there are, and their removal.

``gridwix erase`` and the reconciler, when the site has deleted a member, remove the same.
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
"""Collections with rows that belong to a member, by their field ``memberId``. Links do, too."""


def erase_member_rows(rows: LinkRows, member_id: str) -> int:
    """End all access of a member, and remove the rows that belong to it alone.

    Idempotent. Redemptions go last: they lead to invitations that an interrupted one has left open.

    Args:
        rows: Links, invitations and data of members.
        member_id: A member whom the site has no longer, or who is to be forgotten.

    Returns:
        The number of removed rows.

    Raises:
        UpstreamError: A call to Wix failed.
        BudgetExhausted: No call is left.
    """
    done = unlink_member(rows, member_id, None)
    removed = len(done.partners) + done.erased
    for collection in reversed(OWN_COLLECTIONS):
        for row in rows.items_where(collection, "memberId", member_id):
            rows.remove_item(collection, row.id)
            removed += 1
    return removed
