"""Held submissions that end soon are counted, and nothing else is."""

import pytest

from gridwix.clients.aws.items import Value, encode_item
from gridwix.errors import UpstreamError
from gridwix.partner_requests.ending_submission_table import DynamoDBEndingSubmissions
from gridwix.partner_requests.ports import NOTICE
from tests.fakes.aws import OneAtATime, as_client, create_table

NOW = 1_773_324_331.0
LIMIT = int(NOW + NOTICE.total_seconds())


@pytest.fixture
def table(tables: OneAtATime) -> str:
    return create_table(tables, "id", index=("waiting", "waiting", "receivedAt"))


def hold(tables: OneAtATime, table: str, identifier: str, **fields: Value) -> None:
    """Store a held submission that ends at the limit, unless ``fields`` say otherwise."""
    item: dict[str, Value] = {
        "id": identifier,
        "waiting": "held",
        "receivedAt": f"2026-03-12T09:00:00.{identifier}",
        "heldFor": "invalid",
        "expiration": LIMIT,
        **fields,
    }
    tables.put_item(TableName=table, Item=encode_item(item))


def test_held_ones_count_until_the_limit_and_spam_and_others_do_not(
    tables: OneAtATime, table: str
) -> None:
    hold(tables, table, "1")
    hold(tables, table, "2", expiration=int(NOW) - 60)
    hold(tables, table, "3", expiration=LIMIT + 1)
    hold(tables, table, "4", heldFor="honeypot")
    hold(tables, table, "5", waiting="open")
    hold(tables, table, "6", heldFor="refused")

    assert DynamoDBEndingSubmissions(as_client(tables), table).count_ending(NOW) == 3


def test_item_without_a_time_to_live_does_not_end(tables: OneAtATime, table: str) -> None:
    item: dict[str, Value] = {
        "id": "1",
        "waiting": "held",
        "receivedAt": "2026",
        "heldFor": "invalid",
    }
    tables.put_item(TableName=table, Item=encode_item(item))

    assert DynamoDBEndingSubmissions(as_client(tables), table).count_ending(NOW) == 0


def test_pages_are_added_up(tables: OneAtATime, table: str) -> None:
    for number in range(4):
        # A page of DynamoDB ends at 1 MB.
        hold(tables, table, str(number), values="x" * 390_000)

    assert DynamoDBEndingSubmissions(as_client(tables), table).count_ending(NOW) == 4


def test_table_that_cannot_be_read_is_an_upstream_error(tables: OneAtATime) -> None:
    with pytest.raises(UpstreamError):
        DynamoDBEndingSubmissions(as_client(tables), "gone").count_ending(NOW)
