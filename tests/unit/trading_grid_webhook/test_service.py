"""Verifying and reading a webhook.

A helper signs as Trading Grid does; each test then spoils one thing.
"""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from gridwix.edge.rejections import REASONS, problem_details, rejection
from gridwix.edge.standard_webhooks import MAX_BODY_BYTES, verify_signature
from gridwix.errors import ConfigurationError, WebhookRejected
from gridwix.trading_grid_webhook.service import read_change
from tests.factories import HUB, cloud_event

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLDER_SECRET = "whsec_c2VjcmV0LW9mLXRoZS1sYXN0LXJvdGF0aW9uLWhlcmU="
NOW = 1_773_324_331.0
BODY = json.dumps(cloud_event()).encode()


def signed(
    body: bytes = BODY, secret: str = SECRET, at: float = NOW, identifier: str = "evt_01JA2M7Q5X"
) -> dict[str, str]:
    signature = Webhook(secret).sign(identifier, datetime.fromtimestamp(at, UTC), body.decode())
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": signature,
    }


def reason_of(
    headers: dict[str, str], body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,)
) -> str:
    with pytest.raises(WebhookRejected) as caught:
        verify_signature(headers, body, secrets, now=NOW)
    return caught.value.reason


def test_verify_of_the_published_vector_accepts_it() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }

    key = verify_signature(headers, b'{"test": 2432232314}', [SECRET], now=1614265330)

    assert key.startswith("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.")


def test_verify_of_other_bytes_under_the_same_id_and_time_gives_another_key() -> None:
    first, again, other = (
        verify_signature(signed(body), body, [SECRET], now=NOW) for body in (BODY, BODY, b"{}")
    )

    assert first == again != other


@pytest.mark.parametrize("secrets", [(SECRET, OLDER_SECRET), (OLDER_SECRET, SECRET)])
def test_verify_during_a_rotation_accepts_either_secret(secrets: tuple[str, str]) -> None:
    assert verify_signature(signed(secret=SECRET), BODY, secrets, now=NOW)
    assert verify_signature(signed(secret=OLDER_SECRET), BODY, secrets, now=NOW)


def test_verify_when_the_sender_signs_with_two_secrets_accepts_either() -> None:
    headers = signed()
    older = signed(secret=OLDER_SECRET)["webhook-signature"]
    headers["webhook-signature"] = f"{older} v1a,unknown {headers['webhook-signature']}"

    assert verify_signature(headers, BODY, [SECRET], now=NOW)


@pytest.mark.parametrize("skew", [-300, 0, 300])
def test_verify_within_five_minutes_accepts(skew: int) -> None:
    assert verify_signature(signed(at=NOW + skew), BODY, [SECRET], now=NOW)


def test_verify_when_the_timestamp_is_out_of_tolerance_says_which_way() -> None:
    assert reason_of(signed(at=NOW - 301)) == "timestamp-too-old"
    assert reason_of(signed(at=NOW + 301)) == "timestamp-too-new"


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_verify_without_a_header_says_so(header: str) -> None:
    headers = signed()
    del headers[header]

    assert reason_of(headers) == "missing-header"


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "9" * 13, "17733.5", "²³"])
def test_verify_when_the_timestamp_is_no_number_says_so(stamp: str) -> None:
    assert reason_of(signed() | {"webhook-timestamp": stamp}) == "malformed-header"


@pytest.mark.parametrize("identifier", ["", "x" * 201])
def test_verify_when_the_id_is_no_id_says_so(identifier: str) -> None:
    assert reason_of(signed() | {"webhook-id": identifier}) == "malformed-header"


def test_verify_when_another_secret_signed_refuses() -> None:
    assert reason_of(signed(secret=OLDER_SECRET)) == "invalid-signature"


def test_verify_when_one_byte_of_the_body_differs_refuses() -> None:
    assert reason_of(signed(), BODY.replace(b"passed", b"failed")) == "invalid-signature"


def test_verify_when_id_or_timestamp_was_exchanged_refuses() -> None:
    assert reason_of(signed() | {"webhook-id": "evt_other"}) == "invalid-signature"
    assert reason_of(signed() | {"webhook-timestamp": str(int(NOW) + 1)}) == "invalid-signature"


@given(st.text(max_size=80))
def test_verify_of_any_other_signature_text_refuses(signature: str) -> None:
    assert reason_of(signed() | {"webhook-signature": signature}) == "invalid-signature"


def test_verify_when_the_right_signature_hides_behind_many_is_bounded() -> None:
    headers = signed()
    headers["webhook-signature"] = " ".join(["v1,AAAA"] * 10 + [headers["webhook-signature"]])

    assert reason_of(headers) == "invalid-signature"


def test_verify_of_an_oversized_body_refuses_before_it_looks_at_the_signature() -> None:
    assert reason_of({}, b"x" * (MAX_BODY_BYTES + 1)) == "body-too-large"
    assert verify_signature(signed(b"x" * MAX_BODY_BYTES), b"x" * MAX_BODY_BYTES, [SECRET], now=NOW)


def test_verify_of_bytes_that_are_no_text_refuses() -> None:
    assert reason_of(signed(), b"\xff\xfe") == "malformed-body"


@pytest.mark.parametrize("secrets", [[], ["whsec_"], ["whsec_###"]])
def test_verify_without_a_usable_secret_is_our_fault_and_not_the_senders(
    secrets: list[str],
) -> None:
    with pytest.raises(ConfigurationError):
        verify_signature(signed(), BODY, secrets, now=NOW)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "malformed-body"),
        (b"{", "malformed-body"),
        (b"[1]", "malformed-body"),
        (b"[" * 100_000, "malformed-body"),
        (b"{}", "invalid-event"),
        (json.dumps(cloud_event(subject=None)).encode(), "invalid-event"),
        (json.dumps(cloud_event(companyid="GC_OTHER")).encode(), "unknown-company"),
        (json.dumps(cloud_event(type=None)).encode(), "invalid-event"),
    ],
)
def test_read_change_of_a_bad_body_gives_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(WebhookRejected) as caught:
        read_change(body, company_id=HUB, type_prefix="net.example.tg.")

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "attributes",
    [
        {"type": "net.example.tg.weather.changed"},
        {"type": "com.other.compliance.status_changed"},
        {"type": "net.example.tg.order line.changed", "subject": "not/as gridwix/needs it"},
        {"type": "net.example.tg.weather.changed", "data": None, "companyid": None},
    ],
)
def test_read_change_of_an_event_of_an_unknown_type_is_none_whatever_is_in_it(
    attributes: dict[str, object],
) -> None:
    body = json.dumps(cloud_event(**attributes)).encode()

    assert read_change(body, company_id=HUB, type_prefix="net.example.tg.") is None


@pytest.mark.parametrize("reason", REASONS)
def test_problem_of_every_reason_is_a_4xx_that_repeats_nothing(reason: str) -> None:
    told = problem_details(rejection(reason))

    assert 400 <= told["status"] < 500
    assert told["code"] == reason
    assert set(told) == {"type", "title", "status", "code", "detail"}
