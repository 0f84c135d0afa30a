"""Use case 5, from Trading Grid to the portal: a document's file is brought over, its row goes over to it when it is there, and only then the old file goes.

``docs/adr/0010-a-file-is-switched-to-when-it-is-there.md`` gives the reasons.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from gridwix.configuration.everything import Configuration
from gridwix.document_sync.files import DocumentFiles, Standing
from gridwix.document_sync.ports import DocumentReader
from gridwix.document_sync.projection import document_row, wanted_version
from gridwix.document_sync.transfers import Transfer
from gridwix.errors import GridwixError, OutOfTime, SourceBehind
from gridwix.mapping.audiences import AUDIENCE_RECORD, audience_partner_ids, audience_version
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.events import Change
from gridwix.models.files import MediaFile
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.trading_grid.documents import Approval, Document, DocumentVersion
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.wix import Refusal
from gridwix.ports import Clock
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.publication.ports import PublicationLedger, RefusedItems
from gridwix.publication.publisher import Projection, Publisher, Verdict

DOCUMENTS, APPROVALS = Document.COLLECTION, Approval.COLLECTION

AUDIENCE_EVENTS = frozenset({"partner.created", "partner.updated", "partner.status_changed"})

CLOCK_SKEW = 300.0
"""Seconds by which the portal's clock may differ from ours."""


