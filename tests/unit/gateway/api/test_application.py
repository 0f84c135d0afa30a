"""The application: problems, scopes, failures and logs."""

import json
from typing import Any

import pytest

from gridwix_gateway.api import application
from gridwix_gateway.api.messages import Response
from gridwix_gateway.api.routing import Call, Router
from gridwix_gateway.documents import Document
from gridwix_gateway.store.table import Item, Key, Throttled
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.gateway.server import CONSUMER, DESK, GatewayParts

PARTNER: Document = {"id": "p1", "name": "Prairie Gold", "role": "supplier", "status": "active"}
CASE = {"partnerId": "p1", "subject": "Jane Doe <jane@example.com>", "category": "other"}


def new_parts(**more: Any) -> GatewayParts:
    parts = GatewayParts(**more)
    parts.commits.run(lambda draft: draft.create("partners", PARTNER, "partner.created"))
    return parts


def document(response: Response) -> Document:
    assert response.document is not None
    return response.document


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("DELETE", "/partners/p1"),
        ("GET", "/partners/p1/"),
        ("GET", "/partners/p1/x"),
        ("GET", "/partners/" + "x" * 201),
        ("GET", "//p1"),
    ],
)
def test_path_or_method_that_there_is_not_is_not_found(method: str, path: str) -> None:
    response = new_parts().call(method, path)

    assert (response.status, document(response)["code"]) == (404, "not-found")


def test_caller_without_a_token_does_not_learn_which_routes_there_are() -> None:
    parts = new_parts()
    headers = {"authorization": ""}

    answers = [parts.call("GET", path, headers=headers) for path in ("/partners", "/nothing")]

    assert {answer.status for answer in answers} == {401}
    assert answers[0].headers["www-authenticate"] == "Bearer"


def test_route_of_another_scope_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    router = Router(scope="desk")

    @router.read("GET", "/desk-only")
    def handle_read(call: Call, /) -> Response:
        return Response(200, {})

    parts = new_parts()
    parts.application = application.Application(
        parts.services, parts.application._authenticator, [router], parts.log.append
    )

    assert parts.call("GET", "/desk-only", consumer=DESK).status == 200
    refused = parts.call("GET", "/desk-only", consumer=CONSUMER)
    assert (refused.status, document(refused)["code"]) == (403, "forbidden")


def test_throttled_table_is_unavailable_and_says_when_to_try_again() -> None:
    class BusyTable(MemoryTable):
        busy = False

        def get(self, key: Key) -> Item | None:
            if self.busy:
                raise Throttled
            return super().get(key)

    table = BusyTable()
    parts = new_parts(table=table)
    table.busy = True

    response = parts.call("GET", "/partners/p1")

    assert (response.status, document(response)["code"]) == (503, "unavailable")
    assert response.headers["retry-after"] == "1"


def test_failure_is_a_problem_and_is_logged_without_values() -> None:
    class BrokenTable(MemoryTable):
        broken = False

        def get(self, key: Key) -> Item | None:
            if self.broken:
                raise KeyError("jane@example.com")
            return super().get(key)

    table = BrokenTable()
    parts = new_parts(table=table)
    table.broken = True

    response = parts.call("GET", "/partners/p1")

    assert (response.status, document(response)["status"]) == (500, 500)
    assert parts.log[-1]["error"] == "KeyError"
    assert any("test_application.py" in place for place in parts.log[-1]["stack"])
    assert "jane" not in json.dumps([parts.log, response.document])


def test_each_request_is_logged_with_its_route_and_nothing_that_it_says() -> None:
    parts = new_parts()

    created = document(parts.call("POST", "/cases", CASE))
    parts.call("GET", f"/cases/{created['id']}?status=jane@example.com")
    parts.call("PATCH", f"/cases/{created['id']}", {"subject": "Jane"})

    entries = [entry for entry in parts.log if "tokens" not in entry["route"]]
    assert [
        (entry["method"], entry["route"], entry["status"], entry.get("code")) for entry in entries
    ] == [
        ("POST", "/community/v1/cases", 201, None),
        ("GET", "/community/v1/cases/{id}", 200, None),
        ("PATCH", "/community/v1/cases/{id}", 428, "precondition-required"),
    ]
    assert {entry["request_id"] for entry in entries} == {"request-1"}
    said = json.dumps(parts.log).lower()
    assert not any(value in said for value in ("jane", "case_", CONSUMER.key))


def test_commit_with_an_event_is_announced_and_a_failure_to_do_so_changes_nothing() -> None:
    announced: list[str] = []

    def announce() -> None:
        announced.append("commit")
        raise OSError("no queue")

    parts = new_parts(announce_commit=announce)

    key = {"idempotency-key": "0b8f1d1e-3a55-4a6e-8b5c-2f5d1f0d9a10"}
    created = parts.call("POST", "/cases", CASE, key)
    parts.call("POST", "/cases", CASE, key)
    parts.call("GET", "/cases")
    parts.call("POST", "/cases", {**CASE, "partnerId": "nobody"})

    assert (created.status, announced) == (201, ["commit"])
    assert parts.log[1]["announcement_error"] == "OSError"


def test_event_that_cannot_be_read_is_a_malformed_request() -> None:
    event = {
        "version": "2.0",
        "rawPath": "/community/v1/cases",
        "requestContext": {"http": {"method": "POST"}},
        "headers": {"x-request-id": "r-1"},
        "body": "*",
        "isBase64Encoded": True,
    }

    answer = new_parts().application.handle_event(event)

    assert answer["statusCode"] == 400
    problem = json.loads(answer["body"])
    assert (problem["code"], problem["requestId"]) == ("malformed", "r-1")
