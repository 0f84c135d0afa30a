"""Tokens: what is issued, and each way in which one is refused."""

import base64
import json
from dataclasses import replace

import pytest

from gridwix_gateway.api.authentication import (
    LIFETIME,
    TOKEN_SEGMENTS,
    Authenticator,
    Consumer,
    Credentials,
)
from gridwix_gateway.api.messages import Request, Response
from gridwix_gateway.problems import Problem
from tests.fakes.gateway.server import CONSUMER, DESK, FixedCredentials


class Gate:
    """An authenticator, its credentials, and a clock."""

    def __init__(self) -> None:
        self.store = FixedCredentials()
        self.now = 1_000_000.0
        self.authenticator = Authenticator(self.store, lambda: self.now)

    def ask(self, authorization: str, query: str = "client_credentials") -> Response:
        headers = {"authorization": authorization} if authorization else {}
        request = Request("POST", TOKEN_SEGMENTS, (("grant_type", query),), headers)
        return self.authenticator.create_token(request)

    def token(self, consumer: Consumer = CONSUMER) -> str:
        document = self.ask(basic(consumer.key, consumer.secret)).document
        assert document is not None
        return str(document["access_token"])

    def scopes(self, authorization: str) -> frozenset[str]:
        request = Request("GET", (), headers={"authorization": authorization})
        return self.authenticator.read_consumer(request).scopes

    def refuses(self, authorization: str) -> bool:
        with pytest.raises(Problem) as refused:
            self.scopes(authorization)
        return refused.value.code == "unauthenticated"


def basic(key: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_token_has_the_scopes_of_its_consumer(gate: Gate) -> None:
    assert gate.scopes(f"Bearer {gate.token()}") == {"community"}
    assert gate.scopes(f"bearer {gate.token(DESK)}") == {"community", "desk"}


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic",
        "Basic ###",
        "Basic /w==",
        basic(CONSUMER.key, "wrong"),
        basic("wrong", CONSUMER.secret),
        basic(CONSUMER.key, DESK.secret),
        basic("", ""),
        basic(CONSUMER.key, CONSUMER.secret).replace("Basic", "Bearer"),
    ],
)
def test_token_call_with_bad_credentials_is_refused_in_opentexts_form(
    gate: Gate, authorization: str
) -> None:
    response = gate.ask(authorization)

    assert response.status == 401
    assert response.document == {
        "status": "401",
        "message": "Invalid consumer key or secret",
        "error-code": "invalid_client",
    }


def test_token_call_of_another_grant_or_method_is_refused(gate: Gate) -> None:
    good = basic(CONSUMER.key, CONSUMER.secret)

    assert gate.ask(good, "password").status == 400
    read = Request("GET", TOKEN_SEGMENTS, headers={"authorization": good})
    assert gate.authenticator.create_token(read).status == 405


def test_token_expires_after_ten_hours(gate: Gate) -> None:
    token = gate.token()

    gate.now += LIFETIME - 1
    assert gate.scopes(f"Bearer {token}")
    gate.now += 1
    assert gate.refuses(f"Bearer {token}")


def test_token_that_was_changed_anywhere_is_refused(gate: Gate) -> None:
    token = gate.token()

    for place, letter in enumerate(token):
        spoilt = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        assert gate.refuses(f"Bearer {spoilt}")
    for spoilt in (token[:-1], token + "=", "x" + token, token.replace(".", ""), f"{token} x"):
        assert gate.refuses(f"Bearer {spoilt}")


@pytest.mark.parametrize(
    "claims",
    [b"", b"[]", b"7", b'{"key": 7, "exp": 9999999999}', b'{"key": "a", "exp": true}', b"[" * 900],
)
def test_token_with_foreign_claims_is_refused(gate: Gate, claims: bytes) -> None:
    assert gate.refuses(f"Bearer {base64.urlsafe_b64encode(claims).decode()}.x")


def test_token_of_another_consumer_cannot_be_made_from_ones_own(gate: Gate) -> None:
    signature = gate.token().partition(".")[2]
    claims = {"key": DESK.key, "exp": int(gate.now) + LIFETIME}
    forged = base64.urlsafe_b64encode(json.dumps(claims, separators=(",", ":")).encode())

    assert gate.refuses(f"Bearer {forged.decode().rstrip('=')}.{signature}")


def test_both_secrets_of_a_rotation_work_and_a_removed_one_takes_its_tokens_along(
    gate: Gate,
) -> None:
    newer = replace(CONSUMER, secret="another-consumer-secret")
    gate.store.credentials = Credentials((CONSUMER, newer), b"0" * 32)
    old, new = gate.token(CONSUMER), gate.token(newer)
    assert gate.scopes(f"Bearer {old}") == gate.scopes(f"Bearer {new}") == {"community"}

    gate.store.credentials = Credentials((newer,), b"0" * 32)

    assert gate.refuses(f"Bearer {old}")
    assert gate.scopes(f"Bearer {new}")


def test_credentials_are_read_again_only_before_a_refusal(gate: Gate) -> None:
    token = gate.token()
    gate.scopes(f"Bearer {token}")
    assert gate.store.refreshes == 0

    assert gate.refuses(f"Bearer {token}x")
    assert gate.ask(basic("nobody", "nothing")).status == 401

    assert gate.store.refreshes == 2
