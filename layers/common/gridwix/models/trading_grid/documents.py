"""Documents and approvals of the document library, as far as gridwix reads them."""

from datetime import date

from pydantic import Field

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.entities import Entity, Moment, Payload

EVERYBODY = Audience(all=True)
"""Audience of a document that states none: all partners."""


class DocumentVersion(Payload):
    """One version of a document's bytes.

    ``status``: pending_scan, in_review, approved, rejected. ``scan``: clean, infected, skipped.
    ``source``: trading_grid, portal.

    ``base_version`` is the version that it was made from. ``comment`` was written for the partner
    with the decision. The uploader is not read.
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
    """A document. ``partner_id`` None: it belongs to the shared library, visible to ``audience``.

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

    The deciding person is not read.
    """

    COLLECTION = "approvals"

    subject: ApprovalSubject
    status: str

    @property
    def document(self) -> str | None:
        """Record of the document (``collection/id``); None if the approval is about
        something else.
        """
        identifier, _, number = self.subject.id.rpartition("/")
        return (
            f"{Document.COLLECTION}/{identifier}"
            if self.subject.type == "document_version" and identifier and number
            else None
        )


class NewDocumentVersion(Payload):
    """A document version to create from an upload: a partner has sent it."""

    upload_id: str
    change_note: str = Field(default="", max_length=1000, repr=False)
    source: str = "portal"
    base_version: int | None = None
