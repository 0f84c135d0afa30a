"""The publisher: writes rows to the portal, and never overwrites a row with older data.

An unchanged row makes no Wix call, and a refused row is stored with Wix's reason.
``docs/adr/0002-no-stale-overwrite.md`` gives the reasons.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from itertools import batched, chain
from typing import Self

from gridwix.concurrency import map_in_order
from gridwix.errors import (
    BudgetExhausted,
    GridwixError,
    Refused,
    RowHeld,
    RowPaced,
    SourceBehind,
    Unavailable,
    UpstreamError,
)
from gridwix.mapping.wix_items import content_hash
from gridwix.models.ids import CollectionId
from gridwix.models.reports import Addable
from gridwix.models.wix import MAX_BULK_ITEMS, BulkOutcome, DataItem, Refusal
from gridwix.ports import Clock
from gridwix.publication.audiences import Audience, affected_audience, row_audience
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey, Versions
from gridwix.publication.ports import (
    SILENT_BELL,
    PortalBell,
    PortalCollections,
    PublicationLedger,
    RefusedItems,
)

MAX_SPLITS = 32
"""Maximum number of times that a refused bulk call is halved to isolate the row at fault."""

CHUNKS_IN_FLIGHT = 3
"""Number of chunks that are claimed, written and committed at the same time: the call budget grants
three calls a second. A chunk of 1,000 usual rows needs about 3 MB, request and response included;
one of large rows has requests of 4 MB."""


ABANDONED_AFTER = 15.0
"""Seconds after which a claim that was not released is taken for abandoned: nearly all bulk calls
end sooner."""

HELD = "another worker has claimed the row: it is written with the next delivery"

BEHIND = "the source returned an older version than it has announced: it is read again"

ROW_PACE = 1.0
"""Seconds between two writes of a row, for publishers of changes: Wix does not recommend to update
a data item more than once a second
(https://dev.wix.com/docs/rest/business-solutions/cms/data-items/introduction)."""


class Verdict(StrEnum):
    """The result of publishing one row. Every row has exactly one verdict."""

    UNCHANGED = "unchanged"
    WRITTEN = "written"
    REFUSED = "refused"
    DEFERRED = "deferred"


@dataclass(frozen=True)
class Projection:
    """A row as it should be, with the versions of the records that it was made from.

    ``item`` is None if the row should be removed. ``origin`` is the id of the event that led to it.
    """

    key: RowKey
    versions: Versions
    item: DataItem | None
    origin: str

    @cached_property
    def content_hash(self) -> str:
        """Hash of the content that the row should have; "" if the row should be removed."""
        return "" if self.item is None else content_hash(self.item)

    @cached_property
    def audience(self) -> Audience:
        """The partners that see the row; none if the row should be removed."""
        return row_audience(self.key.collection, self.item)


@dataclass(frozen=True, slots=True)
class RowReport(Addable):
    """Result of publishing rows: one verdict for each row.

    ``shown`` has, for each unchanged row, the versions of the records that it was made from.
    ``refusals`` have Wix's reason for each refused row. ``reasons`` have, for each deferred row,
    the error that says why the row has to wait and sets the delay of the retry.
    """

    verdicts: Mapping[RowKey, Verdict] = field(default_factory=dict)
    shown: Mapping[RowKey, Versions] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    reasons: Mapping[RowKey, GridwixError] = field(default_factory=dict)

    @classmethod
    def of_verdict(cls, verdict: Verdict, keys: Iterable[RowKey]) -> Self:
        """Return a report that gives all rows the same verdict, one that needs no reason.

        That is, unchanged or written.
        """
        return cls(verdicts=dict.fromkeys(keys, verdict))

    @classmethod
    def of_unchanged(cls, shown: Mapping[RowKey, Versions]) -> Self:
        """Return a report of unchanged rows, each with the record versions that it shows."""
        return cls(verdicts=dict.fromkeys(shown, Verdict.UNCHANGED), shown=shown)

    @classmethod
    def of_deferred(cls, reasons: Mapping[RowKey, GridwixError]) -> Self:
        """Return a report of deferred rows, each with the error because of which it has to wait."""
        return cls(verdicts=dict.fromkeys(reasons, Verdict.DEFERRED), reasons=reasons)

    @classmethod
    def of_refused(cls, refusals: Iterable[Refusal]) -> Self:
        """Return a report of rows that Wix refused, with Wix's reasons."""
        named = tuple(refusals)
        keys = [RowKey(refusal.collection, refusal.item_id) for refusal in named]
        return cls(verdicts=dict.fromkeys(keys, Verdict.REFUSED), refusals=named)

    def count(self, verdict: Verdict) -> int:
        """Return the number of rows with this verdict."""
        return sum(1 for given in self.verdicts.values() if given is verdict)


type _DueRow = tuple[Projection, LedgerEntry]
"""A projection that differs from its row's entry in the ledger."""


@dataclass(frozen=True, slots=True)
class _ClaimedRows:
    """Rows of one bulk call that a worker has tried to claim: only ``granted`` rows may be written.

    ``unsettled`` rows are those for which an earlier claim ended without a recorded result of its
    write. Wix may have refused that write, so the table of refusals may have an entry for such a
    row.
    """

    holder: str
    claims: Mapping[RowKey, Claim]
    granted: tuple[Projection, ...]
    unsettled: frozenset[RowKey]


class Publisher:
    """Writes rows as they should be to the portal, through the publication ledger. Idempotent.

    Guarantees, with any number of concurrent publishers:

    * A row is never overwritten with older data: it is written only if none of the records that it
      was made from is older than the version of that record in the row that Wix may hold already.
    * An unchanged row makes no Wix call.
    * Every row gets exactly one verdict: unchanged, written, refused or deferred.
    * A deferred row has lost nothing and can be published again.
    * The partners that saw a written row before, and those that see it now, are notified through
      ``bell`` at least once, unless the notification itself fails.

    Args:
        collections: The portal's collections.
        ledger: Stores, for each row, the record versions that were published, and which worker has
            claimed the row (a lease).
        refused_items: Store of items that Wix refuses.
        function: Name of the function, stored with refused items.
        clock: Current time in Unix seconds.
        bell: Notifies open pages of the portal of the rows that were written.
        hold: Duration of a claim in seconds. It has to exceed the time after which a worker is
            certainly dead plus the time for which Wix may still carry out its last request.
        pace: Least time in seconds between two writes of a row; 0 for none. The caller has to retry
            deferred rows.
        chunks_in_flight: Number of chunks that are written at the same time. The ports have to be
            safe for as many threads.
    """

    def __init__(
        self,
        *,
        collections: PortalCollections,
        ledger: PublicationLedger,
        refused_items: RefusedItems,
        function: str,
        clock: Clock,
        hold: float,
        bell: PortalBell = SILENT_BELL,
        pace: float = 0.0,
        chunks_in_flight: int = CHUNKS_IN_FLIGHT,
    ) -> None:
        self._collections = collections
        self._ledger = ledger
        self._refused_items = refused_items
        self._function = function
        self._clock = clock
        self._hold = hold
        self._bell = bell
        self._pace = pace
        self._chunks_in_flight = chunks_in_flight

    def waiting_rows(self, entries: Mapping[RowKey, LedgerEntry]) -> Mapping[RowKey, GridwixError]:
        """Return the rows that cannot be written yet, each with an error: the reason and the wait.

        A row has to wait in two cases. A worker has claimed it and not released the claim: the
        worker has died, or its write may still arrive. Or the row was written less than ``pace``
        seconds ago. The caller need not read the records of these rows.

        Args:
            entries: The ledger's entries of the rows.
        """
        return {**self._paced_rows(entries), **self._abandoned_rows(entries)}

    def _paced_rows(self, entries: Mapping[RowKey, LedgerEntry]) -> Mapping[RowKey, GridwixError]:
        now = self._clock()
        # A clock that differs shows writes of the future: those do not count.
        passed = {
            key: now - entry.written_at
            for key, entry in entries.items()
            if entry.written_at is not None
        }
        return {
            key: RowPaced(
                f"row {key.collection}/{key.item_id} was written {seconds:.1f} s ago: it waits",
                wait=self._pace - seconds,
            )
            for key, seconds in passed.items()
            if 0.0 <= seconds < self._pace
        }

    def _abandoned_rows(
        self, entries: Mapping[RowKey, LedgerEntry]
    ) -> Mapping[RowKey, GridwixError]:
        now = self._clock()
        # A clock that differs by more than that shows claims that began in the future, or have
        # expired: those are left to the claim itself.
        left = {
            key: entry.held_until - now
            for key, entry in entries.items()
            if entry.held_until is not None
        }
        return {
            key: RowHeld(HELD, wait=wait)
            for key, wait in left.items()
            if 0.0 < wait < self._hold - ABANDONED_AFTER
        }

    def publish(self, projections: Iterable[Projection]) -> RowReport:
        """Write the rows that have changed; return a verdict on each row.

        A projection is a row as it should be. If there are two for a row, such as of two records
        that claim it, one of them is deferred. The verdict is unchanged, written, refused or
        deferred. If a call to the publication ledger (the table of
        what was written), to Wix or to the store of refused items fails, only the rows of that call
        are deferred.
        """
        return RowReport.total(self.publish_stream(projections))

    def publish_stream(self, projections: Iterable[Projection]) -> Iterator[RowReport]:
        """Write the rows that changed, as :meth:`publish` does, for any number of rows.

        Yields partial reports, which add up to the report on all rows.

        ``projections`` are taken while earlier ones are written, so an iterator may read them. An
        error that the iterator raises is raised here, after the writes in flight have ended. The
        reports on these writes are lost, but their rows are written and recorded. The caller can
        publish all rows again: those that were written are then unchanged.
        """
        reports: list[RowReport] = []
        chunks = _bulk_chunks(self._due_rows(projections, reports))
        for written in map_in_order(self._publish_chunk, chunks, workers=self._chunks_in_flight):
            yield RowReport.total([*reports, written])
            reports.clear()
        yield RowReport.total(reports)

    def _due_rows(
        self, projections: Iterable[Projection], reports: list[RowReport]
    ) -> Iterator[_DueRow]:
        """Yield the rows to write now, each with its entry in the publication ledger.

        All other rows are added to ``reports``. A row that the ledger shows as written with the
        same content is unchanged. A row is deferred (to be published again) if it was made from
        outdated records, if it was written less than ``pace`` seconds ago, or if the ledger cannot
        be read.
        """
        # An iterator and no loop: a loop would hold a batch while the next one is read.
        return chain.from_iterable(
            map(
                partial(self._screen_batch, reports=reports),
                batched(projections, MAX_BULK_ITEMS, strict=False),
            )
        )

    def _screen_batch(
        self, batch: Sequence[Projection], reports: list[RowReport]
    ) -> Sequence[_DueRow]:
        try:
            entries = self._ledger.read_entries([projection.key for projection in batch])
        except UpstreamError as error:
            reports.append(RowReport.of_deferred({one.key: error for one in batch}))
            return ()
        due, report = _screen(batch, entries)
        reports.append(report)
        paced = self._paced_rows({one.key: entry for one, entry in due})
        if paced:
            reports.append(RowReport.of_deferred(paced))
        return [row for row in due if row[0].key not in paced]

    def _publish_chunk(self, rows: Sequence[_DueRow]) -> RowReport:
        """Claim the rows of one bulk call, and write the rows for which a claim was granted."""
        try:
            claimed = self._claim_rows(rows)
        except UpstreamError as error:
            return RowReport.of_deferred({projection.key: error for projection, _ in rows})
        granted = {projection.key for projection in claimed.granted}
        held = [projection.key for projection, _ in rows if projection.key not in granted]
        reports = [RowReport.of_deferred(dict.fromkeys(held, RowHeld(HELD)))]
        pending = [claimed.granted] if claimed.granted else []
        splits = 0
        while pending:
            part = pending.pop()
            try:
                outcome = self._call_wix(part)
            except Refused as error:
                if len(part) == 1:
                    refusal = Refusal(
                        part[0].key.collection,
                        part[0].key.item_id,
                        error.vendor_code or error.code,
                        f"HTTP {error.status}",
                    )
                    reports.append(
                        self._settle_rows(part, BulkOutcome(frozenset(), (refusal,)), claimed)
                    )
                elif splits < MAX_SPLITS:
                    # One row may spoil the whole call: halve it until that row stands alone.
                    splits += 1
                    pending += [part[len(part) // 2 :], part[: len(part) // 2]]
                else:
                    reports.append(self._defer_rows(part, error, claimed.holder))
            except (UpstreamError, BudgetExhausted) as error:
                reports.append(self._defer_rows(part, error, claimed.holder))
            else:
                reports.append(self._settle_rows(part, outcome, claimed))
        return RowReport.total(reports)

    def _claim_rows(self, rows: Sequence[_DueRow]) -> _ClaimedRows:
        holder = uuid.uuid4().hex
        claims = {
            p.key: Claim(
                p.key,
                entry.revision,
                p.versions.with_settled_of(entry.floor),
                affected_audience(entry.audience, p.audience, removed=p.item is None),
            )
            for p, entry in rows
        }
        now = self._clock()
        granted = self._ledger.claim(
            list(claims.values()), holder=holder, now=now, until=now + self._hold
        )
        return _ClaimedRows(
            holder,
            claims,
            granted=tuple(projection for projection, _ in rows if projection.key in granted),
            unsettled=frozenset(entry.key for _, entry in rows if entry.intended is not None),
        )

    def _call_wix(self, rows: Sequence[Projection]) -> BulkOutcome:
        """Make one bulk call to Wix for rows of one collection: save them all, or remove them all.

        All rows have an ``item`` (the content to save), or none has (the rows are to be removed).
        """
        collection = rows[0].key.collection
        items = [row.item for row in rows if row.item is not None]
        if items:
            return self._collections.bulk_save(collection, items)
        return self._collections.bulk_remove(collection, [row.key.item_id for row in rows])

    def _defer_rows(
        self, rows: Sequence[Projection], error: GridwixError, holder: str
    ) -> RowReport:
        keys = [row.key for row in rows]
        if not (isinstance(error, Unavailable) and error.ambiguous):
            # Nothing was written, so the claim is released at once. After an ambiguous response it
            # has to expire: the write may still arrive. So does one that cannot be released.
            with suppress(UpstreamError):
                self._ledger.release(keys, holder=holder)
        return RowReport.of_deferred(dict.fromkeys(keys, error))

    def _settle_rows(
        self, rows: Sequence[Projection], outcome: BulkOutcome, claimed: _ClaimedRows
    ) -> RowReport:
        """Notify open pages of the rows that Wix wrote, and record these writes in the ledger.

        Rows that Wix refused are put into the store of refused items. A row is deferred if its
        result cannot be recorded or stored: its claim stays until it expires, and then the row is
        written again.
        """
        done = [row for row in rows if row.key.item_id in outcome.written]
        self._announce_rows(done, claimed)
        try:
            written = self._commit_rows(done, claimed)
        except UpstreamError as error:
            written = RowReport.of_deferred({row.key: error for row in done})
        try:
            refused = self._store_refusals(outcome.refused, claimed.holder)
        except UpstreamError as error:
            refused = RowReport.of_deferred(
                {RowKey(one.collection, one.item_id): error for one in outcome.refused}
            )
        return written + refused

    def _announce_rows(self, done: Sequence[Projection], claimed: _ClaimedRows) -> None:
        # Before the commit: a row that is committed would not be written again, nor announced.
        audience = frozenset[str]().union(
            *(claimed.claims[row.key].audience or frozenset() for row in done)
        )
        if audience:
            self._bell.ring(done[0].key.collection, audience)

    def _commit_rows(self, done: Sequence[Projection], claimed: _ClaimedRows) -> RowReport:
        # Only a row with an unsettled intent can have been refused before, which spares the store
        # a call for all the others. It forgets the refusal before the commit: after it the row is
        # unchanged, and nobody would.
        self._refused_items.clear([row.key for row in done if row.key in claimed.unsettled])
        written_at = self._clock()
        recorded = self._ledger.commit(
            [
                Publication(
                    row.key,
                    claimed.claims[row.key].intended,
                    row.content_hash,
                    row.origin,
                    row.audience,
                    written_at,
                )
                for row in done
            ],
            holder=claimed.holder,
        )
        # Written but not recorded (the claim had expired): the retry settles the ledger entry.
        unrecorded = [row.key for row in done if row.key not in recorded]
        return RowReport.of_verdict(Verdict.WRITTEN, recorded) + RowReport.of_deferred(
            dict.fromkeys(unrecorded, RowHeld(HELD))
        )

    def _store_refusals(self, refusals: Sequence[Refusal], holder: str) -> RowReport:
        if refusals:
            self._refused_items.add(refusals, function=self._function, at=self._clock())
            self._ledger.release(
                [RowKey(refusal.collection, refusal.item_id) for refusal in refusals],
                holder=holder,
            )
        return RowReport.of_refused(refusals)


def _bulk_chunks(rows: Iterable[_DueRow]) -> Iterator[Sequence[_DueRow]]:
    """Yield rows in chunks, each for one bulk call: of one collection, and either saved or removed.

    A full chunk is yielded at once, incomplete ones at the end. No chunk has a row twice: a call
    with two items of one id fails as a whole. Of two chunks with the row, one does not get the
    claim.
    """
    waiting: dict[tuple[CollectionId, bool], dict[RowKey, _DueRow]] = {}
    for row in rows:
        projection, _ = row
        kind = (projection.key.collection, projection.item is None)
        if projection.key in waiting.get(kind, ()):
            yield list(waiting.pop(kind).values())
        chunk = waiting.setdefault(kind, {})
        chunk[projection.key] = row
        if len(chunk) == MAX_BULK_ITEMS:
            yield list(waiting.pop(kind).values())
    for chunk in waiting.values():
        yield list(chunk.values())


def _screen(
    projections: Iterable[Projection], entries: Mapping[RowKey, LedgerEntry]
) -> tuple[Sequence[_DueRow], RowReport]:
    """Compare rows as they should be with the publication ledger; return those that need a write.

    The report has all other rows: rows made from outdated records are deferred (to be published
    again), and rows that the ledger shows as written with the same content are unchanged.
    """
    due: list[_DueRow] = []
    stale: dict[RowKey, GridwixError] = {}
    unchanged: dict[RowKey, Versions] = {}
    for projection in projections:
        entry = entries.get(projection.key) or LedgerEntry(projection.key)
        if projection.versions.outdated_records(entry.floor):
            stale[projection.key] = SourceBehind(BEHIND)
        elif entry.intended is None and entry.content_hash == projection.content_hash:
            unchanged[projection.key] = entry.published
        else:
            due.append((projection, entry))
    return due, RowReport.of_unchanged(unchanged) + RowReport.of_deferred(stale)
