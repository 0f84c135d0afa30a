"""Queue of the partner messenger: parses SQS messages, and emits log lines and metrics of a run."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import override

from gridwix.errors import BudgetExhausted, GridwixError, UpstreamError
from gridwix.models.deadline import Deadline
from gridwix.models.events import Change
from gridwix.models.journal import JournalEntry
from gridwix.partner_messenger.attempts import DispatchVerdict
from gridwix.partner_messenger.dispatches import DispatchState
from gridwix.partner_messenger.service import MessengerReport, PartnerMessenger
from gridwix.runtime.build_report import report_build
from gridwix.runtime.journal_entries import MessageAttempt, message_entry
from gridwix.runtime.observability import count, count_by_reason, log_fields, logger
from gridwix.runtime.queue_runner import (
    Batch,
    QueueRunner,
    Redelivery,
    ScheduledEnvelope,
    emit_queue_metrics,
)
from gridwix.runtime.time_zones import report_time_zones

_ChangeEnvelope = ScheduledEnvelope[Change]
"""Envelope of a change. Built once: pydantic would look the parametrized model up at each use."""


class MessengerQueue(QueueRunner[Change | None, MessengerReport]):
    """Queue runner of the partner messenger: plans and sends messages to partners.

    An SQS message with a change fails, and is retried, until the occasions that the change triggers
    (reasons to write to a partner) are stored in the outbox. Sending is retried from the outbox.
    The parsed body is None for the message of the schedule.
    """

    def __init__(
        self,
        messenger: Callable[[], PartnerMessenger],
        redelivery: Callable[[], Redelivery],
        deadline: Deadline,
    ) -> None:
        super().__init__(redelivery)
        self._messenger = messenger
        self._deadline = deadline

    @override
    def parse(self, body: str) -> Change | None:
        return _ChangeEnvelope.model_validate_json(body).detail

    @override
    def run(self, batch: Batch[Change | None]) -> MessengerReport:
        changes = {change.event_id: change for change in batch.bodies if change is not None}
        return self._messenger().process_changes(
            list(changes.values()), self._deadline, scheduled=None in batch.bodies
        )

    @override
    def empty_report(self) -> MessengerReport:
        return MessengerReport()

    @override
    def failures(
        self, report: MessengerReport, batch: Batch[Change | None]
    ) -> Mapping[str, GridwixError]:
        return {
            message.id: report.failures[message.body.event_id]
            for message in batch.messages
            if message.body is not None and message.body.event_id in report.failures
        }

    @override
    def failures_of_all(
        self, error: GridwixError, batch: Batch[Change | None]
    ) -> Mapping[str, GridwixError]:
        # The schedule's message is not retried: the next one does the same.
        return {message.id: error for message in batch.messages if message.body is not None}

    @override
    def entries(
        self,
        report: MessengerReport,
        batch: Batch[Change | None],
        attempts: Mapping[str, MessageAttempt],
    ) -> Iterable[JournalEntry]:
        yield from super().entries(report, batch, attempts)
        ended_at = max((attempt.ended_at for attempt in attempts.values()), default=0.0)
        of_record: dict[tuple[str, str], dict[str, list[str]]] = {}
        for dispatch, verdict in report.dispatches.settled:
            messages = of_record.setdefault((dispatch.record, dispatch.partner_id), {})
            # Members are not named: two who get the same message share a line.
            name = f"{dispatch.campaign} {dispatch.channel or ''}".rstrip()
            messages.setdefault(name, []).append(_verdict_text(verdict))
        for (record, partner), messages in of_record.items():
            found = {name: ", ".join(dict.fromkeys(said)) for name, said in messages.items()}
            yield message_entry(record, partner, ended_at, found)

    @override
    def errors(self, report: MessengerReport) -> Iterable[GridwixError]:
        stopped = [
            error
            for error in (
                report.announced,
                report.dispatches.stopped,
                report.retention.stopped,
                report.history.stopped,
                report.erasure.stopped,
            )
            if error is not None
        ]
        return [*report.unannounced, *report.dispatches.errors, *stopped]

    @override
    def emit_metrics(
        self,
        report: MessengerReport,
        batch: Batch[Change | None],
        failures: Mapping[str, GridwixError],
    ) -> None:
        report_time_zones()
        report_build()
        stopped = report.dispatches.stopped
        # A budget that is used up stops a run as well, and is free again within a minute.
        if stopped is not None and not isinstance(stopped, BudgetExhausted):
            count("RunsFailed")
        counts = _metric_counts(report)
        for name, number in counts.items():
            count(name, number)
        for name, by_reason in _metric_counts_by_reason(report).items():
            for reason, number in by_reason.items():
                count_by_reason(name, reason, number)
        deferred = emit_queue_metrics(batch, failures, report.unknown, self.errors(report))
        logger.info(
            "messages_processed",
            extra={
                "counts": counts,
                "by_reason": _logged_reasons(report),
                "deferred": dict(deferred),
            },
        )
        for campaign, fault in report.dispatches.faults.items():
            # Safe to log: a fault quotes the template, which the customer wrote, and no value.
            logger.error("template_broken", extra={"campaign": campaign, "fault": fault})
        for error in dict.fromkeys([*self.errors(report), *failures.values()]):
            # Upstream errors are logged with the metrics of the queue.
            if not isinstance(error, UpstreamError):
                logger.warning("work_not_done", extra=log_fields(error))


def _verdict_text(verdict: DispatchVerdict) -> str:
    """Return the result of a message as the journal shows it, such as ``suppressed:no_member``."""
    state = "postponed" if verdict.state is DispatchState.PLANNED else str(verdict.state)
    return f"{state}:{verdict.reason}" if verdict.reason else state


def _metric_counts(report: MessengerReport) -> dict[str, int]:
    """Return the metrics of a run that have no dimension, by the name of the metric."""
    dispatches = report.dispatches
    return {
        "OccasionsPlanned": report.planned,
        "OccasionsTooOld": report.old.total(),
        "DispatchesSent": dispatches.sent.total(),
        "DispatchesCollected": dispatches.collected,
        "DispatchesSuppressed": dispatches.suppressed.total(),
        "DispatchesPostponed": dispatches.postponed.total(),
        "DispatchesFailed": dispatches.failed.total(),
        "DispatchesUnknown": dispatches.unknown,
        "TemplatesBroken": len(dispatches.faults),
        "StepsUnlocked": report.unlocked,
        "MessagesRemoved": report.retention.removed,
        "MemberRowsErased": report.erasure.erased,
    }


def _metric_counts_by_reason(report: MessengerReport) -> dict[str, Counter[str]]:
    """Return the metrics of a run that have the dimension reason, by the name of the metric."""
    return {
        "DispatchesSent": report.dispatches.sent,
        "DispatchesSuppressed": report.dispatches.suppressed,
        "DispatchesPostponed": report.dispatches.postponed,
        "DispatchesFailed": report.dispatches.failed,
        "RemovalsRefused": report.retention.refused
        + report.history.refused
        + report.erasure.refused,
    }


def _logged_reasons(report: MessengerReport) -> dict[str, dict[str, int]]:
    """Return the broken-down counts of a run for the log line, by the field names of the log.

    Sent messages are counted by channel; suppressed, postponed and failed messages by reason;
    events that were too old by campaign; rows that could not be removed by error code.
    """
    dispatches = report.dispatches
    reasons = {
        "sent": dispatches.sent,
        "suppressed": dispatches.suppressed,
        "postponed": dispatches.postponed,
        "failed": dispatches.failed,
        "too_old": report.old,
        "not_removed": report.retention.refused + report.history.refused + report.erasure.refused,
    }
    return {key: dict(counts) for key, counts in reasons.items()}
