"""Addresses that get credentials: over TLS, except on this very machine, as in the template."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from gridwix.models.service_address import ServiceUrl
from tests.unit.template.rules import load

PARAMETERS = ("TradingGridBaseUrl", "TradingGridCommunityUrl", "WixBaseUrl")

ADDRESS = TypeAdapter(ServiceUrl)

TAKEN = [
    "https://apigrid.opentext.com",
    "https://gateway.northwind.com:8443/community/v1",
    "http://127.0.0.1:8001",
    "http://localhost:8001/community/v1",
    "http://[::1]:8001/",
]
REFUSED = [
    "http://apigrid.opentext.com",
    "http://10.0.0.7:8001",
    "http://127.0.0.1.northwind.com/",
    "http://localhost.northwind.com/",
    "http://127.0.0.1@northwind.com/",
    "https://user:password@apigrid.opentext.com",
    "ftp://apigrid.opentext.com",
    "apigrid.opentext.com",
]


@pytest.mark.parametrize("url", TAKEN)
def test_address_with_tls_or_of_this_machine_is_taken(url: str) -> None:
    ADDRESS.validate_python(url)

    for name in PARAMETERS:
        assert re.search(load()["Parameters"][name]["AllowedPattern"], url), name


@pytest.mark.parametrize("url", REFUSED)
def test_address_that_others_can_listen_to_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        ADDRESS.validate_python(url)

    for name in PARAMETERS:
        assert not re.search(load()["Parameters"][name]["AllowedPattern"], url), name


def test_container_of_sam_local_finds_the_emulators_at_the_address_of_its_machine() -> None:
    ADDRESS.validate_python("http://172.17.0.1:8001", context={"AWS_SAM_LOCAL": "true"})
