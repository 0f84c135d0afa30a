"""The messenger's messages in, and what a run did as log lines and metrics."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from gridwix.errors import GridwixError, UpstreamError
from gridwix.models.events import Change
from gridwix.partner_messenger.service import MessengerReport, PartnerMessenger
from gridwix.runtime.batch import Redelivery, defer, delay
from gridwix.runtime.environment import forget_credentials_after
from gridwix.runtime.observability import about, count, count_by_reason, logger
from gridwix.runtime.record_faults import name_record_faults
from gridwix.runtime.refused_items import refused_items
from gridwix.runtime.time_zones import report_time_zones


class _Message(BaseModel):
    """A message of the queue: a bus event, or the schedule's, which has no detail."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    detail: Change | None = None


def deliver(
    event: Mapping[str, Any], messenger: Callable[[], PartnerMessenger], redelivery: Callable[[], Redelivery], may_go_on: Callable[[], bool]
) -> dict[str, Any]:
    """Run the messenger and answer which messages are not done: those whose occasions are not in the outbox."""
    changes, malformed = _changes(event)
    scheduled = len(changes) + len(malformed) < len(event["Records"])
    try:
        report = messenger().run(list({change.event_id: change for change in changes.values()}.values()), may_go_on, scheduled=scheduled)
        failures = {message: report.failures[change.event_id] for message, change in changes.items() if change.event_id in report.failures}
    except GridwixError as error:
        # The schedule's messages come again by themselves.
        report, failures = MessengerReport(), dict.fromkeys(changes, error)
    stopped = [error for error in (report.dispatches.stopped, report.retention.stopped) if error is not None]
    errors = [*failures.values(), *report.dispatches.errors, *stopped]
    forget_credentials_after(errors)
    _emit_metrics(report, failures, malformed, errors)
    name_record_faults(errors, refused_items)
    records = {record["messageId"]: record for record in event["Records"]}
    waits = {
        records[message]["receiptHandle"]: delay(int(records[message]["attributes"]["ApproximateReceiveCount"]), error.wait, random.random())  # noqa: S311
        for message, error in failures.items()
    }
    defer(redelivery(), waits)
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in [*malformed, *failures]]}


def _changes(event: Mapping[str, Any]) -> tuple[dict[str, Change], list[str]]:
    """The change that each message tells of, and the messages that break the bus contract."""
    changes: dict[str, Change] = {}
    malformed: list[str] = []
    for record in event["Records"]:
        try:
            detail = _Message.model_validate_json(record["body"]).detail
        except ValidationError:
            malformed.append(record["messageId"])
            continue
        if detail is not None:
            changes[record["messageId"]] = detail
    return changes, malformed


def _emit_metrics(report: MessengerReport, failures: Mapping[str, GridwixError], malformed: list[str], errors: list[GridwixError]) -> None:
    report_time_zones()
    done = report.dispatches
    facts = {
        "OccasionsPlanned": report.planned,
        "OccasionsTooOld": report.old.total(),
        "DispatchesSent": done.sent.total(),
        "DispatchesCollected": done.collected,
        "DispatchesSuppressed": done.suppressed.total(),
        "DispatchesPostponed": done.postponed.total(),
        "DispatchesFailed": done.failed.total(),
        "DispatchesUnknown": done.unknown,
        "TemplatesBroken": len(done.faults),
        "StepsUnlocked": report.unlocked,
        "MessagesRemoved": report.retention.removed,
    }
    for name, number in facts.items():
        count(name, number)
    count("MessagesMalformed", len(malformed))
    reasons = Counter(error.code for error in failures.values())
    by_reason = {
        "DispatchesSent": done.sent,
        "DispatchesSuppressed": done.suppressed,
        "DispatchesFailed": done.failed,
        "MessagesDeferred": reasons,
        "RemovalsRefused": report.retention.refused,
        "UnknownValues": report.unknown,
    }
    for name, counts in by_reason.items():
        for reason, number in counts.items():
            count_by_reason(name, reason, number)
    named = {
        "sent": done.sent,
        "suppressed": done.suppressed,
        "postponed": done.postponed,
        "failed": done.failed,
        "deferred": reasons,
        "tooOld": report.old,
        "notRemoved": report.retention.refused,
    }
    logger.info("messages worked off", extra={"counts": facts, **{name: dict(counts) for name, counts in named.items()}})
    for campaign, fault in done.faults.items():
        # A fault quotes the template, which is the customer's own, and no value.
        logger.error("template broken", extra={"campaign": campaign, "fault": fault})
    for error in dict.fromkeys(errors):
        logger.warning("call failed" if isinstance(error, UpstreamError) else "not done", extra=about(error))
    for identifier in malformed:
        logger.error("message malformed", extra={"messageId": identifier})
