"""What ``document_sync`` publishes, as the reconciler sees it. Of files only whether they are there is asked: a row that has drifted, or whose file is lost, is
handed to the sync, which looks after them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gridwix.configuration.everything import Configuration
from gridwix.document_sync.ports import DocumentReader, ShownFiles, TransferStore
from gridwix.document_sync.projection import document_row, wanted_version
from gridwix.document_sync.service import allowed_partners, row_versions
from gridwix.document_sync.transfers import Transfer
from gridwix.errors import RecordFault
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.portal.partner_documents import PartnerDocumentRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import RowVerdict
from gridwix.models.trading_grid.documents import Document
from gridwix.models.wix import DataItem
from gridwix.publication.drift import judge
from gridwix.publication.reconciled import Expected, expect
from gridwix.publication.reconciled_records import listed_ids
from gridwix.publication.resync import ResyncDesk

DOCUMENT_FIELDS = field_names(PartnerDocumentRow)


class ReconciledPartnerDocuments:
    """Implements ``ReconciledCollection``. The keys are the documents' ids."""

    # The versions of each document are a call of their own, and so are each hundred files.
    most_rows = 100

    def __init__(self, source: DocumentReader, transfers: TransferStore, files: ShownFiles, configuration: Configuration, desk: ResyncDesk) -> None:
        self._source = source
        self._transfers = transfers
        self._files = files
        self._configuration = configuration
        self._desk = desk

    @property
    def name(self) -> CollectionId:
        return PARTNER_DOCUMENTS

    def keys(self, page: str | None) -> tuple[Sequence[str], str | None]:  # noqa: ARG002 - there is one
        return listed_ids(self._source.documents()), None

    def item_id(self, key: str) -> WixItemId:
        return item_id(key)

    def key_of(self, item: DataItem) -> str | None:
        return item.id

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected | RecordFault]:
        texts = Texts(self._configuration)
        documents = [document for document in self._source.documents().records if document.id in keys]
        transfers = self._transfers.read([document.id for document in documents])
        partners = self._source.every_partner().records if documents else ()

        def expected_of(document: Document) -> Expected:
            transfer = transfers.get(document.id) or Transfer(document_id=document.id)
            versions = self._source.versions(document) if document.deleted_at is None else ()
            # What the sync would show if it came by now, as far as the file is there.
            shown = transfer.shown if wanted_version(document, versions, transfer.shown) else None
            allowed = allowed_partners(document, partners, self._configuration.audiences.regions)
            row = document_row(document, versions, shown, transfer.fault, allowed, texts)
            return Expected(None if row is None else data_item(document.id, row), row_versions(document, transfer, partners))

        answers = {document.id: expect(document.record, partial(expected_of, document)) for document in documents}
        file_ids = {key: str(file_id) for key, answer in answers.items() if (file_id := _file_of(answer))}
        lost = self._files.lost(list(file_ids.values())) if file_ids else frozenset()
        return {key: replace(answer, file_lost=file_ids.get(key) in lost) if isinstance(answer, Expected) else answer for key, answer in answers.items()}

    def verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge(expected, shown, DOCUMENT_FIELDS)

    def lives(self, key: str) -> bool:
        document = self._source.record(f"documents/{key}")
        return document is not None and document.deleted_at is None

    def request(self, keys: Collection[str], run: str) -> None:
        wanted: dict[str, PartnerId | None] = {f"documents/{key}": None for key in keys}
        self._desk.request(wanted, run)


def _file_of(answer: Expected | RecordFault) -> Any:
    """The file that a row points to, if it points to any."""
    return answer.item.data.get("fileId") if isinstance(answer, Expected) and answer.item is not None else None
