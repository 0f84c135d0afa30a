"""Lists of secrets during a rotation: one entry with a mistake shuts out no other."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from gridwix.clients.wix.ring_function import RingFunction, ring_client
from gridwix.edge.responses import verify_with_rotation
from gridwix.edge.standard_webhooks import verify_signature
from gridwix.errors import ConfigurationError, WebhookRejected
from gridwix.mapping.secret_entries import EntryFault, entry_faults, read_signing_key
from gridwix.runtime.secret_entries import EntryWatch
from gridwix.wix_webhook.signatures import (
    form_signature,
    read_public_key,
    verify_form_post,
    verify_token,
)
from tests.examples import examples
from tests.fakes.wix_webhooks import NOW, claims, event, key, public_pem, token

GOOD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"another secret of 32 bytes 12345").decode()
BODY = b'{"a": 1}'
UNUSABLE: list[Any] = ["", " ", "whsec_", "whsec_#", "whsec_é", "whsec_A", "\ud800", 7, None, {}]


def private_pem() -> str:
    return (
        key()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def elliptic_pem() -> str:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def misspelt_pem() -> str:
    return public_pem().replace("MII", "MI!", 1)


UNUSABLE_KEYS: list[Any] = [
    misspelt_pem(),
    public_pem().replace("-----END", ""),
    private_pem(),
    elliptic_pem(),
    base64.b64encode(b"no key").decode(),
    public_pem("é").replace("PUBLIC", "PÜBLIC"),
    *UNUSABLE,
]


def lists_with(good: str, others: list[Any]) -> st.SearchStrategy[list[Any]]:
    """Return lists in any order with this entry, and any number of others."""
    some = st.lists(st.sampled_from(others), max_size=6)
    return some.flatmap(lambda found: st.permutations([good, *found]))


def signed(secret: str) -> Mapping[str, str]:
    at = datetime.fromtimestamp(NOW, UTC)
    return {
        "webhook-id": "evt-1",
        "webhook-timestamp": str(int(NOW)),
        "webhook-signature": Webhook(secret).sign("evt-1", at, BODY.decode()),
    }


@given(lists_with(GOOD, [*UNUSABLE, OTHER]))
def test_signing_secret_that_can_be_used_verifies_wherever_it_stands(secrets: list[Any]) -> None:
    query = {"signature": form_signature("contact", GOOD)}

    assert verify_signature(signed(GOOD), BODY, secrets, now=NOW)
    assert verify_form_post("contact", signed(GOOD), {}, BODY, secrets, now=NOW)
    assert not verify_form_post("contact", {}, query, BODY, secrets, now=NOW)


@settings(max_examples=examples(10), deadline=None)
@given(lists_with(public_pem(), [*UNUSABLE_KEYS, public_pem("new")]))
def test_public_key_that_can_be_used_verifies_wherever_it_stands(keys: list[Any]) -> None:
    assert verify_token(token(claims(event())).encode(), keys, now=NOW)


@settings(max_examples=examples(10), deadline=None)
@given(lists_with(GOOD, UNUSABLE))
def test_ring_is_signed_with_each_secret_that_can_be_used(secrets: list[Any]) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"failed": 0})

    with ring_client(httpx.MockTransport(answer)) as http:
        site = RingFunction(
            http, "https://x.example/r", lambda: {"signingSecrets": secrets}, clock=lambda: NOW
        )
        site.ring({"GC1": {"issues": 1}})

    headers = {name.lower(): value for name, value in sent[0].headers.items()}
    assert verify_signature(headers, sent[0].content, [GOOD], now=NOW)


@given(st.lists(st.sampled_from(UNUSABLE), max_size=6))
def test_list_without_a_usable_entry_is_an_error_of_the_configuration(entries: list[Any]) -> None:
    with pytest.raises(ConfigurationError):
        verify_signature(signed(GOOD), BODY, entries, now=NOW)
    with pytest.raises(ConfigurationError):
        verify_token(token(claims(event())).encode(), entries, now=NOW)


def test_each_fault_has_a_name() -> None:
    keys = [misspelt_pem(), private_pem(), elliptic_pem(), "é", "A", 7, " ", public_pem()]

    assert entry_faults(keys, read_public_key) == {
        1: EntryFault.NOT_PEM,
        2: EntryFault.PRIVATE_KEY,
        3: EntryFault.NOT_RSA,
        4: EntryFault.NOT_ASCII,
        5: EntryFault.NOT_BASE64,
        6: EntryFault.NOT_A_TEXT,
        7: EntryFault.BLANK,
    }


@pytest.mark.parametrize("pasted", [f" {GOOD}\n", GOOD[:20] + "\n" + GOOD[20:], GOOD[6:]])
def test_white_space_of_a_paste_changes_no_key(pasted: str) -> None:
    assert read_signing_key(pasted) == read_signing_key(GOOD)


def test_unusable_entries_are_counted_once_for_each_value_and_named_by_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watch = EntryWatch("secrets", read_signing_key)
    value = {"secrets": ["whsec_confidential é", GOOD, "whsec_#"]}

    watch.watch(value)
    watch.watch(value)

    printed = capsys.readouterr().out
    lines = [json.loads(line) for line in printed.splitlines()]
    metrics = [line for line in lines if "SecretEntriesUnusable" in line]
    assert [line["reason"] for line in metrics if "reason" in line] == ["secrets.1", "secrets.3"]
    assert [line["SecretEntriesUnusable"] for line in metrics if "reason" not in line] == [[2.0]]
    assert "confidential" not in printed
    assert GOOD not in printed


def test_secret_that_was_mended_since_it_was_fetched_is_fetched_again() -> None:
    def secrets(*, refresh: bool = False) -> list[Any]:
        return [GOOD] if refresh else ["whsec_#"]

    verified = verify_with_rotation(
        lambda entries: verify_signature(signed(GOOD), BODY, entries, now=NOW), secrets, "secrets"
    )

    assert verified


def test_place_of_the_secret_that_signed_is_counted_during_a_rotation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def verify(entries: list[Any]) -> str:
        return verify_signature(signed(GOOD), BODY, entries, now=NOW)

    verify_with_rotation(verify, lambda **_: [OTHER, "whsec_#", GOOD], "secrets")
    verify_with_rotation(verify, lambda **_: [GOOD], "secrets")
    with pytest.raises(WebhookRejected):
        verify_with_rotation(verify, lambda **_: [OTHER, OTHER], "secrets")

    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["reason"] for line in counted if "SecretEntriesUsed" in line] == ["secrets.3"]
