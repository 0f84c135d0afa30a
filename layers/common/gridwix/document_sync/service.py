"""Use case 5, from Trading Grid to the portal: publishes documents with their files.

Copies a file, switches the row to it once it is ready, and only then deletes the old file.

``docs/adr/0010-a-file-is-switched-to-when-it-is-there.md`` gives the reasons.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from gridwix.configuration.everything import Configuration
from gridwix.document_sync.affected import (
    AffectedDocuments,
    RequestedDocument,
    find_affected_documents,
)
from gridwix.document_sync.audiences import read_audiences
from gridwix.document_sync.files import DocumentFiles, FileSnapshot, SyncedFile
from gridwix.document_sync.ports import DocumentReader
from gridwix.document_sync.projection import project_row
from gridwix.document_sync.transfers import Transfer
from gridwix.errors import GridwixError, OutOfTime, SourceBehind
from gridwix.mapping.audiences import ResolvedAudiences
from gridwix.mapping.documents import has_audience
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.events import Change
from gridwix.models.trading_grid.documents import Document, DocumentVersion
from gridwix.models.wix import Refusal
from gridwix.ports import Clock
from gridwix.publication.audience_refreshes import AudienceRefreshes
from gridwix.publication.changes import ChangeReport, PreparedRows
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.publication.ports import PublicationLedger, RefusedItems
from gridwix.publication.publisher import Projection, Publisher, RowReport, Verdict


@dataclass(frozen=True, slots=True)
class DocumentReport(ChangeReport):
    """Result of a batch of changes: the results of rows and changes, and counts of files.

    Each portal row is written, unchanged, refused or deferred. ``copied`` counts the files copied
    to the portal, ``removed`` the files deleted there, and ``faults`` the refused files by the
    reason for which they were refused.
    """

    copied: int = 0
    removed: int = 0
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _SyncedDocument:
    """Result of reading one document and copying its file to the portal, if necessary.

    ``file`` is the result for the file. ``shown`` is None if the document's portal row has to be
    written now. If the published row can stay as it is, ``shown`` has the versions of the records
    that this row was made from.
    """

    key: RowKey
    document: Document
    versions: Sequence[DocumentVersion]
    file: SyncedFile
    shown: Versions | None


@dataclass(frozen=True, slots=True)
class _SyncedDocuments:
    """Result of reading several documents and copying their files, before any row is written.

    ``documents`` are those with portal rows that can be written now. ``report`` covers all other
    documents: those with rows that are current already, and those that are deferred because of an
    error.
    """

    documents: Sequence[_SyncedDocument]
    report: RowReport


class DocumentSync:
    """Publishes documents with their files.

    Guarantees, after a crash at any step and for any number of deliveries (idempotent): a row never
    points to a file that cannot be opened; a document has one current file, and its former files
    and unneeded copies are deleted; bytes that the portal has are not sent again.

    The media library is asked whether a row's file still exists only when a single document is
    resynced, as the reconciler requests it. Other changes, and the resync of a whole partner or of
    the shared library, do not ask for it.

    Args:
        source: Document library of Trading Grid.
        partners: All partners of the hub.
        files: Files of the media library.
        ledger: Publication ledger: the record versions from which each row was last published.
        publisher: Writes the rows.
        refreshes: Requests that audiences are resolved again after changes of partners.
        refused_items: Stores refused files for operators.
        configuration: Labels, sentences and audiences.
        clock: Unix seconds.
        at_once: Maximum number of documents that are read and copied in parallel.
    """

    def __init__(
        self,
        *,
        source: DocumentReader,
        partners: HubPartners,
        files: DocumentFiles,
        ledger: PublicationLedger,
        publisher: Publisher,
        refreshes: AudienceRefreshes,
        refused_items: RefusedItems,
        configuration: Configuration,
        clock: Clock,
        at_once: int = 5,
    ) -> None:
        self._source = source
        self._partners = partners
        self._files = files
        self._ledger = ledger
        self._publisher = publisher
        self._refreshes = refreshes
        self._refused_items = refused_items
        self._configuration = configuration
        self._clock = clock
        self._at_once = at_once

    def publish(
        self, changes: Sequence[Change], deadline: Deadline = NO_DEADLINE
    ) -> DocumentReport:
        """Publish the row of every document that the changes affect, and copy its file if needed.

        A row shows a file that is usable. A file that is not usable yet is shown later, by
        :meth:`resume_transfers`. If a change of a partner may change who sees shared documents,
        these are published later, too: this method requests an audience refresh, which arrives as a
        later change.

        Args:
            changes: The changes of a batch.
            deadline: Once it is near, further documents are deferred.

        Raises:
            UpstreamError: Data that all documents need cannot be read. Nothing was done.
        """
        gathered = self._refreshes.gather(changes)
        with self._refreshes.pass_of(changes):
            affected = find_affected_documents(changes, self._source)
            snapshot = self._files.load(
                [one.document_id for one in affected.documents],
                [one.document_id for one in affected.documents if one.recheck],
            )
            origin = changes[0].event_id if changes else ""
            report = self._sync(affected, snapshot, origin, deadline)
        return self._refreshes.settle_covered(changes, DocumentReport.total([gathered, report]))

    def resume_transfers(self, deadline: Deadline = NO_DEADLINE) -> DocumentReport:
        """Continue every unfinished file transfer: switch rows to ready files, delete old files.

        Once ``deadline`` is near, further documents are deferred. Raises UpstreamError or
        BudgetExhausted if the stored transfers or the media library cannot be read; nothing was
        done then.
        """
        snapshot = self._files.load_unfinished()
        affected = AffectedDocuments(
            [RequestedDocument(one, is_resumed=True) for one in snapshot.transfers]
        )
        return self._sync(affected, snapshot, "arrival", deadline)

    def _sync(
        self, affected: AffectedDocuments, snapshot: FileSnapshot, origin: str, deadline: Deadline
    ) -> DocumentReport:
        """Copy files, write rows, then delete the files that no row shows anymore."""
        synced = self._sync_documents(affected.documents, snapshot, deadline)
        published = self._publish_rows(synced.documents, origin)
        faults = self._store_faults(synced.documents)
        # A former file is deleted only if its row is known not to point to it.
        current = [
            one
            for one in synced.documents
            if published.verdicts.get(one.key) in (Verdict.WRITTEN, Verdict.UNCHANGED)
        ]
        removal = self._files.remove_replaced([one.file.transfer for one in current])
        unshown = self._files.give_up_rows(
            [
                (one.document, one.file.transfer)
                for one in synced.documents
                if published.verdicts.get(one.key) is Verdict.REFUSED
            ]
        )
        files = DocumentReport(
            copied=sum(one.file.copied for one in synced.documents),
            removed=removal.removed + unshown,
            faults=faults,
        )
        # Added last: a row whose former file is not deleted is deferred, although it was written.
        not_removed = {
            one.key: removal.failures[one.document_id]
            for one in affected.documents
            if one.document_id in removal.failures
        }
        return DocumentReport.total(
            [affected.report, synced.report, published, files, RowReport.of_deferred(not_removed)]
        )

    def _sync_documents(
        self, affected: Sequence[RequestedDocument], snapshot: FileSnapshot, deadline: Deadline
    ) -> _SyncedDocuments:
        """Read each document and bring its file on the portal up to date, several in parallel.

        An error defers its own document, and no other.
        """
        entries = self._ledger.read_entries([one.key for one in affected])

        def sync_one(one: RequestedDocument) -> _SyncedDocument | GridwixError | None:
            if deadline.is_near():
                return OutOfTime(
                    f"no time is left for {one.record}: its message returns to the queue"
                )
            try:
                with confine_to_record(one.record):
                    return self._sync_document(one, entries.get(one.key), snapshot)
            except GridwixError as error:
                return error

        documents: list[_SyncedDocument] = []
        unchanged: dict[RowKey, Versions] = {}
        deferred: dict[RowKey, GridwixError] = {}
        with ThreadPoolExecutor(self._at_once) as threads:
            for one, result in zip(affected, threads.map(sync_one, affected), strict=True):
                if result is None:
                    entry = entries.get(one.key) or LedgerEntry(one.key)
                    unchanged[one.key] = entry.published
                elif isinstance(result, GridwixError):
                    deferred[one.key] = result
                else:
                    documents.append(result)
        return _SyncedDocuments(
            documents, PreparedRows(unchanged=unchanged, deferred=deferred).report
        )

    def _sync_document(
        self, affected: RequestedDocument, entry: LedgerEntry | None, snapshot: FileSnapshot
    ) -> _SyncedDocument | None:
        """Read a document and bring its file on the portal up to date.

        Returns None if nothing is left to do: the row is current and the file transfer finished.
        Raises SourceBehind if Trading Grid returns an older version than a change announced, or
        than the one that the row was made from. Every GridwixError that it raises calls for a
        retry.
        """
        transfer = snapshot.transfers[affected.document_id]
        if _is_current(affected, entry, transfer):
            return None
        document = self._source.record(affected.record)
        # The publisher would keep an older row from the portal, but only after the file that
        # the newer row waits for, or shows, has been given up.
        known = entry.floor.version_of(affected.record) if entry is not None else 0
        if not isinstance(document, Document) or document.version < max(
            affected.minimum_version, known
        ):
            raise SourceBehind
        versions = self._source.versions(document) if document.deleted_at is None else ()
        file = self._files.sync_file(document, versions, transfer, snapshot.files)
        shown = _shared_row(entry, document, file.transfer) if affected.is_resumed else None
        return _SyncedDocument(affected.key, document, versions, file, shown)

    def _publish_rows(self, documents: Sequence[_SyncedDocument], origin: str) -> ChangeReport:
        """Write the rows of documents, and return the report on them.

        ``origin`` is the event id that the publication ledger records.
        """
        texts = Texts(self._configuration)
        unchanged = {one.key: one.shown for one in documents if one.shown is not None}
        changed = [one for one in documents if one.shown is None]
        audiences, failure = self._read_audiences(changed)
        projections: list[Projection] = []
        deferred: dict[RowKey, GridwixError] = {}
        for one in changed:
            if failure is not None and has_audience(one.document):
                deferred[one.key] = failure
                continue
            try:
                with confine_to_record(one.document.record):
                    row = project_row(
                        one.document,
                        one.versions,
                        one.file.transfer,
                        audiences=audiences,
                        texts=texts,
                    )
                    projections.append(Projection(one.key, row.versions, row.item, origin))
            except GridwixError as error:
                deferred[one.key] = error
        published = self._publisher.publish(projections)
        return (
            ChangeReport(unknown=Counter(texts.unknown))
            + RowReport.of_unchanged(unchanged)
            + RowReport.of_deferred(deferred)
            + published
        )

    def _read_audiences(
        self, documents: Sequence[_SyncedDocument]
    ) -> tuple[ResolvedAudiences[str], GridwixError | None]:
        """Return the partners that may see the documents, or the error of reading them.

        With an error, the documents that are for selected partners cannot be published now.
        """
        try:
            found = read_audiences(
                (one.document for one in documents), self._partners, self._configuration
            )
        except GridwixError as error:
            return ResolvedAudiences(), error
        return found, None

    def _store_faults(self, documents: Collection[_SyncedDocument]) -> Counter[str]:
        """Store each refused file for operators, and return the number of refused files by fault.

        The stored entry is a refused item, as for a row that Wix has refused. If the fault of a
        file is gone, its entry is removed.
        """
        faults = {one.key: one.file.transfer.fault for one in documents if one.file.transfer.fault}
        if faults:
            refusals = [
                Refusal(key.collection, key.item_id, fault, "the file was not taken over")
                for key, fault in faults.items()
            ]
            self._refused_items.add(refusals, function="document_sync", at=self._clock())
        if cleared := [one.key for one in documents if one.file.fault_cleared]:
            self._refused_items.clear(cleared)
        return Counter(faults.values())


def _is_current(affected: RequestedDocument, entry: LedgerEntry | None, transfer: Transfer) -> bool:
    """Return True if a document needs no work.

    That is so if its row has the announced version, and no file transfer or fault is left to retry.
    """
    if entry is None or entry.intended is not None or transfer.is_unfinished or transfer.fault:
        return False
    if transfer.leaving:
        # Wix has refused the row and taken a later one: that one shows none of these files.
        return False
    published = entry.published.version_of(affected.record)
    return not affected.reread and affected.minimum_version <= published


def _shared_row(
    entry: LedgerEntry | None, document: Document, transfer: Transfer
) -> Versions | None:
    """Return the record versions of a document's published row if the row can stay, else None.

    The row of a shared document for some partners can stay if it shows the current state of the
    file transfer. Then the list of all partners need not be read to find those that may see the
    document. Call it only to continue a file transfer: after a change of the document or of a
    partner, the row has to be made again.
    """
    if entry is None or entry.intended is not None or not has_audience(document):
        return None
    return entry.published if transfer.published == transfer.edition else None
