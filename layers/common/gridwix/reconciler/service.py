"""The full comparison of a collection with its source, page by page. ``docs/functions/reconciler.md`` tells the whole story.

A run is a chain of pages, each begun by a message and ended by the message for the next. It lists the source's keys, compares them with the portal's rows range
by range, and removes what should not be there last, when the mass-delete guard has seen everything; nor are lost files copied anew before. Whatever is
interrupted is done again from its message.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from gridwix.errors import ConfigurationError, CursorExpired, RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.reconciliation import (
    MAX_NAMED,
    DriftReport,
    FullPage,
    GuardReason,
    NamedRows,
    PageRecord,
    Phase,
    RemovalRecord,
    RowFinding,
    RowVerdict,
    RunRequest,
)
from gridwix.models.wix import DataItem
from gridwix.ports import Clock
from gridwix.publication.drift import DeleteGuard, Judge, compare, with_lost_files
from gridwix.publication.models import Claim, LedgerEntry, RowKey, Versions
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.publisher import Projection, Publisher, Verdict
from gridwix.publication.reconciled import OF_ONE_RECORD, ROWS_PER_QUERY, Continuation, Expected, PortalRows, ReconciledCollection, RunDocuments
from gridwix.reconciler.checkpoints import Checkpoints

LISTED_PER_PAGE = 20
"""Pages of the source's list that one message reads."""

REMOVALS_PER_PAGE = 100
"""Extra rows that one message looks up and removes: the source is asked about each by itself. As many rows have their lost files copied anew."""

MAX_RESTARTS = 3
"""How often the source's list may expire under a run."""

DISTRUST_SECONDS = 30.0
"""For how long a row stays held if the reconciler dies between the two halves of distrusting it."""


@dataclass(slots=True)
class PageReport:
    """What one page did. ``record_faults`` are records that cannot be mapped, so that their rows stand as they are. ``report`` is the drift report with which
    the page ended its collection; ``repeated`` says that the page had been done before."""

    compared: int = 0
    drifted: int = 0
    missing: int = 0
    extra: int = 0
    unsettled: int = 0
    lost: int = 0
    repaired: int = 0
    record_faults: Sequence[RecordFault] = ()
    report: DriftReport | None = None
    repeated: bool = False


