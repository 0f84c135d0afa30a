"""The transaction monitor's queue: its messages, and the log lines and metrics of a run."""

from collections.abc import Callable, Iterable, Mapping
from typing import override

from gridwix.errors import GridwixError
from gridwix.models.deadline import Deadline
from gridwix.models.transactions import ExceptionKind
from gridwix.runtime.observability import (
    count,
    count_by_reason,
    count_unknown_values,
    log_fields,
    logger,
)
from gridwix.runtime.queue_runner import Batch, QueueRunner
from gridwix.transaction_monitor.service import MonitorReport, TransactionMonitor


class MonitorQueue(QueueRunner[None, MonitorReport]):
    """Queue runner that searches Lens for faulty transactions, once for all messages of a batch.

    Lens is the transaction search of Trading Grid. A run begins at the stored cursor: the time up
    to which the last run has read. Message bodies are not read: each message asks for the same run.
    Failed messages keep the queue's visibility timeout.
    """

    def __init__(self, monitor: Callable[[], TransactionMonitor], deadline: Deadline) -> None:
        super().__init__(redelivery=None)
        self._monitor = monitor
        self._deadline = deadline

    @override
    def parse(self, body: str) -> None:
        return None

    @override
    def run(self, batch: Batch[None]) -> MonitorReport:
        return self._monitor().announce_exceptions(self._deadline)

    @override
    def empty_report(self) -> MonitorReport:
        return MonitorReport()

    @override
    def failures(self, report: MonitorReport, batch: Batch[None]) -> Mapping[str, GridwixError]:
        return {}

    @override
    def errors(self, report: MonitorReport) -> Iterable[GridwixError]:
        return report.faults

    @override
    def emit_metrics(
        self, report: MonitorReport, batch: Batch[None], failures: Mapping[str, GridwixError]
    ) -> None:
        # A run fails as a whole: then all messages have the same error, and there is no report.
        for error in set(failures.values()):
            count("SearchesFailed")
            logger.error("transactions_not_read", extra=log_fields(error))
        if not failures:
            _emit_run_metrics(report)


def _emit_run_metrics(report: MonitorReport) -> None:
    count("TransactionsRead", report.entries)
    for kind in ExceptionKind:
        if report.raised[kind]:
            count_by_reason("ExceptionsRaised", kind, report.raised[kind])
    count("ExceptionsRaised", report.raised.total())
    count("ExceptionsOver", report.over)
    count("TransactionsUnnamed", report.unnamed)
    count_unknown_values(report.unknown)
    logger.info(
        "transactions_read",
        extra={
            "entries": report.entries,
            "raised": report.raised,
            "changed": report.changed,
            "over": report.over,
            "unknown": report.unknown,
            "unnamed": report.unnamed,
            "unreadable": report.unreadable,
            "more": report.more,
            "overtaken": report.overtaken,
        },
    )
