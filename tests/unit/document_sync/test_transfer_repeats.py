"""The table of transfers in DynamoDB when botocore repeats a write whose answer was lost."""

from collections.abc import Iterator

import pytest

from gridwix.document_sync.transfer_table import INDEX, DynamoDBTransfers
from gridwix.document_sync.transfers import FileIdentity, Transfer
from tests.fakes.aws import OneAtATime, create_table
from tests.fakes.lost_answers import LostAnswers, lost_answers

NOW = 1_780_000_000.5
NEW = Transfer(document_id="doc_1")
COPYING = NEW.start_copy(
    FileIdentity(version=1, sha256="0" * 64, private=False), now=NOW, until=NOW + 900
)


@pytest.fixture
def answers() -> Iterator[LostAnswers]:
    with lost_answers() as found:
        yield found


@pytest.fixture
def transfers(answers: LostAnswers) -> DynamoDBTransfers:
    table = create_table(
        OneAtATime(answers.client), "document", index=(INDEX, "waiting", "document")
    )
    return DynamoDBTransfers(answers.client, table)


def test_save_when_its_answer_is_lost_is_made(
    answers: LostAnswers, transfers: DynamoDBTransfers
) -> None:
    answers.lose("PutItem")
    first = transfers.save_transfer(COPYING)
    assert first is not None
    answers.lose("PutItem")

    second = transfers.save_transfer(first.release_copy())

    assert answers.lost == 2
    assert second == transfers.read_transfers(["doc_1"])["doc_1"]
    assert second.revision == 2


def test_save_when_an_equal_one_of_another_worker_came_first_is_refused(
    answers: LostAnswers, transfers: DynamoDBTransfers
) -> None:
    # Both would copy the file otherwise.
    assert transfers.save_transfer(COPYING) is not None
    answers.lose("PutItem")

    assert transfers.save_transfer(COPYING) is None
