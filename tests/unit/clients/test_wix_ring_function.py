"""Requests to the site's function: signed, bounded, and errors without content."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from gridwix.clients.wix.ring_function import MAX_RESPONSE_BYTES, RingFunction, ring_client
from gridwix.edge.standard_webhooks import verify_signature
from gridwix.errors import (
    ConfigurationError,
    GridwixError,
    NotFound,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from tests.fakes.wire import SECRET as TELLTALE
from tests.fakes.wire import ManualClock, Sleeper, Wire, shown

URL = "https://www.northwind.com/_functions/gridwixRing"
KEYS = ["whsec_" + "b2xkIGtleQ==", "whsec_" + "bmV3IGtleQ=="]
RINGS: Mapping[str, Any] = {"GC1": {"issues": 17}, "everybody": {"notices": 3}}


class Line:
    def __init__(self, *answers: httpx.Response | httpx.RequestError, secret: Any = None) -> None:
        self.clock = ManualClock()
        self.wire = Wire(
            handler=lambda _: httpx.Response(200, json={"published": 2, "failed": 0}),
            answers=list(answers),
        )
        self.secret: Any = {"signingSecrets": KEYS} if secret is None else secret
        self.function = RingFunction(
            ring_client(httpx.MockTransport(self.wire)),
            URL,
            lambda: self.secret,
            clock=self.clock,
            sleep=Sleeper(self.clock),
        )


def test_ring_is_posted_in_the_agreed_form() -> None:
    line = Line()

    failed = line.function.ring(RINGS)

    assert (failed, str(line.wire.last.url), line.wire.last.method) == (0, URL, "POST")
    assert json.loads(line.wire.last.content) == {
        "type": "gridwix.ring",
        "rings": [
            {"resource": "partner/GC1", "numbers": {"issues": 17}},
            {"resource": "everybody", "numbers": {"notices": 3}},
        ],
    }


@pytest.mark.parametrize("key", KEYS)
def test_any_of_the_secrets_verifies_a_ring_and_no_other_does(key: str) -> None:
    line = Line()

    line.function.ring(RINGS)

    request = line.wire.last
    headers = {name.lower(): value for name, value in request.headers.items()}
    verify_signature(headers, request.content, [key], now=line.clock())
    assert headers["webhook-id"].startswith("ring-")
    other = Webhook("whsec_b3RoZXI=").sign(
        headers["webhook-id"], datetime.fromtimestamp(line.clock(), UTC), request.content.decode()
    )
    assert other not in headers["webhook-signature"].split(" ")


def test_every_request_has_an_id_of_its_own() -> None:
    line = Line()

    line.function.ring(RINGS)
    line.function.check()

    assert len({request.headers["webhook-id"] for request in line.wire.requests}) == 2


def test_number_of_rings_that_the_site_could_not_publish_is_returned() -> None:
    line = Line(httpx.Response(200, json={"published": 0, "failed": 2}))

    assert line.function.ring(RINGS) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(400, json={"error": "invalid"}), Refused),
        (httpx.Response(401, json={"error": "unauthorized"}), Unauthenticated),
        (httpx.Response(404), NotFound),
        (httpx.Response(413), Refused),
        (httpx.Response(429, headers={"Retry-After": "5"}), Throttled),
        (httpx.Response(503), Unavailable),
        # Signed requests are not sent on to wherever an answer points.
        (httpx.Response(308, headers={"Location": "https://elsewhere.example/"}), Refused),
        (httpx.Response(200, text="<html>"), Unavailable),
        (httpx.Response(200, content=b" " * (MAX_RESPONSE_BYTES + 1)), Unavailable),
        (httpx.ReadTimeout("slow"), Unavailable),
    ],
)
def test_answer_that_is_no_success_is_an_error_of_the_site_without_its_content(
    answer: httpx.Response | httpx.RequestError, error: type[GridwixError]
) -> None:
    line = Line(answer)

    with pytest.raises(error) as raised:
        line.function.ring({"GC-" + TELLTALE: {"issues": 1}})

    assert getattr(raised.value, "system", "") == "wix_site"
    assert len(line.wire.requests) == 1
    assert TELLTALE not in shown(raised.value)
    assert not any(key.removeprefix("whsec_") in shown(raised.value) for key in KEYS)


@pytest.mark.parametrize(
    "secret",
    [{}, {"signingSecrets": []}, {"signingSecrets": "whsec_b2xk"}, {"signingSecrets": ["whsec_%"]}],
)
def test_secret_that_cannot_sign_is_an_error_of_the_configuration(secret: Any) -> None:
    line = Line(secret=secret)

    with pytest.raises(ConfigurationError):
        line.function.ring(RINGS)

    assert line.wire.requests == []


def test_check_returns_what_the_site_grants_to_strangers() -> None:
    granted = {"version": 1, "stranger": {"read": False}, "unlinked": {"read": True}}
    line = Line(httpx.Response(200, json=granted))

    assert line.function.check() == granted
    assert line.wire.bodies() == [{"type": "gridwix.check"}]
