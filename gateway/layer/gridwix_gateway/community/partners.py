"""Trading partners: changes the fields of a partner's record."""

from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft


def patch_partner(draft: Draft, partner: Document, changes: Document) -> Document:
    """Change fields of a trading partner's record.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        partner: The partner, as read within the commit.
        changes: New values by field name, as in the OpenAPI schema ``PartnerPatch``.

    Returns:
        The partner after the change.
    """
    return draft.change("partners", partner, changes, "partner.updated")
