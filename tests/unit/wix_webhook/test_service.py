"""Requests of Wix, and of somebody who claims to be Wix."""

import base64
import hashlib
import hmac
import json
import tracemalloc
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from gridwix.edge.rejections import REASONS, problem_details
from gridwix.errors import ConfigurationError, WebhookRejected
from gridwix.wix_webhook.events import EVENT_TYPES, read_event
from gridwix.wix_webhook.form_posts import read_form_post
from gridwix.wix_webhook.signatures import form_signature, verify_form_post, verify_token
from tests.fakes.wix_webhooks import (
    INSTANCE,
    NOW,
    b64,
    claims,
    event,
    key,
    public_pem,
    submitted,
    token,
)

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OLD = "whsec_" + base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()


def reason(body: bytes, keys: list[str] | None = None, now: float = NOW) -> str:
    with pytest.raises(WebhookRejected) as rejected:
        read_event(
            verify_token(body, [public_pem()] if keys is None else keys, now=now),
            instance_id=INSTANCE,
        )
    assert problem_details(rejected.value)["status"] == rejected.value.status
    return rejected.value.reason


def read(wix_event: Any) -> Any:
    return read_event(
        verify_token(token(claims(wix_event)).encode(), [public_pem()], now=NOW),
        instance_id=INSTANCE,
    )


def test_submission_is_read_through_all_three_levels() -> None:
    received = read(event())

    assert (received.type, received.event_id, received.subject) == (
        "form.submitted",
        "evt-1",
        "submissions/0f3b1c9e-8d6a-4f2b-b1de-3a6c5e7f9011",
    )
    assert received.occurred_at == "2026-03-12T14:05:31.300Z"
    assert received.submission is not None
    assert (received.submission.form, received.submission.member_id) == (
        "5b1f6a52-7f1e-4a53-9a3d-2d1e0c5a8f01",
        "member-1",
    )
    assert json.loads(received.submission.values) == {
        "invoice_number": "INV-88213",
        "question": "Which price will you pay?",
    }
    assert "INV-88213" not in repr(received)


def test_older_packages_write_the_entity_as_a_text() -> None:
    domain = submitted()
    domain["createdEvent"] = {"entityAsJson": json.dumps(domain["createdEvent"]["entity"])}

    assert read(event(domain=domain)) == read(event())


def test_visitor_is_no_member() -> None:
    received = read(event(domain=submitted(submitter={"visitorId": "v-1"})))

    assert received.submission.member_id is None


@pytest.mark.parametrize("written", ["4.10", "0.1", "1e2", "123456789012345678901234567890.12"])
def test_no_digit_of_a_number_is_lost(written: str) -> None:
    domain = json.dumps(submitted(submissions={"price": 0})).replace(
        '"price": 0', f'"price": {written}'
    )

    received = read({**event(), "data": domain})

    assert json.loads(received.submission.values) == {"price": written}
    assert received.submission.plain == ("price",)


def test_number_that_somebody_typed_is_no_number_of_json() -> None:
    received = read(event(domain=submitted(submissions={"price": "4.155", "line": 3})))

    assert received.submission.plain == ()


@pytest.mark.parametrize(
    ("document", "locale"),
    [
        ({"locale": "de-DE", "values": {"a": "1"}}, "de-DE"),
        ({"locale": "und", "values": {"a": "1"}}, "und"),
        ({"locale": "../../x", "values": {"a": "1"}}, None),
        ({"locale": ["de"], "values": {"a": "1"}}, None),
        ({"values": {"a": "1"}}, None),
        # Bare values: a question of that name.
        ({"locale": "de-DE", "a": "1"}, None),
    ],
)
def test_post_says_in_which_language_its_values_were_written(
    document: dict[str, Any], locale: str | None
) -> None:
    received = read_form_post("f", json.dumps(document).encode(), trusted=False, now=NOW)

    assert received.submission is not None
    assert received.submission.locale == locale


def test_names_in_any_script_come_through() -> None:
    received = read(event(domain=submitted(submissions={"name": "Õie 李小龍 محمد 🚚"})))

    assert json.loads(received.submission.values)["name"] == "Õie 李小龍 محمد 🚚"


