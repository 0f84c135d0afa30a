"""Trading partners: changes of their members."""

from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft


def patch_partner(draft: Draft, partner: Document, changes: Document) -> Document:
    """Change members of a trading partner.

    Args:
        draft: The commit: its reads and buffered writes.
        partner: The partner, as read within the commit.
        changes: Members of the OpenAPI schema ``PartnerPatch``.

    Returns:
        The partner after the change.
    """
    return draft.change("partners", partner, changes, "partner.updated")
