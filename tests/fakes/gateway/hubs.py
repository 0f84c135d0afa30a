"""Two hubs that serve the profile: the Trading Grid emulator, and the gateway.

The profile's contract tests run against both. They act through the API; what a hub does by itself,
such as deleting a record, goes through the port :class:`Hub`.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import batched
from typing import Any, Protocol

import httpx

from emulators.common.server import thread
from emulators.trading_grid.app import build_app
from emulators.trading_grid.tenant import Tenant, new_tenant
from gridwix_gateway.community.comments import comment_item
from gridwix_gateway.community.documents import publish_version, put_version
from gridwix_gateway.community.records import delete_record
from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.records import Filters
from ops.emulator import Emulator
from ops.waiting import wait_for
from tests.fakes.gateway.server import CONSUMER, GatewayParts, build_server

BASE = "/community/v1"
PRAIRIE_GOLD = "GC070000000101"
"""A partner of the sample world."""

CHECK = "/compliance-checks/chk_asn_timing_pgf"
"""A failed compliance check of that partner, with version 5."""


class Hub(Protocol):
    """What a hub does by itself.

    ``url`` is the address of the token call, ``credentials`` a consumer key and its secret.
    """

    url: str
    credentials: tuple[str, str]

    def delete_record(self, collection: str, identifier: str) -> None:
        """Delete a record, which leaves a tombstone."""

    def advance_clock(self, seconds: float) -> None:
        """Set the hub's clock forward."""

    def play_changes(self, count: int) -> None:
        """Change records until the feed has so many more events, at least."""

    def publish_version(self, document: str, file_name: str, content: bytes) -> None:
        """Add a version to a document that is current at once."""

    def wait_for_webhooks(self) -> None:
        """Wait until no webhook is on its way, or due soon."""


class EmulatorHub(Hub):
    """The emulator, by its control routes."""

    def __init__(self, url: str) -> None:
        self.url = url
        info = Emulator(url).info()
        self.credentials = (info["consumerKey"], info["consumerSecret"])

    def delete_record(self, collection: str, identifier: str) -> None:
        answer = httpx.delete(f"{self.url}/__emulator/entities/{collection}/{identifier}")
        answer.raise_for_status()

    def advance_clock(self, seconds: float) -> None:
        Emulator(self.url).order("clock", {"advance": seconds})

    def play_changes(self, count: int) -> None:
        Emulator(self.url).order("changes", {"count": count, "seed": 7})

    def publish_version(self, document: str, file_name: str, content: bytes) -> None:
        order = {"fileName": file_name, "text": content.decode()}
        Emulator(self.url).order(f"library/{document}/versions", order)

    def wait_for_webhooks(self) -> None:
        emulator = Emulator(self.url)
        wait_for(lambda: emulator.read("underway")["calls"] == 0, "the webhooks to be noted")


class GatewayHub(Hub):
    """The gateway, by drafts."""

    def __init__(self, url: str, parts: GatewayParts) -> None:
        self.url = url
        self.credentials = (CONSUMER.key, CONSUMER.secret)
        self.parts = parts

    def delete_record(self, collection: str, identifier: str) -> None:
        self.parts.commits.run(lambda draft: delete_record(draft, collection, identifier))

    def advance_clock(self, seconds: float) -> None:
        self.parts.clock.advance(seconds)

    def play_changes(self, count: int) -> None:
        partners = self.parts.services.records.list_page("partners", Filters(), "", 7).documents
        for number in range(count):
            partner_id = partners[number % len(partners)]["id"]
            self.parts.commits.run(partial(_rename_partner, partner_id, f"Renamed {number}"))

    def publish_version(self, document: str, file_name: str, content: bytes) -> None:
        file = file_facts(file_name, content)
        blob = f"content/{file['sha256']}/published"
        self.parts.content.put(blob, content)
        self.parts.commits.run(lambda draft: publish_version(draft, document, file, blob))

    def wait_for_webhooks(self) -> None:
        wait_for(self.parts.senders.is_idle, "the webhooks to be noted")


class ProfileClient:
    """Calls the profile of a hub with a token of its own."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.url = hub.url
        answer = httpx.post(
            f"{hub.url}/v1/oauth2/tokens?grant_type=client_credentials", auth=hub.credentials
        )
        self.headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
        self.client = httpx.Client(base_url=hub.url + BASE, headers=self.headers)

    def transition(self, path: str, to: str, **more: Any) -> httpx.Response:
        """Move a record, or a step of one, based on its current version."""
        collection, identifier = path.removeprefix("/").split("/")[:2]
        tag = self.client.get(f"/{collection}/{identifier}").headers["etag"]
        return self.client.post(
            f"{path}/transitions", json={"to": to, **more}, headers={"if-match": tag}
        )

    def all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Return all records of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.client.get(
                path, params={**params, **({"cursor": cursor} if cursor else {})}
            ).json()
            found += page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return found

    def events(self, **params: Any) -> list[dict[str, Any]]:
        """Return the events of one page of the feed."""
        items: list[dict[str, Any]] = self.client.get("/events", params=params).json()["items"]
        return items


@contextlib.contextmanager
def serve_emulator(partners: int = 20) -> Iterator[EmulatorHub]:
    """Serve the emulator with the sample world for the block."""
    with thread(build_app(new_tenant(partners=partners, retry_scale=0.01))) as url:
        yield EmulatorHub(url)


@contextlib.contextmanager
def serve_gateway(partners: int = 20, **services: Any) -> Iterator[GatewayHub]:
    """Serve the gateway with the emulator's sample world for the block."""
    parts = GatewayParts(**services)
    seed_gateway(parts, new_tenant(partners=partners))
    # The server of a table tells the time in whole seconds: nothing seeded is later than that.
    parts.clock.advance(2)
    parts.senders.start()
    try:
        with thread(build_server(parts.application.handle_event, parts.content)) as url:
            parts.content.base_url = url
            yield GatewayHub(url, parts)
    finally:
        parts.senders.stop()


def seed_gateway(parts: GatewayParts, tenant: Tenant) -> None:
    """Copy a tenant's records and comments into a gateway, without events."""
    for collection in ENTITY_NAMES:
        for chunk in batched(tenant.store.select(collection), 50, strict=False):
            parts.commits.run(partial(_create_records, collection, chunk))
    rows = tenant.store.connection.execute("SELECT * FROM comment ORDER BY number")
    for row in rows:
        collection, _, identifier = row["record_id"].partition("/")
        parts.table.put(comment_item(collection, identifier, json.loads(row["document"])))
    for document in tenant.store.select("documents"):
        for version in tenant.library.versions(document["id"]):
            blob = f"content/{version['sha256']}/seed"
            parts.content.put(blob, tenant.blobs.path(version["sha256"]).read_bytes())
            parts.commits.run(partial(_put_version, document["id"], version, blob))


def file_facts(file_name: str, content: bytes) -> Document:
    """Return what is said about a PDF file when it is announced or published."""
    return {
        "fileName": file_name,
        "mediaType": "application/pdf",
        "sizeBytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _put_version(identifier: str, version: Document, blob: str, draft: Draft) -> None:
    put_version(draft, identifier, version, blob)


def _create_records(collection: str, records: Sequence[Document], draft: Draft) -> None:
    for record in records:
        draft.create(collection, record, None)


def _rename_partner(partner_id: str, name: str, draft: Draft) -> None:
    partner = draft.get("partners", partner_id)
    assert partner is not None
    draft.change("partners", partner, {"legalName": name}, "partner.updated")
