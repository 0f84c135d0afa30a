"""The state of audience refreshes in DynamoDB, and their messages in SQS."""

import json
from dataclasses import replace
from typing import Any

import pytest

from gridwix.clients.aws.refresh_states import DynamoDBRefreshStates, SqsRefreshQueue
from gridwix.errors import UpstreamError
from gridwix.models.events import AUDIENCES, AUDIENCES_CHANGED, TRADING_GRID_SOURCE, Change
from gridwix.publication.audience_refreshes import RefreshState
from gridwix.runtime.queue_runner import Envelope
from tests.factories import change
from tests.fakes.aws import OneAtATime, as_client, create_table

STATE = RefreshState("audiences-1", 1_780_000_015.25, 1_780_000_000.5, 3.75)


@pytest.fixture
def table(tables: OneAtATime) -> str:
    return create_table(tables, "site")


def states(
    tables: OneAtATime, table: str, function: str = "document_sync"
) -> DynamoDBRefreshStates:
    return DynamoDBRefreshStates(as_client(tables), table, function)


def test_read_when_nothing_is_stored_gives_the_empty_state(tables: OneAtATime, table: str) -> None:
    assert states(tables, table).read_state() == RefreshState()


def test_read_after_a_save_gives_what_was_stored(tables: OneAtATime, table: str) -> None:
    stored = states(tables, table)

    assert stored.save(STATE)
    assert stored.read_state() == replace(STATE, revision=1)
    assert stored.save(RefreshState(revision=1))
    assert stored.read_state() == RefreshState(revision=2)


def test_save_after_another_worker_was_faster_stores_nothing(
    tables: OneAtATime, table: str
) -> None:
    stored = states(tables, table)
    stored.save(STATE)

    assert not stored.save(RefreshState("audiences-2"))
    assert not stored.save(RefreshState("audiences-2", revision=2))
    assert stored.read_state() == replace(STATE, revision=1)


def test_states_of_two_functions_are_apart(tables: OneAtATime, table: str) -> None:
    states(tables, table).save(STATE)

    assert states(tables, table, "notice_publisher").read_state() == RefreshState()


def test_methods_when_dynamodb_fails_raise_upstream_errors(tables: OneAtATime) -> None:
    stored = states(tables, "no-such-table")

    with pytest.raises(UpstreamError):
        stored.read_state()
    with pytest.raises(UpstreamError):
        stored.save(STATE)


def test_sent_refresh_is_read_as_an_event_of_the_bus_is() -> None:
    sent: list[dict[str, Any]] = []

    class Client:
        def send_message(self, **arguments: Any) -> None:
            sent.append(arguments)

    client: Any = Client()
    refresh = change(
        "audiences-document_sync-1",
        type=AUDIENCES_CHANGED,
        subject=AUDIENCES,
        partnerId=None,
        version=None,
        via="resync",
    )

    SqsRefreshQueue(client, "https://queue.example").send(refresh, delay=15)

    ((body, delay),) = [(one["MessageBody"], one["DelaySeconds"]) for one in sent]
    assert (Envelope[Change].model_validate_json(body).detail, delay) == (refresh, 15)
    assert json.loads(body)["source"] == TRADING_GRID_SOURCE