@dataclass(slots=True)
class DocumentReport(ChangeReport):
    """A report that also counts what became of files: ``copied`` to the portal, ``removed`` there, and by their faults those that could not be taken over."""

    copied: int = 0
    removed: int = 0
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document whose row can be written, by how its file stands."""

    document: Document
    versions: Sequence[DocumentVersion]
    standing: Standing

    @property
    def key(self) -> RowKey:
        return row_key(self.document.id)


class DocumentSync:
    """Brings the files and rows of documents up to date.

    Guaranteed, whoever dies at whatever step and however often a message comes: a row never points at a file that is not usable; there is one current file
    for each document, and the files that came before, or came for nothing, are removed; bytes that are there already are not sent again.

    Whether the file that a row shows is still there is asked for each document that is to be read anew by itself, as the reconciler has it done; not with every
    change, nor when everything is read anew.

    ``at_once`` documents are read and copied at a time: a batch of ten takes two rounds.
    """

    def __init__(
        self,
        source: DocumentReader,
        files: DocumentFiles,
        ledger: PublicationLedger,
        publisher: Publisher,
        refused_items: RefusedItems,
        configuration: Configuration,
        *,
        clock: Clock,
        at_once: int = 5,
    ) -> None:
        self._source = source
        self._files = files
        self._ledger = ledger
        self._publisher = publisher
        self._refused_items = refused_items
        self._configuration = configuration
        self._clock = clock
        self._at_once = at_once

    def publish(self, changes: Sequence[Change], deadline: Deadline = NO_DEADLINE) -> DocumentReport:
        """Bring every document that the changes speak of up to date, as far as its file is there; the rest is done by :meth:`arrive`.

        A document with which there is no time to begin (``deadline``) is deferred. Raises UpstreamError if what all of them need cannot be read; then nothing
        was done.
        """
        report = DocumentReport()
        least = self._named(changes, report)
        doubted = {change.record.partition("/")[2] for change in changes if change.is_record_resync and change.record.startswith(f"{DOCUMENTS}/")}
        self._bring(least, changes[0].event_id if changes else "", deadline, report, doubted)
        return report

    def arrive(self, deadline: Deadline = NO_DEADLINE) -> DocumentReport:
        """Go on with every document whose file was on its way, or whose former file is still there. Raises UpstreamError as :meth:`publish` does."""
        report = DocumentReport()
        self._bring(dict.fromkeys(self._files.waiting(), 0), "arrival", deadline, report)
        return report

    def _named(self, changes: Sequence[Change], report: DocumentReport) -> dict[str, int]:
        """The documents that the changes speak of, by id, with the least version of each."""
        least: dict[str, int] = {}

        def speaks_of(change: Change, record: str, version: int = 0) -> None:
            collection, _, identifier = record.partition("/")
            if collection == DOCUMENTS:
                least[identifier] = max(least.get(identifier, 0), version)
                report.speaks_of(change, row_key(identifier))

        for change in changes:
            report.speaks_of(change)
            if change.record.partition("/")[0] != APPROVALS:
                speaks_of(change, change.record, change.version or 0)
                continue
            try:
                with confine_to_record(change.record):
                    approval = self._source.record(change.record)
            except GridwixError as error:
                report.invalid[change.event_id] = error
            else:
                speaks_of(change, (approval.document or "") if isinstance(approval, Approval) else "")
        self._name_listed(changes, least, speaks_of, report)
        return least

    def _name_listed(self, changes: Sequence[Change], least: Mapping[str, int], speaks_of: Callable[[Change, str], None], report: DocumentReport) -> None:
        """The documents that are to be looked at although no change names them. A change is not done while one that it asks for cannot be read."""
        wide = [change for change in changes if change.is_hub_resync or change.type in AUDIENCE_EVENTS]
        of_all = self._source.documents() if wide else Listing[Document]()
        for document in of_all.records:
            for change in wide:
                if change.is_hub_resync or _is_for_some(document):
                    speaks_of(change, document.record)
        owners = {change.resync_partner_id for change in changes if change.resync_partner_id is not None}
        of_partners = self._source.documents_of(sorted(owners)) if owners else Listing[Document]()
        for document in of_partners.records:
            for change in changes:
                if change.resync_partner_id == document.partner_id:
                    speaks_of(change, document.record)
        for fault in of_all.faults:
            if (identifier := fault.record.partition("/")[2]) not in least:
                report.defer_for(wide, row_key(identifier), fault)
        for fault in of_partners.faults:
            if (identifier := fault.record.partition("/")[2]) not in least:
                report.defer_for([change for change in changes if change.resync_partner_id == fault.owner], row_key(identifier), fault)

    def _bring(self, least: Mapping[str, int], origin: str, deadline: Deadline, report: DocumentReport, doubted: Collection[str] = frozenset()) -> None:
        transfers = self._files.read(least)
        entries = self._ledger.read([row_key(identifier) for identifier in least])
        files = self._files.standing(transfers.values(), doubted)

        def prepare(identifier: str) -> Prepared | GridwixError | None:
            if deadline.is_near():
                return OutOfTime()
            try:
                with confine_to_record(f"{DOCUMENTS}/{identifier}"):
                    return self._prepare(transfers[identifier], 0 if identifier in doubted else least[identifier], entries.get(row_key(identifier)), files)
            except GridwixError as error:
                return error

        prepared: list[Prepared] = []
        with ThreadPoolExecutor(self._at_once) as threads:
            for identifier, outcome in zip(least, threads.map(prepare, least), strict=True):
                if outcome is None:
                    report.put([row_key(identifier)], Verdict.UNCHANGED)
                elif isinstance(outcome, GridwixError):
                    report.put([row_key(identifier)], Verdict.DEFERRED, outcome)
                else:
                    prepared.append(outcome)
        self._publish(prepared, origin, report)

    def _publish(self, prepared: Sequence[Prepared], origin: str, report: DocumentReport) -> None:
        texts = Texts(self._configuration)
        partners = self._source.every_partner().records if any(_is_for_some(one.document) for one in prepared) else ()
        projections = []
        for one in prepared:
            try:
                with confine_to_record(one.document.record):
                    projections.append(self._projection(one, partners, texts, origin))
            except GridwixError as error:
                report.put([one.key], Verdict.DEFERRED, error)
        published = self._publisher.publish(projections)
        report.add(published)
        report.unknown += texts.unknown
        report.copied += sum(one.standing.copied for one in prepared)
        self._name_faults(prepared, report)
        self._settle([one for one in prepared if published.verdicts.get(one.key) in (Verdict.WRITTEN, Verdict.UNCHANGED)], report)

    def _prepare(self, transfer: Transfer, least: int, entry: LedgerEntry | None, files: Mapping[str, MediaFile]) -> Prepared | None:
        """Read a document and have its file brought over if it is not there. None: the portal shows it already, and nothing is on its way.

        Raises GridwixError if it is to be tried again.
        """
        record = f"{DOCUMENTS}/{transfer.document_id}"
        if entry and entry.intended is None and 0 < least <= entry.published.of(record) and not transfer.waits and not transfer.fault:
            return None
        document = self._source.record(record)
        if not isinstance(document, Document) or document.version < least:
            raise SourceBehind
        versions = self._source.versions(document) if document.deleted_at is None else ()
        version = wanted_version(document, versions, transfer.shown)
        return Prepared(document, versions, self._files.bring(transfer, document, version, files))

    def _projection(self, one: Prepared, partners: Sequence[Partner], texts: Texts, origin: str) -> Projection:
        document, standing = one.document, one.standing
        allowed = allowed_partners(document, partners, self._configuration.audiences.regions)
        row = document_row(document, one.versions, standing.transfer.shown, standing.transfer.fault, allowed, texts)
        return Projection(one.key, row_versions(document, standing.transfer, partners), None if row is None else data_item(document.id, row), origin)

    def _name_faults(self, prepared: Sequence[Prepared], report: DocumentReport) -> None:
        """Keep which files could not be taken over where operators look for what was refused."""
        faults = {one.key: one.standing.transfer.fault for one in prepared if one.standing.transfer.fault}
        report.faults.update(faults.values())
        if faults:
            refusals = [Refusal(key.collection, key.item_id, fault, "the file was not taken over") for key, fault in faults.items()]
            self._refused_items.add(refusals, function="document_sync", at=self._clock())
        if mended := [one.key for one in prepared if one.standing.mended]:
            self._refused_items.clear(mended)

    def _settle(self, prepared: Sequence[Prepared], report: DocumentReport) -> None:
        report.removed, failures = self._files.settle([one.standing for one in prepared])
        for document_id, error in failures.items():
            report.put([row_key(document_id)], Verdict.DEFERRED, error)


def row_key(document_id: str) -> RowKey:
    """The row of a document in the ``PartnerDocuments`` collection."""
    return RowKey(PARTNER_DOCUMENTS, item_id(document_id))


def allowed_partners(document: Document, partners: Iterable[Partner], regions: Mapping[str, Collection[str]]) -> Sequence[PartnerId]:
    """Who may see a document that is not for everybody. ``partners`` are all there are, if it is for some."""
    if _is_for_some(document):
        return audience_partner_ids(document.audience, partners, regions)
    return (document.partner_id,) if document.partner_id else ()


def row_versions(document: Document, transfer: Transfer, partners: Iterable[Partner]) -> Versions:
    """The versions behind a document's row."""
    live = {document.record: document.version, transfer.record: transfer.edition}
    return Versions(live=live | {AUDIENCE_RECORD: audience_version(partners)} if _is_for_some(document) else live)


def _is_for_some(document: Document) -> bool:
    """Whether a document of the shared library is not for everybody."""
    return document.partner_id is None and not document.audience.all
