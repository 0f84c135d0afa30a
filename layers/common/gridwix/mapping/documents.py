"""Which documents may leave Trading Grid. Pure."""

from gridwix.models.trading_grid.documents import Document

OPEN_CLASSIFICATIONS = frozenset({"public", "partner"})
"""What may leave Trading Grid. A classification that is not known here may not."""


def is_restricted(document: Document) -> bool:
    """Whether a document's bytes must stay in Trading Grid."""
    return document.classification not in OPEN_CLASSIFICATIONS
