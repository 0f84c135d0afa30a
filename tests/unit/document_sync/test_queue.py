"""The document sync's messages: which are done, which come again, and which only ring."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from gridwix.document_sync.queue import DocumentQueue
from gridwix.document_sync.service import DocumentReport, row_key
from gridwix.errors import GridwixError, SourceBehind, Unavailable
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.events import Change
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import Verdict
from tests.factories import change
from tests.fakes.redelivery import Redelivery


class Sync:
    """Answers with an error for the documents of ``behind``; ``error`` is raised."""

    def __init__(self, behind: Sequence[str] = (), error: GridwixError | None = None) -> None:
        self.behind, self.error = behind, error
        self.told: list[str] = []
        self.looks = 0

    def publish(self, changes: Sequence[Change], deadline: Deadline) -> DocumentReport:
        assert not deadline.is_near()
        self.told += [one.record for one in changes]
        report = DocumentReport(copied=len(changes))
        for one in changes:
            key: RowKey = row_key(one.record.partition("/")[2])
            report.speaks_of(one, key)
            report.put([key], *((Verdict.DEFERRED, SourceBehind()) if key.item_id in self.behind else (Verdict.WRITTEN,)))
        return report

    def arrive(self, deadline: Deadline) -> DocumentReport:
        assert not deadline.is_near()
        self.looks += 1
        if self.error:
            raise self.error
        return DocumentReport()


def record(identifier: str, body: Any) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return {"messageId": identifier, "receiptHandle": f"r-{identifier}", "attributes": {"ApproximateReceiveCount": "1"}, "body": text}


def told(identifier: str, document: str) -> dict[str, Any]:
    detail = change(f"evt-{document}", type="document.version_added", subject=f"documents/{document}")
    return record(identifier, {"detail": detail.model_dump(mode="json", by_alias=True)})


def file_ready(identifier: str) -> dict[str, Any]:
    detail = {"contract": 1, "eventId": "e", "type": "file.ready", "subject": "files/f.pdf", "occurredAt": "2026-03-12T14:05:31Z"}
    return record(identifier, {"detail-type": "file.ready", "detail": detail})


def handle(sync: Sync, *records: dict[str, Any]) -> list[str]:
    redelivery = Redelivery()
    answer = DocumentQueue(lambda: sync, lambda: redelivery, NO_DEADLINE).process({"Records": list(records)})  # type: ignore[arg-type,return-value]
    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert set(redelivery.delays) <= {f"r-{identifier}" for identifier in failed}
    return failed


def test_document_that_cannot_be_done_comes_again_and_its_neighbours_do_not() -> None:
    sync = Sync(behind=["doc_2"])

    assert handle(sync, told("a", "doc_1"), told("b", "doc_2")) == ["b"]
    assert (sync.told, sync.looks) == (["documents/doc_1", "documents/doc_2"], 0)


def test_ring_has_everything_on_its_way_looked_at_once_however_many_ring() -> None:
    sync = Sync()

    assert handle(sync, file_ready("a"), record("b", {"reason": "schedule"}), told("c", "doc_1"), file_ready("d")) == []
    assert (sync.told, sync.looks) == (["documents/doc_1"], 1)


@pytest.mark.parametrize("error", [Unavailable(system="aws"), SourceBehind()])
def test_ring_that_could_not_be_followed_is_left_to_the_schedule(error: GridwixError) -> None:
    assert handle(Sync(error=error), file_ready("a")) == []


@pytest.mark.parametrize("body", ["{", "[]", {"detail": {"contract": 1}}, {"reason": 7}, {"reason": "schedule", "more": 1}])
def test_message_that_breaks_the_contract_fails_until_it_is_a_dead_letter(body: Any) -> None:
    assert handle(Sync(), record("a", body), told("b", "doc_1")) == ["a"]
