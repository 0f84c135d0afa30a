"""Trading partners: changes of their members."""

from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft


def patch_partner(draft: Draft, partner: Document, changes: Document) -> Document:
    """Change members of a trading partner.

    Args:
        draft: The commit's draft.
        partner: The partner as the draft has read it.
        changes: Members of the profile's schema ``PartnerPatch``.

    Returns:
        The partner after the change.
    """
    return draft.change("partners", partner, changes, "partner.updated")
