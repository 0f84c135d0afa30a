from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from gridwix.clients.aws.batches import ROUNDS
from gridwix.clients.aws.refused import KEPT_SECONDS, DynamoDBRefusedItems, RefusedItem
from gridwix.errors import Throttled
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import Refusal
from gridwix.publication.models import RowKey
from tests.fakes.aws import OneAtATime, as_client, create_table

if TYPE_CHECKING:
    from gridwix.publication.ports import RefusedItems

NOW = 1_780_000_000.5
STATUS = CollectionId("PartnerStatus")


def refusal(number: int = 1, code: str = "WDE0009", description: str = "too large") -> Refusal:
    return Refusal(STATUS, WixItemId(f"p{number}"), code, description)


def key(number: int = 1) -> RowKey:
    return RowKey(STATUS, WixItemId(f"p{number}"))


@pytest.fixture
def table(tables: OneAtATime) -> str:
    tables.calls.clear()
    return create_table(tables, "row")


@pytest.fixture
def store(tables: OneAtATime, table: str) -> DynamoDBRefusedItems:
    return DynamoDBRefusedItems(as_client(tables), table)


def test_store_is_what_the_services_ask_for(store: DynamoDBRefusedItems) -> None:
    port: RefusedItems = store

    port.add([], function="status_publisher", at=NOW)

    assert list(store.list_items()) == []


def test_faults_are_the_records_that_cannot_be_read_and_not_the_rows_that_wix_refused(
    store: DynamoDBRefusedItems,
) -> None:
    store.add(
        [refusal(1), refusal(2, code="record_fault", description="name string_type")],
        function="status_publisher",
        at=NOW,
    )

    assert list(store.faults()) == [key(2)]


def test_added_refusals_are_listed_with_function_and_time(store: DynamoDBRefusedItems) -> None:
    store.add([refusal(1), refusal(2)], function="status_publisher", at=NOW)

    listed = sorted(store.list_items(), key=lambda item: item.refusal.item_id)

    assert listed == [
        RefusedItem(refusal(1), "status_publisher", NOW),
        RefusedItem(refusal(2), "status_publisher", NOW),
    ]


def test_newest_refusal_of_an_item_replaces_the_one_before_also_within_one_call(
    store: DynamoDBRefusedItems,
) -> None:
    store.add([refusal(code="first")], function="status_publisher", at=NOW)

    store.add(
        [refusal(code="second"), refusal(code="third")], function="notice_publisher", at=NOW + 5
    )

    assert list(store.list_items()) == [
        RefusedItem(refusal(code="third"), "notice_publisher", NOW + 5)
    ]


def test_cleared_refusals_are_gone_and_unknown_ones_do_no_harm(store: DynamoDBRefusedItems) -> None:
    store.add([refusal(1), refusal(2)], function="status_publisher", at=NOW)

    store.clear([key(1), key(1), key(3)])

    assert [item.refusal for item in store.list_items()] == [refusal(2)]


def test_list_is_bounded(store: DynamoDBRefusedItems) -> None:
    store.add([refusal(number) for number in range(10)], function="status_publisher", at=NOW)

    assert len(list(store.list_items(limit=4))) == 4


def test_description_is_bounded_and_the_item_expires_after_90_days(
    tables: OneAtATime, table: str, store: DynamoDBRefusedItems
) -> None:
    store.add([refusal(description="x" * 5000)], function="status_publisher", at=NOW)

    item: dict[str, Any] = tables.get_item(TableName=table, Key={"row": {"S": "PartnerStatus#p1"}})[
        "Item"
    ]

    assert len(item["description"]["S"]) == 500
    assert int(item["expiresAt"]["N"]) == int(NOW) + KEPT_SECONDS


def test_many_items_are_written_25_at_a_time(
    tables: OneAtATime, store: DynamoDBRefusedItems
) -> None:
    store.add([refusal(number) for number in range(60)], function="status_publisher", at=NOW)

    assert tables.calls["batch_write_item"] == 3
    assert len(list(store.list_items())) == 60


@pytest.fixture
def stubbed() -> Iterator[tuple[DynamoDBRefusedItems, Stubber]]:
    client = boto3.client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    with Stubber(client) as stubber:
        yield DynamoDBRefusedItems(client, "refused"), stubber
        stubber.assert_no_pending_responses()


def test_items_that_dynamodb_leaves_out_are_written_again(
    stubbed: tuple[DynamoDBRefusedItems, Stubber],
) -> None:
    store, stubber = stubbed
    rest = {"refused": [{"DeleteRequest": {"Key": {"row": {"S": "PartnerStatus#p2"}}}}]}
    stubber.add_response("batch_write_item", {"UnprocessedItems": rest})
    stubber.add_response("batch_write_item", {"UnprocessedItems": {}}, {"RequestItems": rest})

    store.clear([key(1), key(2)])


def test_items_that_stay_left_out_raise_throttled(
    stubbed: tuple[DynamoDBRefusedItems, Stubber],
) -> None:
    store, stubber = stubbed
    for _ in range(ROUNDS):
        stubber.add_response(
            "batch_write_item",
            {
                "UnprocessedItems": {
                    "refused": [{"DeleteRequest": {"Key": {"row": {"S": "PartnerStatus#p1"}}}}]
                }
            },
        )

    with pytest.raises(Throttled):
        store.clear([key(1)])


def test_refusal_is_kept_for_the_days_of_the_stack(tables: OneAtATime, table: str) -> None:
    DynamoDBRefusedItems(as_client(tables), table, kept_seconds=86_400).add(
        [refusal()], function="status_publisher", at=NOW
    )

    (item,) = tables.scan(TableName=table)["Items"]
    assert int(item["expiresAt"]["N"]) == int(NOW) + 86_400
