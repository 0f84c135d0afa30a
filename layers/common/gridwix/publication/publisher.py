"""Writing projections to the portal: newest wins, unchanged costs nothing, refused is named. ``docs/adr/0002-no-stale-overwrite.md`` gives the reasons."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import batched

from gridwix.errors import BudgetExhausted, GridwixError, Refused, RowHeld, SourceBehind, Unavailable, UpstreamError
from gridwix.mapping.wix_items import content_hash
from gridwix.models.ids import CollectionId
from gridwix.models.wix import MAX_BULK_ITEMS, BulkOutcome, DataItem, Refusal
from gridwix.ports import Clock
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey, Versions
from gridwix.publication.ports import PortalCollections, PublicationLedger, RefusedItems

MAX_SPLITS = 32
"""How often one bulk call that Wix refuses as a whole is halved in search of the row that spoils it."""


class Verdict(StrEnum):
    """What became of a row. The counts close: read = unchanged + written + refused + deferred."""

    UNCHANGED = "unchanged"
    WRITTEN = "written"
    REFUSED = "refused"
    DEFERRED = "deferred"


@dataclass(frozen=True)
class Projection:
    """What a row should be. ``item`` None: it should not be there. ``origin`` names the event that asked for it."""

    key: RowKey
    versions: Versions
    item: DataItem | None
    origin: str

    @cached_property
    def content_hash(self) -> str:
        return "" if self.item is None else content_hash(self.item)


@dataclass(slots=True)
class Report:
    """One verdict for each row; ``refusals`` with the reason of each refused one, and for each deferred one the error that says why and for how long."""

    verdicts: dict[RowKey, Verdict] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    reasons: dict[RowKey, GridwixError] = field(default_factory=dict)

    def put(self, keys: Iterable[RowKey], verdict: Verdict, reason: GridwixError | None = None) -> None:
        for key in keys:
            self.verdicts[key] = verdict
            if reason is not None:
                self.reasons[key] = reason

    def add(self, other: "Report") -> None:
        """Take over the verdicts of a report on other rows."""
        self.verdicts |= other.verdicts
        self.refusals += other.refusals
        self.reasons |= other.reasons

    def count(self, verdict: Verdict) -> int:
        return sum(1 for given in self.verdicts.values() if given is verdict)


class Publisher:
    """Brings the rows of a collection to their projections, through the publication ledger.

    Guaranteed, with any number of publishers at work: a projection is written only if no record behind it is older than in the newest projection that Wix may
    hold; an unchanged row makes no Wix call; every row gets exactly one verdict. What is deferred has changed nothing and can be delivered again.

    ``hold`` is how many seconds a claim runs. It must exceed the time after which a worker is certainly dead plus the time for which a request of a dead
    worker may still be carried out by Wix.
    """

    def __init__(
        self,
        collections: PortalCollections,
        ledger: PublicationLedger,
        refused_items: RefusedItems,
        *,
        function: str,
        clock: Clock,
        hold: float,
    ) -> None:
        self._collections = collections
        self._ledger = ledger
        self._refused_items = refused_items
        self._function = function
        self._clock = clock
        self._hold = hold

    def publish(self, projections: Sequence[Projection]) -> Report:
        """Write what has changed. The projections of one call are for distinct rows."""
        report = Report()
        entries = self._ledger.read([projection.key for projection in projections])
        changed = list(self._changed(projections, entries, report))
        for collection in dict.fromkeys(projection.key.collection for projection, _ in changed):
            rows = [row for row in changed if row[0].key.collection == collection]
            for removal in (False, True):
                for chunk in batched((row for row in rows if (row[0].item is None) is removal), MAX_BULK_ITEMS, strict=False):
                    self._publish_chunk(collection, chunk, report)
        return report

    def _changed(self, projections: Sequence[Projection], entries: Mapping[RowKey, LedgerEntry], report: Report) -> Iterator[tuple[Projection, LedgerEntry]]:
        for projection in projections:
            entry = entries.get(projection.key) or LedgerEntry(projection.key)
            if projection.versions.behind(entry.floor):
                report.put([projection.key], Verdict.DEFERRED, SourceBehind())
            elif entry.intended is None and entry.content_hash == projection.content_hash:
                report.put([projection.key], Verdict.UNCHANGED)
            else:
                yield projection, entry

    def _publish_chunk(self, collection: CollectionId, rows: Sequence[tuple[Projection, LedgerEntry]], report: Report) -> None:
        holder = uuid.uuid4().hex
        claims = {p.key: Claim(p.key, entry.revision, p.versions.remembering(entry.floor)) for p, entry in rows}
        now = self._clock()
        granted = self._ledger.claim(list(claims.values()), holder=holder, now=now, until=now + self._hold)
        report.put((p.key for p, _ in rows if p.key not in granted), Verdict.DEFERRED, RowHeld())
        unsettled = frozenset(entry.key for _, entry in rows if entry.intended is not None)
        pending = [[p for p, _ in rows if p.key in granted]]
        splits = 0
        while pending:
            part = pending.pop()
            if not part:
                continue
            try:
                outcome = self._call(collection, part)
            except Refused as error:
                if len(part) == 1:
                    outcome = BulkOutcome(frozenset(), (Refusal(collection, part[0].key.item_id, error.vendor_code or error.code, f"HTTP {error.status}"),))
                elif splits < MAX_SPLITS:
                    # One row may spoil the whole call: halve it until that row stands alone.
                    splits += 1
                    pending += [part[len(part) // 2 :], part[: len(part) // 2]]
                    continue
                else:
                    self._defer(part, error, holder, report)
                    continue
            except (UpstreamError, BudgetExhausted) as error:
                self._defer(part, error, holder, report)
                continue
            self._settle(part, outcome, claims, unsettled, holder, report)

    def _call(self, collection: CollectionId, rows: Sequence[Projection]) -> BulkOutcome:
        items = [row.item for row in rows if row.item is not None]
        if items:
            return self._collections.bulk_save(collection, items)
        return self._collections.bulk_remove(collection, [row.key.item_id for row in rows])

    def _defer(self, rows: Sequence[Projection], error: GridwixError, holder: str, report: Report) -> None:
        keys = [row.key for row in rows]
        if not (isinstance(error, Unavailable) and error.ambiguous):
            # Nothing was written, so nobody need wait for the claim to lapse. After an ambiguous answer everybody must: the write may still arrive.
            self._ledger.release(keys, holder=holder)
        report.put(keys, Verdict.DEFERRED, error)

    def _settle(
        self,
        rows: Sequence[Projection],
        outcome: BulkOutcome,
        claims: Mapping[RowKey, Claim],
        unsettled: frozenset[RowKey],
        holder: str,
        report: Report,
    ) -> None:
        done = [row for row in rows if row.key.item_id in outcome.written]
        publications = [Publication(row.key, claims[row.key].intended, row.content_hash, row.origin) for row in done]
        recorded = self._ledger.commit(publications, holder=holder)
        report.put(recorded, Verdict.WRITTEN)
        # Written but not recorded: delivered again, the row settles its entry.
        report.put((row.key for row in done if row.key not in recorded), Verdict.DEFERRED, RowHeld())
        # Only a row with an unsettled intent can have been refused before, so the store is not asked about every row.
        self._refused_items.clear([row.key for row in done if row.key in unsettled])
        if outcome.refused:
            refused = [RowKey(refusal.collection, refusal.item_id) for refusal in outcome.refused]
            self._refused_items.add(outcome.refused, function=self._function, at=self._clock())
            self._ledger.release(refused, holder=holder)
            report.put(refused, Verdict.REFUSED)
            report.refusals.extend(outcome.refused)
