"""The handler of Wix's webhooks, and the receiver behind it, with AWS in memory."""

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from functions.wix_webhook import handler as module
from gridwix.errors import Unavailable
from gridwix.mapping.references import reference
from gridwix.wix_webhook.service import WixEdge, WixReceiver
from gridwix.wix_webhook.signatures import form_signature
from gridwix.wix_webhook.submissions import NewSubmission
from tests.fakes.wix_webhooks import INSTANCE, NOW, claims, event, public_pem, submitted, token

ROOT = Path(__file__).parents[3]
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


class Edge(WixEdge):
    """``rotated`` is what a fresh look at the secret shows; ``fails`` is how many puts on the bus
    fail, ``stores_fail`` how many submissions cannot be stored.
    """

    def __init__(self) -> None:
        self.stored = {"publicKeys": [public_pem()], "signingSecrets": [SECRET]}
        self.rotated: dict[str, list[str]] = {}
        self.kept: dict[str, NewSubmission] = {}
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.fails = 0
        self.stores_fail = 0

    def secret(self, member: str, *, refresh: bool = False) -> list[str]:
        return self.rotated.get(member, self.stored[member]) if refresh else self.stored[member]

    def store_submission(self, submission: NewSubmission, now: float) -> bool:
        assert now == NOW
        if self.stores_fail:
            self.stores_fail -= 1
            raise Unavailable("arn:table", system="aws")
        fresh = submission.id not in self.kept
        self.kept.setdefault(submission.id, submission)
        return fresh

    def put_event(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        if self.fails:
            self.fails -= 1
            raise Unavailable("arn:bus", system="aws")
        self.events.append((detail_type, detail))


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Edge:
    fake = Edge()
    monkeypatch.setattr(
        module, "wix_receiver", lambda: WixReceiver(fake, instance_id=INSTANCE, clock=lambda: NOW)
    )
    return fake


def call(body: str = "", **changes: Any) -> tuple[int, dict[str, Any]]:
    answer = module.handler({"headers": {}, "body": body, "isBase64Encoded": False} | changes, None)
    return answer["statusCode"], json.loads(answer["body"])


def test_submission_is_kept_and_told_and_wix_gets_its_200(edge: Edge) -> None:
    assert call(token(claims(event()))) == (200, {"accepted": "form.submitted"})

    ((detail_type, detail),) = edge.events
    (kept,) = edge.kept.values()
    assert (detail_type, detail["subject"], detail["eventId"]) == (
        "form.submitted",
        f"submissions/{kept.id}",
        "evt-1",
    )
    assert "INV-88213" not in json.dumps(detail)


def test_delivery_that_comes_again_is_told_again_and_kept_once(edge: Edge) -> None:
    edge.fails = 1

    assert [call(token(claims(event())))[0] for _ in range(3)] == [503, 200, 200]

    assert (len(edge.kept), len(edge.events)) == (1, 2)


def test_submission_that_cannot_be_stored_is_answered_with_503_and_not_told(edge: Edge) -> None:
    edge.stores_fail = 1

    status, answer = call(token(claims(event())))

    assert (status, edge.kept, edge.events) == (503, {}, [])
    assert "arn" not in json.dumps(answer)
    assert call(token(claims(event())))[0] == 200
    assert len(edge.kept) == len(edge.events) == 1


def test_event_of_no_use_is_taken_and_counted(
    edge: Edge, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(token(claims(event("wix.bookings.v2.booking_created", domain={})))) == (
        200,
        {"accepted": ""},
    )

    assert edge.events == []
    assert '"EventsOfUnknownType":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_forged_webhook_is_refused_with_a_reason_and_touches_nothing(edge: Edge) -> None:
    status, answer = call(token(claims(event()), signer="another"))

    assert (status, answer["code"]) == (401, "invalid-signature")
    assert (edge.kept, edge.events) == ({}, [])


def test_key_that_was_rotated_since_it_was_fetched_is_fetched_anew(edge: Edge) -> None:
    edge.rotated = {"publicKeys": [public_pem("new"), public_pem()]}

    assert call(token(claims(event()), signer="new"))[0] == 200


def test_site_code_gets_the_reference_at_once(edge: Edge) -> None:
    body = json.dumps({"submissionId": "sub-7", "values": {"question": "Why?"}})

    headers = {
        "Webhook-Id": "m-1",
        "Webhook-Timestamp": str(int(NOW)),
        "Webhook-Signature": Webhook(SECRET).sign("m-1", datetime.fromtimestamp(NOW, UTC), body),
    }

    assert call(body, headers=headers, pathParameters={"form": "invoice-question"}) == (
        200,
        {"reference": reference("sub-7")},
    )

    assert edge.kept["sub-7"].form == "invoice-question"


def test_automation_posts_to_the_address_of_its_form(edge: Edge) -> None:
    query = {"signature": form_signature("invoice-question", SECRET)}

    status, answer = call(
        '{"question": "Why?"}',
        queryStringParameters=query,
        pathParameters={"form": "invoice-question"},
    )

    assert (status, len(edge.kept)) == (200, 1)
    assert answer["reference"].startswith("GX-")


def test_secrets_and_answers_stay_out_of_the_log(
    edge: Edge, capsys: pytest.CaptureFixture[str]
) -> None:
    call(token(claims(event(domain=submitted(submissions={"question": "very private"})))))
    call(token(claims(event()), signer="another"))

    assert "very private" not in capsys.readouterr().out
    assert len(edge.kept) == 1


def test_handler_imports_nothing_that_takes_long() -> None:
    # Powertools imports botocore's outermost package for its version, which costs nothing; what
    # counts is what lies under it.
    heavy = ("boto3", "botocore.session", "botocore.auth", "pydantic", "httpx")
    code = (
        "import sys; import functions.wix_webhook.handler;"
        f" print([name for name in {heavy} if name in sys.modules])"
    )

    shown = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"POWERTOOLS_SERVICE_NAME": "x"},
    )

    assert shown.stdout.strip() == "[]"
