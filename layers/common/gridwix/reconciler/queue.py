"""The reconciler's queue: its messages, and the log lines and metrics of each message."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, override

from gridwix.errors import GridwixError
from gridwix.models.ids import CollectionId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.people_runs import CountsByReason, PeoplePage, PersonDeleted
from gridwix.models.reconciliation import (
    RUN_MESSAGE,
    DriftReport,
    FullPage,
    RunMessage,
    RunRequest,
    SweepPage,
    UploadsPage,
)
from gridwix.reconciler.fault_recheck import RecheckReport
from gridwix.reconciler.page_report import PageReport
from gridwix.reconciler.sweep import Sweep, SweepReport
from gridwix.runtime.journal_entries import MessageAttempt, announced_entries, row_entries
from gridwix.runtime.observability import count, count_by_reason, log_fields, logger
from gridwix.runtime.queue_runner import Batch, Message, QueueRunner, Redelivery

if TYPE_CHECKING:
    from gridwix.models.people_runs import PeopleReport
    from gridwix.reconciler.member_removal import RemovalReport
    from gridwix.reconciler.people_service import PeoplePageReport
    from gridwix.reconciler.people_wiring import PeopleServices
    from gridwix.reconciler.service import Reconciler
    from gridwix.reconciler.upload_sweep import UploadReport, UploadSweep

    type Report = SweepReport | PageReport | PeoplePageReport | RemovalReport | UploadReport

MAX_LOGGED = 100
"""Maximum number of files that a dry run names in one log line."""

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")


class Reconciliation:
    """Runs the service of the reconciler that a queue message asks for.

    There is one for each of these: the sweep of recently updated records, the full comparison of
    the portal with Trading Grid, the comparison that ends the access of people who have left, the
    removal of members whom the site has deleted, and the removal of uploads that no submission
    needs.

    Args:
        sweep: The sweep.
        reconciler: Returns the full comparison, the same object at every call.
        people: Returns the two services about people, the same object at every call.
        uploads: Returns the removal of uploads, the same object at every call.
    """

    def __init__(
        self,
        sweep: Sweep,
        reconciler: "Callable[[], Reconciler]",
        people: "Callable[[], PeopleServices]",
        uploads: "Callable[[], UploadSweep]",
    ) -> None:
        self._sweep = sweep
        self._reconciler = reconciler
        self._people = people
        self._uploads = uploads

    @property
    def collections(self) -> Sequence[CollectionId]:
        """The collections that a full comparison compares by default, in this order."""
        return self._reconciler().collections

    def handle(self, body: RunMessage, *, run: str, begun: datetime) -> "Report":
        """Process a message of the reconciler's queue, and return the report on its work.

        A run is a chain of messages: the first one requests the run, each other one is the next
        page (part) of the run. ``run`` is the name of a run that the message starts, and ``begun``
        the time at which the message was sent. Raises GridwixError: the message must be repeated.
        """
        match body:
            case RunRequest(mode="sweep"):
                return self._sweep.handle(self._sweep.first_page(body, run=run))
            case RunRequest(mode="people"):
                people = self._people().comparison
                return people.handle(people.first_page(body, run=run, begun=begun))
            case RunRequest(mode="uploads"):
                uploads = self._uploads()
                return uploads.handle(uploads.first_page(body, run=run))
            case RunRequest():
                return self._reconciler().handle(
                    self._reconciler().first_page(body, run=run, begun=begun)
                )
            case SweepPage():
                return self._sweep.handle(body)
            case PeoplePage():
                return self._people().comparison.handle(body)
            case UploadsPage():
                return self._uploads().handle(body)
            case PersonDeleted():
                return self._people().removal.handle(body, run=run, begun=begun)
            case FullPage():
                return self._reconciler().handle(body)


@dataclass(frozen=True, slots=True)
class PagesReport:
    """Result of a batch of messages: a report on each that succeeded, and the errors of the others.

    ``failures`` has the error of each failed message, by message id.
    """

    pages: "Sequence[Report]" = ()
    failures: Mapping[str, GridwixError] = field(default_factory=dict)


class ReconcilerQueue(QueueRunner[RunMessage, PagesReport]):
    """Queue runner of the reconciler, which compares the portal with Trading Grid.

    A run is a chain of SQS messages, each with one page (part) of the run's work. Messages are
    independent: a failed one fails no other.
    """

    def __init__(
        self, reconciliation: Callable[[], Reconciliation], redelivery: Callable[[], Redelivery]
    ) -> None:
        super().__init__(redelivery)
        self._reconciliation = reconciliation

    @override
    def parse(self, body: str) -> RunMessage:
        return RUN_MESSAGE.validate_json(body)

    @override
    def run(self, batch: Batch[RunMessage]) -> PagesReport:
        pages: list[Report] = []
        failures: dict[str, GridwixError] = {}
        for message in batch.messages:
            try:
                pages.append(
                    self._reconciliation().handle(
                        message.body, run=run_name(message), begun=message.sent
                    )
                )
            except GridwixError as error:
                failures[message.id] = error
        return PagesReport(pages, failures)

    @override
    def empty_report(self) -> PagesReport:
        return PagesReport()

    @override
    def failures(self, report: PagesReport, batch: Batch[RunMessage]) -> Mapping[str, GridwixError]:
        return report.failures

    @override
    def errors(self, report: PagesReport) -> Iterable[GridwixError]:
        return [
            fault
            for page in report.pages
            if isinstance(page, SweepReport | PageReport)
            for fault in page.record_faults
        ]

    @override
    def entries(
        self, report: PagesReport, batch: Batch[RunMessage], attempts: Mapping[str, MessageAttempt]
    ) -> Iterable[JournalEntry]:
        ended_at = max((attempt.ended_at for attempt in attempts.values()), default=0.0)
        for page in report.pages:
            if isinstance(page, SweepReport):
                yield from announced_entries(page.announced, ended_at)
            elif isinstance(page, PageReport):
                yield from row_entries(page.rows, ended_at, JournalOutcome.COMPARED)

    @override
    def emit_metrics(
        self, report: PagesReport, batch: Batch[RunMessage], failures: Mapping[str, GridwixError]
    ) -> None:
        for page in report.pages:
            _emit_page_metrics(page)
        failed: dict[str, GridwixError] = {**batch.malformed, **failures}
        for message, error in failed.items():
            count_by_reason("ReconcileFailed", error.code)
            logger.error("page_not_reconciled", extra={"message_id": message, **log_fields(error)})
        count("PagesFailed", len(failed))


def run_name(message: Message[RunMessage]) -> str:
    """Return the name of the run that a message starts.

    Idempotent: a redelivery of the message gives the same name, so the run finds its checkpoints.
    """
    return f"{message.body.mode}-{_NOT_IN_A_NAME.sub('', message.id)[:80]}"


def _emit_page_metrics(report: "Report") -> None:
    # The page that ends a collection has the report of the whole collection, which is one more
    # line.
    if isinstance(report, SweepReport):
        _emit_sweep_metrics(report)
        return
    if not isinstance(report, PageReport):
        _emit_other_metrics(report)
        return
    facts = {
        "RowsCompared": report.compared,
        "RowsDrifted": report.drifted,
        "RowsMissing": report.missing,
        "RowsExtra": report.extra,
        "RowsUnsettled": report.unsettled,
        "FilesLost": report.lost,
        "RowsRepaired": report.repaired,
    }
    for name, rows in facts.items():
        count(name, rows)
    logger.info("page_reconciled", extra={"counts": facts, "repeated": report.repeated})
    if report.report is not None:
        _emit_report_metrics(report.report)


def _emit_sweep_metrics(report: SweepReport) -> None:
    count("RecordsSwept", report.found)
    logger.info(
        "records_swept",
        extra={
            "records": report.found,
            "known": report.known,
            "more": not report.finished,
            "overtaken": report.overtaken,
        },
    )
    if report.unrecorded is not None:
        logger.warning("handovers_not_recorded", extra=log_fields(report.unrecorded))
    if report.untold is not None:
        logger.warning("freshness_not_published", extra=log_fields(report.untold))
    if report.unlisted is not None:
        logger.warning("sourced_collections_not_read", extra=log_fields(report.unlisted))
    if report.recheck is not None:
        _emit_recheck_metrics(report.recheck)
    if report.ending is not None:
        count("SubmissionsEnding", report.ending)
    if report.uncounted is not None:
        logger.warning("ending_submissions_not_counted", extra=log_fields(report.uncounted))


def _emit_other_metrics(report: "PeoplePageReport | RemovalReport | UploadReport") -> None:
    # Their modules are not loaded for a sweep of recent changes.
    from gridwix.reconciler.member_removal import RemovalReport
    from gridwix.reconciler.upload_sweep import UploadReport

    if isinstance(report, UploadReport):
        _emit_upload_metrics(report)
    elif isinstance(report, RemovalReport):
        _emit_removal_metrics(report)
    else:
        _emit_people_metrics(report)


def _emit_upload_metrics(report: "UploadReport") -> None:
    count("UploadsRemoved", report.removed)
    count("UploadRemovalsRefused", report.refused)
    if report.dry_run:
        logger.info(
            "uploads_listed",
            extra={
                "orphans": len(report.orphans),
                "files": list(report.orphans[:MAX_LOGGED]),
                "awaited_files": report.awaited,
                "foreign_files": report.foreign,
            },
        )
    else:
        logger.info(
            "uploads_removed",
            extra={
                "removed": report.removed,
                "refused_removals": report.refused,
                "awaited_files": report.awaited,
                "foreign_files": report.foreign,
            },
        )


def _emit_removal_metrics(report: "RemovalReport") -> None:
    _count_ended(report.ended)
    count("MemberRowsRemoved", report.removed)
    logger.info(
        "deleted_member_removed",
        extra={"removed": report.removed, "member_exists": report.exists},
    )


def _count_ended(ended: CountsByReason) -> None:
    for reason, rows in ended.items():
        count_by_reason("AccessEnded", reason, rows.links)
        count_by_reason("InvitationsRevoked", reason, rows.invitations)
    count("LinksEnded", sum(one.links for one in ended.values()))


def _emit_people_metrics(report: "PeoplePageReport") -> None:
    count("LinksCompared", report.compared.links)
    count("CompaniesUnread", report.companies.unread + report.companies.empty)
    _count_ended(report.ended)
    if report.companies.unread or report.companies.empty:
        logger.warning(
            "company_users_not_read",
            extra={"companies": report.companies.model_dump(mode="json")},
        )
    if report.report is None:
        return
    facts = _people_fields(report.report)
    unused = report.report.unused
    for name in ("expired", "expiring", "bounced"):
        count_by_reason("InvitationsUnused", name, getattr(unused, name))
    count("LeavingGuardTripped", int(bool(report.report.stopped)))
    logger.info("people_reconciled", extra=facts)
    if report.report.stopped:
        logger.error("leaving_guard_tripped", extra=facts)


def _emit_recheck_metrics(report: RecheckReport) -> None:
    count("RecordFaultsStanding", report.standing)
    count("RecordFaultsMended", len(report.mended))
    if report.mended:
        logger.info("records_mended", extra={"mended": report.mended})
    if report.stopped is not None:
        logger.warning("record_faults_not_rechecked", extra=log_fields(report.stopped))


def _emit_report_metrics(report: DriftReport) -> None:
    count("CollectionsReconciled")
    count("GuardTripped", int(report.guard is not None))
    logger.info("collection_reconciled", extra=_drift_fields(report))
    if report.guard is not None:
        logger.error(
            "mass_delete_guard_tripped",
            extra={
                "collection": report.collection,
                "guard": report.guard,
                "listed": report.listed,
                "previously_listed": report.previously_listed,
            },
        )


def _drift_fields(report: DriftReport) -> dict[str, object]:
    """Return the log fields of a drift report: all fields except the row ids."""
    fields = report.model_dump(mode="json")
    return {
        "run": report.run,
        "collection": report.collection,
        "begun": fields["begun"],
        "finished": fields["finished"],
        "dry_run": report.dry_run,
        "plan": report.plan,
        "listed": report.listed,
        "previously_listed": report.previously_listed,
        "compared": report.rows,
        "equal": report.equal,
        "drifted": report.drifted,
        "missing": report.missing,
        "extra": report.extra,
        "unsettled": report.unsettled,
        "lost": report.lost,
        "removed": report.removed,
        "kept": report.kept,
        "repaired": report.repaired,
        "guard": report.guard,
    }


def _people_fields(report: "PeopleReport") -> dict[str, object]:
    """Return the log fields of a report on people who have left: counts and reasons, no ids."""
    fields = report.model_dump(mode="json")
    return {
        "run": report.run,
        "begun": fields["begun"],
        "finished": fields["finished"],
        "dry_run": report.dry_run,
        "total": fields["total"],
        "found": fields["found"],
        "not_due": report.waiting,
        "ended": fields["ended"],
        "companies": fields["companies"],
        "stopped": fields["stopped"],
        "unused": fields["unused"],
    }
