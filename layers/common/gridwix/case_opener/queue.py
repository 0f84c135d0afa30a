"""The case opener's queue: its messages, and the log lines and metrics of a run."""

from collections.abc import Callable, Mapping
from typing import override

from gridwix.case_opener.service import CaseOpener, CaseReport
from gridwix.errors import GridwixError
from gridwix.models.events import Change
from gridwix.runtime.observability import count, logger
from gridwix.runtime.queue_runner import (
    Batch,
    Envelope,
    QueueRunner,
    Redelivery,
    emit_queue_metrics,
)

_ChangeEnvelope = Envelope[Change]
"""Bus envelope of a change. Built once, because pydantic looks a parametrized model up at each use.
"""


class CaseQueue(QueueRunner[Change, CaseReport]):
    """Opens and updates the cases of all transaction exceptions in a batch of SQS messages."""

    def __init__(
        self, opener: Callable[[], CaseOpener], redelivery: Callable[[], Redelivery]
    ) -> None:
        super().__init__(redelivery)
        self._opener = opener

    @override
    def parse(self, body: str) -> Change:
        return _ChangeEnvelope.model_validate_json(body).detail

    @override
    def run(self, batch: Batch[Change]) -> CaseReport:
        return self._opener().handle(batch.bodies)

    @override
    def empty_report(self) -> CaseReport:
        return CaseReport()

    @override
    def failures(self, report: CaseReport, batch: Batch[Change]) -> Mapping[str, GridwixError]:
        return {
            message.id: report.failures[message.body.event_id]
            for message in batch.messages
            if message.body.event_id in report.failures
        }

    @override
    def emit_metrics(
        self, report: CaseReport, batch: Batch[Change], failures: Mapping[str, GridwixError]
    ) -> None:
        facts = {
            "CasesOpened": report.opened,
            "CasesJoined": report.joined,
            "CasesUpdated": report.updated,
            "CasesUnchanged": report.unchanged,
        }
        for name, number in facts.items():
            count(name, number)
        deferred = emit_queue_metrics(batch, failures, report.unknown)
        logger.info("cases_updated", extra={"counts": facts, "deferred": deferred})
