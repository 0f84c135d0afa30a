"""The reconciler's messages in, and what its pages did as log lines and metrics."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from gridwix.errors import GridwixError, InvalidEvent
from gridwix.models.ids import CollectionId
from gridwix.models.reconciliation import RUN_MESSAGE, DriftReport, FullPage, RunMessage, RunRequest, SweepPage
from gridwix.reconciler.fault_recheck import RecheckReport
from gridwix.reconciler.service import PageReport, Reconciler
from gridwix.reconciler.sweep import Sweep, SweepReport
from gridwix.runtime.batch import Redelivery, defer, delay
from gridwix.runtime.observability import about, count, logger

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the reconciler's queue. ``run`` and ``sent`` name a run that begins with it: the same however often the message is delivered."""

    body: RunMessage
    run: str
    sent: datetime
    receipt_handle: str
    receives: int


class Reconciliation:
    """Both ways to reconcile behind one door."""

    def __init__(self, sweep: Sweep, reconciler: Reconciler) -> None:
        self._sweep = sweep
        self._reconciler = reconciler

    @property
    def collections(self) -> Sequence[CollectionId]:
        """What is compared, in this order."""
        return self._reconciler.collections

    def handle(self, body: RunMessage, *, run: str, begun: datetime) -> SweepReport | PageReport:
        """Begin a run that was asked for, or go on with one. Raises GridwixError; the message is then to be handled again."""
        match body:
            case RunRequest(mode="sweep"):
                return self._sweep.handle(self._sweep.first_page(body, run=run))
            case RunRequest():
                return self._reconciler.handle(self._reconciler.first_page(body, run=run, begun=begun))
            case SweepPage():
                return self._sweep.handle(body)
            case FullPage():
                return self._reconciler.handle(body)


def read_message(record: Mapping[str, Any]) -> Message:
    """Read one record of an SQS event. Raises InvalidEvent, naming the members that are wrong."""
    attributes = record["attributes"]
    try:
        body = RUN_MESSAGE.validate_json(record["body"])
    except ValidationError as error:
        faults = {".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False, include_context=False, include_url=False)}
        raise InvalidEvent("; ".join(sorted(faults))) from None
    sent = datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC)
    name = _NOT_IN_A_NAME.sub("", record["messageId"])[:80]
    return Message(body, f"{body.mode}-{name}", sent, record["receiptHandle"], int(attributes["ApproximateReceiveCount"]))


def try_later(message: Message, error: GridwixError, redelivery: Redelivery, jitter: Callable[[], float] = random.random) -> None:
    """Set when a message that is not done comes again."""
    defer(redelivery, {message.receipt_handle: delay(message.receives, error.wait, jitter())})


def emit_metrics(report: SweepReport | PageReport) -> None:
    """One line and the metrics of a page; one more line for the report that ends a collection."""
    if isinstance(report, SweepReport):
        count("RecordsSwept", report.found)
        logger.info("swept", extra={"records": report.found, "finished": report.finished, "overtaken": report.overtaken})
        if report.untold is not None:
            logger.warning("the portal was not told how new it is", extra={"code": report.untold.code})
        if report.recheck is not None:
            _emit_recheck_metrics(report.recheck)
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


def _emit_recheck_metrics(report: RecheckReport) -> None:
    count("RecordFaultsStanding", report.standing)
    count("RecordFaultsMended", len(report.mended))
    if report.mended:
        logger.info("records can be read again", extra={"records": report.mended})
    if report.stopped is not None:
        logger.warning("records at fault not looked at", extra=about(report.stopped))


def _emit_report_metrics(report: DriftReport) -> None:
    count("CollectionsReconciled")
    count("GuardTripped", int(report.guard is not None))
    logger.info("collection reconciled", extra=report.model_dump(mode="json", by_alias=True, exclude={"ids"}))
    if report.guard is not None:
        logger.error(
            "mass-delete guard tripped",
            extra={"collection": report.collection, "reason": report.guard, "listed": report.listed, "previouslyListed": report.previously_listed},
        )
