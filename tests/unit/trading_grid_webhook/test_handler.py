"""The webhook's handler: from API Gateway's event to an answer."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.trading_grid_webhook import handler as module
from gridwix.edge.rejections import rejection
from gridwix.errors import Unavailable
from gridwix.trading_grid_webhook.service import Receipt

ROOT = Path(__file__).parents[3]


class Receiver:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.receipt = Receipt("compliance.status_changed")
        self.received: list[tuple[dict[str, str], bytes]] = []

    def receive(self, headers: dict[str, str], body: bytes) -> Receipt:
        self.received.append((headers, body))
        if self.error:
            raise self.error
        return self.receipt


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    fake = Receiver()
    monkeypatch.setattr(module, "webhook_receiver", lambda: fake)
    return fake


def call(**changes: Any) -> dict[str, Any]:
    event = {
        "headers": {"Webhook-Id": "evt_1"},
        "body": '{"ü": 1}',
        "isBase64Encoded": False,
    } | changes
    answer: dict[str, Any] = module.handler(event, None)
    return answer


def test_handler_passes_on_the_raw_bytes_and_lower_case_headers(receiver: Receiver) -> None:
    answer = call()

    assert receiver.received == [({"webhook-id": "evt_1"}, '{"ü": 1}'.encode())]
    assert answer["statusCode"] == 202


def test_handler_when_the_body_is_base64_decodes_it(receiver: Receiver) -> None:
    call(body=base64.b64encode(b"\x00\xff").decode(), isBase64Encoded=True)

    assert receiver.received[0][1] == b"\x00\xff"


def test_handler_when_the_base64_is_broken_answers_400(receiver: Receiver) -> None:
    assert call(body="###", isBase64Encoded=True)["statusCode"] == 400


def test_handler_without_headers_and_body_still_asks_the_receiver(receiver: Receiver) -> None:
    call(headers=None, body=None)

    assert receiver.received == [({}, b"")]


def test_handler_when_rejected_answers_a_problem_and_counts_the_reason(
    receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.error = rejection("invalid-signature")

    answer = call()

    assert answer["statusCode"] == 401
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["code"] == "invalid-signature"
    assert '"reason":"invalid-signature"' in capsys.readouterr().out.replace(" ", "")


def test_handler_when_aws_fails_answers_503_and_says_nothing_of_it(receiver: Receiver) -> None:
    receiver.error = Unavailable("arn:secret-name", system="aws")

    answer = call()

    assert answer["statusCode"] == 503
    assert "arn" not in answer["body"]


@pytest.mark.parametrize(
    ("receipt", "body", "metric"),
    [
        (
            Receipt("case.created", duplicate=True),
            {"accepted": "case.created", "duplicate": True},
            "WebhooksRepeated",
        ),
        (Receipt(ignored=True), {"accepted": "", "ignored": True}, "EventsOfUnknownType"),
    ],
)
def test_handler_when_nothing_has_to_be_published_answers_202_says_why_and_counts(
    receiver: Receiver,
    capsys: pytest.CaptureFixture[str],
    receipt: Receipt,
    body: dict[str, Any],
    metric: str,
) -> None:
    receiver.receipt = receipt

    answer = call()

    assert (answer["statusCode"], json.loads(answer["body"])) == (202, body)
    assert f'"{metric}":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_import_of_the_handler_loads_nothing_heavy() -> None:
    # Powertools imports botocore's outermost package for its version, which costs nothing; what
    # counts is what lies under it.
    heavy = ("boto3", "botocore.session", "botocore.auth", "pydantic", "httpx")
    code = (
        "import sys; import functions.trading_grid_webhook.handler;"
        f" print([name for name in {heavy} if name in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"POWERTOOLS_SERVICE_NAME": "x"},
    )

    assert loaded.stdout.strip() == "[]"
