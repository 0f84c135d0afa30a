"""Last phase of a full comparison: removes extra rows, repairs lost files, reports the drift.

An extra row is on the portal and has no record in Trading Grid. A lost file is one that a row
points to and that Wix no longer has; the repair is a request to publish the row again, with its
file. The drift report counts the rows of a collection that differ from their records.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gridwix.errors import RecordFault
from gridwix.models.ids import WixItemId
from gridwix.models.journal import row_name
from gridwix.models.reconciliation import (
    MAX_NAMED,
    DriftReport,
    FindingsSummary,
    FullPage,
    GuardReason,
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
from gridwix.reconciler.findings import CHUNK, FindingsStore
from gridwix.reconciler.page_report import PageReport
from gridwix.reconciler.repair import RowRepair, permitted_findings

ROWS_PER_MESSAGE = CHUNK
"""Maximum number of extra rows that one message removes (the source is asked for each one singly),
and of rows with lost files for which it requests a new copy.
"""


@dataclass(frozen=True, slots=True)
class _Findings:
    """Portal rows that one message of a full comparison may remove or repair, with the limits.

    A full comparison compares the portal's rows with their records in Trading Grid. ``extra`` are
    rows without a record, and ``lost`` rows with a file that no longer exists. ``summary`` has the
    counts of the whole collection. ``against_removal`` is the reason for which the mass-delete
    guard (a limit on the rows that one run removes) forbids this run to remove rows; None if it
    allows it. ``against_files`` is the reason for which it forbids to copy files, else None.
    ``planned`` are the rows of the run's plan, by id; None if the run has no plan.
    """

    summary: FindingsSummary
    extra: Sequence[RowFinding]
    lost: Sequence[RowFinding]
    against_removal: GuardReason | None
    against_files: GuardReason | None
    planned: Mapping[WixItemId, RowFinding] | None = None

    def permitted(self, findings: Sequence[RowFinding]) -> Sequence[RowFinding]:
        """Return the findings that the run's plan allows to act on; all of them without a plan."""
        return permitted_findings(findings, self.planned)


