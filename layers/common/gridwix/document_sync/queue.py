"""The document sync's queue: its messages, and the log lines and metrics of a run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import override

from pydantic import BaseModel, ConfigDict, ValidationError

from gridwix.document_sync.service import DocumentReport, DocumentSync
from gridwix.errors import GridwixError
from gridwix.models.deadline import Deadline
from gridwix.models.events import Change, PortalEvent
from gridwix.runtime.observability import count, count_by_reason, log_fields, logger
from gridwix.runtime.publication_metrics import emit_metrics
from gridwix.runtime.queue_runner import Batch, Envelope, Message, QueueRunner, Redelivery


class _Schedule(BaseModel):
    """The message of the schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str


@dataclass(frozen=True, slots=True)
class DocumentRun:
    """The two parts of a run; each is None if no message asked for it. ``arrival_error`` is what stopped the second."""

    publication: DocumentReport | None = None
    publication_error: GridwixError | None = None
    arrival: DocumentReport | None = None
    arrival_error: GridwixError | None = None


class DocumentQueue(QueueRunner[Change | None, DocumentRun]):
    """Publishes the documents that changes name, then resumes transfers if a message asks for that.

    The body is None for a message that only asks to resume transfers: a portal event (a file is ready), or
    the schedule. Such a message never fails: the schedule asks again.
    """

    def __init__(self, sync: Callable[[], DocumentSync], redelivery: Callable[[], Redelivery], deadline: Deadline) -> None:
        super().__init__(redelivery)
        self._sync = sync
        self._deadline = deadline

    @override
    def parse(self, body: str) -> Change | None:
        for model in (_Schedule, Envelope[PortalEvent]):
            try:
                model.model_validate_json(body)
            except ValidationError:
                continue
            return None
        return Envelope[Change].model_validate_json(body).detail

    @override
    def run(self, batch: Batch[Change | None]) -> DocumentRun:
        changes = [change for change in batch.bodies if change is not None]
        publication, publication_error = self._attempt(lambda sync: sync.publish(changes, self._deadline)) if changes else (None, None)
        resumes = len(changes) < len(batch.messages)
        arrival, arrival_error = self._attempt(lambda sync: sync.arrive(self._deadline)) if resumes else (None, None)
        return DocumentRun(publication, publication_error, arrival, arrival_error)

    def _attempt(self, work: Callable[[DocumentSync], DocumentReport]) -> tuple[DocumentReport | None, GridwixError | None]:
        # One part may fail and leave the other.
        try:
            return work(self._sync()), None
        except GridwixError as error:
            return None, error

    @override
    def empty_report(self) -> DocumentRun:
        return DocumentRun()

    @override
    def failures(self, report: DocumentRun, batch: Batch[Change | None]) -> Mapping[str, GridwixError]:
        failed: dict[str, GridwixError] = {}
        for message in batch.messages:
            if message.body is not None and (error := _failure(report, message.body)) is not None:
                failed[message.id] = error
        return failed

    @override
    def errors(self, report: DocumentRun) -> Iterable[GridwixError]:
        if report.publication is not None:
            yield from report.publication.record_faults
        if report.arrival is not None:
            yield from report.arrival.record_faults
            yield from report.arrival.reasons.values()
        if report.arrival_error is not None:
            yield report.arrival_error

    @override
    def emit_metrics(self, report: DocumentRun, batch: Batch[Change | None], failures: Mapping[str, GridwixError]) -> None:
        changes: list[Message[Change | None]] = [message for message in batch.messages if message.body is not None]
        if changes or batch.malformed:
            emit_metrics(report.publication or DocumentReport(), Batch(changes, batch.malformed), failures)
        if report.arrival_error is not None:
            logger.warning("files not looked at", extra=log_fields(report.arrival_error))
        for part in (report.publication, report.arrival):
            if part is not None:
                _emit_file_metrics(part)


def _failure(report: DocumentRun, change: Change) -> GridwixError | None:
    return report.publication_error if report.publication is None else report.publication.failure(change)


def _emit_file_metrics(report: DocumentReport) -> None:
    count("FilesCopied", report.copied)
    count("FilesRemoved", report.removed)
    count("FilesRefused", report.faults.total())
    for fault, files in report.faults.items():
        count_by_reason("FilesRefused", fault, files)
    logger.info("files brought", extra={"copied": report.copied, "removed": report.removed, "refused": dict(report.faults)})
