"""The API over DynamoDB's stand-in answers as it does over the table in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from emulators.common.clock import Clock
from gridwix_gateway.api.messages import Response
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.table import Table
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.gateway.server import GatewayParts
from tests.fakes.gateway.tables import create_table

KEY = {"idempotency-key": "0b8f1d1e-3a55-4a6e-8b5c-2f5d1f0d9a10"}
CASE = {"partnerId": "p1", "subject": "Grüße", "category": "other"}


@pytest.fixture
def dynamo_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = botocore.session.get_session().create_client("dynamodb")
        create_table(client, "records")
        yield DynamoTable(client, "records")


def play_calls(table: Table) -> list[Response]:
    """Return the responses of calls of each kind."""
    clock = Clock()
    clock.freeze(datetime(2026, 3, 12, 9, tzinfo=UTC))
    parts = GatewayParts(table=table, clock=clock)
    parts.commits.run(
        lambda draft: draft.create("partners", {"id": "p1", "status": "active"}, "partner.created")
    )
    case = "/cases/case_000000000002"
    calls: list[tuple[Any, ...]] = [
        ("POST", "/cases", CASE, KEY),
        ("POST", "/cases", CASE, KEY),
        ("POST", f"{case}/transitions", {"to": "open"}, {"if-match": '"v1"'}),
        ("POST", f"{case}/transitions", {"to": "open"}, {"if-match": '"v1"'}),
        ("PUT", f"{case}/transaction-refs/CA-1", {"poNumber": "PO-1"}),
        ("PUT", f"{case}/transaction-refs/CA-1", {"poNumber": "PO-1"}),
        ("POST", f"{case}/comments", {"body": "one"}),
        ("POST", f"{case}/comments", {"body": "two"}),
        ("GET", f"{case}/comments?limit=1"),
        ("GET", case),
        ("GET", case, None, {"if-none-match": '"v5"'}),
        ("GET", "/cases?status=open&partnerId=p1"),
        ("GET", "/cases?updatedSince=2026-03-12T09:00:00Z&limit=1"),
        ("GET", "/events?limit=3"),
        ("GET", "/cases/nothing"),
    ]
    return [parts.call(*call) for call in calls]


def without_times(value: Any) -> Any:
    """Return a JSON value without its times: the stand-in of DynamoDB has its own clock."""
    if isinstance(value, dict):
        times = {"at", "asOf", "createdAt", "updatedAt", "time", "number", "nextCursor"}
        return {name: without_times(each) for name, each in value.items() if name not in times}
    return [without_times(each) for each in value] if isinstance(value, list) else value


def test_calls_of_each_kind_are_answered_alike(dynamo_table: Table) -> None:
    expected, found = play_calls(MemoryTable()), play_calls(dynamo_table)

    assert [one.status for one in found] == [
        *(201, 201, 200, 412, 200, 200, 201, 201),
        *(200, 200, 304, 200, 200, 200, 404),
    ]
    assert [(one.status, one.headers, without_times(one.document)) for one in found] == [
        (one.status, one.headers, without_times(one.document)) for one in expected
    ]
