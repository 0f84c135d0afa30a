"""The portal's address: nobody deploys an example's, and doctor finds one that leads nowhere."""

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import yaml

from gridwix.errors import ConfigurationError, GridwixError
from gridwix.models.portal_address import RESERVED, is_placeholder
from gridwix.partner_messenger.settings import MessengerSettings
from ops.configuration import FOLDER, ConfigurationFault, load_configuration
from ops.paths import ROOT
from ops.portal_address import FUNCTION, check_portal_address
from ops.stack import Stack

REAL = [
    "https://www.northwind.com/partner-portal",
    "https://example.com.northwind.com/p",
    "https://myexample.com/p",
    "https://portal.test-site.io:8443/p?a=b",
]
LOCAL = ["http://127.0.0.1:4711/portal", "http://localhost:8080/portal"]
EXAMPLES = [
    "https://www.example.com/partner-portal",
    "https://example.com",
    "https://EXAMPLE.com/".lower(),
    "https://portal.example/p",
    "https://a.b.example.org:443/p",
    "https://example.net?x",
    "https://portal.invalid/p",
    "https://portal.test/p",
    "https://www.example.com./p",
]


def environment(url: str) -> dict[str, str]:
    """The variables of a messenger, as the template sets them."""
    return {
        "TRADING_GRID_BASE_URL": "https://grid.northwind.com",
        "TRADING_GRID_COMMUNITY_URL": "https://grid.northwind.com/community",
        "TRADING_GRID_COMPANY_ID": "GC1",
        "TRADING_GRID_CREDENTIALS_SECRET": "a",
        "WIX_BASE_URL": "https://www.wixapis.com",
        "WIX_SITE_ID": "s",
        "WIX_CREDENTIALS_SECRET": "b",
        "BUDGET_TABLE": "c",
        "DISPATCH_TABLE": "d",
        "REFUSED_ITEM_TABLE": "f",
        "PORTAL_RING_QUEUE_URL": "q",
        "WIX_AUTOMATION_SECRET": "e",
        "INVITATION_KEY_SECRET": "i",
        **({"PORTAL_URL": url} if url else {}),
    }


@cache
def parameter() -> dict[str, Any]:
    """The parameter in the template, which the tests only read."""

    class Loader(yaml.SafeLoader):
        """Reads the template without what its tags mean."""

    Loader.add_multi_constructor("!", lambda *_: None)
    found: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Loader=Loader)[
        "Parameters"
    ]["PortalUrl"]
    return found


@pytest.mark.parametrize("url", REAL + LOCAL)
def test_deployment_takes_the_address_of_a_portal(url: str) -> None:
    assert re.fullmatch(parameter()["AllowedPattern"], url)
    assert str(MessengerSettings.from_environment(environment(url)).portal_url).startswith(
        url.partition("?")[0]
    )


@pytest.mark.parametrize(
    "url",
    [
        *EXAMPLES,
        "http://www.northwind.com/p",
        "ftp://www.northwind.com/p",
        "www.northwind.com/p",
        "https://",
        "https://a b.com/",
    ],
)
def test_deployment_refuses_an_address_of_an_example_or_without_tls(url: str) -> None:
    assert not re.fullmatch(parameter()["AllowedPattern"], url)


def test_deployment_without_an_address_is_refused() -> None:
    assert "Default" not in parameter()


@pytest.mark.parametrize("url", ["", *EXAMPLES])
def test_function_with_no_address_or_an_examples_does_not_start(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_URL"):
        MessengerSettings.from_environment(environment(url))


def test_pattern_of_the_template_names_every_reserved_domain() -> None:
    named = parameter()["AllowedPattern"].replace("\\", "")

    assert all(domain in named for domain in RESERVED)
    assert all(is_placeholder(f"www.{domain}") for domain in RESERVED)


def test_address_in_the_configuration_is_refused_with_what_to_do_instead(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "config"))
    text = (folder / "messaging.yaml").read_text()
    (folder / "messaging.yaml").write_text(
        text + "portal_url: https://www.example.com/partner-portal\n"
    )

    with pytest.raises(ConfigurationFault) as caught:
        load_configuration(folder)

    assert re.search(
        rf"messaging\.yaml:{len(text.splitlines()) + 1}: .*PortalUrl, and remove this line",
        str(caught.value),
    )


def stack(url: str) -> Stack:
    """A stack whose messenger has this address."""
    functions = SimpleNamespace(
        get_function_configuration=lambda **_: {"Environment": {"Variables": environment(url)}}
    )
    return Stack("gridwix", {FUNCTION: "messenger"}, SimpleNamespace(functions=functions))  # type: ignore[arg-type]


def answering(status: int) -> Callable[..., httpx.Response]:
    return lambda url, **_: httpx.Response(status, request=httpx.Request("GET", url))


def nobody(url: str, **_: Any) -> httpx.Response:
    raise httpx.ConnectError("refused", request=httpx.Request("GET", url))


@pytest.mark.parametrize("status", [200, 401, 403])
def test_doctor_says_where_messages_lead(status: int) -> None:
    assert check_portal_address(stack(REAL[0]), answering(status)) == f"messages lead to {REAL[0]}"


@pytest.mark.parametrize(
    ("get", "reason"),
    [(answering(404), "answers 404"), (answering(503), "answers 503"), (nobody, "no page answers")],
)
def test_doctor_finds_an_address_that_leads_nowhere(
    get: Callable[..., httpx.Response], reason: str
) -> None:
    with pytest.raises(GridwixError, match=f"{reason}.*correct PortalUrl"):
        check_portal_address(stack(REAL[0]), get)


@pytest.mark.parametrize("url", ["", EXAMPLES[0]])
def test_doctor_finds_a_stack_without_an_address_of_its_own(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_URL"):
        check_portal_address(stack(url), nobody)
