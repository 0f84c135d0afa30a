"""The form intake's messages in, and what a run did as log lines and metrics."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from gridwix.errors import GridwixError, UpstreamError
from gridwix.form_intake.service import FormIntake, IntakeReport
from gridwix.models.events import FORM_SUBMITTED, PortalEvent
from gridwix.runtime.batch import Redelivery, defer, delay
from gridwix.runtime.environment import forget_credentials_after
from gridwix.runtime.observability import about, count, count_by_reason, logger
from gridwix.runtime.record_faults import name_record_faults
from gridwix.runtime.refused_items import refused_items
from gridwix.runtime.time_zones import report_time_zones

RINGS = 6
"""How often a message rings for its submission."""


class _Ring(BaseModel):
    """A message of the queue: a bus event, or the schedule's, which has no detail."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    detail: PortalEvent | None = None


def take_in(event: Mapping[str, Any], intake: Callable[[], FormIntake], redelivery: Callable[[], Redelivery], may_go_on: Callable[[], bool]) -> dict[str, Any]:
    """Deliver what waits in the inbox and answer which messages are not done: those whose submission is not in Trading Grid yet."""
    rung, malformed = _rung(event)
    failures: dict[str, GridwixError]
    try:
        report = intake().run(list(dict.fromkeys(rung.values())), may_go_on)
        failures = {message: report.failures[submission] for message, submission in rung.items() if submission in report.failures}
    except GridwixError as error:
        # The schedule's messages come again by themselves.
        report, failures = IntakeReport(), dict.fromkeys(rung, error)
    forget_credentials_after([*report.failures.values(), *failures.values(), *report.not_shown])
    _emit_metrics(report, failures, malformed)
    name_record_faults([*report.record_faults, *report.failures.values(), *failures.values(), *report.not_shown], refused_items)
    again = _defer(event, failures, redelivery)
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in [*malformed, *again]]}


def _rung(event: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The submission that each message tells of, and the messages that break the bus contract."""
    rung: dict[str, str] = {}
    malformed: list[str] = []
    for record in event["Records"]:
        try:
            detail = _Ring.model_validate_json(record["body"]).detail
        except ValidationError:
            malformed.append(record["messageId"])
            continue
        if detail is not None and detail.type == FORM_SUBMITTED:
            rung[record["messageId"]] = detail.subject.partition("/")[2]
    return rung, malformed


def _defer(event: Mapping[str, Any], failures: Mapping[str, GridwixError], redelivery: Callable[[], Redelivery]) -> list[str]:
    """Set when the messages of submissions that wait come again, and return them. One that has rung often enough is done: the schedule looks after the rest."""
    again: list[str] = []
    delays: dict[str, float] = {}
    for record in event["Records"]:
        identifier, receives = record["messageId"], int(record["attributes"]["ApproximateReceiveCount"])
        if identifier in failures and receives < RINGS:
            again.append(identifier)
            delays[record["receiptHandle"]] = delay(receives, failures[identifier].wait, random.random())  # noqa: S311 - no secret
    defer(redelivery(), delays)
    return again


def _emit_metrics(report: IntakeReport, failures: Mapping[str, GridwixError], malformed: list[str]) -> None:
    requests = sum(outcome.record.startswith("collaboration-requests/") for outcome in report.delivered.values())
    refusals = Counter(outcome.refusal for outcome in report.delivered.values() if outcome.refusal)
    report_time_zones()
    count("RequestsMade", requests)
    count("FollowUpsDone", len(report.delivered) - requests - refusals.total())
    for refusal, submissions in refusals.items():
        count_by_reason("FollowUpsNotPossible", refusal, submissions)
    count("RequestsUnmatched", report.unmatched)
    count("SubmissionsHeld", len(report.held))
    count("SubmissionsWaiting", len(report.failures) or len(failures))
    count("MessagesMalformed", len(malformed))
    for reason, submissions in Counter(report.held.values()).items():
        count_by_reason("SubmissionsHeld", reason, submissions)
    reasons = Counter(error.code for error in failures.values())
    for code, messages in reasons.items():
        count_by_reason("MessagesDeferred", code, messages)
    for value, times in report.unknown.items():
        count_by_reason("UnknownValues", value, times)
    made = {"requests": requests, "followUps": len(report.delivered) - requests, "notPossible": refusals}
    held = {identifier: reason.value for identifier, reason in report.held.items()}
    logger.info("inbox worked off", extra={**made, "unmatched": report.unmatched, "held": held, "waiting": len(report.failures)})
    for error in dict.fromkeys([*report.failures.values(), *failures.values(), *report.refusals, *report.not_shown]):
        if isinstance(error, UpstreamError):
            logger.warning("call failed", extra=about(error))
    for identifier in malformed:
        logger.error("message malformed", extra={"messageId": identifier})
