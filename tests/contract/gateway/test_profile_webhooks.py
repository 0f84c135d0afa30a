"""Webhooks of the profile: the emulator and the gateway hold the same contract."""

import json
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from tests.fakes.gateway.hubs import CHECK, PRAIRIE_GOLD, ProfileClient
from tests.fakes.webhook_receiver import Receiver, open_receiver, register_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An endpoint that records what it gets."""
    with open_receiver() as found:
        yield found


def test_webhook_is_signed_and_the_same_as_the_feeds_event(
    grid: ProfileClient, receiver: Receiver
) -> None:
    endpoint = register_receiver(grid, receiver)

    grid.transition(CHECK, "pending")
    ((headers, body),) = receiver.wait_for(1)

    Webhook(endpoint["secrets"][0]).verify(body, headers)
    assert (
        json.loads(body)["id"]
        == headers["webhook-id"]
        == grid.client.get("/events").json()["items"][-1]["id"]
    )


def test_webhook_during_a_rotation_is_signed_with_both_secrets(
    grid: ProfileClient, receiver: Receiver
) -> None:
    endpoint = register_receiver(grid, receiver)
    rotated = grid.client.post(f"/webhook-endpoints/{endpoint['id']}/rotate-secret").json()

    grid.transition(CHECK, "pending")
    ((headers, body),) = receiver.wait_for(1)

    assert len(rotated["secrets"]) == 2
    for secret in rotated["secrets"]:
        Webhook(secret).verify(body, headers)


def test_webhook_that_fails_is_tried_again_with_the_same_id(
    grid: ProfileClient, receiver: Receiver
) -> None:
    endpoint = register_receiver(grid, receiver)
    receiver.answers = [(500, {}), (302, {"location": "/elsewhere"})]

    grid.transition(CHECK, "pending")
    got = receiver.wait_for(3)

    assert len({headers["webhook-id"] for headers, _ in got}) == 1
    grid.hub.wait_for_webhooks()
    (delivery,) = grid.client.get(f"/webhook-endpoints/{endpoint['id']}/deliveries").json()["items"]
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 3)


@pytest.mark.parametrize("asked", ["²", "soon", "-1", "1e999", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_webhook_whose_answer_asks_for_an_odd_wait_is_tried_again(
    grid: ProfileClient, receiver: Receiver, asked: str
) -> None:
    endpoint = register_receiver(grid, receiver)
    receiver.answers = [(503, {"retry-after": asked})]

    grid.transition(CHECK, "pending")
    receiver.wait_for(2)

    grid.hub.wait_for_webhooks()
    (delivery,) = grid.client.get(f"/webhook-endpoints/{endpoint['id']}/deliveries").json()["items"]
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 2)


def test_webhook_that_is_gone_disables_the_endpoint(
    grid: ProfileClient, receiver: Receiver
) -> None:
    endpoint = register_receiver(grid, receiver)
    receiver.answers = [(410, {})]

    grid.transition(CHECK, "pending")
    receiver.wait_for(1)
    grid.hub.wait_for_webhooks()

    assert grid.client.get(f"/webhook-endpoints/{endpoint['id']}").json()["status"] == "disabled"


def test_webhook_endpoint_with_types_gets_only_those(
    grid: ProfileClient, receiver: Receiver
) -> None:
    register_receiver(grid, receiver, ["net.example.tg.case.created"])

    grid.transition(CHECK, "pending")
    grid.client.post(
        "/cases", json={"partnerId": PRAIRIE_GOLD, "subject": "Hello", "category": "other"}
    )
    ((_, body),) = receiver.wait_for(1)

    assert json.loads(body)["type"] == "net.example.tg.case.created"


def test_replay_delivers_the_events_behind_a_cursor_again(
    grid: ProfileClient, receiver: Receiver
) -> None:
    head = grid.client.get("/events", params={"cursor": "now"}).json()["nextCursor"]
    grid.transition(CHECK, "pending")
    endpoint = register_receiver(grid, receiver)

    answer = grid.client.post(
        f"/webhook-endpoints/{endpoint['id']}/replay", json={"fromCursor": head}
    )

    assert answer.json() == {"queued": 1}
    receiver.wait_for(1)


def test_webhook_endpoint_is_listed_read_and_deleted(
    grid: ProfileClient, receiver: Receiver
) -> None:
    endpoint = register_receiver(grid, receiver, ["net.example.tg.case.created"])
    path = f"/webhook-endpoints/{endpoint['id']}"

    listed = grid.client.get("/webhook-endpoints").json()["items"]
    read = grid.client.get(path).json()
    deleted = grid.client.delete(path)
    grid.client.post(
        "/cases", json={"partnerId": PRAIRIE_GOLD, "subject": "Hello", "category": "other"}
    )
    grid.hub.wait_for_webhooks()

    assert (listed, read["status"], deleted.status_code) == ([endpoint], "enabled", 204)
    assert read["secrets"][0].startswith("whsec_")
    for answer in (
        grid.client.get(path),
        grid.client.delete(path),
        grid.client.post(f"{path}/rotate-secret"),
        grid.client.get(f"{path}/deliveries"),
    ):
        assert answer.status_code == 404
    assert receiver.got == []


def test_endpoint_that_is_registered_twice_with_one_key_is_one(
    grid: ProfileClient, receiver: Receiver
) -> None:
    headers = {"Idempotency-Key": "8d1f5c34-39c8-4f0e-9d0c-4d5a1d6b7f11"}

    first, again = (
        grid.client.post("/webhook-endpoints", json={"url": receiver.url}, headers=headers)
        for _ in range(2)
    )

    assert first.json() == again.json()
    assert len(grid.client.get("/webhook-endpoints").json()["items"]) == 1


def test_deliveries_are_listed_newest_first_up_to_a_limit(
    grid: ProfileClient, receiver: Receiver
) -> None:
    endpoint = register_receiver(grid, receiver)
    grid.transition(CHECK, "pending")
    grid.transition(CHECK, "passed")
    receiver.wait_for(2)
    grid.hub.wait_for_webhooks()

    path = f"/webhook-endpoints/{endpoint['id']}/deliveries"
    newest, oldest = grid.client.get(path).json()["items"]
    (limited,) = grid.client.get(path, params={"limit": 1}).json()["items"]

    events = [event["id"] for event in grid.events()]
    assert [oldest["eventId"], newest["eventId"]] == events
    assert limited == newest
    assert (newest["attempts"], newest["responseStatus"]) == (1, 202)
    assert newest["lastAttemptAt"] and newest["milliseconds"] >= 0


def test_replay_from_an_invalid_cursor_is_refused(grid: ProfileClient, receiver: Receiver) -> None:
    endpoint = register_receiver(grid, receiver)

    answer = grid.client.post(
        f"/webhook-endpoints/{endpoint['id']}/replay", json={"fromCursor": "no cursor"}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "cursor-invalid")
