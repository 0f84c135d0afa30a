"""Access rule of documents: which of them may leave Trading Grid. Pure."""

from gridwix.models.trading_grid.documents import Document

OPEN_CLASSIFICATIONS = frozenset({"public", "partner"})
"""Classifications of documents that may leave Trading Grid. An unknown one may not."""


def is_restricted(document: Document) -> bool:
    """Tell whether a document's bytes must stay in Trading Grid.

    >>> is_restricted(Document.model_construct(classification="partner"))
    False
    >>> is_restricted(Document.model_construct(classification="top_secret"))
    True
    """
    return document.classification not in OPEN_CLASSIFICATIONS
