"""The profile's contract: which collections have a source, by the emulator and by the gateway."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix_gateway.api.capabilities import KEPT_HERE, PAGE
from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.store.commits import Draft
from ops.emulator import Emulator
from tests.fakes.gateway.hubs import (
    BASE,
    PRAIRIE_GOLD,
    GatewayHub,
    ProfileClient,
    serve_emulator,
)
from tests.fakes.gateway.server import GatewayParts, build_server

LISTED = ("partners", "enrollments", "compliance-checks", "cases", "service-notices")
PARTNER: Document = {"id": PRAIRIE_GOLD, "legalName": "Prairie Gold", "status": "active"}


def test_collections_with_records_have_a_source(grid: ProfileClient) -> None:
    answer = grid.client.get("/capabilities")

    assert answer.status_code == 200
    collections = answer.json()["collections"]
    assert len(collections) == len(set(collections))
    with_records = {name for name in LISTED if grid.all(f"/{name}")}
    assert with_records == set(LISTED)
    assert with_records <= set(collections) <= set(ENTITY_NAMES)


def test_client_reads_the_collections_of_both_hubs(grid: ProfileClient) -> None:
    with httpx.Client(headers=grid.headers) as http:
        client = CommunityClient(http, httpx.Auth(), base_url=grid.url + BASE)

        found = client.collections_with_source()

    assert found == frozenset(grid.client.get("/capabilities").json()["collections"])


def test_capabilities_without_a_token_are_refused(grid: ProfileClient) -> None:
    answer = httpx.get(f"{grid.url}{BASE}/capabilities")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_emulator_leaves_out_what_its_settings_name() -> None:
    with serve_emulator(1) as hub:
        Emulator(hub.url).order("settings", {"withoutSource": ["enrollments", "documents"]})

        found = _collections(ProfileClient(hub))

    assert found == set(ENTITY_NAMES) - {"enrollments", "documents"}


def test_empty_gateway_has_what_it_keeps_itself_and_what_its_sources_feed() -> None:
    fed = frozenset({"partners", "service-notices"})
    with _serve_empty_gateway(fed_collections=lambda: fed) as client:
        assert _collections(client) == KEPT_HERE | fed


def test_collection_has_a_source_from_its_first_record_on_until_its_last_is_deleted() -> None:
    with _serve_empty_gateway() as client:
        before = _collections(client)
        client.parts.commits.run(_create_partner)
        during = _collections(client)
        client.hub.delete_record("partners", PRAIRIE_GOLD)

        assert "partners" not in before
        assert "partners" in during
        assert "partners" not in _collections(client)


@pytest.mark.parametrize("live", [True, False])
def test_pages_of_tombstones_hide_no_record_behind_them(live: bool) -> None:
    def create(draft: Draft) -> None:
        for number in range(PAGE + 1):
            draft.create("partners", {**PARTNER, "id": f"GC{number:03}"}, None)

    with _serve_empty_gateway() as client:
        client.parts.commits.run(create)
        for number in range(PAGE + 1):
            client.hub.delete_record("partners", f"GC{number:03}")
        client.hub.advance_clock(10)
        if live:
            client.parts.commits.run(_create_partner)

        assert ("partners" in _collections(client)) is live


class GatewayClient(ProfileClient):
    """Calls an empty gateway, and acts on its parts."""

    def __init__(self, hub: GatewayHub) -> None:
        super().__init__(hub)
        self.parts = hub.parts


@contextlib.contextmanager
def _serve_empty_gateway(**services: Any) -> Iterator[GatewayClient]:
    parts = GatewayParts(**services)
    with thread(build_server(parts.application.handle_event)) as url:
        yield GatewayClient(GatewayHub(url, parts))


def _create_partner(draft: Draft) -> Document:
    return draft.create("partners", PARTNER, "partner.created")


def _collections(client: ProfileClient) -> set[str]:
    return set(client.client.get("/capabilities").json()["collections"])