class Reconciler:
    """Compares collections with their source and has what differs published anew.

    Guaranteed: a row that is equal is neither written nor asked about; a row is removed only after the guard has seen the whole collection and the source,
    asked for it alone, does not know it or has deleted it; a lost file is copied anew only after the guard has seen the whole collection; a page that is
    handled again, at any point and any number of times, does no harm; a dry run changes nothing on the portal, in the ledger or on the bus. Reading costs one
    call to Wix per page, and one more where its rows point to files.
    """

    def __init__(
        self,
        collections: Sequence[ReconciledCollection],
        rows: PortalRows,
        ledger: PublicationLedger,
        publisher: Publisher,
        documents: RunDocuments,
        continuation: Continuation,
        *,
        guard: DeleteGuard,
        clock: Clock,
        rows_per_page: int = 500,
    ) -> None:
        self._collections = {collection.name: collection for collection in collections}
        self._rows = rows
        self._ledger = ledger
        self._publisher = publisher
        self._run = Checkpoints(documents)
        self._continuation = continuation
        self._guard = guard
        self._clock = clock
        self._rows_per_page = min(rows_per_page, ROWS_PER_QUERY)

    @property
    def collections(self) -> Sequence[CollectionId]:
        """What a run compares that names no collection, in this order."""
        return list(self._collections)

    def first_page(self, request: RunRequest, *, run: str, begun: datetime) -> FullPage:
        """The page with which a requested run begins. Raises ConfigurationError for a collection that is not reconciled here."""
        names = list(self._collections) if request.collection is None else [request.collection]
        self._collection(names[0])
        return FullPage(run=run, begun=begun, collection=names[0], waiting=tuple(names[1:]), dry_run=request.dry_run, accept_shrink=request.accept_shrink)

    def handle(self, page: FullPage) -> PageReport:
        """Do one page and send the next. Raises UpstreamError or BudgetExhausted; the page is then to be handled again."""
        collection = self._collection(page.collection)
        match page.phase:
            case Phase.LIST:
                return self._list(page, collection)
            case Phase.COMPARE:
                return self._compare(page, collection)
            case Phase.REMOVE:
                return self._remove(page, collection)

    def _collection(self, name: CollectionId) -> ReconciledCollection:
        if name not in self._collections:
            raise ConfigurationError(f"collection {name} is not reconciled")
        return self._collections[name]

    def _list(self, page: FullPage, collection: ReconciledCollection) -> PageReport:
        listed: list[str] = []
        cursor = page.cursor
        try:
            for _ in range(LISTED_PER_PAGE):
                keys, cursor = collection.keys(cursor)
                listed += keys
                if cursor is None:
                    break
        except CursorExpired:
            if page.restarts >= MAX_RESTARTS:
                raise
            self._continuation.send(page.model_copy(update={"page": 0, "cursor": None, "parts": 0, "restarts": page.restarts + 1}))
            return PageReport()
        self._run.keep_keys(page, listed)
        following: dict[str, Any] = {"parts": page.parts + 1, "page": page.page + 1, "cursor": cursor}
        if cursor is None:
            following |= {"phase": Phase.COMPARE, "page": 0}
        self._continuation.send(page.model_copy(update=following))
        return PageReport()

    def _compare(self, page: FullPage, collection: ReconciledCollection) -> PageReport:
        earlier = self._run.compared(page, page.page)
        if earlier is not None and earlier.done:
            return PageReport(repeated=True)
        keys = self._run.keys(page, collection.item_id)
        shown, wanted, end = self._range(page.cursor, keys, collection)
        answers = collection.expected([keys[identifier] for identifier in wanted])
        expected = {key: answer for key, answer in answers.items() if isinstance(answer, Expected)}
        faults = [answer for answer in answers.values() if isinstance(answer, RecordFault)]
        entries = self._ledger.read([RowKey(collection.name, identifier) for identifier in wanted])
        busy = {key.item_id for key, entry in entries.items() if entry.held_until is not None and entry.held_until > self._clock()}
        behind = {
            identifier
            for identifier in wanted
            if (answer := expected.get(keys[identifier])) is not None and (entry := entries.get(RowKey(collection.name, identifier))) is not None
            if answer.versions.behind(entry.floor)
        }
        unanswered = {identifier for identifier in wanted if keys[identifier] not in expected}
        items = {identifier: None if identifier in unanswered else expected[keys[identifier]].item for identifier in wanted}
        lost = {identifier for identifier in wanted if (answer := expected.get(keys[identifier])) is not None and answer.file_lost}
        verdicts = with_lost_files(compare(items, shown, busy | behind | unanswered, _confined(collection, faults)), lost)
        findings = tuple(
            RowFinding(id=identifier, verdict=verdict, key=keys.get(identifier) or _key_of(shown[identifier], collection))
            for identifier, verdict in sorted(verdicts.items())
            if verdict is not RowVerdict.EQUAL
        )
        found = PageRecord(rows=len(verdicts), shown=len(shown), findings=findings)
        record = found if earlier is None else found.merge(earlier)
        self._run.keep(page, record)
        repairs = {f.id: f.key for f in findings if f.verdict in (RowVerdict.DRIFTED, RowVerdict.MISSING)}
        if not page.dry_run:
            # What the ledger knows to be newer than the answer is read again by the publisher, record by record.
            self._repair({**repairs, **{identifier: keys[identifier] for identifier in sorted(behind - busy)}}, collection, page.run)
        following = {"page": page.page + 1, "cursor": end} if end is not None else {"phase": Phase.REMOVE, "page": 0, "cursor": None, "compared": page.page + 1}
        self._continuation.send(page.model_copy(update=following))
        self._run.keep(page, record, done=True)
        return PageReport(
            compared=found.rows,
            drifted=found.count(RowVerdict.DRIFTED),
            missing=found.count(RowVerdict.MISSING),
            extra=found.count(RowVerdict.EXTRA),
            unsettled=found.count(RowVerdict.UNSETTLED),
            lost=found.count(RowVerdict.LOST),
            repaired=0 if page.dry_run else len(repairs),
            record_faults=faults,
        )

    def _range(
        self, after: str | None, keys: Mapping[WixItemId, str], collection: ReconciledCollection
    ) -> tuple[Mapping[WixItemId, DataItem], Sequence[WixItemId], str | None]:
        """The portal's rows and the listed rows of the next range of ids, and where it ends; None if it is the last."""
        ahead = sorted(identifier for identifier in keys if after is None or identifier > after)
        wanted = ahead[: min(self._rows_per_page, collection.most_rows)]
        end = wanted[-1] if len(ahead) > len(wanted) else None
        bounds = {operator: value for operator, value in (("$gt", after), ("$lte", end)) if value is not None}
        rows = self._rows.query_items(collection.name, filter={"_id": bounds} if bounds else {}, sort=(("_id", "ASC"),), limit=ROWS_PER_QUERY, offset=0)
        found = rows.items
        if rows.size == ROWS_PER_QUERY and found and found[-1].id != end:
            # There may be more rows in the range than Wix gives at once.
            end = found[-1].id
            wanted = [identifier for identifier in wanted if identifier <= end]
        return {item.id: item for item in found}, wanted, end

    def _repair(self, rows: Mapping[WixItemId, str | None], collection: ReconciledCollection, run: str) -> None:
        """Have these rows, by their keys, published whatever the ledger believes of them. A row of nobody's key is beyond repair."""
        known = {identifier: key for identifier, key in rows.items() if key is not None}
        if known:
            self._distrust([RowKey(collection.name, identifier) for identifier in known])
            collection.request(list(known.values()), run)

    def _distrust(self, keys: Sequence[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        """Have the ledger no longer believe that Wix holds what was published, as after a write whose answer was lost: the next publication writes the row.

        That is a claim of what the ledger has, let go at once. A row that somebody is writing is left to them. Returns the entries from before.
        """
        entries = self._ledger.read(keys)
        claims = [Claim(key, entry.revision, entry.floor) for key in dict.fromkeys(keys) if (entry := entries.get(key) or LedgerEntry(key)).intended is None]
        holder, now = uuid.uuid4().hex, self._clock()
        self._ledger.release(self._ledger.claim(claims, holder=holder, now=now, until=now + DISTRUST_SECONDS), holder=holder)
        return entries

    def _remove(self, page: FullPage, collection: ReconciledCollection) -> PageReport:
        removal = self._run.removed(page, page.page)
        if removal is not None and removal.done:
            return PageReport(repeated=True)
        records = [record for number in range(page.compared) if (record := self._run.compared(page, number)) is not None]
        extra, lost = _found(records, RowVerdict.EXTRA), _found(records, RowVerdict.LOST)
        listed, before = len(self._run.keys(page, collection.item_id)), self._run.baseline(page)
        shown = sum(record.shown for record in records)
        reason = None if page.accept_shrink else self._guard.reason(listed=listed, before=before, extra=len(extra), shown=shown)
        files_reason = None if page.accept_shrink else self._guard.files_reason(lost=len(lost), shown=shown)
        outcome = PageReport()
        removal, due = RemovalRecord(), slice(page.page * REMOVALS_PER_PAGE, (page.page + 1) * REMOVALS_PER_PAGE)
        going = extra if reason is None and not page.dry_run else []
        coming = lost if files_reason is None and not page.dry_run else []
        self._repair({f.id: f.key for f in coming[due]}, collection, page.run)
        if going:
            removal = self._remove_rows(going[due], collection, page.run)
            self._run.keep(page, removal)
        outcome.repaired = len(removal.removed) + len(coming[due])
        if max(len(going), len(coming)) > due.stop:
            self._continuation.send(page.model_copy(update={"page": page.page + 1}))
        else:
            outcome.report = self._finish(page, records, listed, before, reason, files_reason)
        self._run.keep(page, removal, done=True)
        return outcome

    def _remove_rows(self, findings: Sequence[RowFinding], collection: ReconciledCollection, run: str) -> RemovalRecord:
        """Remove those rows that the source, asked for each alone, does not stand behind. Raises the reason if one has to wait."""
        living = {finding.id: finding.key for finding in findings if finding.key is not None and _lives(collection, finding.key)}
        if living:
            collection.request(list(living.values()), run)
        going = [RowKey(collection.name, finding.id) for finding in findings if finding.id not in living]
        entries = self._distrust(going)
        report = self._publisher.publish([Projection(key, _settled(entries.get(key)), None, run) for key in going])
        for waiting in report.reasons.values():
            raise waiting
        return RemovalRecord(removed=tuple(key.item_id for key in going if report.verdicts[key] is Verdict.WRITTEN), kept=tuple(living))

    def _finish(
        self,
        page: FullPage,
        records: Sequence[PageRecord],
        listed: int,
        before: int | None,
        reason: GuardReason | None,
        files_reason: GuardReason | None,
    ) -> DriftReport:
        removals = [removal for number in range(page.page + 1) if (removal := self._run.removed(page, number)) is not None]
        removed = [identifier for removal in removals for identifier in removal.removed]
        kept = [identifier for removal in removals for identifier in removal.kept]
        counts = {verdict: sum(record.count(verdict) for record in records) for verdict in RowVerdict}
        copies = counts[RowVerdict.LOST] if files_reason is None else 0
        repairs = 0 if page.dry_run else counts[RowVerdict.DRIFTED] + counts[RowVerdict.MISSING] + copies + len(removed)
        report = DriftReport(
            run=page.run,
            collection=page.collection,
            begun=page.begun,
            finished=datetime.fromtimestamp(self._clock(), UTC),
            dry_run=page.dry_run,
            listed=listed,
            previously_listed=before,
            rows=sum(record.rows for record in records),
            **{verdict.value: number for verdict, number in counts.items()},
            removed=len(removed),
            kept=len(kept),
            repaired=repairs,
            guard=reason or files_reason,
            ids=NamedRows(
                drifted=_named(records, RowVerdict.DRIFTED),
                missing=_named(records, RowVerdict.MISSING),
                extra=_named(records, RowVerdict.EXTRA),
                unsettled=_named(records, RowVerdict.UNSETTLED),
                lost=_named(records, RowVerdict.LOST),
                removed=tuple(removed[:MAX_NAMED]),
                kept=tuple(kept[:MAX_NAMED]),
            ),
        )
        self._run.keep_report(page, report)
        if reason is None and not page.dry_run:
            self._run.keep_baseline(page, listed)
        if page.waiting:
            first, *waiting = page.waiting
            following = FullPage(
                run=page.run, begun=page.begun, collection=first, waiting=tuple(waiting), dry_run=page.dry_run, accept_shrink=page.accept_shrink
            )
            self._continuation.send(following)
        return report


def _key_of(item: DataItem, collection: ReconciledCollection) -> str | None:
    key = collection.key_of(item)
    return key if key is not None and collection.item_id(key) == item.id else None


def _settled(entry: LedgerEntry | None) -> Versions:
    """The versions of a row that goes since the source no longer knows what stands behind it: all records that it was made from are settled."""
    if entry is None:
        return Versions()
    return Versions(settled={**entry.floor.settled, **entry.floor.live})


def _lives(collection: ReconciledCollection, key: str) -> bool:
    """Whether the source stands behind a row. It does so with a record that cannot be read, too."""
    try:
        return collection.lives(key)
    except (RecordFault, *OF_ONE_RECORD):
        return True


def _confined(collection: ReconciledCollection, faults: list[RecordFault]) -> Judge:
    """The collection's verdict; a row that it cannot judge, whatever it holds, is unsettled and named among ``faults``."""

    def judge(expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        row = expected or shown
        try:
            with confine_to_record(f"{collection.name}/{row.id if row else '?'}"):
                return collection.verdict(expected, shown)
        except RecordFault as fault:
            faults.append(fault)
            return RowVerdict.UNSETTLED

    return judge


def _found(records: Sequence[PageRecord], verdict: RowVerdict) -> Sequence[RowFinding]:
    return sorted((finding for record in records for finding in record.findings if finding.verdict is verdict), key=lambda finding: finding.id)


def _named(records: Sequence[PageRecord], verdict: RowVerdict) -> tuple[WixItemId, ...]:
    return tuple(islice((finding.id for record in records for finding in record.findings if finding.verdict is verdict), MAX_NAMED))
