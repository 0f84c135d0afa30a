"""The bus contract: schemas, documentation and sample events agree with the models and the
handlers.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gridwix.edge.api_gateway import body_of, headers_of
from gridwix.edge.standard_webhooks import verify_signature
from gridwix.errors import WebhookRejected
from gridwix.mapping.cloud_events import KNOWN_TYPES
from gridwix.models import events
from gridwix.models.events import (
    HUB_RESYNC_REQUESTED,
    POLL_REQUESTED,
    RESYNC_REQUESTED,
    TRANSACTION_EXCEPTION,
    PollRequest,
)
from gridwix.runtime.queue_runner import Envelope, parse_batch
from gridwix.trading_grid_webhook import endpoint as trading_grid_edge
from gridwix.trading_grid_webhook import service as trading_grid_service
from gridwix.trading_grid_webhook.service import read_change
from gridwix.wix_webhook import endpoint as wix_edge
from gridwix.wix_webhook.events import EVENT_TYPES, SUBMITTED, read_event
from gridwix.wix_webhook.form_posts import read_form_post
from gridwix.wix_webhook.signatures import verify_form_post, verify_token
from ops.schemas import event_schemas
from tests.factories import HUB

ROOT = Path(__file__).parents[2]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENT_AT = 1_773_324_331


def sample(path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "events" / path).read_text())
    return loaded


def test_schemas_in_the_docs_are_those_of_the_models() -> None:
    assert {path: path.read_text() for path in event_schemas()} == event_schemas()


def test_docs_name_every_detail_type() -> None:
    documented = set(
        re.findall(r"`([a-z]+\.[a-z_]+)`", (ROOT / "docs/events/README.md").read_text())
    ) - {events.TRADING_GRID_SOURCE, events.WIX_SOURCE}

    ours = {
        RESYNC_REQUESTED,
        HUB_RESYNC_REQUESTED,
        events.AUDIENCES_CHANGED,
        TRANSACTION_EXCEPTION,
        POLL_REQUESTED,
        events.FORM_SUBMITTED,
        "invitation.created",
        "access.ended",
        "member.deleted",
        "contact.deleted",
    }
    assert documented == KNOWN_TYPES | ours
    assert {kind.partition(".")[0] for kind, _ in EVENT_TYPES.values()} == {
        "form",
        "data_item",
        "member",
        "contact",
        "file",
    }


def test_constants_of_the_edge_are_those_of_the_models() -> None:
    assert (trading_grid_edge.SOURCE, trading_grid_service.POLL_REQUESTED) == (
        events.TRADING_GRID_SOURCE,
        events.POLL_REQUESTED,
    )
    assert (wix_edge.SOURCE, EVENT_TYPES[SUBMITTED][0]) == (
        events.WIX_SOURCE,
        events.FORM_SUBMITTED,
    )


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("status_publisher/compliance_passed", 1, 0),
        ("status_publisher/resync", 1, 0),
        ("status_publisher/malformed_beside_good", 1, 1),
        ("onboarding_sync/program_published", 1, 0),
        ("onboarding_sync/step_completed", 1, 0),
        ("onboarding_sync/resync", 1, 0),
        ("notice_publisher/case_commented", 1, 0),
        ("notice_publisher/notice_updated", 1, 0),
        ("notice_publisher/resync", 1, 0),
        ("case_opener/validation_error", 1, 0),
        ("case_opener/over", 1, 0),
        ("request_publisher/status_changed", 1, 0),
        ("request_publisher/commented", 1, 0),
        ("partner_messenger/compliance_passed", 1, 0),
        ("partner_messenger/step_unlocked", 1, 0),
        ("partner_messenger/case_awaiting_partner", 1, 0),
        ("partner_messenger/notice_published", 1, 0),
        ("partner_messenger/document_published", 1, 0),
        ("partner_messenger/document_updated", 1, 0),
        ("partner_messenger/invitation_created", 1, 0),
        ("partner_messenger/access_ended", 1, 0),
        ("document_sync/version_added", 1, 0),
        ("document_sync/agreement_withdrawn", 1, 0),
    ],
)
def test_sample_batches_of_the_publishers_are_read(path: str, good: int, bad: int) -> None:
    batch = parse_batch(
        sample(f"{path}.json"),
        lambda body: Envelope[events.Change].model_validate_json(body).detail,
    )

    assert (len(batch.messages), len(batch.malformed)) == (good, bad)


def test_sample_submission_of_the_bus_is_a_portal_event() -> None:
    (record,) = sample("form_intake/form_submitted.json")["Records"]

    assert (
        events.PortalEvent.model_validate(json.loads(record["body"])["detail"]).type
        == events.FORM_SUBMITTED
    )


def test_sample_token_of_wix_is_read_by_the_key_that_signed_it() -> None:
    body, key = (
        sample("wix_webhook/submission.json")["body"].encode(),
        (ROOT / "events/wix_webhook/public_key.pem").read_text(),
    )

    received = read_event(
        verify_token(body, [key], now=SENT_AT), instance_id="c1f6a1b2-6f5d-4a1f-9b8e-2f1f3a4b5c6d"
    )

    assert received.type == events.FORM_SUBMITTED
    with pytest.raises(WebhookRejected, match="wrong-algorithm"):
        verify_token(
            sample("wix_webhook/signed_with_the_public_key.json")["body"].encode(),
            [key],
            now=SENT_AT,
        )


def test_sample_form_post_verifies_and_is_a_submission() -> None:
    event = sample("wix_webhook/form_post.json")
    form, body = event["pathParameters"]["form"], body_of(event)

    assert verify_form_post(form, headers_of(event), {}, body, [SECRET], now=SENT_AT)
    assert read_form_post(form, body, trusted=True, now=SENT_AT).submission is not None


def test_sample_doorbell_is_a_poll_request() -> None:
    (record,) = sample("trading_grid_feed/doorbell.json")["Records"]

    assert PollRequest.model_validate(json.loads(record["body"])["detail"])


def test_sample_webhook_verifies_and_is_a_change() -> None:
    event = sample("trading_grid_webhook/compliance_passed.json")
    body = body_of(event)

    verify_signature(headers_of(event), body, [SECRET], now=SENT_AT)

    change = read_change(body, company_id=HUB, type_prefix="net.example.tg.")
    assert change is not None
    assert change["version"] == 7


@pytest.mark.parametrize(
    ("path", "reason"), [("forged", "invalid-signature"), ("unsigned", "missing-header")]
)
def test_sample_bad_webhooks_are_rejected(path: str, reason: str) -> None:
    event = sample(f"trading_grid_webhook/{path}.json")

    with pytest.raises(WebhookRejected) as caught:
        verify_signature(headers_of(event), body_of(event), [SECRET], now=SENT_AT)

    assert caught.value.reason == reason


def test_every_function_has_sample_events() -> None:
    applications = (ROOT / "functions", ROOT / "gateway/functions")

    assert {path.name for folder in applications for path in folder.iterdir()} == {
        path.name for path in (ROOT / "events").iterdir()
    }
