"""The case opener's messages in, and what it did as log lines and metrics."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from gridwix.case_opener.service import CaseOpener, CaseReport
from gridwix.errors import GridwixError, UpstreamError
from gridwix.runtime.batch import Redelivery, answer, read_batch
from gridwix.runtime.environment import forget_credentials_after
from gridwix.runtime.observability import about, count, count_by_reason, logger
from gridwix.runtime.record_faults import name_record_faults
from gridwix.runtime.refused_items import refused_items


def open_cases(event: Mapping[str, Any], opener: Callable[[], CaseOpener], redelivery: Callable[[], Redelivery]) -> dict[str, Any]:
    """Handle an SQS batch and answer which messages are not done; when they come again is set by the reason."""
    batch = read_batch(event)
    try:
        report = opener().handle(batch.changes)
        failures = {message.id: report.failures[message.change.event_id] for message in batch.messages if message.change.event_id in report.failures}
    except GridwixError as error:
        report, failures = CaseReport(), dict.fromkeys((message.id for message in batch.messages), error)
    forget_credentials_after(failures.values())
    _emit_metrics(report, failures)
    name_record_faults(failures.values(), refused_items)
    for identifier, invalid in batch.malformed.items():
        logger.error("message malformed", extra={"messageId": identifier, "members": str(invalid)})
    count("MessagesMalformed", len(batch.malformed))
    return answer(batch, failures, redelivery())


def _emit_metrics(report: CaseReport, failures: Mapping[str, GridwixError]) -> None:
    facts = {"CasesOpened": report.opened, "CasesJoined": report.joined, "CasesUpdated": report.updated, "CasesUnchanged": report.unchanged}
    for name, number in facts.items():
        count(name, number)
    reasons = Counter(error.code for error in failures.values())
    for reason, messages in reasons.items():
        count_by_reason("MessagesDeferred", reason, messages)
    for value, times in report.unknown.items():
        count_by_reason("UnknownValues", value, times)
    logger.info("cases brought up to date", extra={**facts, "deferred": dict(reasons)})
    for error in dict.fromkeys(failures.values()):
        if isinstance(error, UpstreamError):
            logger.warning("call failed", extra=about(error))