class RemovePhase:
    """Last phase of a full comparison: removes extra rows, and requests new copies of lost files.

    An extra row is on the portal and has no record in Trading Grid; a lost file is one that a row
    points to and that Wix no longer has. An extra row is removed only if the mass-delete guard (a
    limit on the number of removals) allows it for the whole collection, and if the source, asked
    for the row's record alone, does not have the record. If it has, the row's publisher decides.
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
        self._findings = FindingsStore(checkpoints)
        self._continuation = continuation
        self._repair = repair
        self._guard = guard
        self._clock = clock

    def handle(self, page: FullPage, collection: ReconciledCollection) -> PageReport:
        """Remove one group of extra rows, and request new copies for one group of lost files.

        An extra row is on the portal and has no record in Trading Grid; a lost file is one that a
        row points to and that Wix no longer has. Then send the next message, or write the drift
        report after the last group. Raises UpstreamError and BudgetExhausted.
        """
        removal = self._checkpoints.removed(page, page.page)
        if removal is not None and removal.done:
            return PageReport(repeated=True)
        findings = self._read_findings(page, collection)
        counts = findings.summary.counts
        removes = findings.against_removal is None and not page.dry_run
        copies = findings.against_files is None and not page.dry_run
        files = findings.permitted(findings.lost) if copies else []
        self._repair.request({finding.id: finding.key for finding in files}, collection, page.run)
        removal = RemovalRecord()
        if removes and (rows := findings.permitted(findings.extra)):
            removal = self._remove_rows(rows, collection, page.run)
            self._checkpoints.keep(page, removal)
        left = max(
            counts[RowVerdict.EXTRA] if removes else 0, counts[RowVerdict.LOST] if copies else 0
        ) - ROWS_PER_MESSAGE * (page.page + 1)
        report = None
        if left > 0:
            self._continuation.send(page.model_copy(update={"page": page.page + 1}))
        else:
            report = self._end_collection(page, findings)
        self._checkpoints.keep(page, removal, done=True)
        return PageReport(
            repaired=len(removal.removed) + len(files),
            rows=_row_results(page, removal, files, findings),
            report=report,
        )

    def _read_findings(self, page: FullPage, collection: ReconciledCollection) -> _Findings:
        summary = self._findings.summary(page, collection)
        extra, lost = (
            self._checkpoints.chunk(page, verdict, page.page)
            for verdict in (RowVerdict.EXTRA, RowVerdict.LOST)
        )
        return _Findings(
            summary=summary,
            extra=extra,
            lost=lost,
            # An operator who has looked may accept a collection that shrank.
            against_removal=None
            if page.accept_shrink
            else self._guard.removal_guard_reason(
                listed=summary.listed,
                before=summary.before,
                extra=summary.counts[RowVerdict.EXTRA],
                shown=summary.shown,
            ),
            against_files=None
            if page.accept_shrink
            else self._guard.copy_guard_reason(
                lost=summary.counts[RowVerdict.LOST], shown=summary.shown
            ),
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
        # The ledger may say that the row was removed long ago: then somebody has restored it.
        self._repair.request(living, collection, run)
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
            self._checkpoints.keep_baseline(page, findings.summary.listed)
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
        summary = findings.summary
        removed, kept, removals = self._removed_rows(page)
        copies = summary.permitted[RowVerdict.LOST] if findings.against_files is None else 0
        return DriftReport(
            run=page.run,
            collection=page.collection,
            begun=page.begun,
            finished=datetime.fromtimestamp(self._clock(), UTC),
            dry_run=page.dry_run,
            plan=page.plan,
            listed=summary.listed,
            previously_listed=summary.before,
            rows=summary.rows,
            **{verdict.value: summary.counts[verdict] for verdict in RowVerdict},
            removed=removals["removed"],
            kept=removals["kept"],
            repaired=0
            if page.dry_run
            else summary.permitted[RowVerdict.DRIFTED]
            + summary.permitted[RowVerdict.MISSING]
            + copies
            + removals["removed"],
            guard=findings.against_removal or findings.against_files,
            ids=summary.ids.model_copy(update={"removed": tuple(removed), "kept": tuple(kept)}),
        )

    def _removed_rows(
        self, page: FullPage
    ) -> tuple[Sequence[WixItemId], Sequence[WixItemId], Mapping[str, int]]:
        """Return the ids of rows that the run has removed, the ids of rows it has kept, and counts.

        A row is kept if the source has its record after all. There are at most ``MAX_NAMED`` ids of
        each kind, from the first messages on. The counts, ``removed`` and ``kept``, cover all rows
        of the collection.
        """
        removed: list[WixItemId] = []
        kept: list[WixItemId] = []
        numbers: Counter[str] = Counter(removed=0, kept=0)
        for number in range(page.page + 1):
            removal = self._checkpoints.removed(page, number)
            if removal is not None:
                numbers.update(removed=len(removal.removed), kept=len(removal.kept))
                removed += removal.removed[: MAX_NAMED - len(removed)]
                kept += removal.kept[: MAX_NAMED - len(kept)]
        return removed, kept, numbers


def _row_results(
    page: FullPage, removal: RemovalRecord, files: Iterable[RowFinding], findings: _Findings
) -> Mapping[str, str]:
    """Return the result of each row that this message has handled, for the journal.

    The keys are ``collection#item``. A row without a record was removed or kept, and for a row that
    has lost its file, a new copy was requested. If the mass-delete guard forbids a change, the rows
    of the first message have its reason instead.
    """
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
    """Return the version vector with which a row is removed: all of its records are tombstones.

    A tombstone (in ``settled``) stands for a record that the source no longer has. The records are
    those of the row's entry in the publication ledger; none if ``entry`` is None.
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
