"""Use case 5, from the portal to Trading Grid: a partner's upload becomes a document version.

The version waits for the hub's approval.
"""

from collections.abc import Collection
from contextlib import suppress

from gridwix.configuration.documents import Documents
from gridwix.configuration.intake import Refusal
from gridwix.errors import FileRefused, NotFound, Refused, UpstreamConflict
from gridwix.files.attachments import Attachments, add_download_url
from gridwix.files.ports import UploadedFiles
from gridwix.files.types import file_extension, file_label, safe_name
from gridwix.form_intake.permissions import SenderPermissions
from gridwix.form_intake.ports import DocumentDesk
from gridwix.mapping.documents import is_restricted
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.files import FileFault
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.documents import Document, NewDocumentVersion
from gridwix.partner_requests.orders import DocumentOrder
from gridwix.partner_requests.submissions import Outcome, Reading


class DocumentUploads:
    """Copies a partner's upload to Trading Grid as a new document version.

    The upload is then removed from the portal. Idempotent: retries add no second version. A file is
    accepted only if its label shows that it was uploaded for this document.
    """

    def __init__(
        self,
        desk: DocumentDesk,
        uploaded: UploadedFiles,
        attachments: Attachments,
        rules: Documents,
    ) -> None:
        self._desk = desk
        self._uploaded = uploaded
        self._attachments = attachments
        self._rules = rules

    def build_order(
        self,
        reading: Reading,
        partners: Collection[PartnerId],
        permissions: SenderPermissions,
        deadline: Deadline = NO_DEADLINE,
    ) -> DocumentOrder | None:
        """Copy the file to Trading Grid and build the order for a new document version.

        The order is the stored call to Trading Grid that adds the version.

        Args:
            reading: The parsed submission.
            partners: The partners for which the member may upload.
            permissions: What the member's roles at these partners allow.
            deadline: The copy ends before it.

        Returns:
            The order. None if the document does not exist, is restricted or belongs to another
            partner, or if the file was not uploaded for this document.

        Raises:
            FileRefused: The type or content of the file is not allowed.
            NotAllowed: The member's role does not see documents of this kind.
            UpstreamError: The document or the file cannot be read or copied now.
        """
        document = self._desk.record(f"{Document.COLLECTION}/{reading.subject['document']}")
        if (
            not isinstance(document, Document)
            or document.deleted_at is not None
            or document.partner_id not in partners
            or is_restricted(document)
        ):
            return None
        assert document.partner_id is not None
        permissions.require_document(document)
        attached = reading.files[0]
        fetched = add_download_url(
            self._uploaded, attached, upload_label(document.partner_id, document.id)
        )
        if fetched is None:
            return None
        if file_extension(safe_name(attached.name)) not in self._rules.types:
            raise FileRefused(FileFault.WRONG_TYPE)
        # Bytes that the document has already are not uploaded again.
        known = {version.sha256: version.number for version in self._desk.versions(document)}
        copied = self._attachments.copy(
            fetched, self._rules, "document_version", known, deadline=deadline
        )
        return DocumentOrder(
            partner_id=document.partner_id,
            document_id=document.id,
            file_id=attached.file_id,
            known=copied.facts.sha256 in known,
            version=NewDocumentVersion(
                upload_id=copied.upload_id,
                change_note=reading.subject.get("comment", ""),
                base_version=base_version(reading, document.current_version),
            ),
        )

    def carry_out(self, key: str, order: DocumentOrder) -> Outcome:
        """Add the document version under an idempotency key, and remove the file from the portal.

        Args:
            key: Idempotency key (a UUID) of the submission.
            order: The stored call that adds the version.

        Returns:
            The outcome; its ``refusal`` says why no version was added.

        Raises:
            UpstreamError: The version was not added, or the file could not be removed now. Retry.
        """
        refusal: Refusal | None = "file_known" if order.known else None
        document = self._desk.record(f"{Document.COLLECTION}/{order.document_id}")
        if isinstance(document, Document) and document.partner_id != order.partner_id:
            # It has moved to another partner since, which would get the file.
            refusal = "not_found"
        if refusal is None:
            try:
                self._desk.add_version(order.document_id, order.version, key)
            except NotFound:
                refusal = "not_found"
            except UpstreamConflict:
                refusal = "document_closed"
        # The version exists: a file that Wix refuses to remove must not make it look refused.
        with suppress(Refused):
            self._uploaded.remove([order.file_id])
        return Outcome(f"{Document.COLLECTION}/{order.document_id}", refusal=refusal or "")


def upload_label(partner_id: PartnerId, document_id: str) -> str:
    """Return the label with which the portal's backend marks an upload for a document."""
    return file_label(partner_id, document_id)


def base_version(reading: Reading, current: int) -> int | None:
    """Return the number of the document version on which the partner has based its upload.

    The partner names the number. An impossible number counts as ``current``, the newest version;
    None if the document has no version yet.
    """
    claimed = reading.subject.get("base_version", "")
    return (
        int(claimed)
        if claimed.isascii() and claimed.isdigit() and 0 < int(claimed) <= current
        else current or None
    )
