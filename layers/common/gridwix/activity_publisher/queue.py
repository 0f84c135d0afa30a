"""The activity publisher's queue: its messages, and the log lines and metrics of a run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import override

from gridwix.activity_publisher.service import ActivityPublisher, ActivityReport
from gridwix.errors import GridwixError, UpstreamError
from gridwix.models.deadline import Deadline
from gridwix.runtime.observability import count, logger
from gridwix.runtime.publication_metrics import emit_metrics
from gridwix.runtime.queue_runner import Batch, QueueRunner, Redelivery

PUBLISHING_RESERVE = 60.0
"""Seconds that publishing a thousand rows, and storing which ones are done, may need."""


class ActivityQueue(QueueRunner[None, ActivityReport]):
    """Runs the activity publisher once for all SQS messages of a batch.

    Message bodies are not read, since each message requests the same run. If a row could not be
    published, all messages return to the queue with a delay (they are deferred), and the next run
    publishes the rows that are left.

    Args:
        publisher: Returns the activity publisher.
        redelivery: Sets the backoff of messages.
        deadline: Time limit of the invocation. When it is near, no further documents are read from
            Lens.
    """

    def __init__(
        self,
        publisher: Callable[[], ActivityPublisher],
        redelivery: Callable[[], Redelivery],
        deadline: Deadline,
    ) -> None:
        super().__init__(redelivery)
        self._publisher = publisher
        self._deadline = deadline

    @override
    def parse(self, body: str) -> None:
        return None

    @override
    def run(self, batch: Batch[None]) -> ActivityReport:
        return self._publisher().publish_activity(
            self._deadline, replace(self._deadline, reserve=PUBLISHING_RESERVE)
        )

    @override
    def empty_report(self) -> ActivityReport:
        return ActivityReport()

    @override
    def failures(self, report: ActivityReport, batch: Batch[None]) -> Mapping[str, GridwixError]:
        # A failed call is worth more than a held row: it is logged, and may name a delay.
        reason = max(
            report.reasons.values(),
            key=lambda error: (isinstance(error, UpstreamError), error.wait or 0.0),
            default=None,
        )
        return {} if reason is None else {message.id: reason for message in batch.messages}

    @override
    def errors(self, report: ActivityReport) -> Iterable[GridwixError]:
        return report.faults

    @override
    def emit_metrics(
        self, report: ActivityReport, batch: Batch[None], failures: Mapping[str, GridwixError]
    ) -> None:
        emit_metrics(report, batch, failures)
        count("SlicesRead", report.slices)
        count("DocumentsCounted", report.documents)
        count("DocumentsUnmapped", report.unmapped)
        logger.info(
            "documents_counted",
            extra={
                "slices": report.slices,
                "documents": report.documents,
                "unmapped": report.unmapped,
                "unreadable": report.unreadable,
                "more": report.more,
                "overtaken": report.overtaken,
            },
        )
