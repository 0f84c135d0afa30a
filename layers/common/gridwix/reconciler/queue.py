"""The reconciler's queue: its messages, and the log lines and metrics of a page."""

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
from gridwix.runtime.journal_entries import Attempt, announced_entries, row_entries
from gridwix.runtime.observability import count, count_by_reason, log_fields, logger
from gridwix.runtime.queue_runner import Batch, Message, QueueRunner, Redelivery

if TYPE_CHECKING:
    from gridwix.reconciler.member_removal import RemovalReport
    from gridwix.reconciler.people_service import PeoplePageReport
    from gridwix.reconciler.people_wiring import PeopleServices
    from gridwix.reconciler.service import Reconciler
    from gridwix.reconciler.upload_sweep import UploadReport, UploadSweep

    type Report = SweepReport | PageReport | PeoplePageReport | RemovalReport | UploadReport

MAX_LOGGED = 100
"""Most files that a dry run names in one line of the log."""

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")


class Reconciliation:
    """Runs all modes: the sweep of recent changes, the full comparison, that of people, and the
    removal of members whom the site has deleted, and of uploads that are of no use.

    ``reconciler`` returns the full comparison's service, ``people`` those of people, ``uploads``
    that of uploads, always the same ones.
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
        """The compared collections, in this order."""
        return self._reconciler().collections

    def handle(self, body: RunMessage, *, run: str, begun: datetime) -> "Report":
        """Reconcile the first page of a new run, or the next page of one.

        Raises GridwixError: the page must be repeated.
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
    """The pages of a batch: the reports of those that succeeded, and the error of each failed
    message, by message id.
    """

    pages: "Sequence[Report]" = ()
    failures: Mapping[str, GridwixError] = field(default_factory=dict)


class ReconcilerQueue(QueueRunner[RunMessage, PagesReport]):
    """Reconciles the page that each message names.

    Messages are independent: each fails by itself.
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
        self, report: PagesReport, batch: Batch[RunMessage], attempts: Mapping[str, Attempt]
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
            logger.error("page not reconciled", extra={"messageId": message, **log_fields(error)})
        count("PagesFailed", len(failed))


def run_name(message: Message[RunMessage]) -> str:
    """Return the name of the run that begins with a message.

    A redelivery gives the same name, so a repeated run is recognized.
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
    logger.info("page reconciled", extra={**facts, "repeated": report.repeated})
    if report.report is not None:
        _emit_report_metrics(report.report)


def _emit_sweep_metrics(report: SweepReport) -> None:
    count("RecordsSwept", report.found)
    logger.info(
        "swept",
        extra={
            "records": report.found,
            "known": report.known,
            "finished": report.finished,
            "overtaken": report.overtaken,
        },
    )
    if report.unrecorded is not None:
        logger.warning("handovers not recorded", extra=log_fields(report.unrecorded))
    if report.untold is not None:
        logger.warning("the portal was not told how new it is", extra={"code": report.untold.code})
    if report.unlisted is not None:
        logger.warning(
            "the collections with a source could not be read",
            extra=log_fields(report.unlisted),
        )
    if report.recheck is not None:
        _emit_recheck_metrics(report.recheck)
    if report.ending is not None:
        count("SubmissionsEnding", report.ending)
    if report.uncounted is not None:
        logger.warning(
            "held submissions that end soon not counted", extra=log_fields(report.uncounted)
        )


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
    facts = {
        "removed": report.removed,
        "refused": report.refused,
        "awaited": report.awaited,
        "foreign": report.foreign,
    }
    if report.dry_run:
        named = list(report.orphans[:MAX_LOGGED])
        logger.info(
            "uploads that would be removed",
            extra={**facts, "orphans": len(report.orphans), "files": named},
        )
    else:
        logger.info("uploads swept", extra=facts)


def _emit_removal_metrics(report: "RemovalReport") -> None:
    _count_ended(report.ended)
    count("MemberRowsRemoved", report.removed)
    logger.info(
        "deleted member removed", extra={"rows": report.removed, "memberExists": report.exists}
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
            "users of companies could not be read", extra=report.companies.model_dump(mode="json")
        )
    if report.report is None:
        return
    facts = report.report.model_dump(mode="json", by_alias=True, exclude={"ids", "unused_of"})
    unused = report.report.unused
    for name in ("expired", "expiring", "bounced"):
        count_by_reason("InvitationsUnused", name, getattr(unused, name))
    count("LeavingGuardTripped", int(bool(report.report.stopped)))
    logger.info("people reconciled", extra=facts)
    if report.report.stopped:
        logger.error("leaving guard tripped", extra=facts)


def _emit_recheck_metrics(report: RecheckReport) -> None:
    count("RecordFaultsStanding", report.standing)
    count("RecordFaultsMended", len(report.mended))
    if report.mended:
        logger.info("records can be read again", extra={"records": report.mended})
    if report.stopped is not None:
        logger.warning("records at fault not looked at", extra=log_fields(report.stopped))


def _emit_report_metrics(report: DriftReport) -> None:
    count("CollectionsReconciled")
    count("GuardTripped", int(report.guard is not None))
    logger.info(
        "collection reconciled",
        extra=report.model_dump(mode="json", by_alias=True, exclude={"ids"}),
    )
    if report.guard is not None:
        logger.error(
            "mass-delete guard tripped",
            extra={
                "collection": report.collection,
                "reason": report.guard,
                "listed": report.listed,
                "previouslyListed": report.previously_listed,
            },
        )
