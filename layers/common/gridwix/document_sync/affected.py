"""Determines the documents that are affected by a batch of changes, the events of Trading Grid."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gridwix.document_sync.ports import DocumentReader
from gridwix.errors import GridwixError, RecordFault
from gridwix.mapping.documents import has_audience
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.wix_items import item_id
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.trading_grid.documents import Approval, Document
from gridwix.publication.changes import ChangeReport, changes_by_resynced_partner
from gridwix.publication.models import RowKey
from gridwix.publication.partner_groups import read_in_groups

DOCUMENTS, APPROVALS = Document.COLLECTION, Approval.COLLECTION


@dataclass(frozen=True, slots=True)
class RequestedDocument:
    """A document to publish: a batch of changes affects it, or its file transfer is unfinished.

    ``minimum_version`` is the highest version of the document that a change announces; an older
    version of the document is not published. ``reread``: read the document even if its published
    row has that version. ``recheck``: check that the file that the row points to still exists on
    the portal, because a change requests that this one document is published again (resync).
    ``is_resumed``: no change affects the document, and only its file transfer is continued.
    """

    document_id: str
    minimum_version: int = 0
    reread: bool = True
    recheck: bool = False
    is_resumed: bool = False

    @property
    def record(self) -> str:
        """Name of the document's record in Trading Grid (``documents/id``)."""
        return f"{DOCUMENTS}/{self.document_id}"

    @property
    def key(self) -> RowKey:
        """Key of the document's row in ``PartnerDocuments``."""
        return document_row_key(self.document_id)


@dataclass(frozen=True, slots=True)
class AffectedDocuments:
    """The documents that a batch of changes affects.

    ``report`` has, for each change, the portal rows that must be published before the change is
    done. It also has the errors of changes that need an approval or a list of documents that cannot
    be read, and of rows with an unreadable document.
    """

    documents: Sequence[RequestedDocument]
    report: ChangeReport = field(default_factory=ChangeReport)


@dataclass(frozen=True, slots=True)
class _Link:
    """A pair of a change and a document that it affects.

    ``minimum_version`` is the document's version that the change announces; 0 if it announces none.
    """

    change: Change
    document_id: str
    minimum_version: int = 0


@dataclass(frozen=True, slots=True)
class _ListedDocuments:
    """The documents affected by a resync of a partner or of the hub, or by an audience refresh.

    These changes name no document, so the documents are found in lists that are read from Trading
    Grid. ``links`` has a pair for each change and each document that the change affects. ``faults``
    are the listed documents that cannot be read, each with the changes that have to be retried
    because of it. ``report`` has the changes that have to be retried because a whole list cannot be
    read.
    """

    links: Sequence[_Link]
    faults: Sequence[tuple[RecordFault, Sequence[Change]]]
    report: ChangeReport


def find_affected_documents(changes: Sequence[Change], source: DocumentReader) -> AffectedDocuments:
    """Return the documents that a batch of changes affects.

    A change names a document, names an approval of a document, or concerns all documents of a
    partner or of the shared library; such documents are found in lists, which this function reads.
    If a list, an approval or a listed document cannot be read, the changes that need it have its
    error in the report and are retried. No other change fails because of it.
    """
    links: list[_Link] = []
    invalid: dict[str, GridwixError] = {}
    for change in changes:
        if change.record.partition("/")[0] != APPROVALS:
            links += _links(change, change.record, change.version or 0)
            continue
        try:
            with confine_to_record(change.record):
                approval = source.record(change.record)
        except GridwixError as error:
            invalid[change.event_id] = error
        else:
            links += _links(
                change, (approval.document or "") if isinstance(approval, Approval) else ""
            )
    listed = _list_documents(changes, source)
    links += listed.links
    minimum_versions: dict[str, int] = {}
    for link in links:
        minimum_versions[link.document_id] = max(
            minimum_versions.get(link.document_id, 0), link.minimum_version
        )
    reports = [
        ChangeReport.for_changes(changes),
        ChangeReport(invalid=invalid),
        listed.report,
    ]
    reports += [
        ChangeReport.for_changes([link.change], [document_row_key(link.document_id)])
        for link in links
    ]
    for fault, waiting_changes in listed.faults:
        # A document that a change names is read by itself, which gives its own verdict.
        if (document_id := _document_id(fault.record)) not in minimum_versions:
            reports.append(
                ChangeReport.for_deferred(waiting_changes, document_row_key(document_id), fault)
            )
    recheck = frozenset(
        _document_id(change.record)
        for change in changes
        if change.is_record_resync and change.record.startswith(f"{DOCUMENTS}/")
    )
    # A known version says nothing about a lost file or an audience, so a resync and an audience
    # refresh read the document in any case.
    reread = recheck | {link.document_id for link in links if not link.minimum_version}
    documents = [
        RequestedDocument(
            document_id,
            minimum_version,
            reread=document_id in reread,
            recheck=document_id in recheck,
        )
        for document_id, minimum_version in minimum_versions.items()
    ]
    return AffectedDocuments(documents, ChangeReport.total(reports))


