"""Plans of reconcile runs: rows that differ, and the repair of each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import override

from gridwix.models.ids import CollectionId
from gridwix.models.reconciliation import (
    DriftReport,
    GuardReason,
    RowFinding,
    RowVerdict,
    RunRequest,
)
from ops.plans.application import Outcome, PlanKind
from ops.plans.files import PlanError
from ops.plans.header import check_size, new_header
from ops.plans.models import ReconcilePlan, RowChange
from ops.reconcile import (
    COLLECTIONS,
    guard_advice,
    read_findings,
    request_run,
    store_planned_rows,
    wait_for_reports,
)
from ops.stack import Stack

_GUARDED: Mapping[GuardReason, Collection[RowVerdict]] = {
    GuardReason.SHRUNK: (RowVerdict.EXTRA, RowVerdict.LOST),
    GuardReason.TOO_MANY: (RowVerdict.EXTRA, RowVerdict.LOST),
    GuardReason.FILES_LOST: (RowVerdict.LOST,),
}
"""Verdicts on rows that a run does not act on, by the reason for which the guard has tripped.

A report names one reason: that against removals, even if copies of lost files are stopped as well.
"""


@dataclass(frozen=True, slots=True)
class Examined:
    """Result of a dry run of the reconciler: the plan, and the drift report of each collection."""

    plan: ReconcilePlan
    reports: Sequence[DriftReport]


class ReconcilePlans(PlanKind[ReconcilePlan]):
    """Makes plans by dry runs of the reconciler, and lets it repair exactly the rows of a plan.

    Args:
        stack: The deployed stack.
        timeout: Seconds without progress of a run after which to stop waiting.
        report: Receives a sentence on progress, and the numbers of done and of all collections.
    """

    def __init__(
        self,
        stack: Stack,
        timeout: float,
        report: Callable[[str, int, int], None] = lambda *_: None,
    ) -> None:
        self._stack = stack
        self._timeout = timeout
        self._report = report

    def make(self, collection: CollectionId | None, *, accept_shrink: bool = False) -> Examined:
        """Compare the portal with Trading Grid, and plan the repairs. Changes nothing.

        Returns the plan, and the drift report of each collection.

        Args:
            collection: The collection to compare; None for all.
            accept_shrink: Plan removals although the mass-delete guard would stop them.

        Raises:
            Standstill: The run made no progress.
            PlanError: More rows differ than a plan holds, or the deployed reconciler is of an
                earlier release.
        """
        request = RunRequest(
            mode="full", collection=collection, dry_run=True, accept_shrink=accept_shrink
        )
        run, reports = self._run(request)
        changes = [
            change
            for report in reports
            for finding in read_findings(self._stack, run, report.collection)
            if (change := planned_change(report, finding)) is not None
        ]
        check_size(len(changes), "name a collection with --collection, or reconcile without a plan")
        plan = ReconcilePlan(
            **new_header(self._stack),
            collection=collection,
            accept_shrink=accept_shrink,
            guards={report.collection: report.guard for report in reports if report.guard},
            changes=tuple(changes),
        )
        return Examined(plan.seal(), reports)

    @override
    def remake(self, plan: ReconcilePlan) -> ReconcilePlan:
        return self.make(plan.collection, accept_shrink=plan.accept_shrink).plan

    @override
    def carry_out(self, plan: ReconcilePlan, pending: Collection[str]) -> Outcome:
        left: list[str] = []
        notes = ["The publishers write the rows now: `gridwix status` shows their queues"]
        for collection in dict.fromkeys(change.collection for change in plan.changes):
            rows = [
                change.finding
                for change in plan.changes
                if change.collection == collection and change.name in pending
            ]
            if rows:
                report, kept = self._repair(plan, collection, rows)
                left += kept
                if report.guard is not None and kept:
                    notes.append(guard_advice(collection, report.guard, self._stack.name))
        return Outcome(len(pending) - len(left), left, notes)

    def _repair(
        self, plan: ReconcilePlan, collection: CollectionId, rows: Sequence[RowFinding]
    ) -> tuple[DriftReport, list[str]]:
        """Let the reconciler repair exactly these rows of a collection.

        Return the reconciler's report, and a sentence on each row that was not repaired.
        """
        store_planned_rows(self._stack, plan.digest, collection, rows)
        request = RunRequest(
            mode="full",
            collection=collection,
            accept_shrink=plan.accept_shrink,
            plan=plan.digest,
        )
        run, (report,) = self._run(request)
        found = {finding.id: finding for finding in read_findings(self._stack, run, collection)}
        guarded = () if report.guard is None else _GUARDED[report.guard]
        left: list[str] = []
        for row in rows:
            now = found.get(row.id)
            # A row that the run found equal was put right by somebody else.
            if now is not None and now != row:
                left.append(f"{collection}/{row.id}: it changed in the moment before the repair")
            elif now is not None and row.verdict in guarded:
                left.append(f"{collection}/{row.id}: the mass-delete guard stopped the run")
        return report, left

    def _run(self, request: RunRequest) -> tuple[str, list[DriftReport]]:
        run = request_run(self._stack, request)
        wanted = COLLECTIONS if request.collection is None else [request.collection]
        found: list[DriftReport] = []
        self._report(f"Comparing {', '.join(wanted)}", 0, len(wanted))
        for report in wait_for_reports(self._stack, run, wanted, standstill=self._timeout):
            found.append(report)
            self._report("Comparing collections", len(found), len(wanted))
        return run, sorted(found, key=lambda report: wanted.index(report.collection))


def planned_change(report: DriftReport, finding: RowFinding) -> RowChange | None:
    """Return the repair of a row that a reconcile run would make; None if it would make none.

    A run does not repair a row that is equal, is being written, or is protected by the mass-delete
    guard. It removes an extra row. It does not repair any other row if the finding names no record
    (``key``) to publish the row from. Raises PlanError for a finding of an earlier release.
    """
    if finding.verdict in (RowVerdict.UNSETTLED, RowVerdict.EQUAL):
        return None
    if report.guard is not None and finding.verdict in _GUARDED[report.guard]:
        return None
    if finding.verdict is not RowVerdict.EXTRA and finding.key is None:
        return None
    if not finding.expected and not finding.shown:
        raise PlanError(
            "the deployed reconciler is of an earlier release, which does not say what differs",
            "deploy this one first",
        )
    return RowChange(
        collection=report.collection,
        id=finding.id,
        verdict=finding.verdict,
        fields=finding.fields,
        key=finding.key,
        expected=finding.expected,
        shown=finding.shown,
    )
