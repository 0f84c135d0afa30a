"""Rows of the Wix collection ``PartnerDocuments``: documents, as permitted readers see them."""

from datetime import date, datetime
from typing import Annotated

from gridwix.models.ids import PartnerId
from gridwix.models.portal.rows import Prose, RowModel, Sentences, Shrinking


class FormerVersion(RowModel):
    """A superseded version of a document. Its bytes are no longer on the portal."""

    version: int
    file_name: str
    change_note: Prose = ""
    published_at: datetime | None = None


class ReviewedVersion(RowModel):
    """A version of a document that a partner has sent, with the state of the hub's review.

    ``status``: in_review, rejected, infected. ``comment`` was written for the partner.
    """

    version: int
    file_name: str = ""
    status: str
    status_label: str
    comment: Prose = ""
    at: datetime | None = None


class PartnerDocumentRow(RowModel):
    """A document of Trading Grid as the portal shows it to the partners that may see it.

    ``for_everybody`` or ``partner_ids`` restrict who may see the document; ``partner_id`` is "" for
    a document of the shared library. ``category`` and ``classification`` further restrict the
    document to certain roles of members.

    ``version`` is the version that ``file_id`` opens; ``file_id`` "" means that no version can be
    opened. For a ``restricted`` document (its bytes never leave Trading Grid), ``version`` is the
    current version. ``problem`` is why a newer version is not shown: both sides have changed the
    document (``conflict``), or its file could not be copied. ``earlier_versions`` counts the former
    versions that did not fit into ``history``; None for none.
    """

    partner_id: str
    for_everybody: bool
    partner_ids: tuple[PartnerId, ...] = ()
    title: Prose
    type: str
    category: str
    category_label: str
    classification: str
    status: str
    status_label: str
    restricted: bool
    version: int
    file_id: str = ""
    file_name: str = ""
    media_type: str = ""
    size_bytes: int | None = None
    private: bool
    change_note: Prose = ""
    effective_from: date | None = None
    expires_on: date | None = None
    published_at: datetime | None = None
    history: Annotated[tuple[FormerVersion, ...], Shrinking("earlier_versions")] = ()
    earlier_versions: int | None = None
    review: ReviewedVersion | None = None
    conflict: bool = False
    problem: str = ""
    sentences: Sentences | None = None
    updated_at: datetime
