"""Handovers in DynamoDB: as boto3 and the webhook function write them."""

from collections.abc import Iterator
from typing import Any

import pytest

from gridwix.clients.aws.edge import add_handover
from gridwix.clients.aws.handovers import DynamoDBHandovers
from gridwix.clients.aws.signed import SignedCaller
from gridwix.mapping.handovers import MAX_EVENTS, TTL_SECONDS
from ops.waiting import STANDSTILL
from tests.fakes.aws import REGION, OneAtATime, as_client, create_table
from tests.fakes.aws_server import AwsServer, aws_server

NOW = 1_780_000_000.5
KEY = "cases/case_1@3"


@pytest.fixture
def table(tables: OneAtATime) -> str:
    return create_table(tables, "change")


@pytest.fixture
def server(tables: OneAtATime) -> Iterator[AwsServer]:
    with aws_server() as running:
        yield running


def handovers(tables: OneAtATime, table: str, now: float = NOW) -> DynamoDBHandovers:
    return DynamoDBHandovers(as_client(tables), table, lambda: now)


def caller(server: AwsServer) -> SignedCaller:
    return SignedCaller(
        {
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_ENDPOINT_URL": server.url,
        },
        timeout=STANDSTILL,
    )


def add(server: AwsServer, table: str, event_id: str) -> None:
    add_handover(caller(server), table, KEY, event_id, ttl_seconds=TTL_SECONDS, now=NOW)


def test_read_after_a_record_gives_the_events_of_each_key(tables: OneAtATime, table: str) -> None:
    store = handovers(tables, table)

    store.record({KEY: {"evt_1", "evt_2"}, "cases/case_2@1": {"evt_3"}})

    assert store.read_event_ids([KEY, "cases/case_2@1", "cases/case_9@1"]) == {
        KEY: {"evt_1", "evt_2"},
        "cases/case_2@1": {"evt_3"},
    }


def test_read_of_many_keys_takes_one_call_per_hundred(tables: OneAtATime, table: str) -> None:
    before = tables.calls["batch_get_item"]

    handovers(tables, table).read_event_ids([f"cases/case_{number}@1" for number in range(200)])

    assert tables.calls["batch_get_item"] == before + 2


def test_read_of_no_keys_takes_no_call(tables: OneAtATime, table: str) -> None:
    before = tables.calls["batch_get_item"]

    assert handovers(tables, table).read_event_ids([]) == {}
    assert tables.calls["batch_get_item"] == before


def test_read_of_expired_items_finds_none_although_they_are_still_there(
    tables: OneAtATime, table: str
) -> None:
    handovers(tables, table).record({KEY: {"evt_1"}})

    assert handovers(tables, table, NOW + TTL_SECONDS - 2).read_event_ids([KEY])
    assert not handovers(tables, table, NOW + TTL_SECONDS).read_event_ids([KEY])


@pytest.mark.parametrize("item", [{}, {"expiration": {"N": "9999999999"}}])
def test_read_of_an_item_made_by_hand_knows_no_event(
    item: dict[str, Any], tables: OneAtATime, table: str
) -> None:
    tables.put_item(TableName=table, Item={"change": {"S": KEY}, **item})

    assert not handovers(tables, table).read_event_ids([KEY]).get(KEY)


def test_read_after_webhooks_gives_all_their_events(
    server: AwsServer, tables: OneAtATime, table: str
) -> None:
    add(server, table, "evt_1")
    add(server, table, "evt_2")
    add(server, table, "evt_2")

    assert handovers(tables, table).read_event_ids([KEY]) == {KEY: {"evt_1", "evt_2"}}


def test_add_of_very_many_events_stops_at_the_bound(
    server: AwsServer, tables: OneAtATime, table: str
) -> None:
    for number in range(MAX_EVENTS + 3):
        add(server, table, f"evt_{number}")

    assert len(handovers(tables, table).read_event_ids([KEY])[KEY]) == MAX_EVENTS
