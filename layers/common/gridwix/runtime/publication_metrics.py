"""What a run did, as log lines and metrics."""

from collections import Counter
from collections.abc import Mapping

from gridwix.errors import GridwixError, UpstreamError
from gridwix.publication.changes import ChangeReport
from gridwix.publication.publisher import Verdict
from gridwix.runtime.batch import Batch
from gridwix.runtime.observability import about, count, count_by_reason, logger

MAX_NAMED = 50
"""Most refused rows and most conflicts that one run names in its log; refused rows are in the store of refused items, conflicts on the rows."""


def emit_metrics(report: ChangeReport, batch: Batch, failures: Mapping[str, GridwixError]) -> None:
    """One line with the counts, one for each refused row and each kind of failure, and a metric for each
    verdict, each reason to defer and each value that no label is known for."""
    counts = {verdict.value: report.count(verdict) for verdict in Verdict}
    for verdict, rows in counts.items():
        count(f"Rows{verdict.capitalize()}", rows)
    count("MessagesMalformed", len(batch.malformed))
    reasons = Counter(error.code for error in failures.values())
    for reason, messages in reasons.items():
        count_by_reason("MessagesDeferred", reason, messages)
    for value, times in report.unknown.items():
        count_by_reason("UnknownValues", value, times)
    logger.info("published", extra={"messages": len(batch.messages), "malformed": len(batch.malformed), "rows": counts, "deferred": dict(reasons)})
    for error in dict.fromkeys(failures.values()):
        if isinstance(error, UpstreamError):
            logger.warning("call failed", extra=about(error))
    if report.conflicts:
        count("FieldConflicts", len(report.conflicts))
    for collection, item, name in report.conflicts[:MAX_NAMED]:
        logger.warning("field in conflict", extra={"collection": collection, "itemId": item, "field": name})
    for refusal in report.refusals[:MAX_NAMED]:
        logger.warning("row refused", extra={"collection": refusal.collection, "itemId": refusal.item_id, "code": refusal.code})
    for identifier, invalid in batch.malformed.items():
        logger.error("message malformed", extra={"messageId": identifier, "members": str(invalid)})
