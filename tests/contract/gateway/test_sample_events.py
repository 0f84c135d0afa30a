"""The gateway's functions read their sample events."""

import json
from typing import Any

import pytest

from gridwix_gateway.api.authentication import Authenticator, Consumer
from gridwix_gateway.api.bodies import read_body
from gridwix_gateway.api.messages import read_request
from gridwix_gateway.api.routers import ROUTERS
from gridwix_gateway.api.routing import RouteTable
from gridwix_gateway.runtime.file_source import declared_sources
from gridwix_gateway.sources.files.messages import drop_names
from gridwix_gateway.targets.queue import TargetMessage, read_messages
from gridwix_gateway.webhooks.queue import ALL, woken_endpoint
from ops.paths import ROOT
from tests.fakes.gateway.server import FixedCredentials

SENT_AT = 1_773_324_331.0


def sample(path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / f"events/{path}.json").read_text())
    return loaded


def bodies(path: str) -> list[str]:
    return [record["body"] for record in sample(path)["Records"]]


def test_sample_token_call_gets_a_token() -> None:
    consumer = Consumer("gridwix", "sample-consumer-secret", frozenset({"community"}))
    authenticator = Authenticator(FixedCredentials(consumer), lambda: SENT_AT)

    response = authenticator.create_token(read_request(sample("api/token")))

    assert response.status == 200


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("list_cases", "/community/v1/cases"),
        ("create_request", "/community/v1/collaboration-requests"),
    ],
)
def test_sample_requests_have_a_route_and_a_valid_body(name: str, pattern: str) -> None:
    request = read_request(sample(f"api/{name}"))

    route, _ = RouteTable(ROUTERS).match_request(request)

    assert route.pattern == pattern
    assert (route.schema is None) == (not request.body)
    if route.schema is not None:
        assert read_body(request, route.schema)["partnerId"]


def test_sample_list_call_names_each_partner() -> None:
    request = read_request(sample("api/list_cases"))

    assert request.query_values("partnerId") == ("GC070000000101", "GC070000000207")


def test_sample_drops_are_files_of_a_declared_source() -> None:
    (dropped,) = [list(drop_names(body)) for body in bodies("file_source/file_dropped")]
    (continued,) = [list(drop_names(body)) for body in bodies("file_source/continued")]
    (test_event,) = [list(drop_names(body)) for body in bodies("file_source/test_event")]

    assert dropped == continued == ["drops/partner-tracker/Partner tracker (March).xlsx"]
    assert "partner-tracker" in declared_sources()
    assert test_event == []


def test_sample_messages_wake_senders_of_webhooks() -> None:
    woken = [woken_endpoint(record) for record in sample("webhook_sender/endpoint")["Records"]]
    (scheduled,) = sample("webhook_sender/schedule")["Records"]

    assert woken == ["whe_01J9V0", ALL]
    assert json.loads(scheduled["body"]) == {"endpoint": woken_endpoint(scheduled)}


def test_sample_messages_wake_the_sender_of_targets_or_bring_a_delivery_back() -> None:
    (woken,) = read_messages(sample("target_sender/commit"))
    (scheduled,) = read_messages(sample("target_sender/schedule"))
    (letter,) = read_messages(sample("target_sender/dead_letter"))

    assert woken == scheduled == TargetMessage(woken.message_id)
    assert (letter.target, letter.number) == ("erp-files", 482)
