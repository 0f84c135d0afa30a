"""The activity of partners from Lens to its rows: real clients and the Trading Grid emulator."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid import app
from emulators.trading_grid.seed import BALTIC, HARBOR_PINE, PRAIRIE_GOLD
from emulators.trading_grid.tenant import new_tenant
from gridwix.activity_publisher.service import ActivityPublisher, ActivityReport
from gridwix.case_opener.service import CaseOpener
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import SCROLL, LensClient
from gridwix.errors import UpstreamError
from gridwix.models.ids import CompanyId
from gridwix.models.portal.collection_ids import PARTNER_ACTIVITY
from gridwix.publication.publisher import Publisher
from gridwix.runtime.configuration import configuration
from ops.emulator import Emulator
from tests.factories import HUB, change
from tests.fakes.activity import FakeContinuation, FakeCounts
from tests.fakes.deadlines import deadline_after
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal
from tests.fakes.stores import FakeCursors, FakeRefusedItems

HISTORY_DAYS = 2
NEWEST = 4
"""Slices that a run of these tests reads, newest first, unless it needs more."""


@dataclass
class World:
    url: str
    http: httpx.Client

    def __post_init__(self) -> None:
        info = Emulator(self.url).info()
        auth = trading_grid_auth(
            "apigrid",
            {name: info[name] for name in ("consumerKey", "consumerSecret")},
            base_url=self.url,
        )
        sleep: Any = lambda _: None  # noqa: E731
        lens = LensClient(self.http, auth, base_url=self.url, sleep=sleep)
        directory = DirectoryClient(
            self.http, auth, base_url=self.url, hub=CompanyId(HUB), sleep=sleep
        )
        community = CommunityClient(self.http, auth, base_url=info["communityBaseUrl"], sleep=sleep)
        self.portal, self.continuation = FakePortal(), FakeContinuation()
        self.opener = CaseOpener(lens, directory, community, configuration())
        self.publisher = ActivityPublisher(
            search=lens,
            partners=directory,
            cases=community,
            store=FakeCounts(),
            cursors=FakeCursors(),
            publisher=Publisher(
                collections=self.portal,
                ledger=MemoryLedger(),
                refused_items=FakeRefusedItems(),
                function="activity_publisher",
                clock=self.clock,
                hold=60,
            ),
            continuation=self.continuation,
            rules=configuration().case_rules,
            clock=self.clock,
        )

    def clock(self) -> float:
        now = Emulator(self.url).read("clock")["now"]
        return datetime.fromisoformat(now).timestamp()

    def order(self, path: str, order: Mapping[str, Any]) -> Any:
        return Emulator(self.url).order(path, order)

    def forward(self, **span: float) -> None:
        self.order("clock", {"advance": timedelta(**span).total_seconds()})

    def run(self, slices: int = NEWEST) -> ActivityReport:
        for _ in range(20):
            try:
                return self.publisher.publish_activity(deadline_after(slices), deadline_after(9))
            except UpstreamError:
                continue
        raise AssertionError("the run fails again and again")

    def row(self, partner: str) -> Mapping[str, Any]:
        (found,) = (
            item.data
            for (collection, identifier), item in self.portal.rows.items()
            if collection == PARTNER_ACTIVITY and identifier == partner
        )
        return found


@pytest.fixture
def world() -> Iterator[World]:
    with thread(app.build_app(new_tenant(partners=3))) as url, new_client() as http:
        yield World(url, http)


def totals(row: Mapping[str, Any]) -> Mapping[str, int]:
    return {line["documentType"]: line["total"] for line in row["lines"]}


def failing(row: Mapping[str, Any]) -> int:
    return sum(line["rejected"] + line["late"] + line["failed"] for line in row["lines"])


def test_rows_have_every_document_of_the_traffic_and_every_failure(world: World) -> None:
    played = world.order(
        "traffic",
        {"orders": 220, "seed": 7, "faultShare": 0.1, "partnerIds": [PRAIRIE_GOLD, BALTIC]},
    )

    report = world.run()

    gold, baltic = world.row(PRAIRIE_GOLD), world.row(BALTIC)
    assert played["documents"] * 2 > SCROLL
    assert report.documents == played["documents"]
    assert report.unmapped == 0
    assert sum(totals(gold).values()) + sum(totals(baltic).values()) == played["documents"]
    assert len(set(totals(gold).values())) == 1, "each order has one document of each type"
    assert totals(gold).keys() == {"850", "855", "856", "810", "997"}
    assert totals(baltic).keys() == {"ORDERS", "CONTRL", "DESADV", "INVOIC"}
    faulty = Counter(one["partnerId"] for one in played["faulty"])
    assert (failing(gold), failing(baltic)) == (faulty[PRAIRIE_GOLD], faulty[BALTIC])
    directions = {line["documentType"]: line["direction"] for line in gold["lines"]}
    assert (directions["850"], directions["856"]) == ("outbound", "inbound")


FAULTS = [
    {"kind": "status", "path": "/visibility_transaction_search", "times": 4, "status": 502},
    {"kind": "drop", "path": "/visibility_transaction_search", "times": 4},
    {"kind": "status", "path": "*/partnerDirectory", "times": 3, "status": 500},
    {"kind": "expire_token", "times": 2},
]


@pytest.mark.parametrize(
    "fault", FAULTS, ids=lambda fault: f"{fault['kind']} {fault.get('path', '')}"
)
def test_faults_of_trading_grid_neither_lose_nor_double_a_document(
    world: World, fault: dict[str, Any]
) -> None:
    played = world.order("traffic", {"orders": 12, "seed": 3, "partnerIds": [HARBOR_PINE]})
    world.order("faults", fault)

    world.run()

    assert sum(totals(world.row(HARBOR_PINE)).values()) == played["documents"]


def test_document_that_is_rejected_later_moves_and_gets_the_case_that_is_opened_for_it(
    world: World,
) -> None:
    sent = world.order("documents", {"partnerId": PRAIRIE_GOLD, "documentType": "810", "seed": 1})
    world.run()
    before = world.row(PRAIRIE_GOLD)
    world.forward(hours=2)
    world.order("transactions", {"transactionid": sent["transactionId"], "fastatus": "R"})
    world.opener.handle(
        [change(subject=f"transactions/{sent['correlationId']}", version=None, via="poll")]
    )

    world.run()

    (line,), (failure,) = world.row(PRAIRIE_GOLD)["lines"], world.row(PRAIRIE_GOLD)["failures"]
    assert before["lines"][0]["rejected"] == 0
    assert (line["total"], line["rejected"]) == (1, 1)
    assert failure["reference"].startswith("cases/")
    assert failure["number"].startswith("INV-")


def test_history_of_the_emulator_is_believable_and_all_of_it_counts(world: World) -> None:
    partners = [PRAIRIE_GOLD, BALTIC, HARBOR_PINE]
    # To a Thursday: at a weekend, hardly anybody sends anything.
    world.forward(days=(3 - datetime.fromtimestamp(world.clock(), UTC).weekday()) % 7)
    played = world.order(
        "traffic/history", {"seed": 3, "days": HISTORY_DAYS, "partnerIds": partners}
    )

    # One run reads 48 slices at most, and two days touch 49 hours unless they begin with one.
    report = world.run(slices=24 * HISTORY_DAYS + 2)
    documents = report.documents
    while documents < played["documents"] and report.more:
        report = world.run(slices=24)
        documents += report.documents

    assert documents == played["documents"] > 10
    assert played["faulty"] == []
    rows = [world.row(partner) for partner in partners]
    assert {line["direction"] for row in rows for line in row["lines"]} == {"inbound", "outbound"}
    assert sum(line["acknowledged"] for row in rows for line in row["lines"]) > 0
    assert any(sum(day > 0 for day in line["daily"]) > 1 for row in rows for line in row["lines"])


def test_history_of_a_month_has_failures_that_are_old(world: World) -> None:
    played = world.order("traffic/history", {"seed": 5, "partnerIds": [PRAIRIE_GOLD]})

    assert played["documents"] > 100
    assert 0 < len(played["faulty"]) < played["documents"] / 10
