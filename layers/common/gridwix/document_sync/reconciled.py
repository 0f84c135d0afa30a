"""Adapter of ``PartnerDocuments`` for the reconciler.

Files are only checked for existence. A row that has drifted, or whose file is lost, is handed to
the document sync, which repairs it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gridwix.configuration.everything import Configuration
from gridwix.document_sync.ports import DocumentReader, ShownFiles, TransferStore
from gridwix.document_sync.projection import project_row, wanted_version
from gridwix.document_sync.transfers import Transfer
from gridwix.errors import RecordFault
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.portal.partner_documents import PartnerDocumentRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import RowDifference, RowVerdict
from gridwix.models.trading_grid.documents import Document
from gridwix.models.wix import DataItem
from gridwix.publication.drift import judge_row, row_difference
from gridwix.publication.reconciled import ExpectedRow, expected_or_fault
from gridwix.publication.reconciled_records import ids_of_listing
from gridwix.publication.resync import ResyncRequester

DOCUMENT_FIELDS = field_names(PartnerDocumentRow)


class ReconciledPartnerDocuments:
    """Implements ``ReconciledCollection``. The keys are the documents' ids."""

    # The versions of each document cost one call, and so does each hundred files.
    most_rows = 100

    def __init__(
        self,
        *,
        source: DocumentReader,
        transfers: TransferStore,
        files: ShownFiles,
        configuration: Configuration,
        resyncs: ResyncRequester,
    ) -> None:
        self._source = source
        self._transfers = transfers
        self._files = files
        self._configuration = configuration
        self._resyncs = resyncs

    @property
    def name(self) -> CollectionId:
        return PARTNER_DOCUMENTS

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:  # noqa: ARG002 - there is one page
        return ids_of_listing(self._source.documents()), None

    def item_id(self, key: str) -> WixItemId:
        return item_id(key)

    def key_of(self, item: DataItem) -> str | None:
        return item.id

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        texts = Texts(self._configuration)
        documents = [
            document for document in self._source.documents().records if document.id in keys
        ]
        transfers = self._transfers.read_transfers([document.id for document in documents])
        partners = self._source.every_partner().records if documents else ()

        def expected_row(document: Document) -> ExpectedRow:
            transfer = transfers.get(document.id) or Transfer(document_id=document.id)
            versions = self._source.versions(document) if document.deleted_at is None else ()
            if not wanted_version(document, versions, transfer.shown):
                # The sync would show no file: the row that is expected is the one after its next
                # run.
                transfer = transfer.model_copy(update={"shown": None})
            row = project_row(
                document,
                versions,
                transfer,
                partners=partners,
                regions=self._configuration.audiences.regions,
                texts=texts,
            )
            return ExpectedRow(row.item, row.versions)

        answers = {
            document.id: expected_or_fault(document.record, partial(expected_row, document))
            for document in documents
        }
        file_ids = {
            key: str(file_id) for key, answer in answers.items() if (file_id := _file_id(answer))
        }
        lost = self._files.lost(list(file_ids.values())) if file_ids else frozenset()
        return {
            key: replace(answer, file_lost=file_ids.get(key) in lost)
            if isinstance(answer, ExpectedRow)
            else answer
            for key, answer in answers.items()
        }

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge_row(expected, shown, DOCUMENT_FIELDS)

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        return row_difference(expected, shown, DOCUMENT_FIELDS)

    def is_live(self, key: str) -> bool:
        document = self._source.record(f"documents/{key}")
        return document is not None and document.deleted_at is None

    def request_resync(self, keys: Collection[str], run: str) -> None:
        records: dict[str, PartnerId | None] = {f"documents/{key}": None for key in keys}
        self._resyncs.request_resync(records, run)


def _file_id(answer: ExpectedRow | RecordFault) -> Any:
    """Id of the file that an expected row points to; None if it points to none."""
    return (
        answer.item.data.get("fileId")
        if isinstance(answer, ExpectedRow) and answer.item is not None
        else None
    )
