"""Access rules of documents: which of them may leave Trading Grid, and for whom. Pure."""

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


def has_audience(document: Document) -> bool:
    """Tell whether a document of the shared library is for some partners only.

    >>> from gridwix.models.trading_grid.audiences import Audience
    >>> has_audience(Document.model_construct(partner_id=None, audience=Audience(all=False)))
    True
    """
    return document.partner_id is None and not document.audience.all


def is_private(document: Document) -> bool:
    """Tell whether a document's file opens only by download links that expire.

    Only a public document of the shared library that all partners may see has a permanent link.

    >>> from gridwix.models.trading_grid.audiences import Audience
    >>> shared = Document.model_construct(
    ...     classification="public", partner_id=None, audience=Audience(all=True))
    >>> is_private(shared), is_private(shared.model_copy(update={"partner_id": "GC1"}))
    (False, True)
    """
    return not (
        document.classification == "public"
        and document.partner_id is None
        and document.audience.all
    )
