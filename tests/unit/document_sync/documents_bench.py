"""Test bench of the document sync: in-memory libraries in which any step can fail."""

import time
from dataclasses import dataclass, field
from typing import Any

from gridwix.document_sync.files import DocumentFiles
from gridwix.document_sync.service import DocumentReport, DocumentSync
from gridwix.mapping.wix_items import item_id
from gridwix.models.events import Change
from gridwix.models.files import FileState
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.trading_grid.documents import Document
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.publisher import Publisher
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, change, partner
from tests.fakes.documents import FakeLibrary, FakeMedia, FakeTransfers
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal
from tests.fakes.refreshes import FakeRefreshQueue, FakeRefreshStates, audience_refreshes
from tests.fakes.stores import FakeRefusedItems

HOLD = 330.0


@dataclass
class Bench:
    """``now`` is the time of all stores, and of all workers but those that are ``ahead`` (Unix
    seconds).
    """

    now: float = 1_000_000.0
    library: FakeLibrary = field(default_factory=FakeLibrary)
    media: FakeMedia = field(default_factory=FakeMedia)
    transfers: FakeTransfers = field(default_factory=FakeTransfers)
    portal: FakePortal = field(default_factory=FakePortal)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    refused: FakeRefusedItems = field(default_factory=FakeRefusedItems)
    refresh_states: FakeRefreshStates = field(default_factory=FakeRefreshStates)
    refresh_queue: FakeRefreshQueue = field(default_factory=FakeRefreshQueue)

    def __post_init__(self) -> None:
        self.media.clock = self.time
        self.library.partners = [partner(country="US"), partner(BALTIC, country="EE")]
        self.sync = self.worker()

    def worker(self, ahead: float = 0.0) -> DocumentSync:
        """Return a further worker on the same stores, whose leases of files go by a clock that is
        so many seconds ahead.
        """
        publisher = Publisher(
            collections=self.portal,
            ledger=self.ledger,
            refused_items=self.refused,
            function="test",
            clock=self.time,
            hold=90,
        )
        files = DocumentFiles(
            source=self.library,
            media=self.media,
            transfers=self.transfers,
            rows=self.portal,
            rules=configuration().documents,
            clock=lambda: self.now + ahead,
            hold=HOLD,
        )
        return DocumentSync(
            source=self.library,
            partners=HubPartners(self.library, time.time),
            files=files,
            ledger=self.ledger,
            publisher=publisher,
            refreshes=audience_refreshes(
                self.time, states=self.refresh_states, queue=self.refresh_queue
            ),
            refused_items=self.refused,
            configuration=configuration(),
            clock=self.time,
            at_once=1,
        )

    def time(self) -> float:
        return self.now

    def publish(self, *documents: Document, **fields: Any) -> DocumentReport:
        return self.sync.publish([change_of(document, **fields) for document in documents])

    def row(self, document_id: str = "doc_1") -> dict[str, Any]:
        return dict(self.portal.rows[PARTNER_DOCUMENTS, item_id(document_id)].data)

    def shown(self, document_id: str = "doc_1") -> bytes | None:
        """The bytes that a partner downloads; None without a row or a file.

        Raises NotFound for a row that points to a file that cannot be opened.
        """
        row = self.portal.rows.get((PARTNER_DOCUMENTS, WixItemId(item_id(document_id))))
        return self.media.content(str(row.data["fileId"])) if row and row.data["fileId"] else None

    def settle(self, *documents: Document) -> None:
        """Do what redelivery, ``file.ready`` events and the schedule do in the end."""
        for _ in range(6):
            self.now += HOLD + 1
            self.portal.land()
            self.media.land()
            self.media.finish()
            self.publish(*documents)
            self.sync.resume_transfers()

    def is_tidy(self) -> bool:
        """Return True if the media library holds the files that rows point to, and no other."""
        pointed_at = [row.data["fileId"] for row in self.portal.rows.values() if row.data["fileId"]]
        return sorted(self.media.kept) == sorted(pointed_at) and all(
            file.state is FileState.READY for file, *_ in self.media.kept.values()
        )


def change_of(document: Document, event_id: str = "", **fields: Any) -> Change:
    """The change that announces a document."""
    identifier = event_id or f"evt_{document.id}_{document.version}"
    return change(
        identifier,
        **{
            "type": "document.version_added",
            "subject": document.record,
            "version": document.version,
            "partnerId": None,
            **fields,
        },
    )
