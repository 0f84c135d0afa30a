"""The webhook's calls to AWS, against moto's AWS behind a real HTTP server."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from moto import mock_aws

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.signed import SignedCaller
from gridwix.errors import WebhookRejected
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.trading_grid_webhook import endpoint
from gridwix.trading_grid_webhook.endpoint import AwsTradingGridEdge, TradingGridEdgeSettings
from gridwix.trading_grid_webhook.service import WebhookReceiver
from ops.waiting import STANDSTILL
from tests.fakes.aws import REGION, as_client, create_journal_table, dynamodb
from tests.fakes.aws_server import AwsServer, answer, aws_server
from tests.log_lines import lines_named

NOW = 1_780_000_000.25


@pytest.fixture
def server() -> Iterator[AwsServer]:
    with mock_aws(), aws_server() as running:
        yield running


SETTINGS = TradingGridEdgeSettings(
    bus_name="bus",
    handover_table="handovers",
    webhook_inbox_table="inbox",
    journal_table="journal",
    journal_days="30",
    trading_grid_company_id="GC0",
    trading_grid_event_type_prefix="net.example.tg.",
    trading_grid_webhook_mode="standard-webhooks",
    trading_grid_webhook_secret="secret",
)


def edge(server: AwsServer, journal_table: str) -> AwsTradingGridEdge:
    settings = replace(SETTINGS, journal_table=journal_table)
    keys = {
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": server.url,
    }
    return AwsTradingGridEdge(settings, SignedCaller(keys, timeout=STANDSTILL), lambda: NOW)


def test_flood_of_unsigned_and_forged_requests_costs_one_call_to_aws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetched: list[str] = []

    def fetch(_: object, name: str) -> str:
        fetched.append(name)
        return '{"secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}'

    monkeypatch.setattr(endpoint, "get_secret", fetch)
    # Any other call fails.
    no_caller: Any = None
    receiver = WebhookReceiver(
        AwsTradingGridEdge(SETTINGS, no_caller, lambda: NOW),
        company_id="GC0",
        type_prefix="net.example.tg.",
        is_doorbell=False,
        clock=lambda: NOW,
    )
    forged = {
        "webhook-id": "no plain id",
        "webhook-timestamp": f"{NOW:.0f}",
        "webhook-signature": "v1,AAAA",
    }

    for number in range(200):
        with pytest.raises(WebhookRejected):
            receiver.receive(forged if number % 2 else {}, b"{}")

    assert fetched == ["secret"]


def test_rejection_is_an_entry_of_the_journal_under_the_webhooks_id(server: AwsServer) -> None:
    with dynamodb() as tables:
        table = create_journal_table(tables)
        journal = DynamoDBJournal(as_client(tables), table)

        edge(server, table).record_rejection("msg_1", "invalid-signature", NOW)

        (entry,) = journal.of_event("msg_1", limit=10)
        assert entry == JournalEntry(
            record="webhooks/msg_1",
            at=NOW,
            function="trading_grid_webhook",
            outcome=JournalOutcome.REJECTED,
            event_id="msg_1",
            event_type="",
            via="webhook",
            reason="invalid-signature",
        )
        item = tables.scan(TableName=table)["Items"][0]
        assert int(item["expiration"]["N"]) == int(NOW) + 30 * 24 * 3600


def test_rejection_that_cannot_be_recorded_stays_a_rejection(
    server: AwsServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.behaviours.extend([answer(400, b'{"__type": "AccessDeniedException"}')] * 3)

    edge(server, "journal").record_rejection("msg_1", "invalid-signature", NOW)

    assert len(lines_named(caplog, "rejection_not_recorded")) == len(caplog.records) == 1
