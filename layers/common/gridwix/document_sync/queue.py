"""The document sync's messages in, and what became of files as metrics."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from gridwix.document_sync.service import DocumentReport, DocumentSync
from gridwix.errors import GridwixError, UpstreamError
from gridwix.models.events import Change, PortalEvent
from gridwix.runtime.batch import Redelivery
from gridwix.runtime.environment import forget_credentials_after
from gridwix.runtime.observability import about, count, count_by_reason, logger
from gridwix.runtime.publish import publish_batch
from gridwix.runtime.record_faults import name_record_faults
from gridwix.runtime.refused_items import refused_items


class _Ring(BaseModel):
    """A message that only says that there may be something to go on with: an event of the portal, or the schedule's, which has no detail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str


class _PortalEnvelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    detail: PortalEvent


@dataclass(frozen=True, slots=True)
class _Publishing:
    """The sync as one of the publishers. It begins with nothing that there is no time for, and keeps its reports."""

    sync: DocumentSync
    may_go_on: Callable[[], bool]
    reports: list[DocumentReport]

    def publish(self, changes: Sequence[Change]) -> DocumentReport:
        report = self.sync.publish(changes, self.may_go_on)
        self.reports.append(report)
        return report


def sync_batch(
    event: Mapping[str, Any], sync: Callable[[], DocumentSync], redelivery: Callable[[], Redelivery], may_go_on: Callable[[], bool]
) -> dict[str, Any]:
    """Bring up to date what the batch speaks of, go on with files that were on their way if anybody has rung, and answer which messages are not done."""
    changes = [record for record in event["Records"] if not _rings(record["body"])]
    answer: dict[str, Any] = {"batchItemFailures": []}
    reports: list[DocumentReport] = []
    if changes:
        answer = publish_batch({"Records": changes}, lambda: _Publishing(sync(), may_go_on, reports), redelivery)
    if len(changes) < len(event["Records"]):
        reports += _go_on(sync, may_go_on)
    for report in reports:
        _emit_metrics(report)
    return answer


def _go_on(sync: Callable[[], DocumentSync], may_go_on: Callable[[], bool]) -> list[DocumentReport]:
    """Whoever rang need not ring again: what is still waiting is looked at on schedule."""
    try:
        report = sync().arrive(may_go_on)
    except GridwixError as error:
        forget_credentials_after([error])
        logger.warning("files not looked at", extra=about(error) if isinstance(error, UpstreamError) else {"code": error.code})
        return []
    forget_credentials_after(report.reasons.values())
    name_record_faults(report.record_faults, refused_items)
    return [report]


def _rings(body: str) -> bool:
    for model in (_Ring, _PortalEnvelope):
        try:
            model.model_validate_json(body)
        except ValidationError:
            continue
        return True
    return False


def _emit_metrics(report: DocumentReport) -> None:
    count("FilesCopied", report.copied)
    count("FilesRemoved", report.removed)
    count("FilesRefused", report.faults.total())
    for fault, files in report.faults.items():
        count_by_reason("FilesRefused", fault, files)
    logger.info("files brought", extra={"copied": report.copied, "removed": report.removed, "refused": dict(report.faults)})
