"""Adapter of ``PartnerDocuments`` for the reconciler, which compares rows with their documents.

Of a file, only its existence is checked. The document sync repairs a row that has drifted, has lost
its file, or lacks the file that it should show.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from gridwix.concurrency import map_in_order
from gridwix.configuration.everything import Configuration
from gridwix.document_sync.audiences import read_audiences
from gridwix.document_sync.ports import DocumentReader, ShownFiles, TransferStore
from gridwix.document_sync.projection import file_identity, project_row, wanted_version
from gridwix.document_sync.transfers import FileIdentity, Transfer
from gridwix.errors import RecordFault
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.portal.partner_documents import PartnerDocumentRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import RowDifference, RowVerdict
from gridwix.models.trading_grid.documents import Document, DocumentVersion
from gridwix.models.wix import DataItem
from gridwix.publication.drift import judge_row, row_difference
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.reconciled import OF_ONE_RECORD, ExpectedRow, expected_or_fault
from gridwix.publication.resync import ResyncRequester

DOCUMENT_FIELDS = field_names(PartnerDocumentRow)


READS_IN_FLIGHT = 8
"""Maximum number of documents that are read in parallel."""


class DocumentLists(DocumentReader, Protocol):
    """Reads documents of Trading Grid, and lists their ids in pages."""

    def document_ids(self, page: str | None) -> tuple[Sequence[str], str | None]:
        """Return one page of all document ids, and the next page's cursor (None after the last).

        Raises UpstreamError, and CursorExpired for a cursor that is too old.
        """


class ReconciledPartnerDocuments:
    """Compares rows of ``PartnerDocuments`` with their documents (a ``ReconciledCollection``).

    The key of a row is the document's id.
    """

    # Each document costs one call, or two from a gateway that leaves out its versions, and each
    # hundred files cost one.
    most_rows = 500

    def __init__(
        self,
        *,
        source: DocumentLists,
        partners: HubPartners,
        transfers: TransferStore,
        files: ShownFiles,
        configuration: Configuration,
        resyncs: ResyncRequester,
    ) -> None:
        self._source = source
        self._partners = partners
        self._transfers = transfers
        self._files = files
        self._configuration = configuration
        self._resyncs = resyncs

    @property
    def name(self) -> CollectionId:
        return PARTNER_DOCUMENTS

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        return self._source.document_ids(page)

    def item_id(self, key: str) -> WixItemId:
        return item_id(key)

    def key_of(self, item: DataItem) -> str | None:
        return item.id

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        texts = Texts(self._configuration)
        readings = dict(
            zip(keys, map_in_order(self._read, keys, workers=READS_IN_FLIGHT), strict=True)
        )
        answers: dict[str, ExpectedRow | RecordFault] = {
            key: found for key, found in readings.items() if isinstance(found, RecordFault)
        }
        found = [one for one in readings.values() if isinstance(one, _ReadDocument)]
        transfers = self._transfers.read_transfers([one.document.id for one in found])
        audiences = read_audiences(
            (one.document for one in found), self._partners, self._configuration
        )

        def expected_row(document: Document, versions: Sequence[DocumentVersion]) -> ExpectedRow:
            transfer = transfers.get(document.id) or Transfer(document_id=document.id)
            wanted = wanted_version(document, versions, transfer.shown)
            lacks_file = wanted is not None and _is_left_out(
                file_identity(document, wanted), transfer
            )
            if not wanted:
                # The sync would show no file: the row that is expected is the one after its next
                # run.
                transfer = transfer.model_copy(update={"shown": None})
            row = project_row(document, versions, transfer, audiences=audiences, texts=texts)
            return ExpectedRow(row.item, row.versions, file_lost=lacks_file)

        answers |= {
            one.document.id: expected_or_fault(
                one.document.record, partial(expected_row, one.document, one.versions)
            )
            for one in found
        }
        file_ids = {
            key: str(file_id) for key, answer in answers.items() if (file_id := _file_id(answer))
        }
        lost = self._files.lost(list(file_ids.values())) if file_ids else frozenset()
        return {
            key: replace(answer, file_lost=answer.file_lost or file_ids.get(key) in lost)
            if isinstance(answer, ExpectedRow)
            else answer
            for key, answer in answers.items()
        }

    def _read(self, key: str) -> "_ReadDocument | RecordFault | None":
        """Read a document with its versions; None if it does not exist, a fault if unreadable.

        Raises only errors that concern more than this document.
        """
        try:
            document = self._source.record(f"documents/{key}")
            if not isinstance(document, Document):
                return None
            versions = self._source.versions(document) if document.deleted_at is None else ()
        except RecordFault as fault:
            return fault
        except OF_ONE_RECORD as error:
            return RecordFault(f"documents/{key}", error.code)
        return _ReadDocument(document, versions)

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge_row(expected, shown, DOCUMENT_FIELDS)

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        return row_difference(expected, shown, DOCUMENT_FIELDS)

    def is_live(self, key: str) -> bool:
        # Also of a tombstone: the document sync removes its row, and the file with it.
        return self._source.record(f"documents/{key}") is not None

    def request_resync(self, keys: Collection[str], run: str) -> None:
        records: dict[str, PartnerId | None] = {f"documents/{key}": None for key in keys}
        self._resyncs.request_resync(records, run)


@dataclass(frozen=True, slots=True)
class _ReadDocument:
    """A document that was read from Trading Grid, with all its versions."""

    document: Document
    versions: Sequence[DocumentVersion]


def _is_left_out(wanted: FileIdentity, transfer: Transfer) -> bool:
    """Return True if a document's portal row lacks its file, and no file transfer will bring it.

    ``wanted`` is the file that the row should show. False if the row shows the file, if an
    unfinished file transfer may still bring it, or if the last copy was refused, which is a known
    fault.
    """
    return not (wanted.is_same_file(transfer.shown) or transfer.is_unfinished or transfer.fault)


def _file_id(answer: ExpectedRow | RecordFault) -> Any:
    """Return the id of the file that an expected row points to; None without a file or a row."""
    return (
        answer.item.data.get("fileId")
        if isinstance(answer, ExpectedRow) and answer.item is not None
        else None
    )
