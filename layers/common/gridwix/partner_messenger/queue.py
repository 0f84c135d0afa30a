"""Queue of the messenger: parses its messages, emits log lines and metrics of a run."""

from collections.abc import Callable, Iterable, Mapping
from typing import override

from gridwix.errors import GridwixError, UpstreamError
from gridwix.models.deadline import Deadline
from gridwix.models.events import Change
from gridwix.partner_messenger.service import MessengerReport, PartnerMessenger
from gridwix.runtime.observability import count, count_by_reason, log_fields, logger
from gridwix.runtime.queue_runner import Batch, QueueRunner, Redelivery, ScheduledEnvelope, emit_queue_metrics
from gridwix.runtime.time_zones import report_time_zones


class MessengerQueue(QueueRunner[Change | None, MessengerReport]):
    """Plans and sends partner messages.

    A queue message fails, and is retried, until the occasions of its change are in the outbox. The
    body is None for the schedule's message.
    """

    def __init__(self, messenger: Callable[[], PartnerMessenger], redelivery: Callable[[], Redelivery], deadline: Deadline) -> None:
        super().__init__(redelivery)
        self._messenger = messenger
        self._deadline = deadline

    @override
    def parse(self, body: str) -> Change | None:
        return ScheduledEnvelope[Change].model_validate_json(body).detail

    @override
    def run(self, batch: Batch[Change | None]) -> MessengerReport:
        changes = {change.event_id: change for change in batch.bodies if change is not None}
        return self._messenger().run(list(changes.values()), self._deadline, scheduled=None in batch.bodies)

    @override
    def empty_report(self) -> MessengerReport:
        return MessengerReport()

    @override
    def failures(self, report: MessengerReport, batch: Batch[Change | None]) -> Mapping[str, GridwixError]:
        return {
            message.id: report.failures[message.body.event_id]
            for message in batch.messages
            if message.body is not None and message.body.event_id in report.failures
        }

    @override
    def failures_of_all(self, error: GridwixError, batch: Batch[Change | None]) -> Mapping[str, GridwixError]:
        # The schedule's message is not retried: the next one does the same.
        return {message.id: error for message in batch.messages if message.body is not None}

    @override
    def errors(self, report: MessengerReport) -> Iterable[GridwixError]:
        stopped = [error for error in (report.dispatches.stopped, report.retention.stopped) if error is not None]
        return [*report.dispatches.errors, *stopped]

    @override
    def emit_metrics(self, report: MessengerReport, batch: Batch[Change | None], failures: Mapping[str, GridwixError]) -> None:
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
        by_reason = {
            "DispatchesSent": done.sent,
            "DispatchesSuppressed": done.suppressed,
            "DispatchesFailed": done.failed,
            "RemovalsRefused": report.retention.refused,
        }
        for name, counts in by_reason.items():
            for reason, number in counts.items():
                count_by_reason(name, reason, number)
        deferred = emit_queue_metrics(batch, failures, report.unknown, self.errors(report))
        named = {
            "sent": done.sent,
            "suppressed": done.suppressed,
            "postponed": done.postponed,
            "failed": done.failed,
            "deferred": deferred,
            "tooOld": report.old,
            "notRemoved": report.retention.refused,
        }
        logger.info("messages worked off", extra={"counts": facts, **{name: dict(counts) for name, counts in named.items()}})
        for campaign, fault in done.faults.items():
            # Safe to log: a fault quotes the template, which the customer wrote, and no value.
            logger.error("template broken", extra={"campaign": campaign, "fault": fault})
        for error in dict.fromkeys([*self.errors(report), *failures.values()]):
            if not isinstance(error, UpstreamError):
                logger.warning("not done", extra=log_fields(error))
