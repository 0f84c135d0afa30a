"""Runs the emulators of Trading Grid and Wix as processes, with gridwix's real clients.

The ledger is in memory, so that DynamoDB does not affect the figures.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import httpx

from emulators.common.server import process
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.mapping.call_rate import SECOND, CallRate, RateState
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.ports import Clock
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.publisher import Publisher
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.service import PartnerStatusPublisher
from ops.emulator import Emulator
from ops.waiting import wait_for_answers
from tests.fakes.ledger import MemoryLedger
from tests.fakes.stores import FakeRefusedItems

wait_for_answers()

DEFINITION = Path(__file__).parents[1] / "portal/collections/PartnerStatus.json"


class MemoryBudget:
    """The call budget's token bucket in memory. Thread-safe. ``calls`` counts the granted calls."""

    def __init__(self, calls_per_minute: int, burst: int, clock: Clock) -> None:
        self._rate, self._state, self._clock, self._lock = (
            CallRate(calls_per_minute, burst),
            RateState(),
            clock,
            Lock(),
        )
        self.calls = 0

    def take(self, calls: int = 1) -> float:
        with self._lock:
            decision = self._rate.take(self._state, now=int(self._clock() * SECOND), calls=calls)
            self._state = decision.state
            if decision.wait == 0:
                self.calls += calls
            return decision.wait / SECOND

    def exhaust(self, seconds: float) -> None:
        raise AssertionError(
            f"the site's quota was used up for {seconds} s,"
            " although the budget should have kept within it"
        )


class SlowTransport(httpx.HTTPTransport):
    """HTTP transport that adds a latency, in seconds, to each request."""

    def __init__(self, latency: float) -> None:
        super().__init__(limits=httpx.Limits(max_connections=20, max_keepalive_connections=10))
        self._latency = latency

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        time.sleep(self._latency)
        return super().handle_request(request)


def client(latency: float) -> httpx.Client:
    """Return the functions' HTTP client, with a latency in seconds."""
    return new_client(transport=SlowTransport(latency) if latency else None)


@dataclass
class EmulatorPair:
    """The running emulators of Trading Grid and Wix, and services of gridwix that use them.

    ``wix_url`` and ``grid_url`` are their addresses, ``wix_info`` and ``grid_info`` their ids and
    credentials. ``read_latency`` and ``write_latency`` are seconds that a request to Trading Grid
    and to Wix takes longer, for services that are built from then on.
    """

    wix_url: str
    grid_url: str
    wix_info: dict[str, Any]
    grid_info: dict[str, Any]
    read_latency: float = 0.0
    write_latency: float = 0.0

    def wix_headers(self) -> dict[str, str]:
        return {"authorization": self.wix_info["apiKey"], "wix-site-id": self.wix_info["siteId"]}

    def wix_calls(self) -> int:
        """Return the number of data calls to the Wix emulator since its journal was cleared."""
        counts = Emulator(self.wix_url).read("journal")["counts"]
        return sum(times for call, times in counts.items() if "/wix-data/" in call)

    def clear_journal(self) -> None:
        Emulator(self.wix_url).clear("journal")

    def items(self) -> dict[str, dict[str, Any]]:
        """Return the items of ``PartnerStatus`` by id."""
        found = Emulator(self.wix_url).read("items", collection=PARTNER_STATUS)["items"]
        return {item["_id"]: item for item in found}

    def wix_client(self, budget: MemoryBudget) -> WixClient:
        return WixClient(
            client(self.write_latency),
            wix_auth({"apiKey": self.wix_info["apiKey"]}, self.wix_info["siteId"]),
            budget,
            base_url=self.wix_url,
        )

    def community(self) -> CommunityClient:
        credentials = {
            "consumerKey": self.grid_info["consumerKey"],
            "consumerSecret": self.grid_info["consumerSecret"],
        }
        auth = trading_grid_auth("apigrid", credentials, base_url=self.grid_url)
        return CommunityClient(
            client(self.read_latency), auth, base_url=self.grid_info["communityBaseUrl"]
        )

    def publisher(self, budget: MemoryBudget, ledger: PublicationLedger, clock: Clock) -> Publisher:
        return Publisher(
            collections=self.wix_client(budget),
            ledger=ledger,
            refused_items=FakeRefusedItems(),
            function="status_publisher",
            clock=clock,
            hold=90,
        )

    def status_publisher(self, budget: MemoryBudget, clock: Clock) -> PartnerStatusPublisher:
        ledger = MemoryLedger()
        return PartnerStatusPublisher(
            self.community(), ledger, self.publisher(budget, ledger, clock), configuration()
        )


def quota_arguments(calls_per_minute: int) -> list[str]:
    """Return the Wix emulator's arguments that set each of its rate limits to one number."""
    return [f"--{name}-per-minute={calls_per_minute}" for name in ("reads", "writes", "requests")]


@contextmanager
def start_emulators(
    *, partners: int = 0, calls_per_minute: int | None = 3000
) -> Iterator[EmulatorPair]:
    """Run both emulators for a ``with`` block, with the collection ``PartnerStatus``.

    Args:
        partners: Generated partners, in addition to the three of the sample data.
        calls_per_minute: The Wix emulator's rate limit of reads, of writes, and of all calls;
            None: the quotas of a Wix site.
    """
    with ExitStack() as stack:
        quotas = [] if calls_per_minute is None else quota_arguments(calls_per_minute)
        wix_url = stack.enter_context(process("emulators.wix", quotas))
        grid_url = stack.enter_context(
            process("emulators.trading_grid", ["--partners", str(partners)])
        )
        found = EmulatorPair(wix_url, grid_url, Emulator(wix_url).info(), Emulator(grid_url).info())
        collection = {"collection": json.loads(DEFINITION.read_text())}
        httpx.post(
            f"{wix_url}/wix-data/v2/collections", json=collection, headers=found.wix_headers()
        ).raise_for_status()
        yield found
