"""The emulator of Trading Grid and the soak test's model of it, side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx

from emulators.trading_grid.problems import Problem
from emulators.trading_grid.seed import HUB
from emulators.trading_grid.tenant import Tenant
from gridwix.clients.files import FileClient
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.errors import GridwixError, UpstreamError
from gridwix.models.ids import CompanyId
from gridwix.models.listings import Listing
from soak.kernel.edges import Edges, NoFaults
from soak.kernel.tasks import Scheduler
from soak.trading_grid import TradingGrid

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
COMMUNITY = "/community/v1"


@dataclass
class Side:
    """The product's clients of one of the two, and what its hub does."""

    community: CommunityClient
    changed: ChangedRecordsClient
    directory: DirectoryClient
    lens: LensClient
    files: FileClient
    hub: "EmulatorHub | ModelHub"
    cursor: str = ""


class EmulatorHub:
    """What the hub of the emulator does by itself."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    def put(self, collection: str, document: dict[str, Any], event: str) -> None:
        community, store = self.tenant.community, self.tenant.store
        if store.get(collection, document["id"]) is None:
            community.create(collection, document, event)
        else:
            changes = {name: value for name, value in document.items() if name != "id"}
            community.change(collection, document["id"], changes, event)

    def transition(self, collection: str, identifier: str, wish: dict[str, Any]) -> None:
        self.tenant.community.transition(collection, identifier, wish)

    def move_step(self, identifier: str, key: str, to: str) -> None:
        self.tenant.community.move_step(identifier, key, {"to": to, "reason": "generated"})

    def comment(self, identifier: str, body: str, visibility: str) -> None:
        wish = {"body": body, "visibility": visibility, "authorKind": "internal"}
        self.tenant.community.add_comment(identifier, wish)

    def publish(self, identifier: str, content: bytes) -> None:
        self.tenant.library.publish_version(identifier, {"fileName": "a.pdf"}, content)

    def decide(self, identifier: str, decision: str) -> None:
        self.tenant.library.decide_approval(identifier, decision, "as seen")

    def put_transaction(self, entry: dict[str, Any], shown_after: float) -> None:
        self.tenant.lens.put_entry(entry, shown_after=shown_after)


class ModelHub:
    """What the hub of the model does by itself."""

    def __init__(self, grid: TradingGrid) -> None:
        self.grid = grid

    def put(self, collection: str, document: dict[str, Any], event: str) -> None:
        [found] = self.grid.put(collection, document)
        assert found["type"] == f"net.example.tg.{event}"

    def transition(self, collection: str, identifier: str, wish: dict[str, Any]) -> None:
        self.grid.transition(collection, identifier, **wish)

    def move_step(self, identifier: str, key: str, to: str) -> None:
        self.grid.move_step(identifier, key, to, reason="generated")

    def comment(self, identifier: str, body: str, visibility: str) -> None:
        self.grid.comment(identifier, body, visibility=visibility)

    def publish(self, identifier: str, content: bytes) -> None:
        self.grid.publish_version(identifier, "a.pdf", content)

    def decide(self, identifier: str, decision: str) -> None:
        self.grid.decide_approval(identifier, decision, "as seen")

    def put_transaction(self, entry: dict[str, Any], shown_after: float) -> None:
        self.grid.put_transaction(entry, shown_after=shown_after)


class Worlds:
    """Both sides, and their common clock."""

    def __init__(self, tenant: Tenant, url: str) -> None:
        self.scheduler = Scheduler(START.timestamp())
        self.tenant = tenant
        self.grid = TradingGrid(Edges(self.scheduler, Random(1), NoFaults(), {}), Random(1), HUB)
        # The emulator keeps them for ever.
        self.grid.api.keys_kept = float("inf")
        tenant.clock.freeze(START)
        credentials = tenant.auth.credentials
        self.grid.access.credentials = {credentials.consumer_key: (credentials.consumer_secret,)}
        for table in ("document_version", "comment", "counter"):
            tenant.store.connection.execute(f"DELETE FROM {table}")
        tenant.store.connection.execute("DELETE FROM entity WHERE kind = 'documents'")
        for collection in self.grid.community.collections:
            for document in tenant.store.select(collection):
                self.grid.put(collection, document, quiet=True)
        transport = httpx.MockTransport(self.grid.respond)
        self.sides = [
            self._new_side(url, None, EmulatorHub(tenant)),
            self._new_side("https://grid.soak", transport, ModelHub(self.grid)),
        ]

    def advance(self, seconds: float) -> None:
        """Set both clocks forward."""
        self.scheduler.now += seconds
        self.tenant.clock.freeze(datetime.fromtimestamp(self.scheduler.now, UTC))

    def compare(self, act: Callable[[Side], Any]) -> Any:
        """Do the same with both. Asserts that results and errors are equal; returns the result."""
        expected, found = [outcome(act, side) for side in self.sides]
        assert found == expected
        return found

    def _now(self) -> float:
        return self.scheduler.now

    def _new_side(
        self, url: str, transport: httpx.BaseTransport | None, hub: EmulatorHub | ModelHub
    ) -> Side:
        credentials = self.tenant.auth.credentials
        secrets = {
            "consumerKey": credentials.consumer_key,
            "consumerSecret": credentials.consumer_secret,
        }
        http = new_client(transport=transport)
        auth = trading_grid_auth("apigrid", secrets, base_url=url, clock=self._now)
        base = url + COMMUNITY
        exempt = [url.partition("://")[2]]
        names = iter(range(1_000_000))
        return Side(
            CommunityClient(http, auth, base_url=base, clock=self._now, partner_ids_per_call=5),
            ChangedRecordsClient(http, auth, base_url=base, clock=self._now),
            DirectoryClient(http, auth, base_url=url, hub=CompanyId(HUB), clock=self._now),
            LensClient(
                http, auth, base_url=url, clock=self._now, new_name=lambda: f"q{next(names)}"
            ),
            FileClient(exempt=exempt, trusted=transport),
            hub,
        )


def outcome(act: Callable[[Side], Any], side: Side) -> Any:
    """What a call returns, or the parts of its error that the product looks at."""
    try:
        return plain(act(side))
    except UpstreamError as error:
        return type(error).__name__, error.status, error.vendor_code, str(error)
    except (GridwixError, Problem) as error:
        return type(error).__name__, str(error)


def plain(result: Any) -> Any:
    if isinstance(result, Listing):
        faults = [(fault.record, fault.reason, fault.owner) for fault in result.faults]
        return list(result.records), faults
    return result
