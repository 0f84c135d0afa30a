"""Queue of form_intake, the function that delivers portal form submissions to Trading Grid.

Parses the SQS messages, runs the delivery, and writes the log lines, metrics and journal entries.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import override

from gridwix.errors import GridwixError
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.service import FormIntake
from gridwix.models.deadline import Deadline
from gridwix.models.events import FORM_SUBMITTED, PortalEvent
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.partner_requests.submissions import HoldReason
from gridwix.publication.publisher import Verdict
from gridwix.runtime.build_report import report_build
from gridwix.runtime.journal_entries import MessageAttempt, attempt_entry, function_name
from gridwix.runtime.observability import count, count_by_reason, logger
from gridwix.runtime.queue_runner import (
    Batch,
    QueueRunner,
    Redelivery,
    ScheduledEnvelope,
    emit_queue_metrics,
)
from gridwix.runtime.time_zones import report_time_zones

MAX_RECEIVES = 6
"""Receives of a message before it is dropped. Its submission stays in the inbox, and the scheduled
run makes all later attempts."""

_PortalEventEnvelope = ScheduledEnvelope[PortalEvent]
"""Built once: pydantic looks a parametrized model up in its caches at each use."""


class IntakeQueue(QueueRunner[PortalEvent | None, IntakeReport]):
    """SQS queue of the form intake: each invocation delivers all open submissions of the inbox.

    It does not matter which submissions the messages name. A message fails, and is received again
    (``MAX_RECEIVES`` times in all), until its submission is delivered, is held for manual review or
    waits for its files. The body is None for the schedule's message, which names no submission.
    """

    def __init__(
        self,
        intake: Callable[[], FormIntake],
        redelivery: Callable[[], Redelivery],
        deadline: Deadline,
    ) -> None:
        super().__init__(redelivery)
        self._intake = intake
        self._deadline = deadline

    @override
    def parse(self, body: str) -> PortalEvent | None:
        return _PortalEventEnvelope.model_validate_json(body).detail

    @override
    def run(self, batch: Batch[PortalEvent | None]) -> IntakeReport:
        named = dict.fromkeys(_submission_ids(batch).values())
        # Rows that earlier runs have left are the schedule's: an event asks for its submission.
        is_scheduled = any(message.body is None for message in batch.messages)
        return self._intake().deliver_submissions(
            list(named), self._deadline, publish_due=is_scheduled
        )

    @override
    def empty_report(self) -> IntakeReport:
        return IntakeReport()

    @override
    def failures(
        self, report: IntakeReport, batch: Batch[PortalEvent | None]
    ) -> Mapping[str, GridwixError]:
        return {
            message: report.failures[submission]
            for message, submission in _submission_ids(batch).items()
            if submission in report.failures
        }

    @override
    def failures_of_all(
        self, error: GridwixError, batch: Batch[PortalEvent | None]
    ) -> Mapping[str, GridwixError]:
        # The schedule sends its next message anyway.
        return dict.fromkeys(_submission_ids(batch), error)

    @override
    def returned(
        self, failures: Mapping[str, GridwixError], batch: Batch[PortalEvent | None]
    ) -> Iterable[str]:
        return [
            message.id
            for message in batch.messages
            if message.id in failures and message.receives < MAX_RECEIVES
        ]

    @override
    def entries(
        self,
        report: IntakeReport,
        batch: Batch[PortalEvent | None],
        attempts: Mapping[str, MessageAttempt],
    ) -> Iterable[JournalEntry]:
        # A run delivers what is in the inbox, named by a message or not.
        named = {
            submission: (message.body, attempts[message.id])
            for message in batch.messages
            for submission in [_submission_ids(batch).get(message.id, "")]
        }
        unnamed = next(iter(attempts.values()), None)
        for submission in {
            **report.delivered,
            **report.held,
            **report.failures,
            **report.files_awaited,
            **named,
        }:
            event, attempt = named.get(submission, (None, unnamed))
            if submission and attempt is not None:
                yield _submission_entry(report, submission, event, attempt)

    @override
    def errors(self, report: IntakeReport) -> Iterable[GridwixError]:
        return [
            *report.record_faults,
            *report.failures.values(),
            *report.files_awaited.values(),
            *report.not_shown,
        ]

    @override
    def emit_metrics(
        self,
        report: IntakeReport,
        batch: Batch[PortalEvent | None],
        failures: Mapping[str, GridwixError],
    ) -> None:
        report_time_zones()
        report_build()
        # An answer to a request has the request as its record, and makes none.
        requests = sum(outcome.request is not None for outcome in report.delivered.values())
        refusals = Counter(
            outcome.refusal for outcome in report.delivered.values() if outcome.refusal
        )
        count("RequestsMade", requests)
        count("FollowUpsDone", len(report.delivered) - requests - refusals.total())
        for refusal, submissions in refusals.items():
            count_by_reason("FollowUpsNotPossible", refusal, submissions)
        count("RequestsUnmatched", report.unmatched)
        count("SubmissionsHeld", len(report.held))
        # Spam is held as well, and asks nobody to look.
        count(
            "SubmissionsToReview",
            sum(reason is not HoldReason.HONEYPOT for reason in report.held.values()),
        )
        for verdict in Verdict:
            count(f"Rows{verdict.capitalize()}", report.rows[verdict])
        count("SubmissionsWaiting", len(report.failures) or len(failures))
        count("SubmissionsAwaitingFiles", len(report.files_awaited))
        for reason, submissions in Counter(report.held.values()).items():
            count_by_reason("SubmissionsHeld", reason, submissions)
        emit_queue_metrics(
            batch,
            failures,
            report.unknown,
            [*report.failures.values(), *report.refusals, *report.not_shown],
        )
        made = {
            "requests": requests,
            "follow_ups": len(report.delivered) - requests - refusals.total(),
            "not_possible": refusals,
        }
        held = {identifier: reason.value for identifier, reason in report.held.items()}
        logger.info(
            "inbox_processed",
            extra={
                **made,
                "unmatched": report.unmatched,
                "held": held,
                "waiting": len(report.failures),
                "awaiting_files": len(report.files_awaited),
            },
        )


def _submission_entry(
    report: IntakeReport, submission: str, event: PortalEvent | None, attempt: MessageAttempt
) -> JournalEntry:
    """Return the journal's entry of one submission.

    It has the record that was created from the submission, or the reason why there is none.
    """
    outcome = report.delivered.get(submission)
    failure = report.failures.get(submission) or report.files_awaited.get(submission)
    held = report.held.get(submission)
    entry = attempt_entry(event, attempt) or JournalEntry(
        record=f"submissions/{submission}",
        at=attempt.ended_at,
        function=function_name(),
        outcome=JournalOutcome.DONE if failure is None else JournalOutcome.DROPPED,
        event_id="",
        event_type=FORM_SUBMITTED,
        request_id=attempt.request_id,
        reason="" if failure is None else failure.code,
    )
    if outcome is not None:
        return replace(entry, rows={outcome.record: outcome.refusal or "delivered"})
    return entry if held is None else replace(entry, reason=held.value)


def _submission_ids(batch: Batch[PortalEvent | None]) -> dict[str, str]:
    """Return the id of the submission that each message names, by message id.

    Messages that name no submission are left out.
    """
    named: dict[str, str] = {}
    for message in batch.messages:
        if message.body is not None and message.body.type == FORM_SUBMITTED:
            named[message.id] = message.body.subject.partition("/")[2]
    return named
