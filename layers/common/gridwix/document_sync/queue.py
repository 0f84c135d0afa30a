"""SQS queue of the document sync: its messages, partial batch response, log lines and metrics."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import override

from pydantic import BaseModel, ConfigDict

from gridwix.document_sync.service import DocumentReport, DocumentSync
from gridwix.errors import GridwixError
from gridwix.models.deadline import Deadline
from gridwix.models.events import WIX_SOURCE, Change, PortalEvent
from gridwix.models.journal import JournalEntry
from gridwix.publication.changes import journal_rows
from gridwix.runtime.journal_entries import MessageAttempt
from gridwix.runtime.observability import count, count_by_reason, log_fields, logger
from gridwix.runtime.publication_metrics import emit_metrics
from gridwix.runtime.queue_runner import Batch, Envelope, Message, QueueRunner, Redelivery

_ChangeEnvelope = Envelope[Change]
"""Envelope of a change. Built once: pydantic would look the parametrized model up at each use."""


type DocumentMessage = Change | PortalEvent | None
"""A change; a file that became ready or failed; None for the schedule's message."""


class _Origin(BaseModel):
    """The fields of a bus event that tell the kind of a queue message.

    A message without ``detail`` is the schedule's. A message with the ``source`` of the portal has
    a portal event, and any other message has a change of a Trading Grid record. The content of
    ``detail`` does not tell the kind: a later release may add any fields to it.
    """

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="ignore"
    )

    source: str | None = None
    detail: object = None


class _Schedule(BaseModel):
    """Message of the schedule (``DocumentTimer``) that asks to resume file transfers."""

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="forbid"
    )

    reason: str


@dataclass(frozen=True, slots=True)
class DocumentRun:
    """Result of one run in two parts: publishing changes, and resuming unfinished file transfers.

    ``publication`` and ``resumption`` are the reports of the two parts. A report is None if no
    message asked for its part, or if the part failed as a whole: then the part's error is given.
    """

    publication: DocumentReport | None = None
    publication_error: GridwixError | None = None
    resumption: DocumentReport | None = None
    resumption_error: GridwixError | None = None


class DocumentQueue(QueueRunner[DocumentMessage, DocumentRun]):
    """SQS queue of the document sync: publishes the documents that changes affect.

    Afterwards it resumes unfinished file transfers, if a portal event (a file is ready) or a
    message of the schedule asks for it. These two kinds of messages never fail, as the schedule
    retries.
    """

    def __init__(
        self,
        sync: Callable[[], DocumentSync],
        redelivery: Callable[[], Redelivery],
        deadline: Deadline,
    ) -> None:
        super().__init__(redelivery)
        self._sync = sync
        self._deadline = deadline

    @override
    def parse(self, body: str) -> DocumentMessage:
        origin = _Origin.model_validate_json(body)
        if origin.detail is None:
            _Schedule.model_validate_json(body)
            return None
        if origin.source == WIX_SOURCE:
            return Envelope[PortalEvent].model_validate_json(body).detail
        return _ChangeEnvelope.model_validate_json(body).detail

    @override
    def run(self, batch: Batch[DocumentMessage]) -> DocumentRun:
        changes = [change for change in batch.bodies if isinstance(change, Change)]
        publication, publication_error = (
            self._run_part(lambda sync: sync.publish(changes, self._deadline))
            if changes
            else (None, None)
        )
        resumes = len(changes) < len(batch.messages)
        resumption, resumption_error = (
            self._run_part(lambda sync: sync.resume_transfers(self._deadline))
            if resumes
            else (None, None)
        )
        return DocumentRun(publication, publication_error, resumption, resumption_error)

    def _run_part(
        self, part: Callable[[DocumentSync], DocumentReport]
    ) -> tuple[DocumentReport | None, GridwixError | None]:
        # The failure of one part must not stop the other.
        try:
            return part(self._sync()), None
        except GridwixError as error:
            return None, error

    @override
    def empty_report(self) -> DocumentRun:
        return DocumentRun()

    @override
    def failures(
        self, report: DocumentRun, batch: Batch[DocumentMessage]
    ) -> Mapping[str, GridwixError]:
        failed: dict[str, GridwixError] = {}
        for message in batch.messages:
            if (
                isinstance(message.body, Change)
                and (error := _change_error(report, message.body)) is not None
            ):
                failed[message.id] = error
        return failed

    @override
    def rows(self, report: DocumentRun, message: Message[DocumentMessage]) -> Mapping[str, str]:
        if not isinstance(message.body, Change) or report.publication is None:
            return {}
        return journal_rows(report.publication, message.body)

    @override
    def entries(
        self,
        report: DocumentRun,
        batch: Batch[DocumentMessage],
        attempts: Mapping[str, MessageAttempt],
    ) -> Iterable[JournalEntry]:
        # The message of a file is done in any case; the journal says whether the schedule repeats.
        of_files = {
            message.id: replace(attempts[message.id], error=report.resumption_error)
            for message in batch.messages
            if isinstance(message.body, PortalEvent)
        }
        return super().entries(report, batch, {**attempts, **of_files})

    @override
    def errors(self, report: DocumentRun) -> Iterable[GridwixError]:
        if report.publication is not None:
            yield from report.publication.record_faults
        if report.resumption is not None:
            yield from report.resumption.record_faults
            yield from report.resumption.reasons.values()
        if report.resumption_error is not None:
            yield report.resumption_error

    @override
    def emit_metrics(
        self,
        report: DocumentRun,
        batch: Batch[DocumentMessage],
        failures: Mapping[str, GridwixError],
    ) -> None:
        changes: list[Message[DocumentMessage]] = [
            message for message in batch.messages if isinstance(message.body, Change)
        ]
        if changes or batch.malformed:
            emit_metrics(
                report.publication or DocumentReport(), Batch(changes, batch.malformed), failures
            )
        if report.resumption_error is not None:
            logger.warning("transfers_not_resumed", extra=log_fields(report.resumption_error))
        for part in (report.publication, report.resumption):
            if part is not None:
                _emit_file_metrics(part)


def _change_error(report: DocumentRun, change: Change) -> GridwixError | None:
    return (
        report.publication_error
        if report.publication is None
        else report.publication.failure(change)
    )


def _emit_file_metrics(report: DocumentReport) -> None:
    count("FilesCopied", report.copied)
    count("FilesRemoved", report.removed)
    count("FilesRefused", report.faults.total())
    for fault, files in report.faults.items():
        count_by_reason("FilesRefused", fault, files)
    logger.info(
        "files_synced",
        extra={
            "copied": report.copied,
            "removed": report.removed,
            "refused_files": dict(report.faults),
        },
    )
