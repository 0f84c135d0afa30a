"""Idempotency keys: one execution per key, whatever is sent twice, at once, or breaks off."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix_gateway.api.messages import Response
from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.records import Filters
from tests.examples import examples
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.gateway.server import DESK, GatewayParts
from tests.fakes.interleaving import Killed, Worker

KEY = {"idempotency-key": "0b8f1d1e-3a55-4a6e-8b5c-2f5d1f0d9a10"}
CASE = {"partnerId": "p1", "subject": "Twice", "category": "other"}


def create_world(draft: Draft) -> None:
    draft.create("partners", {"id": "p1", "status": "active"}, "partner.created")
    steps = [
        {"key": "a", "status": "submitted", "waitsOn": []},
        {"key": "b", "status": "locked", "waitsOn": ["a"]},
    ]
    enrollment = {"id": "e1", "partnerId": "p1", "status": "in_progress", "steps": steps}
    draft.create("enrollments", enrollment, "enrollment.created")


def new_parts(**more: Any) -> GatewayParts:
    parts = GatewayParts(**more)
    parts.commits.run(create_world)
    return parts


def case_count(parts: GatewayParts) -> int:
    return len(parts.services.records.list_page("cases", Filters(), "", 100).documents)


def test_second_request_gets_the_first_response_with_its_entity_tag() -> None:
    parts = new_parts()

    first = parts.call("POST", "/cases", CASE, KEY)
    case_id = (first.document or {})["id"]
    parts.call("POST", f"/cases/{case_id}/transitions", {"to": "open"}, {"if-match": "*"})
    second = parts.call("POST", "/cases", CASE, KEY)

    assert (second.status, second.document) == (201, first.document)
    assert second.headers["etag"] == first.headers["etag"] == '"v1"'
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert case_count(parts) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/cases", {**CASE, "subject": "Other"}), ("/cases/case_1/comments", {"body": "Hello"})],
)
def test_key_of_another_request_is_refused(path: str, body: Document) -> None:
    parts = new_parts()
    parts.call("POST", "/cases", CASE, KEY)

    response = parts.call("POST", path, body, KEY)

    assert (response.status, (response.document or {})["code"]) == (422, "idempotency-key-reused")


def test_clients_that_choose_the_same_key_do_not_get_the_response_of_another() -> None:
    parts = new_parts()

    one = parts.call("POST", "/cases", CASE, KEY)
    other = parts.call("POST", "/cases", CASE, KEY, DESK)

    assert (one.status, other.status) == (201, 201)
    assert (one.document or {})["id"] != (other.document or {})["id"]


def test_refused_request_does_not_use_its_key_up() -> None:
    parts = new_parts()
    body = {**CASE, "partnerId": "p2"}

    refused = parts.call("POST", "/cases", body, KEY)
    parts.commits.run(lambda draft: draft.create("partners", {"id": "p2"}, "partner.created"))
    created = parts.call("POST", "/cases", body, KEY)

    assert (refused.status, created.status) == (422, 201)


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_key_without_or_with_too_many_characters_is_refused(key: str) -> None:
    response = new_parts().call("POST", "/cases", CASE, {"idempotency-key": key})

    assert (response.status, (response.document or {})["code"]) == (422, "validation")


def test_requests_without_a_key_are_executed_each() -> None:
    parts = new_parts()

    for _ in range(2):
        parts.call("POST", "/cases", CASE)

    assert case_count(parts) == 2


def post_case(parts: GatewayParts) -> Response:
    return parts.call("POST", "/cases", CASE, KEY)


def complete_step(parts: GatewayParts) -> Response:
    path = "/enrollments/e1/steps/a/transitions"
    return parts.call("POST", path, {"to": "completed"}, {**KEY, "if-match": '"v1"'})


EVENTS: Mapping[Callable[[GatewayParts], Response], Sequence[str]] = {
    post_case: ["case.created"],
    complete_step: ["step.status_changed", "step.unlocked"],
}


@pytest.mark.parametrize("send", EVENTS)
@settings(max_examples=examples(20))
@given(data=st.data())
def test_senders_that_race_and_are_killed_at_any_call_execute_once(
    send: Callable[[GatewayParts], Response], data: st.DataObject
) -> None:
    table = MemoryTable()
    new_parts(table=table)

    def sender(worker: Worker) -> Response:
        # The announcement is the last call: killed there, the sender commits and never answers.
        parts = GatewayParts(
            table=worker.pausing(table), sleep=lambda _: None, announce_commit=worker.pause
        )
        return send(parts)

    workers = [Worker(sender) for _ in range(3)]
    while running := [worker for worker in workers if not worker.finished]:
        worker = data.draw(st.sampled_from(running))
        if data.draw(st.integers(0, 9)) == 0:
            worker.kill()
        else:
            worker.step()

    final = GatewayParts(table=table)
    last = send(final)
    answers = [worker.result for worker in workers if worker.error is None]
    assert all(isinstance(worker.error, Killed | None) for worker in workers)
    assert all((one.status, one.document) == (last.status, last.document) for one in answers)
    events = final.services.feed.read_page(2, 50).events
    assert [event["type"].removeprefix("net.example.tg.") for event in events] == EVENTS[send]
