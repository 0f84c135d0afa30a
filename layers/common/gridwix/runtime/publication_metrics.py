"""Log lines and metrics of a run that publishes rows to the portal."""

from collections.abc import Mapping

from gridwix.errors import GridwixError
from gridwix.publication.changes import ChangeReport
from gridwix.publication.publisher import Verdict
from gridwix.runtime.observability import count, logger
from gridwix.runtime.queue_runner import Batch, emit_queue_metrics

MAX_NAMED = 50
"""Maximum number of refused rows, and of field conflicts, that one run names in its log.

The store of refused items has all refused rows; the rows themselves have their conflicts.
"""


def emit_metrics[Body](
    report: ChangeReport, batch: Batch[Body], failures: Mapping[str, GridwixError]
) -> None:
    """Emit the metrics and log lines of a run that publishes rows.

    There is a metric for each possible result of a row (unchanged, written, refused, deferred), a
    log line with the counts, and one for each refused row and each field conflict.

    Args:
        report: The report of the run.
        batch: The messages of the run, and the malformed ones.
        failures: The error of each failed message, by message id.
    """
    counts = {verdict.value: report.count(verdict) for verdict in Verdict}
    for verdict, rows in counts.items():
        count(f"Rows{verdict.capitalize()}", rows)
    deferred = emit_queue_metrics(batch, failures, report.unknown)
    logger.info(
        "rows_published",
        extra={
            "messages": len(batch.messages),
            "malformed": len(batch.malformed),
            "rows": counts,
            "deferred": deferred,
        },
    )
    if report.conflicts:
        count("FieldConflicts", len(report.conflicts))
    for collection, item, name in report.conflicts[:MAX_NAMED]:
        logger.warning(
            "field_conflict", extra={"collection": collection, "item_id": item, "field": name}
        )
    for refusal in report.refusals[:MAX_NAMED]:
        logger.warning(
            "row_refused",
            extra={
                "collection": refusal.collection,
                "item_id": refusal.item_id,
                "code": refusal.code,
            },
        )
