"""Queue of the document sync: partial batch responses, and messages that only resume transfers."""

from collections.abc import Sequence
from typing import Any

import pytest

from gridwix.document_sync.affected import document_row_key
from gridwix.document_sync.queue import DocumentQueue
from gridwix.document_sync.service import DocumentReport
from gridwix.errors import GridwixError, SourceBehind, Unavailable
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.events import Change
from gridwix.models.journal import JournalOutcome
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import RowReport, Verdict
from tests.factories import change
from tests.fakes.invocation import sqs_record
from tests.fakes.journal import KeptJournal
from tests.fakes.redelivery import Redelivery


class Sync:
    """Fake service: documents of ``behind`` fail; ``error`` stops :meth:`resume_transfers`."""

    def __init__(self, behind: Sequence[str] = (), error: GridwixError | None = None) -> None:
        self.behind, self.error = behind, error
        self.published: list[str] = []
        self.resumptions = 0

    def publish(self, changes: Sequence[Change], deadline: Deadline) -> DocumentReport:
        assert not deadline.is_near()
        self.published += [one.record for one in changes]
        report = DocumentReport(copied=len(changes))
        for one in changes:
            key: RowKey = document_row_key(one.record.partition("/")[2])
            verdict = (
                RowReport.of_deferred({key: SourceBehind()})
                if key.item_id in self.behind
                else RowReport.of_verdict(Verdict.WRITTEN, [key])
            )
            report += DocumentReport.for_changes([one], [key]) + verdict
        return report

    def resume_transfers(self, deadline: Deadline) -> DocumentReport:
        assert not deadline.is_near()
        self.resumptions += 1
        if self.error:
            raise self.error
        return DocumentReport()


def change_message(identifier: str, document: str, **more: Any) -> dict[str, Any]:
    detail = change(
        f"evt-{document}", type="document.version_added", subject=f"documents/{document}"
    )
    return sqs_record(
        identifier,
        {
            "source": "gridwix.trading_grid",
            "detail": detail.model_dump(mode="json", by_alias=True) | more,
        },
    )


def file_ready(identifier: str) -> dict[str, Any]:
    detail = {
        "contract": 1,
        "eventId": "e",
        "type": "file.ready",
        "subject": "files/f.pdf",
        "occurredAt": "2026-03-12T14:05:31Z",
    }
    return sqs_record(
        identifier, {"source": "gridwix.wix", "detail-type": "file.ready", "detail": detail}
    )


def handle(sync: Sync, *records: dict[str, Any], journal: KeptJournal | None = None) -> list[str]:
    redelivery, kept = Redelivery(), journal or KeptJournal()
    answer = DocumentQueue(lambda: sync, lambda: redelivery, NO_DEADLINE).process(  # type: ignore[arg-type, return-value]
        {"Records": list(records)}, lambda: kept
    )
    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert set(redelivery.delays) <= {f"r-{identifier}" for identifier in failed}
    return failed


def test_document_that_fails_is_returned_to_the_queue_and_the_others_are_not() -> None:
    sync = Sync(behind=["doc_2"])

    assert handle(sync, change_message("a", "doc_1"), change_message("b", "doc_2")) == ["b"]
    assert (sync.published, sync.resumptions) == (["documents/doc_1", "documents/doc_2"], 0)


def test_messages_that_only_resume_transfers_do_so_once_per_batch() -> None:
    sync = Sync()

    assert (
        handle(
            sync,
            file_ready("a"),
            sqs_record("b", {"reason": "schedule"}),
            change_message("c", "doc_1"),
            file_ready("d"),
        )
        == []
    )
    assert (sync.published, sync.resumptions) == (["documents/doc_1"], 1)


def test_change_of_a_later_release_is_published_and_is_no_resumption() -> None:
    sync = Sync()

    assert handle(sync, change_message("a", "doc_1", surprise=1)) == []
    assert (sync.published, sync.resumptions) == (["documents/doc_1"], 0)


def test_change_that_breaks_the_contract_is_returned_and_is_no_resumption() -> None:
    sync = Sync()

    assert handle(sync, change_message("a", "doc_1", companyId=None)) == ["a"]
    assert (sync.published, sync.resumptions) == ([], 0)


@pytest.mark.parametrize("error", [Unavailable(system="aws"), SourceBehind()])
def test_resumption_that_fails_is_left_to_the_schedule(error: GridwixError) -> None:
    assert handle(Sync(error=error), file_ready("a")) == []


def test_event_of_a_file_is_in_the_journal_done_or_left_to_the_schedule_with_the_reason() -> None:
    journal = KeptJournal()
    schedule = sqs_record("b", {"reason": "schedule"})

    handle(Sync(), file_ready("a"), schedule, journal=journal)
    handle(Sync(error=Unavailable(system="aws")), file_ready("a"), journal=journal)

    told = [(one.event_id, one.record, one.outcome, one.reason) for one in journal.entries]
    assert told == [
        ("e", "files/f.pdf", JournalOutcome.DONE, ""),
        ("e", "files/f.pdf", JournalOutcome.DROPPED, "upstream_unavailable"),
    ]


@pytest.mark.parametrize(
    "body",
    ["{", "[]", {"detail": {"contract": 1}}, {"reason": 7}, {"reason": "schedule", "more": 1}],
)
def test_message_that_breaks_the_contract_fails_until_it_is_a_dead_letter(body: Any) -> None:
    assert handle(Sync(), sqs_record("a", body), change_message("b", "doc_1")) == ["a"]
