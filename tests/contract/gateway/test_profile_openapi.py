"""Fuzzing by the profile's OpenAPI file: each response fits its schema, and nothing crashes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ops.yaml_files import load_trusted_yaml
from tests.fakes.gateway.hubs import BASE, ProfileClient, serve_emulator, serve_gateway

TRANSITIONS = "/transitions$"
PROFILE = Path(__file__).parents[3] / "docs/community-gateway.openapi.yaml"


@pytest.fixture(scope="module")
def hub_clients() -> Iterator[dict[str, ProfileClient]]:
    """A client of each hub, by the hub's name."""
    with serve_emulator(0) as emulator, serve_gateway(0) as gateway:
        yield {"emulator": ProfileClient(emulator), "gateway": ProfileClient(gateway)}


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """Keeps the connections. A session and a connection for each call take as long as the call."""
    with requests.Session() as kept:
        # Neither proxies nor passwords of this machine: looking for them takes time with each call.
        kept.trust_env = False
        yield kept


@pytest.fixture(scope="module")
def profile() -> Any:
    return schemathesis.openapi.from_dict(read_profile())


def read_profile() -> dict[str, Any]:
    """The OpenAPI document. The pure Python parser takes seconds for it."""
    found: dict[str, Any] = load_trusted_yaml(PROFILE.read_text())
    return found


# From a fixture: the cases of a schema are made when the tests are collected, by each worker of
# pytest-xdist for all operations. That takes as long as to check some of them.
schema = schemathesis.pytest.from_fixture("profile")
few = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def check_answers(
    case: "schemathesis.Case[Any]",
    hub_clients: dict[str, ProfileClient],
    session: requests.Session,
) -> None:
    """Call both hubs by each case: to make a case takes as long as to call a hub."""
    for hub, client in hub_clients.items():
        session.cookies.clear()
        response = case.call(base_url=client.url + BASE, headers=client.headers, session=session)

        try:
            case.validate_response(
                response,
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ],
            )
        except BaseExceptionGroup as error:
            raise AssertionError(f"the {hub} answers otherwise") from error


# Four tests, so that several workers share the operations.
@few
@schema.include(method="GET", path_regex=r"\{").parametrize()
def test_answers_to_reads_of_one_record_conform_to_the_profile(
    case: "schemathesis.Case[Any]",
    hub_clients: dict[str, ProfileClient],
    session: requests.Session,
) -> None:
    check_answers(case, hub_clients, session)


@few
@schema.include(method="GET").exclude(path_regex=r"\{").parametrize()
def test_answers_to_reads_of_lists_conform_to_the_profile(
    case: "schemathesis.Case[Any]",
    hub_clients: dict[str, ProfileClient],
    session: requests.Session,
) -> None:
    check_answers(case, hub_clients, session)


@few
@schema.include(path_regex=TRANSITIONS).parametrize()
def test_answers_to_transitions_conform_to_the_profile(
    case: "schemathesis.Case[Any]",
    hub_clients: dict[str, ProfileClient],
    session: requests.Session,
) -> None:
    check_answers(case, hub_clients, session)


@few
@schema.exclude(method="GET").exclude(path_regex=TRANSITIONS).parametrize()
def test_answers_to_other_writes_conform_to_the_profile(
    case: "schemathesis.Case[Any]",
    hub_clients: dict[str, ProfileClient],
    session: requests.Session,
) -> None:
    check_answers(case, hub_clients, session)


def test_every_operation_has_its_own_id() -> None:
    document = read_profile()
    ids = [
        operation["operationId"]
        for path in document["paths"].values()
        for verb, operation in path.items()
        if verb != "parameters"
    ]

    assert len(ids) == len(set(ids))


def test_profile_does_not_pass_for_an_opentext_api() -> None:
    assert "It is not an OpenText API" in read_profile()["info"]["description"]