def document_row_key(document_id: str) -> RowKey:
    """Key of a document's row in the ``PartnerDocuments`` collection."""
    return RowKey(PARTNER_DOCUMENTS, item_id(document_id))


def _list_documents(changes: Sequence[Change], source: DocumentReader) -> _ListedDocuments:
    """List the documents affected by resyncs of partners or of the hub, and by audience refreshes.

    The resync of a partner affects all documents of the partner. The shared library has the
    documents that belong to no partner: a resync of the hub (the company that runs the network)
    affects all of them, an audience refresh those that only some partners may see.
    """
    links: list[_Link] = []
    faults: list[tuple[RecordFault, Sequence[Change]]] = []
    reports = []
    hub_changes = [
        change for change in changes if change.is_hub_resync or change.is_audience_refresh
    ]
    if hub_changes:
        try:
            shared = _list_shared_documents(source)
        except GridwixError as error:
            reports.append(ChangeReport.for_invalid(hub_changes, error))
        else:
            links += [
                link
                for document in shared.records
                for change in hub_changes
                # An audience refresh is for the documents that have an audience.
                if change.is_hub_resync or has_audience(document)
                for link in _links(change, document.record)
            ]
            faults += [(fault, hub_changes) for fault in shared.faults]
    wishes = changes_by_resynced_partner(changes)
    for group, listing in read_in_groups(sorted(wishes), source.documents_of):
        if isinstance(listing, GridwixError):
            asking = (change for partner_id in group for change in wishes[partner_id])
            reports.append(ChangeReport.for_invalid(asking, listing))
            continue
        links += [
            link
            for document in listing.records
            if document.partner_id is not None
            for change in wishes[document.partner_id]
            for link in _links(change, document.record)
        ]
        faults += [(fault, wishes[PartnerId(fault.owner)]) for fault in listing.faults]
    return _ListedDocuments(links, faults, ChangeReport.total(reports))


def _list_shared_documents(source: DocumentReader) -> Listing[Document]:
    """List the documents of the shared library, which belong to no partner.

    The ``faults`` of the listing are unreadable documents without a known owner, which may belong
    to the library. Documents of partners are left out page by page, as there may be more of them
    than fit into memory.
    """
    records: dict[str, Document] = {}
    faults: list[RecordFault] = []
    for page in source.document_pages():
        records |= {one.id: one for one in page.records if one.partner_id is None}
        faults += [fault for fault in page.faults if not fault.owner]
    return Listing(list(records.values()), faults)


def _links(change: Change, record: str, minimum_version: int = 0) -> Sequence[_Link]:
    """Pair a change with the document ``record``; empty if the record is no document.

    ``record`` is ``collection/id``. ``minimum_version`` is the document's version that the change
    announces; 0 if it announces none.
    """
    collection, _, document_id = record.partition("/")
    return [_Link(change, document_id, minimum_version)] if collection == DOCUMENTS else []


def _document_id(record: str) -> str:
    return record.partition("/")[2]
