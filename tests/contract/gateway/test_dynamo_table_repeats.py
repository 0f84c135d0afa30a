"""The gateway's table when botocore repeats a write whose answer was lost."""

from collections.abc import Iterator

import pytest

from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.table import Item, Key
from gridwix_gateway.targets.delivery_log import DeliveryLog
from gridwix_gateway.webhooks.endpoints import STATES
from gridwix_gateway.webhooks.lease import Lease
from tests.fakes.gateway.tables import create_table
from tests.fakes.lost_answers import LostAnswers, lost_answers

NOW = 1_780_000_000.0
IDLE: Item = {
    "pk": STATES,
    "sk": "whe_1",
    "revision": 1,
    "position": 7,
    "failures": 0,
    "leaseUntil": 0,
    "pausedUntil": 0,
}


@pytest.fixture
def answers() -> Iterator[LostAnswers]:
    with lost_answers() as found:
        yield found


@pytest.fixture
def table(answers: LostAnswers) -> DynamoTable:
    create_table(answers.client, "records")
    return DynamoTable(answers.client, "records")


def test_write_of_a_new_item_when_its_answer_is_lost_is_made(
    answers: LostAnswers, table: DynamoTable
) -> None:
    answers.lose("PutItem")

    assert table.put({"pk": "a", "sk": "-", "holder": "one"}, if_absent=True)
    assert not table.put({"pk": "a", "sk": "-", "holder": "one"}, if_absent=True)
    answers.lose("PutItem")
    assert not table.put({"pk": "a", "sk": "-", "holder": "other"}, if_absent=True)


def test_replacement_when_its_answer_is_lost_is_made(
    answers: LostAnswers, table: DynamoTable
) -> None:
    table.put({"pk": "a", "sk": "-", "revision": 1})
    answers.lose("PutItem")

    assert table.replace({"pk": "a", "sk": "-", "revision": 2}, "revision", 1)
    answers.lose("PutItem")
    assert not table.replace({"pk": "a", "sk": "-", "revision": 3}, "revision", 1)


def test_lease_of_a_target_when_its_answer_is_lost_is_taken(
    answers: LostAnswers, table: DynamoTable
) -> None:
    log = DeliveryLog(Commits(table, "company", "net.example."), table)
    for _ in ("first", "after an earlier one"):
        answers.lose("PutItem")

        lease = log.take_lease("erp", 60)

        assert lease is not None
        assert log.take_lease("erp", 60) is None
        log.return_lease(lease)


def test_lease_of_an_endpoint_when_answers_are_lost_is_taken_kept_and_released(
    answers: LostAnswers, table: DynamoTable
) -> None:
    table.put(IDLE)
    answers.lose("PutItem")
    lease = Lease.take(table, "whe_1", lambda: NOW)
    assert lease is not None
    lease.position = 9

    answers.lose("PutItem")
    lease.save()
    answers.lose("PutItem")
    lease.release()

    stored = table.get(Key(STATES, "whe_1"))
    assert stored is not None
    assert (stored["position"], stored["leaseUntil"], stored["revision"]) == (9, 0, 4)


def test_lease_of_an_endpoint_when_a_rival_took_it_at_the_same_time_is_not_taken(
    answers: LostAnswers, table: DynamoTable
) -> None:
    table.put(IDLE)
    seen = Lease(table, IDLE, lambda: NOW)
    seen.save()
    answers.lose("PutItem")

    class Late(DynamoTable):
        def get(self, key: Key) -> Item | None:
            return IDLE

    # Both write the same but for their holder.
    assert Lease.take(Late(answers.client, "records"), "whe_1", lambda: NOW) is None
