"""Last phase of a full comparison: removes extra rows, repairs lost files, and reports the drift of
the collection.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from gridwix.errors import RecordFault
from gridwix.models.ids import WixItemId
from gridwix.models.journal import row_name
from gridwix.models.reconciliation import (
    MAX_NAMED,
    DriftReport,
    FullPage,
    GuardReason,
    NamedRows,
    PageRecord,
    RemovalRecord,
    RowFinding,
    RowVerdict,
)
from gridwix.ports import Clock
from gridwix.publication.drift import DeleteGuard
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.publication.publisher import Projection, Publisher, Verdict
from gridwix.publication.reconciled import OF_ONE_RECORD, Continuation, ReconciledCollection
from gridwix.reconciler.checkpoints import Checkpoints
from gridwix.reconciler.page_report import PageReport
from gridwix.reconciler.repair import RowRepair, permitted_findings

ROWS_PER_MESSAGE = 100
"""Extra rows that one message looks up and removes: the source is asked for each one alone.

As many rows have their lost files repaired.
"""


@dataclass(frozen=True, slots=True)
class _Findings:
    """Findings of the comparison, and the guard's reasons against acting on them, or None.

    ``planned`` are the rows of the run's plan, by id; None if it has none.
    """

    records: Sequence[PageRecord]
    extra: Sequence[RowFinding]
    lost: Sequence[RowFinding]
    listed: int
    before: int | None
    against_removal: GuardReason | None
    against_files: GuardReason | None
    planned: Mapping[WixItemId, RowFinding] | None = None


class RemovePhase:
    """Acts on the findings that concern the whole collection.

    A row is removed only after the mass-delete guard has seen the whole collection and the source,
    asked for it alone, does not know it or has deleted it.
    """

    def __init__(
        self,
        *,
        publisher: Publisher,
        checkpoints: Checkpoints,
        continuation: Continuation,
        repair: RowRepair,
        guard: DeleteGuard,
        clock: Clock,
    ) -> None:
        self._publisher = publisher
        self._checkpoints = checkpoints
        self._continuation = continuation
        self._repair = repair
        self._guard = guard
        self._clock = clock

    def handle(self, page: FullPage, collection: ReconciledCollection) -> PageReport:
        """Remove and repair some rows, then send the next page or end the collection.

        Raises UpstreamError and BudgetExhausted.
        """
        removal = self._checkpoints.removed(page, page.page)
        if removal is not None and removal.done:
            return PageReport(repeated=True)
        findings = self._read_findings(page, collection)
        extra, lost = (
            permitted_findings(each, findings.planned) for each in (findings.extra, findings.lost)
        )
        rows = extra if findings.against_removal is None and not page.dry_run else []
        files = lost if findings.against_files is None and not page.dry_run else []
        due = slice(page.page * ROWS_PER_MESSAGE, (page.page + 1) * ROWS_PER_MESSAGE)
        self._repair.request(
            {finding.id: finding.key for finding in files[due]}, collection, page.run
        )
        removal = RemovalRecord()
        if rows:
            removal = self._remove_rows(rows[due], collection, page.run)
            self._checkpoints.keep(page, removal)
        report = None
        if max(len(rows), len(files)) > due.stop:
            self._continuation.send(page.model_copy(update={"page": page.page + 1}))
        else:
            report = self._end_collection(page, findings)
        self._checkpoints.keep(page, removal, done=True)
        return PageReport(
            repaired=len(removal.removed) + len(files[due]),
            rows=_row_results(page, removal, files[due], findings),
            report=report,
        )

    def _read_findings(self, page: FullPage, collection: ReconciledCollection) -> _Findings:
        records = [
            record
            for number in range(page.compared)
            if (record := self._checkpoints.compared(page, number)) is not None
        ]
        extra, lost = (
            _with_verdict(records, RowVerdict.EXTRA),
            _with_verdict(records, RowVerdict.LOST),
        )
        listed, before = (
            len(self._checkpoints.keys(page, collection.item_id)),
            self._checkpoints.baseline(page),
        )
        shown = sum(record.shown for record in records)
        return _Findings(
            records=records,
            extra=extra,
            lost=lost,
            listed=listed,
            before=before,
            # An operator who has looked may accept a collection that shrank.
            against_removal=None
            if page.accept_shrink
            else self._guard.removal_guard_reason(
                listed=listed, before=before, extra=len(extra), shown=shown
            ),
            against_files=None
            if page.accept_shrink
            else self._guard.copy_guard_reason(lost=len(lost), shown=shown),
            planned=self._checkpoints.planned(page),
        )

    def _remove_rows(
        self, findings: Sequence[RowFinding], collection: ReconciledCollection, run: str
    ) -> RemovalRecord:
        # The list may have missed a record that was created meanwhile, so the source is asked for
        # each one alone.
        living = {
            finding.id: finding.key
            for finding in findings
            if finding.key is not None and _is_live(collection, finding.key)
        }
        if living:
            collection.request_resync(list(living.values()), run)
        extra = [
            RowKey(collection.name, finding.id) for finding in findings if finding.id not in living
        ]
        entries = self._repair.distrust(extra)
        report = self._publisher.publish(
            [Projection(key, _settled(entries.get(key)), None, run) for key in extra]
        )
        for reason in report.reasons.values():
            raise reason
        return RemovalRecord(
            removed=tuple(key.item_id for key in extra if report.verdicts[key] is Verdict.WRITTEN),
            kept=tuple(living),
        )

    def _end_collection(self, page: FullPage, findings: _Findings) -> DriftReport:
        report = self._drift_report(page, findings)
        self._checkpoints.keep_report(page, report)
        if findings.against_removal is None and not page.dry_run:
            self._checkpoints.keep_baseline(page, findings.listed)
        if page.waiting:
            first, *waiting = page.waiting
            following = FullPage(
                run=page.run,
                begun=page.begun,
                collection=first,
                waiting=tuple(waiting),
                dry_run=page.dry_run,
                accept_shrink=page.accept_shrink,
                plan=page.plan,
            )
            self._continuation.send(following)
        return report

    def _drift_report(self, page: FullPage, findings: _Findings) -> DriftReport:
        records = findings.records
        removals = [
            removal
            for number in range(page.page + 1)
            if (removal := self._checkpoints.removed(page, number)) is not None
        ]
        removed = [identifier for removal in removals for identifier in removal.removed]
        kept = [identifier for removal in removals for identifier in removal.kept]
        counts = {
            verdict: sum(record.count(verdict) for record in records) for verdict in RowVerdict
        }
        acted_on = Counter(
            finding.verdict
            for record in records
            for finding in permitted_findings(record.findings, findings.planned)
        )
        copies = acted_on[RowVerdict.LOST] if findings.against_files is None else 0
        return DriftReport(
            run=page.run,
            collection=page.collection,
            begun=page.begun,
            finished=datetime.fromtimestamp(self._clock(), UTC),
            dry_run=page.dry_run,
            plan=page.plan,
            listed=findings.listed,
            previously_listed=findings.before,
            rows=sum(record.rows for record in records),
            **{verdict.value: number for verdict, number in counts.items()},
            removed=len(removed),
            kept=len(kept),
            repaired=0
            if page.dry_run
            else acted_on[RowVerdict.DRIFTED]
            + acted_on[RowVerdict.MISSING]
            + copies
            + len(removed),
            guard=findings.against_removal or findings.against_files,
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


def _row_results(
    page: FullPage, removal: RemovalRecord, files: Iterable[RowFinding], findings: _Findings
) -> Mapping[str, str]:
    """What the journal says of each row: removed, kept, its file requested, or guarded."""
    results: dict[WixItemId, str] = dict.fromkeys(removal.removed, "removed")
    results |= dict.fromkeys(removal.kept, "extra:kept")
    results |= {finding.id: "lost:requested" for finding in files}
    if page.page == 0:
        guarded = [
            *((finding, findings.against_removal) for finding in findings.extra),
            *((finding, findings.against_files) for finding in findings.lost),
        ]
        results |= {
            finding.id: f"{finding.verdict}:{reason}"
            for finding, reason in guarded[:ROWS_PER_MESSAGE]
            if reason is not None
        }
    return {row_name(page.collection, item): result for item, result in results.items()}


def _settled(entry: LedgerEntry | None) -> Versions:
    """Return the versions of a row that is removed because the source no longer knows its records:
    all of them are settled.
    """
    if entry is None:
        return Versions()
    return Versions(settled={**entry.floor.settled, **entry.floor.live})


def _is_live(collection: ReconciledCollection, key: str) -> bool:
    try:
        return collection.is_live(key)
    except (RecordFault, *OF_ONE_RECORD):
        # A record that cannot be read is not gone: its row stays.
        return True


def _with_verdict(records: Sequence[PageRecord], verdict: RowVerdict) -> Sequence[RowFinding]:
    return sorted(
        (
            finding
            for record in records
            for finding in record.findings
            if finding.verdict is verdict
        ),
        key=lambda finding: finding.id,
    )


def _named(records: Sequence[PageRecord], verdict: RowVerdict) -> tuple[WixItemId, ...]:
    return tuple(
        islice(
            (
                finding.id
                for record in records
                for finding in record.findings
                if finding.verdict is verdict
            ),
            MAX_NAMED,
        )
    )
