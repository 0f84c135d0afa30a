"""Feed reader and publisher with their real clients, while Trading Grid and Wix fail.

Real HTTP against both emulators; SQS, the ledger and the clock are the test's own, so that minutes
of waiting pass at once.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid import app as trading_grid_app
from emulators.trading_grid.tenant import new_tenant
from emulators.wix import app as wix_app
from emulators.wix.site import new_site
from functions.status_publisher import handler as publisher_function
from functions.trading_grid_feed import handler as feed_function
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.publication.publisher import Publisher
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.service import PartnerStatusPublisher
from gridwix.trading_grid_feed.service import FeedReader
from ops.collections import collection_definitions, ensure_collection
from ops.emulator import Emulator
from ops.waiting import STANDSTILL
from tests.expected import expected_rows, shown_rows
from tests.fakes.invocation import lambda_context
from tests.fakes.ledger import MemoryLedger
from tests.fakes.stores import FakeBus, FakeCursors, FakeHandovers, FakeRefusedItems
from tests.fakes.wire import CountingBudget, ManualClock, Sleeper

PARTNERS = 57
CHANGES = 150
HOLD = 90.0
MAX_RECEIVES = 12
BATCHING_WINDOW = 1.0
LONGEST_SLEEP = 1.0
PATIENCE = 0.4
"""Timeout in seconds of a response that a fault holds back; no other response times out."""

GHOSTS_LAND_AFTER = 60.0
"""Seconds until a delayed write is applied: the longest delay that a claim allows for."""


@dataclass
class Queue:
    """A fake SQS queue: a failed message becomes visible again after its delay."""

    clock: ManualClock
    messages: dict[str, tuple[float, int, Change]] = field(default_factory=dict)

    def take_in(self, bus: FakeBus) -> None:
        for change in bus.changes:
            if change.type.startswith("hub."):
                # Another function's rule takes these.
                continue
            self.messages[f"m{len(self.messages)}-{change.event_id}"] = (self.clock.now, 0, change)
        bus.changes.clear()

    def receive(self) -> list[dict[str, Any]]:
        """Return all visible messages of a batching window; wait for the next if there are none."""
        self.clock.now = (
            max(self.clock.now, min(visible for visible, _, _ in self.messages.values()))
            + BATCHING_WINDOW
        )
        batch = []
        for identifier, (visible, receives, change) in self.messages.items():
            if visible <= self.clock.now:
                self.messages[identifier] = (self.clock.now + 360, receives + 1, change)
                attributes = {"ApproximateReceiveCount": str(receives + 1)}
                detail = f'{{"detail": {change.model_dump_json(by_alias=True, exclude_none=True)}}}'
                batch.append(
                    {
                        "messageId": identifier,
                        "receiptHandle": identifier,
                        "attributes": attributes,
                        "body": detail,
                    }
                )
        return batch

    def defer(self, delays: Mapping[str, float]) -> None:
        for identifier, seconds in delays.items():
            _, receives, change = self.messages[identifier]
            self.messages[identifier] = (self.clock.now + math.ceil(seconds), receives, change)

    def settle(self, batch: list[dict[str, Any]], failed: set[str]) -> None:
        for record in batch:
            if record["messageId"] not in failed:
                del self.messages[record["messageId"]]


class Flow:
    """Both functions with their environment. ``sleeps`` is the time that each invocation slept."""

    def __init__(
        self, trading_grid: str, wix: str, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.trading_grid, self.wix_url = trading_grid, wix
        self.clock = ManualClock()
        self.queue, self.bus = Queue(self.clock), FakeBus()
        self.sleeper = Sleeper(self.clock)
        self.sleeps: list[float] = []
        self.held_back = False
        hub, site = Emulator(trading_grid).info(), Emulator(wix).info()
        auth = trading_grid_auth("apigrid", hub, base_url=trading_grid, clock=self.clock)
        self.community = CommunityClient(
            http,
            auth,
            base_url=f"{trading_grid}/community/v1",
            clock=self.clock,
            sleep=self.sleeper,
        )
        credentials = wix_auth({"apiKey": site["apiKey"]}, site["siteId"], base_url=wix)
        self.wix = WixClient(
            http, credentials, CountingBudget(), base_url=wix, clock=self.clock, sleep=self.sleeper
        )
        ledger, refused = MemoryLedger(), FakeRefusedItems()
        self.refused = refused
        publisher = Publisher(
            collections=self.wix,
            ledger=ledger,
            refused_items=refused,
            function="status_publisher",
            clock=self.clock,
            hold=HOLD,
        )
        status_publisher = PartnerStatusPublisher(
            self.community, ledger, publisher, configuration()
        )
        feed = FeedReader(
            feed=self.community,
            source=self.community,
            bus=self.bus,
            handovers=FakeHandovers(),
            cursors=FakeCursors(),
            company_id=CompanyId(hub["companyId"]),
            type_prefix="net.example.tg.",
            clock=self.clock,
        )
        monkeypatch.setattr(feed_function, "feed_reader", lambda: feed)
        monkeypatch.setattr(publisher_function, "status_publisher", lambda: status_publisher)
        monkeypatch.setattr(publisher_function, "redelivery", lambda: self.queue)

    def invoke(self, function: Any, records: list[dict[str, Any]]) -> set[str]:
        """Invoke a function and return the ids of the failed messages."""
        self.sleeper.slept.clear()
        answer = function.handler({"Records": records}, lambda_context())
        self.sleeps.append(sum(self.sleeper.slept))
        return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}

    def read_feed(self) -> None:
        for _ in range(5):
            if not self.invoke(feed_function, [{"messageId": "poll", "body": "{}"}]):
                return
            self.clock.now += 360
        pytest.fail("the poll went to the dead-letter queue")

    def work_off(self) -> None:
        """Read the feed to its end and deliver until the queue is empty."""
        self.read_feed()
        self.queue.take_in(self.bus)
        began = self.clock.now
        while self.queue.messages:
            batch = self.queue.receive()
            assert max(receives for _, receives, _ in self.queue.messages.values()) <= MAX_RECEIVES
            if self.clock.now >= began + GHOSTS_LAND_AFTER:
                Emulator(self.wix_url).order("ghosts", {})
            self.queue.settle(batch, self.invoke(publisher_function, batch))

    def order_fault(self, url: str, fault: Mapping[str, Any]) -> None:
        """Inject a fault into an emulator from now on."""
        Emulator(url).order("faults", fault)
        self.held_back = fault["kind"] == "slow"

    def limit(self, request: httpx.Request) -> None:
        """Time out a request whose response a fault holds back."""
        if self.held_back:
            orders = Emulator(str(request.url.copy_with(path="/", query=None)).rstrip("/")).read(
                "faults"
            )["faults"]
            if any(fnmatch(request.url.path, order["path"]) for order in orders):
                request.extensions["timeout"] = httpx.Timeout(PATIENCE).as_dict()

    def rows(self) -> Mapping[str, Any]:
        return shown_rows(
            item for page in self.wix.query_pages(PARTNER_STATUS) for item in page.items
        )


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flow]:
    """All rows are published; then many changes are waiting in the feed."""
    with (
        thread(wix_app.build_app(new_site(replica_lag=0.0))) as wix,
        thread(trading_grid_app.build_app(new_tenant(partners=PARTNERS))) as hub,
        new_client() as http,
    ):
        running = Flow(hub, wix, http, monkeypatch)
        for definition in collection_definitions():
            ensure_collection(running.wix, definition)
        running.work_off()
        Emulator(hub).order("changes", {"count": CHANGES, "seed": 3})
        http.timeout = httpx.Timeout(STANDSTILL)
        http.event_hooks = {"request": [running.limit]}
        yield running


BULK = "/wix-data/v2/bulk/*"
COMMUNITY = "/community/v1/*"

CERTAIN = {
    "429 that says when": {
        "kind": "status",
        "status": 429,
        "headers": {"Retry-After": "30"},
        "times": 3,
    },
    "429": {"kind": "status", "status": 429, "times": 3},
    "500": {"kind": "status", "status": 500, "times": 4},
    "503": {"kind": "status", "status": 503, "times": 4},
    "reset": {"kind": "drop", "times": 4},
}
"""Faults of a request that was not carried out."""

AMBIGUOUS = {
    "answer lost": {"kind": "drop_after", "times": 2},
    "time-out": {"kind": "slow", "seconds": 2 * PATIENCE, "times": 2},
}
"""Faults of a request that may have been carried out."""

OF_WIX = {
    "half a bulk call": {"kind": "half_bulk", "times": 2},
    "written later": {"kind": "ghost_write", "times": 2},
}


@pytest.mark.parametrize(
    "fault",
    [*CERTAIN.values(), *AMBIGUOUS.values(), *OF_WIX.values()],
    ids=[*CERTAIN, *AMBIGUOUS, *OF_WIX],
)
def test_flow_when_wix_fails_ends_on_the_newest_rows(flow: Flow, fault: dict[str, Any]) -> None:
    before = len(Emulator(flow.wix_url).writes(PARTNER_STATUS))
    flow.sleeps.clear()
    path = {} if fault in OF_WIX.values() else {"path": BULK}
    flow.order_fault(flow.wix_url, {**fault, **path})

    flow.work_off()

    assert Emulator(flow.wix_url).read("faults")["faults"] == []
    assert flow.rows() == expected_rows(flow.community)
    assert len(flow.rows()) == PARTNERS + 3
    assert flow.refused.items == {}
    assert max(flow.sleeps) < LONGEST_SLEEP
    if fault in CERTAIN.values():
        written = [write["id"] for write in Emulator(flow.wix_url).writes(PARTNER_STATUS)[before:]]
        assert len(written) == len(set(written)), "a row was written twice"


def test_flow_when_a_write_lands_a_minute_after_its_worker_gave_up_does_not_end_on_it(
    flow: Flow,
) -> None:
    """The older content is still on its way to Wix when newer changes are delivered."""
    Emulator(flow.wix_url).order("faults", {"kind": "ghost_write"})
    flow.read_feed()
    flow.queue.take_in(flow.bus)
    batch = flow.queue.receive()
    flow.queue.settle(batch, flow.invoke(publisher_function, batch))
    Emulator(flow.trading_grid).order("changes", {"count": CHANGES, "seed": 4})

    flow.work_off()

    assert Emulator(flow.wix_url).read("ghosts")["underway"] == 0
    assert flow.rows() == expected_rows(flow.community)


@pytest.mark.parametrize(
    "fault", [*CERTAIN.values(), *AMBIGUOUS.values()], ids=[*CERTAIN, *AMBIGUOUS]
)
@pytest.mark.parametrize(
    "path",
    [f"{COMMUNITY}events", f"{COMMUNITY}compliance-checks", f"{COMMUNITY}partners", "*/oauth*"],
    ids=["feed", "checks", "partners", "token"],
)
def test_flow_when_trading_grid_fails_ends_on_the_newest_rows(
    flow: Flow, fault: dict[str, Any], path: str
) -> None:
    flow.sleeps.clear()
    if "oauth" in path:
        flow.clock.now += 30 * 24 * 3600
    flow.order_fault(flow.trading_grid, {**fault, "path": path})

    flow.work_off()

    assert Emulator(flow.trading_grid).read("faults")["faults"] == []
    assert flow.rows() == expected_rows(flow.community)
    assert max(flow.sleeps) < LONGEST_SLEEP
