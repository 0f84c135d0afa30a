"""The queue of the feed reader: its messages, and the log lines and metrics of a run."""

from collections.abc import Callable, Iterable, Mapping
from typing import override

from gridwix.errors import GridwixError
from gridwix.models.deadline import Deadline
from gridwix.models.journal import JournalEntry
from gridwix.runtime.journal_entries import MessageAttempt, announced_entries
from gridwix.runtime.observability import count, count_by_reason, log_fields, logger
from gridwix.runtime.queue_runner import Batch, QueueRunner
from gridwix.trading_grid_feed.service import FeedReader, FeedReport


class FeedQueue(QueueRunner[None, FeedReport]):
    """Queue runner that reads the event feed from the cursor, once for all messages of a batch.

    Message bodies are not read: each message, from the schedule or a webhook, asks for the same
    run. Failed messages keep the queue's visibility timeout, so that webhooks do not shorten the
    backoff.
    """

    def __init__(self, reader: Callable[[], FeedReader], deadline: Deadline) -> None:
        super().__init__(redelivery=None)
        self._reader = reader
        self._deadline = deadline

    @override
    def parse(self, body: str) -> None:
        return None

    @override
    def run(self, batch: Batch[None]) -> FeedReport:
        return self._reader().read_feed(self._deadline)

    @override
    def empty_report(self) -> FeedReport:
        return FeedReport()

    @override
    def failures(self, report: FeedReport, batch: Batch[None]) -> Mapping[str, GridwixError]:
        return {}

    @override
    def errors(self, report: FeedReport) -> Iterable[GridwixError]:
        return report.record_faults

    @override
    def entries(
        self, report: FeedReport, batch: Batch[None], attempts: Mapping[str, MessageAttempt]
    ) -> Iterable[JournalEntry]:
        ended_at = max((attempt.ended_at for attempt in attempts.values()), default=0.0)
        return announced_entries(report.announced, ended_at)

    @override
    def emit_metrics(
        self, report: FeedReport, batch: Batch[None], failures: Mapping[str, GridwixError]
    ) -> None:
        # A run fails as a whole: then all messages have the same error, and there is no report.
        for error in set(failures.values()):
            count("FeedFailed")
            count_by_reason("FeedFailed", error.code)
            logger.error("feed_not_read", extra=log_fields(error))
        if not failures:
            _emit_run_metrics(report, len(batch.messages))


def _emit_run_metrics(report: FeedReport, messages: int) -> None:
    count("EventsPublished", report.published)
    count("PartnersResynced", report.resynced)
    for member, items in report.invalid.items():
        count_by_reason("EventsInvalid", member, items)
    count("EventsOfUnknownType", report.unknown_types.total())
    if report.unrecorded is not None:
        logger.warning("handovers_not_recorded", extra=log_fields(report.unrecorded))
    logger.info(
        "feed_read",
        extra={
            "messages": messages,
            "published": report.published,
            "known": report.known,
            "resynced": report.resynced,
            "invalid": report.invalid,
            "unknown_types": report.unknown_types,
            "resync_started": report.resync_started,
            "more": report.more,
            "overtaken": report.overtaken,
        },
    )
