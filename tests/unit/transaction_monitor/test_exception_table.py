"""The known exceptions in DynamoDB."""

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from gridwix.clients.aws.batches import ROUNDS
from gridwix.errors import Throttled
from gridwix.transaction_monitor.exception_table import KEPT_SECONDS, DynamoDBKnownExceptions
from tests.fakes.aws import OneAtATime, as_client, create_table

if TYPE_CHECKING:
    from gridwix.transaction_monitor.ports import KnownExceptions

NOW = 1_780_000_000.5


@pytest.fixture
def table(tables: OneAtATime) -> str:
    return create_table(tables, "process")


@pytest.fixture
def store(tables: OneAtATime, table: str) -> DynamoDBKnownExceptions:
    return DynamoDBKnownExceptions(as_client(tables), table)


def test_what_was_recorded_is_known_and_the_rest_is_left_out(
    store: DynamoDBKnownExceptions,
) -> None:
    port: KnownExceptions = store
    kinds = {f"c-{number}": "delivery_failed" for number in range(230)}

    port.record(kinds, at=NOW)
    port.record({"c-1": "over"}, at=NOW)

    assert port.read_states([*kinds, "c-1", "other"]) == {**kinds, "c-1": "over"}
    assert port.read_states([]) == {}


def test_exception_is_forgotten_some_time_after_it_was_last_recorded(
    store: DynamoDBKnownExceptions, tables: OneAtATime, table: str
) -> None:
    store.record({"c-1": "over"}, at=NOW)

    (item,) = as_client(tables).scan(TableName=table)["Items"]
    assert int(item["expiresAt"]["N"]) == int(NOW) + KEPT_SECONDS


def test_keys_that_stay_unprocessed_are_throttling() -> None:
    client = boto3.client("dynamodb", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        keys = {"t": {"Keys": [{"process": {"S": "c-1"}}]}}
        for _ in range(ROUNDS):
            stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": keys})
        with pytest.raises(Throttled):
            DynamoDBKnownExceptions(client, "t").read_states(["c-1"])

        put = {"t": [{"PutRequest": {"Item": {"process": {"S": "c-1"}}}}]}
        for _ in range(ROUNDS):
            stub.add_response("batch_write_item", {"UnprocessedItems": put})
        with pytest.raises(Throttled):
            DynamoDBKnownExceptions(client, "t").record({"c-1": "over"}, at=NOW)
