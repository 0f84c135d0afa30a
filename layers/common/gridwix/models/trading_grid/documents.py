"""Documents and approvals of the document library, as far as gridwix reads them."""

from datetime import date

from pydantic import Field

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.entities import Entity, Moment, Payload

EVERYBODY = Audience(all=True)
"""Audience of a document that states none: all partners."""


class DocumentVersion(Payload):
    """One version of a document: file name, size, digest and states, without the bytes.

    ``status``: pending_scan, in_review, approved, rejected. ``scan``: clean, infected, skipped.
    ``source``: trading_grid, portal.

    ``base_version`` is the number of the version from which this version was made. ``comment`` was
    written for the partner with the decision of the review. gridwix does not read who uploaded the
    version.
    """

    number: int = Field(ge=1)
    file_name: str = Field(repr=False)
    media_type: str
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    source: str
    status: str
    scan: str = "skipped"
    change_note: str = ""
    comment: str | None = Field(default=None, repr=False)
    base_version: int | None = None
    uploaded_at: Moment | None = None


class Document(Entity):
    """A document of the Trading Grid library.

    ``partner_id`` is None for a document of the shared library, which is visible to ``audience``.
    ``status``: draft, in_review, published, superseded, expired, withdrawn. ``classification``:
    public, partner, restricted. ``current_version`` is 0 until a version is approved. ``versions``
    is None if the response did not include them.
    """

    COLLECTION = "documents"

    partner_id: PartnerId | None = None
    type: str
    title: str
    category: str
    classification: str
    status: str
    current_version: int = Field(ge=0)
    audience: Audience = EVERYBODY
    effective_from: date | None = None
    expires_on: date | None = None
    versions: tuple[DocumentVersion, ...] | None = None


class ApprovalSubject(Payload):
    """Subject of an approval. The ``id`` of a ``document_version`` is ``document-id/number``."""

    type: str
    id: str


class Approval(Entity):
    """A pending or completed decision of the hub, such as on a partner's document version.

    gridwix does not read the name of the person who decides.
    """

    COLLECTION = "approvals"

    subject: ApprovalSubject
    status: str

    @property
    def document(self) -> str | None:
        """Name (``collection/id``) of the document to approve; None for another subject."""
        identifier, _, number = self.subject.id.rpartition("/")
        return (
            f"{Document.COLLECTION}/{identifier}"
            if self.subject.type == "document_version" and identifier and number
            else None
        )


class NewDocumentVersion(Payload):
    """Request body that makes an upload of a partner a new version of a document.

    ``base_version`` is the version that the partner started from; None if unknown.
    """

    upload_id: str
    change_note: str = Field(default="", max_length=1000, repr=False)
    source: str = "portal"
    base_version: int | None = None
