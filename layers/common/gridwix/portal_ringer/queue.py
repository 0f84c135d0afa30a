"""Queue of ``portal_ringer``, the function that makes open portal pages reload changed sections.

Parses the SQS messages, and emits the log lines and metrics of each batch.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import override

from gridwix.errors import GridwixError
from gridwix.models.deadline import Deadline
from gridwix.models.journal import JournalEntry
from gridwix.portal_ringer.messages import (
    ChangesMessage,
    RingerMessage,
    RingMessage,
    parse_message,
)
from gridwix.portal_ringer.service import PortalRinger, RingReport
from gridwix.ports import Clock
from gridwix.runtime.journal_entries import MessageAttempt, ring_entry
from gridwix.runtime.observability import count, logger
from gridwix.runtime.queue_runner import (
    SYSTEM_CLOCK,
    Batch,
    QueueRunner,
    Redelivery,
    emit_queue_metrics,
)

MAX_AGE = timedelta(minutes=10)
"""Age at which a ring is dropped: by then, every open page has polled the numbers. A change is
never dropped, because pages that get no rings see it by its number.
"""


class RingerQueue(QueueRunner[RingerMessage, RingReport]):
    """Queue runner of ``portal_ringer``, which makes open portal pages reload changed sections.

    There are two kinds of messages. A message of another function reports changed sections: the
    changes are counted, and a ring (a message with the new counts) is sent to the open pages. A
    message of ``portal_ringer`` itself is a ring that is to be sent again: a repeat, or the retry
    of a failed one.
    """

    def __init__(
        self,
        ringer: Callable[[], PortalRinger],
        redelivery: Callable[[], Redelivery],
        deadline: Deadline,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(redelivery, clock=clock)
        self._ringer = ringer
        self._deadline = deadline

    @override
    def parse(self, body: str) -> RingerMessage:
        return parse_message(body)

    @override
    def run(self, batch: Batch[RingerMessage]) -> RingReport:
        oldest = datetime.fromtimestamp(self._clock(), UTC) - MAX_AGE
        changes: dict[str, ChangesMessage] = {}
        rings: dict[str, RingMessage] = {}
        overtaken = 0
        for message in batch.messages:
            match message.body:
                case ChangesMessage() as body:
                    changes[message.id] = body
                case body if message.sent < oldest:
                    overtaken += len(body.rings)
                case body:
                    rings[message.id] = body
        return self._ringer().send_rings(changes, rings, self._deadline) + RingReport(
            dropped=overtaken
        )

    @override
    def empty_report(self) -> RingReport:
        return RingReport()

    @override
    def failures(
        self, report: RingReport, batch: Batch[RingerMessage]
    ) -> Mapping[str, GridwixError]:
        return report.failures

    @override
    def errors(self, report: RingReport) -> Iterable[GridwixError]:
        return report.errors

    @override
    def entries(
        self,
        report: RingReport,
        batch: Batch[RingerMessage],
        attempts: Mapping[str, MessageAttempt],
    ) -> Iterable[JournalEntry]:
        # Repeats are left out: they say the same to pages that have missed it.
        ended_at = max((attempt.ended_at for attempt in attempts.values()), default=0.0)
        for reader, numbers in report.told.items():
            yield ring_entry(reader, ended_at, numbers)
        for reader, error in report.untold.items():
            yield ring_entry(reader, ended_at, error=error)

    @override
    def emit_metrics(
        self,
        report: RingReport,
        batch: Batch[RingerMessage],
        failures: Mapping[str, GridwixError],
    ) -> None:
        facts = {
            "RingsSent": report.rung,
            "RingsFailed": report.failed,
            "RingsDropped": report.dropped + report.unpublished,
        }
        for name, number in facts.items():
            count(name, number)
        deferred = emit_queue_metrics(batch, failures, {}, report.errors)
        logger.info(
            "portal_rung",
            extra={
                "messages": len(batch.messages),
                "malformed": len(batch.malformed),
                "readers": report.changed,
                "unpublished": report.unpublished,
                "counts": facts,
                "deferred": deferred,
            },
        )
