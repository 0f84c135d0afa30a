"""What the soak test's model of a Wix site sends is accepted by the functions, and its ring
function accepts theirs.
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from gridwix.clients.wix.ring_function import RingFunction, ring_client
from gridwix.errors import WebhookRejected
from gridwix.wix_webhook.events import ReceivedEvent, read_event
from gridwix.wix_webhook.form_posts import read_form_post
from gridwix.wix_webhook.signatures import verify_form_post, verify_token
from soak.kernel.edges import Fault, PlannedFaults
from soak.wix.library import FileWish
from soak.wix.site import RING_URL, Wix
from soak.wix.webhooks import SUBMITTED, FormPost
from tests.contract.soak_wix_worlds import START, a_model

CREATED = "wix.members.v1.member_created"
MEMBER, FORM = "7be4f2a6-91c5-4d83-a1b7-2c9e5d8f0a40", "9be4f2a6-91c5-4d83-a1b7-2c9e5d8f0a40"


@pytest.fixture
def model() -> Wix:
    return a_model()[0]


def received(model: Wix, event_type: str, event: dict[str, Any]) -> ReceivedEvent:
    """What the functions make of a webhook."""
    claims = verify_token(
        model.signed_webhook(event_type, event), [model.webhooks.public_key()], now=START
    )
    return read_event(claims, instance_id=model.identity.instance_id)


def test_webhook_when_it_is_signed_then_it_is_accepted(model: Wix) -> None:
    event = model.webhooks.event(CREATED, MEMBER, {"createdEvent": {"entity": {"id": MEMBER}}})

    found = received(model, CREATED, event)

    assert (found.type, found.subject, found.event_id) == (
        "member.created",
        f"members/{MEMBER}",
        event["id"],
    )
    assert event["slug"] == "created"
    assert event["entityFqdn"] == "wix.members.v1.member"


def test_webhook_when_its_key_was_replaced_then_it_is_rejected(model: Wix) -> None:
    old = model.webhooks.public_key()
    model.webhooks.key_number = 1
    body = model.signed_webhook(CREATED, {})

    with pytest.raises(WebhookRejected):
        verify_token(body, [old], now=START)
    assert verify_token(body, [old, model.webhooks.public_key()], now=START)["iss"] == "wix.com"


def test_submission_when_its_webhook_comes_then_it_has_form_member_and_values(model: Wix) -> None:
    event = model.webhooks.submission_event(FORM, {"email": "a@example.com"}, MEMBER)

    found = received(model, SUBMITTED, event).submission

    assert found is not None
    assert (found.form, found.member_id) == (FORM, MEMBER)
    assert json.loads(found.values) == {"email": "a@example.com"}


@pytest.mark.parametrize(("share", "kind"), [(0.0, "file.ready"), (1.0, "file.failed")])
def test_file_when_it_was_processed_then_its_webhook_is_accepted(share: float, kind: str) -> None:
    model, scheduler, _ = a_model()
    told: list[tuple[str, str, Mapping[str, Any]]] = []
    model.library.on_event.append(lambda *event: told.append(event))
    model.library.failed_share = share
    file = model.library.add(FileWish("a.pdf", "application/pdf"), b"%PDF")
    assert not told

    scheduler.run()

    [(event_type, file_id, body)] = told
    event = model.webhooks.event(event_type, file_id, {"actionEvent": {"body": body}})
    assert f"{event['entityFqdn']}_{event['slug']}" == event_type
    assert received(model, event_type, event).type == kind
    assert received(model, event_type, event).subject == f"files/{file.id}"


def read(post: FormPost, secrets: list[str]) -> ReceivedEvent:
    """What the functions make of a form post."""
    form = post.path.rpartition("/")[2]
    trusted = verify_form_post(form, post.headers, {}, post.body, secrets, now=START)
    return read_form_post(form, post.body, trusted=trusted, now=START)


def test_form_post_when_it_is_signed_then_its_member_and_partner_are_trusted(model: Wix) -> None:
    post = model.webhooks.form_post(
        "contact", {"subject": "é"}, member_id=MEMBER, partner_id="GC1", submitted_at=START - 60
    )

    found = read(post, model.signing_secrets).submission

    assert found is not None
    assert (found.id, found.member_id, found.partner_id) == (post.submission_id, MEMBER, "GC1")
    assert found.submitted_at == "2026-03-02T11:59:00.000Z"
    assert json.loads(found.values) == {"subject": "é"}


def test_form_post_when_it_is_repeated_then_it_has_the_same_id(model: Wix) -> None:
    def post(values: Mapping[str, Any], at: float) -> str:
        return model.webhooks.form_post(
            "contact", values, member_id=MEMBER, partner_id="GC1", submitted_at=at
        ).submission_id

    assert post({"a": 1}, START) == post({"a": 1}, START + 59)
    assert len({post({"a": 1}, START), post({"a": 1}, START + 60), post({"a": 2}, START)}) == 3


def test_form_post_when_the_secret_was_rotated_then_the_new_one_signs(model: Wix) -> None:
    old = model.signing_secrets[0]
    new = model.webhooks.rotate_signing_secret()
    post = model.webhooks.form_post("contact", {}, member_id=MEMBER, partner_id="GC1")

    assert model.signing_secrets == [new, old]
    read(post, [old, new])
    with pytest.raises(WebhookRejected):
        read(post, [old])


def ring_function(model: Wix) -> RingFunction:
    return RingFunction(
        ring_client(httpx.MockTransport(model.respond)),
        RING_URL,
        lambda: {"signingSecrets": model.signing_secrets},
        clock=lambda: START,
        sleep=lambda _: None,
    )


def test_ring_when_it_arrives_then_it_is_published_and_counted(model: Wix) -> None:
    heard: list[tuple[str, Mapping[str, int]]] = []
    model.ring.on_ring.append(lambda *ring: heard.append(ring))

    failed = ring_function(model).ring({"GC1": {"status": 3}, "everybody": {"notices": 1}})

    assert failed == 0
    assert heard == [("partner/GC1", {"status": 3}), ("everybody", {"notices": 1})]
    assert model.ring.published == {"partner/GC1": 1, "everybody": 1}
    assert ring_function(model).check()["stranger"] == {"read": False}


def test_ring_when_the_site_publishes_a_part_then_it_says_how_many_failed() -> None:
    model, scheduler, _ = a_model(PlannedFaults([(START, "ring", Fault.PARTIAL)]))
    rings: dict[str, dict[Any, int]] = {f"GC{number}": {"status": 1} for number in range(5)}
    task = scheduler.spawn("worker", lambda: ring_function(model).ring(rings))

    scheduler.run()

    assert task.result == 5 - len(model.ring.published)
    assert 1 <= task.result <= 5