def test_two_keys_are_good_while_a_key_is_being_rotated() -> None:
    body = token(claims(event()), signer="new").encode()

    assert verify_token(body, [public_pem("new"), public_pem()], now=NOW)
    assert verify_token(body, [public_pem(), public_pem("new")], now=NOW)
    assert reason(body, [public_pem()]) == "invalid-signature"


def test_key_may_be_given_in_one_line_of_base64() -> None:
    one_line = base64.b64encode(public_pem().encode()).decode()

    assert verify_token(token(claims(event())).encode(), [one_line], now=NOW)


@pytest.mark.parametrize(
    "keys", [[], ["not a key"], ["-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]]
)
def test_secret_without_a_usable_key_is_our_fault_and_not_the_senders(keys: list[str]) -> None:
    with pytest.raises(ConfigurationError):
        verify_token(token(claims(event())).encode(), keys, now=NOW)


def unsigned(algorithm: str) -> bytes:
    head = b64(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    return f"{head}.{b64(json.dumps(claims(event())).encode())}.".encode()


def signed_with_the_public_key() -> bytes:
    head = b64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{head}.{b64(json.dumps(claims(event())).encode())}"
    signature = hmac.digest(public_pem().encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{b64(signature)}".encode()


GOOD = token(claims(event()))
NESTED = "[" * 60_000


ATTACKS: Mapping[str, tuple[bytes, str]] = {
    "alg none": (unsigned("none"), "wrong-algorithm"),
    "alg NONE": (unsigned("NONE"), "wrong-algorithm"),
    "HS256 with the public key": (signed_with_the_public_key(), "wrong-algorithm"),
    "RS512": (token(claims(event()), header={"alg": "RS512"}).encode(), "wrong-algorithm"),
    "list of algorithms": (
        token(claims(event()), header={"alg": ["RS256"]}).encode(),
        "wrong-algorithm",
    ),
    "another key": (token(claims(event()), signer="another").encode(), "invalid-signature"),
    "spoilt signature": ((GOOD[:-6] + "AAAAAA").encode(), "invalid-signature"),
    "changed claims": (
        GOOD.replace(GOOD.split(".")[1], b64(json.dumps(claims(event(), iat=1)).encode())).encode(),
        "invalid-signature",
    ),
    "expired": (token(claims(event(), exp=int(NOW) - 61)).encode(), "expired"),
    "from the future": (token(claims(event(), iat=int(NOW) + 61)).encode(), "not-yet-valid"),
    "no exp": (token(claims(event(), exp=None)).encode(), "missing-claim"),
    "no iat": (token(claims(event(), iat=None)).encode(), "missing-claim"),
    "exp is a text": (token(claims(event(), exp="tomorrow")).encode(), "missing-claim"),
    "exp is true": (token(claims(event(), exp=True)).encode(), "missing-claim"),
    "data is an object": (token({**claims(event()), "data": {}}).encode(), "missing-claim"),
    "half a token": (GOOD[: len(GOOD) // 2].encode(), "malformed-token"),
    "no signature part": (GOOD.rpartition(".")[0].encode(), "malformed-token"),
    "empty": (b"", "malformed-token"),
    "an object": (b"{}", "malformed-token"),
    "three letters": (b"a.b.c", "malformed-token"),
    "not ASCII": ("ü.ü.ü".encode(), "malformed-token"),
    "not UTF-8": (b"\xff\xfe\x00", "malformed-token"),
    "over 256 KiB": (b"A" * (256 * 1024 + 1), "body-too-large"),
    "nested header": (f"{b64(NESTED.encode())}.e30.AA".encode(), "malformed-token"),
    "another instance": (token(claims(event(instanceId="another"))).encode(), "unknown-instance"),
    "no instance": (token(claims(event(instanceId=None))).encode(), "unknown-instance"),
    "nested first level": (token({**claims({}), "data": NESTED}).encode(), "malformed-event"),
    "no JSON": (token({**claims({}), "data": "not json"}).encode(), "malformed-event"),
    "a list": (token({**claims({}), "data": "[]"}).encode(), "malformed-event"),
    "no type": (token(claims(event(eventType=None))).encode(), "malformed-event"),
    "nested second level": (token(claims(event(data=NESTED[:20_000]))).encode(), "malformed-event"),
    "null": (token(claims(event(data="null"))).encode(), "malformed-event"),
    "no entity": (token(claims(event(domain={"id": "evt-1"}))).encode(), "malformed-event"),
    "id with slashes": (
        token(claims(event(domain=submitted(id="a/../b")))).encode(),
        "malformed-event",
    ),
    "no form": (token(claims(event(domain=submitted(formId=None)))).encode(), "malformed-event"),
    "values are a list": (
        token(claims(event(domain=submitted(submissions=[])))).encode(),
        "malformed-event",
    ),
    "no time": (
        token(claims(event(domain=submitted(createdDate="yesterday")))).encode(),
        "malformed-event",
    ),
    "time of no year in UTC": (
        token(claims(event(domain=submitted(createdDate="9999-12-31T23:59:59-12:00")))).encode(),
        "malformed-event",
    ),
    "submission without the id of its event": (
        token(claims(event(domain={**submitted(id=None), "entityId": "sub-1"}))).encode(),
        "malformed-event",
    ),
    "too large answers": (
        token(claims(event(domain=submitted(submissions={"f": "x" * 124_000})))).encode(),
        "answers-too-large",
    ),
    "large names of numbers": (
        token(claims(event(domain=submitted(submissions={"é" * 20_000: 1.5})))).encode(),
        "answers-too-large",
    ),
    "numbers that grow when they are stored": (
        token(claims(event(domain=submitted(submissions={"f": [1.5] * 21_000})))).encode(),
        "answers-too-large",
    ),
    "too many answers": (
        token(
            claims(event(domain=submitted(submissions={f"f{number}": 1 for number in range(201)})))
        ).encode(),
        "too-many-answers",
    ),
}


@pytest.mark.parametrize(("body", "wanted"), ATTACKS.values(), ids=list(ATTACKS))
def test_what_is_not_from_wix_or_makes_no_sense_is_refused_with_a_reason(
    body: bytes, wanted: str
) -> None:
    assert reason(body) == wanted


def test_refusal_takes_little_memory_however_large_the_body_is() -> None:
    bodies = [
        b"A" * (5 * 1024 * 1024),
        f"{b64(NESTED.encode())}.e30.AA".encode(),
        token({**claims({}), "data": NESTED}).encode(),
    ]
    tracemalloc.start()
    try:
        for body in bodies:
            reason(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize("event_type", ["wix.bookings.v2.booking_created", "AppInstalled", "x"])
def test_event_of_no_use_is_taken_and_goes_nowhere(event_type: str) -> None:
    received = read(event(event_type, domain={"anything": 1}))

    assert (received.event_type, received.type, received.submission) == (event_type, "", None)


@pytest.mark.parametrize(
    ("event_type", "inner", "subject"),
    [
        (
            "wix.data.v2.data_item_updated",
            {
                "updatedEvent": {
                    "currentEntity": {"id": "p1", "dataCollectionId": "PartnerDocuments"}
                }
            },
            "items/PartnerDocuments/p1",
        ),
        (
            "wix.data.v2.data_item_deleted",
            {
                "deletedEvent": {
                    "deletedEntity": {"id": "p1", "dataCollectionId": "PartnerDocuments"}
                }
            },
            "items/PartnerDocuments/p1",
        ),
        ("wix.members.v1.member_deleted", {"deletedEvent": {}}, "members/p1"),
        ("wix.contacts.v4.contact_merged", {"actionEvent": {"body": {}}}, "contacts/p1"),
        (
            "wix.media.site_media.v1.file_descriptor_file_ready",
            {"actionEvent": {"body": {"file": {"id": "p1"}}}},
            "files/p1",
        ),
    ],
)
def test_other_events_name_what_has_changed_and_nothing_more(
    event_type: str, inner: dict[str, Any], subject: str
) -> None:
    domain = {"id": "evt-2", "entityId": "p1", "eventTime": "2026-03-12T14:05:31Z", **inner}

    received = read(event(event_type, domain=domain))

    assert (received.type, received.subject, received.submission) == (
        EVENT_TYPES[event_type][0],
        subject,
        None,
    )


@given(st.binary(max_size=2_000) | st.text(max_size=500).map(str.encode))
def test_any_bytes_are_refused_in_an_orderly_way(body: bytes) -> None:
    assert reason(body) in REASONS


def sign(body: bytes, secret: str = SECRET, at: float = NOW) -> dict[str, str]:
    stamp = datetime.fromtimestamp(at, UTC)
    return {
        "webhook-id": "m-1",
        "webhook-timestamp": str(int(at)),
        "webhook-signature": Webhook(secret).sign("m-1", stamp, body.decode()),
    }


ANSWERS = {"question": "Why?", "price": "4.10"}
CLAIMS = {"submissionId": "sub-7", "memberId": "member-1", "partnerId": "GC1"}
POST = json.dumps(
    {**CLAIMS, "submittedAt": "2026-03-12T09:05:31-05:00", "values": ANSWERS}
).encode()


def test_site_code_signs_the_bytes_and_is_believed_about_the_member() -> None:
    trusted = verify_form_post("invoice-question", sign(POST), {}, POST, [SECRET], now=NOW)
    received = read_form_post("invoice-question", POST, trusted=trusted, now=NOW)

    assert (received.type, received.subject, received.occurred_at) == (
        "form.submitted",
        "submissions/sub-7",
        "2026-03-12T14:05:31.000Z",
    )
    assert received.submission is not None
    assert (received.submission.member_id, received.submission.partner_id) == ("member-1", "GC1")
    assert json.loads(received.submission.values) == {"question": "Why?", "price": "4.10"}
    assert (received.submission.locale, received.submission.plain) == (None, ())


def test_automation_has_an_address_for_each_form_and_is_not_believed_about_the_member() -> None:
    query = {"signature": form_signature("invoice-question", SECRET)}

    trusted = verify_form_post("invoice-question", {}, query, POST, [OLD, SECRET], now=NOW)
    received = read_form_post("invoice-question", POST, trusted=trusted, now=NOW)

    assert not trusted
    assert received.submission is not None
    assert (received.submission.member_id, received.submission.partner_id) == (None, None)
    with pytest.raises(WebhookRejected, match="invalid-signature"):
        verify_form_post("partner-question", {}, query, POST, [SECRET], now=NOW)


@pytest.mark.parametrize(
    ("form", "headers", "query", "wanted"),
    [
        ("invoice-question", {}, {}, "missing-header"),
        ("invoice-question", sign(POST, OLD), {}, "invalid-signature"),
        ("invoice-question", sign(POST, at=NOW - 400), {}, "timestamp-too-old"),
        ("invoice-question", sign(b"{}"), {}, "invalid-signature"),
        (
            "invoice-question",
            sign(b"{}"),
            {"signature": form_signature("invoice-question", SECRET)},
            "invalid-signature",
        ),
        ("invoice-question", {}, {"signature": ""}, "invalid-signature"),
        ("invoice-question", {}, {"signature": "ü"}, "invalid-signature"),
        ("../secrets", sign(POST), {}, "unknown-form"),
    ],
)
def test_post_that_nobody_signed_is_refused(
    form: str, headers: dict[str, str], query: dict[str, str], wanted: str
) -> None:
    with pytest.raises(WebhookRejected) as rejected:
        verify_form_post(form, headers, query, POST, [SECRET], now=NOW)

    assert rejected.value.reason == wanted


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"\xff", NESTED.encode(), b'{"submissionId": "a/b"}', b'{"submissionId": 7}'],
)
def test_signed_post_that_makes_no_sense_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookRejected) as rejected:
        read_form_post("invoice-question", body, trusted=True, now=NOW)

    assert rejected.value.reason == "malformed-body"


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", 7])
def test_post_with_a_time_that_there_is_none_of_counts_from_its_arrival(time: object) -> None:
    body = json.dumps({"submittedAt": time, "values": ANSWERS}).encode()

    received = read_form_post("invoice-question", body, trusted=False, now=NOW)

    assert datetime.fromisoformat(received.occurred_at).timestamp() == NOW


def test_bare_values_of_an_automation_are_their_own_id_so_a_repeat_is_the_same_submission() -> None:
    one, again, other = (
        read_form_post("f", body, trusted=False, now=NOW)
        for body in (b'{"a": "1"}', b'{"a": "1"}', b'{"a": "2"}')
    )

    assert one.subject == again.subject != other.subject
    assert one.submission is not None
    assert (json.loads(one.submission.values), one.occurred_at) == (
        {"a": "1"},
        "2026-03-12T14:05:31.000Z",
    )


def test_key_of_the_tests_is_wixs_size() -> None:
    assert key().key_size == 2048
