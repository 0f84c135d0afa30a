"""Use case 5, from the portal to Trading Grid: what a partner uploads becomes a version that waits for approval."""

from collections.abc import Collection
from contextlib import suppress

from gridwix.configuration.documents import Documents
from gridwix.configuration.intake import Refusal
from gridwix.errors import Conflict, FileRefused, NotFound, Refused
from gridwix.files.attachments import Attachments, add_download_url
from gridwix.files.ports import UploadedFiles
from gridwix.files.types import file_label, kind_of, safe_name
from gridwix.form_intake.ports import DocumentDesk
from gridwix.mapping.documents import is_restricted
from gridwix.models.files import FileFault
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.documents import Document, NewDocumentVersion
from gridwix.partner_requests.orders import DocumentOrder
from gridwix.partner_requests.submissions import Outcome, Reading


class DocumentUploads:
    """A partner's file goes to Trading Grid once however often it is tried, and does not stay on the portal.

    Only a file that was uploaded for this very document counts, which its label tells.
    """

    def __init__(self, desk: DocumentDesk, uploaded: UploadedFiles, attachments: Attachments, rules: Documents) -> None:
        self._desk = desk
        self._uploaded = uploaded
        self._attachments = attachments
        self._rules = rules

    def order(self, reading: Reading, partners: Collection[PartnerId]) -> DocumentOrder | None:
        """What Trading Grid is asked for, with the file there already; None if the document is none of these partners', or the file was not uploaded for it.

        Raises FileRefused for a file that is not taken over, and UpstreamError.
        """
        document = self._desk.record(f"{Document.COLLECTION}/{reading.subject['document']}")
        if not isinstance(document, Document) or document.deleted_at is not None or document.partner_id not in partners or is_restricted(document):
            return None
        assert document.partner_id is not None
        attached = reading.files[0]
        fetched = add_download_url(self._uploaded, attached, upload_label(document.partner_id, document.id))
        if fetched is None:
            return None
        if kind_of(safe_name(attached.name)) not in self._rules.types:
            raise FileRefused(FileFault.WRONG_TYPE)
        known = {version.sha256: version.number for version in self._desk.versions(document)}
        copied = self._attachments.copy(fetched, self._rules, "document_version", known)
        return DocumentOrder(
            partner_id=document.partner_id,
            document_id=document.id,
            file_id=attached.file_id,
            known=copied.facts.sha256 in known,
            version=NewDocumentVersion(
                upload_id=copied.upload_id, change_note=reading.subject.get("comment", ""), base_version=base_version(reading, document.current_version)
            ),
        )

    def carry_out(self, key: str, order: DocumentOrder) -> Outcome:
        """Add the version, once under ``key``, and remove the file from the portal. Raises UpstreamError if it is to be tried again."""
        refusal: Refusal | None = "file_known" if order.known else None
        if not order.known:
            try:
                self._desk.add_version(order.document_id, order.version, key)
            except NotFound:
                refusal = "not_found"
            except Conflict:
                refusal = "document_closed"
        # The version is there: a file that Wix will not remove is no reason to say that it was refused.
        with suppress(Refused):
            self._uploaded.remove([order.file_id])
        return Outcome(f"{Document.COLLECTION}/{order.document_id}", refusal=refusal or "")


def upload_label(partner_id: PartnerId, document_id: str) -> str:
    """What the portal's backend marks a file with that is uploaded as a version of a document."""
    return file_label(partner_id, document_id)


def base_version(reading: Reading, current: int) -> int | None:
    """The version that a partner's own was made from, as it says; one that cannot be is not believed."""
    said = reading.subject.get("base_version", "")
    return int(said) if said.isascii() and said.isdigit() and 0 < int(said) <= current else current or None
