"""Fuzzing by the profile's OpenAPI file: each response fits its schema, and nothing crashes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from emulators.common.server import thread
from emulators.trading_grid.app import build_app
from ops.emulator import Emulator

PROFILE = Path(__file__).parents[2] / "docs/community-gateway.openapi.yaml"


@pytest.fixture(scope="module")
def api() -> Iterator[tuple[str, str]]:
    """Address and access token of an emulator."""
    with thread(build_app()) as url:
        info = Emulator(url).info()
        token = httpx.post(
            f"{url}/v1/oauth2/tokens?grant_type=client_credentials",
            auth=(info["consumerKey"], info["consumerSecret"]),
        ).json()
        yield info["communityBaseUrl"], token["access_token"]


schema = schemathesis.openapi.from_dict(yaml.safe_load(PROFILE.read_text()))


@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_conform_to_the_profile(
    case: "schemathesis.Case[Any]", api: tuple[str, str]
) -> None:
    base_url, token = api

    response = case.call(base_url=base_url, headers={"Authorization": f"Bearer {token}"})

    case.validate_response(
        response,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )


def test_every_operation_has_its_own_id() -> None:
    document = yaml.safe_load(PROFILE.read_text())
    ids = [
        operation["operationId"]
        for path in document["paths"].values()
        for verb, operation in path.items()
        if verb != "parameters"
    ]

    assert len(ids) == len(set(ids))


def test_profile_does_not_pass_for_an_opentext_api() -> None:
    assert "It is not an OpenText API" in yaml.safe_load(PROFILE.read_text())["info"]["description"]
