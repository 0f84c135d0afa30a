"""The queue runner of the publishing functions: publishes all changes of a batch in one run."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, override

from gridwix.errors import GridwixError
from gridwix.models.events import Change
from gridwix.ports import Clock
from gridwix.publication.changes import ChangeReport, journal_rows
from gridwix.runtime.closed_budget import closed_budget
from gridwix.runtime.publication_metrics import emit_metrics
from gridwix.runtime.queue_runner import Batch, Envelope, Message, QueueRunner, Redelivery

_ChangeEnvelope = Envelope[Change]
"""Envelope of a change. Built once: pydantic would look the parametrized model up at each use."""


class ChangePublisher(Protocol):
    """A service that publishes the portal rows that are made from changed records."""

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        """Publish every row that is made from a record which one of the changes names.

        Returns the result of each row and change. If it raises a GridwixError, nothing was written.
        """


class PublisherRunner(QueueRunner[Change, ChangeReport]):
    """Queue runner that publishes the rows of all changes of a batch.

    A message fails if one of its rows fails. While the call budget is known to be used up, nothing
    is read, and every message fails (circuit breaker).
    """

    def __init__(
        self,
        publisher: Callable[[], ChangePublisher],
        redelivery: Callable[[], Redelivery],
        clock: Clock = time.time,
    ) -> None:
        super().__init__(redelivery, clock=clock)
        self._publisher = publisher

    @override
    def parse(self, body: str) -> Change:
        return _ChangeEnvelope.model_validate_json(body).detail

    @override
    def run(self, batch: Batch[Change]) -> ChangeReport:
        closed_budget.require_open(self._clock())
        return self._publisher().publish(batch.bodies)

    @override
    def empty_report(self) -> ChangeReport:
        return ChangeReport()

    @override
    def failures(self, report: ChangeReport, batch: Batch[Change]) -> Mapping[str, GridwixError]:
        return {
            message.id: error
            for message in batch.messages
            if (error := report.failure(message.body)) is not None
        }

    @override
    def rows(self, report: ChangeReport, message: Message[Change]) -> Mapping[str, str]:
        return journal_rows(report, message.body)

    @override
    def errors(self, report: ChangeReport) -> Iterable[GridwixError]:
        return report.record_faults

    @override
    def emit_metrics(
        self, report: ChangeReport, batch: Batch[Change], failures: Mapping[str, GridwixError]
    ) -> None:
        emit_metrics(report, batch, failures)
