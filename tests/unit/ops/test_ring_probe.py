"""The address that rings the portal, and what doctor finds at it."""

import json
import re
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from gridwix.errors import ConfigurationError, GridwixError, Unavailable
from gridwix.portal_ringer.settings import RingerSettings
from ops.deployed import settings_fault
from ops.queues import Depth
from ops.ring_probe import FUNCTION, URL_OUTPUT, check_ring, is_rung
from ops.stack import Stack
from tests.unit.template.rules import load

REAL = [
    "https://www.northwind.com/_functions/gridwixRing",
    "https://someone.wixsite.com/my-site/_functions/gridwixRing",
    "http://127.0.0.1:4711/_functions/gridwixRing",
    "http://localhost:8080/_functions/gridwixRing",
]
WRONG = [
    "http://www.northwind.com/_functions/gridwixRing",
    "https://www.northwind.com/_functions/other",
    "https://www.northwind.com/",
    "https://www.northwind.com/_functions/gridwixRing?site=1",
    "https://user:password@www.northwind.com/_functions/gridwixRing",
    "http://127.0.0.1.northwind.com/_functions/gridwixRing",
    "ftp://www.northwind.com/_functions/gridwixRing",
]
GRANTED = {"version": 1, "stranger": {"read": False}, "unlinked": {"read": False}}

NOBODY_ELSE = Depth(0, 0, 0, 360)


def environment(url: str) -> dict[str, str]:
    """The variables of a ringer, as the template sets them."""
    return {
        "WIX_BASE_URL": "https://www.wixapis.com",
        "WIX_SITE_ID": "s",
        "WIX_CREDENTIALS_SECRET": "b",
        "WIX_WEBHOOK_SECRET": "c",
        "BUDGET_TABLE": "d",
        "QUEUE_URL": "https://queue.northwind.com",
        "PORTAL_RING_URL": url,
    }


def stack(url: str, secret: Any = None) -> Stack:
    """A stack that rings this address; "" for one that does not ring."""
    functions = SimpleNamespace(
        get_function_configuration=lambda **_: {"Environment": {"Variables": environment(url)}}
    )
    text = json.dumps({"signingSecrets": ["whsec_b2xk"]} if secret is None else secret)
    secrets = SimpleNamespace(get_secret_value=lambda **_: {"SecretString": text})
    outputs = {FUNCTION: "ringer", **({URL_OUTPUT: url} if url else {})}
    aws: Any = SimpleNamespace(functions=functions, secrets=secrets)
    return Stack("gridwix", outputs, aws)


def answering(answer: httpx.Response | Exception) -> httpx.MockTransport:
    def respond(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.MockTransport(respond)


def granting(**changes: Any) -> httpx.MockTransport:
    return answering(httpx.Response(200, json={**GRANTED, **changes}))


@pytest.mark.parametrize("url", REAL)
def test_deployment_and_function_take_the_address_of_a_ring_function(url: str) -> None:
    pattern = load()["Parameters"]["PortalRingUrl"]["AllowedPattern"]

    assert re.fullmatch(pattern, url)
    assert str(RingerSettings.from_environment(environment(url)).portal_ring_url) == url


@pytest.mark.parametrize("url", WRONG)
def test_deployment_and_function_refuse_any_other_address(url: str) -> None:
    pattern = load()["Parameters"]["PortalRingUrl"]["AllowedPattern"]

    assert not re.fullmatch(pattern, url)
    with pytest.raises(ConfigurationError, match="PORTAL_RING_URL"):
        RingerSettings.from_environment(environment(url))


def test_portal_that_is_not_rung_needs_no_address_and_is_told_as_off() -> None:
    pattern = load()["Parameters"]["PortalRingUrl"]["AllowedPattern"]

    assert re.fullmatch(pattern, "")
    assert settings_fault("portal_ringer", environment("")) is None
    assert not is_rung(stack(""))
    assert check_ring(stack(""), answering(AssertionError("asked"))).startswith("off")


def test_doctor_says_that_rings_are_accepted_and_strangers_hear_nothing() -> None:
    found = check_ring(stack(REAL[0]), granting())

    assert found == f"{REAL[0]} accepts rings, and lets no stranger listen"


@pytest.mark.parametrize(
    ("transport", "advice"),
    [
        (answering(httpx.Response(404)), "no function at .* every visitor could listen"),
        (answering(httpx.Response(401)), "refuses the signature.*gridwix/wix/webhook"),
        (
            answering(httpx.Response(301, headers={"Location": REAL[1]})),
            r"redirects \(301\).*PortalRingUrl",
        ),
        (granting(stranger={"read": True}), "visitors who are not logged in may listen"),
        (granting(unlinked={"read": True}), "members without a partner may listen"),
        (granting(stranger=None, unlinked={}), "logged in and members without a partner may"),
        (granting(version=2), "another form"),
    ],
)
def test_doctor_says_what_is_wrong_with_a_site_and_what_to_do(
    transport: httpx.MockTransport, advice: str
) -> None:
    with pytest.raises(GridwixError, match=advice):
        check_ring(stack(REAL[0]), transport)


def test_doctor_tells_a_site_that_does_not_answer_apart() -> None:
    with pytest.raises(Unavailable):
        check_ring(stack(REAL[0]), answering(httpx.ReadTimeout("slow")))


def test_doctor_finds_a_secret_that_cannot_sign() -> None:
    with pytest.raises(ConfigurationError, match="no signing secret"):
        check_ring(stack(REAL[0], {"publicKeys": ["k"]}), granting())
