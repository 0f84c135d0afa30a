"""What a run of ``transaction_monitor`` did, as a log line and metrics."""

from gridwix.models.transactions import ExceptionKind
from gridwix.runtime.observability import count, count_by_reason, logger
from gridwix.runtime.record_faults import name_record_faults
from gridwix.runtime.refused_items import refused_items
from gridwix.transaction_monitor.service import MonitorReport


def emit_metrics(report: MonitorReport) -> None:
    """One line and the metrics of a run."""
    count("TransactionsRead", report.entries)
    for kind in ExceptionKind:
        if report.raised[kind]:
            count_by_reason("ExceptionsRaised", kind, report.raised[kind])
    count("ExceptionsRaised", report.raised.total())
    count("ExceptionsOver", report.over)
    count("TransactionsUnnamed", report.unnamed)
    name_record_faults(report.faults, refused_items)
    for value, times in report.unknown.items():
        count_by_reason("UnknownValues", value, times)
    logger.info(
        "transactions read",
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
