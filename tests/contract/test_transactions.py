"""Transaction exceptions from Lens to their cases: real clients and the Trading Grid emulator."""

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
from gridwix.case_opener.service import CaseOpener
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import SCROLL, LensClient
from gridwix.errors import GridwixError, Refused, UpstreamConflict, UpstreamError
from gridwix.mapping.transactions import group_by_process
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.trading_grid.cases import Case, NewCase, TransactionRef
from gridwix.models.transactions import LensEntry
from gridwix.runtime.configuration import configuration
from gridwix.transaction_monitor.service import TransactionMonitor
from ops.emulator import Emulator
from tests.factories import HUB
from tests.fakes.stores import FakeBus, FakeCursors
from tests.fakes.transactions import FakeKnownExceptions

KEY, OTHER_KEY = "7d444840-9dc0-11d1-b245-5ffdce74fad2", "7d444840-9dc0-11d1-b245-5ffdce74fad3"


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
        self.community = CommunityClient(
            self.http, auth, base_url=info["communityBaseUrl"], sleep=sleep
        )
        self.lens = LensClient(self.http, auth, base_url=self.url, sleep=sleep)
        self.directory = DirectoryClient(
            self.http, auth, base_url=self.url, hub=CompanyId(HUB), sleep=sleep
        )
        self.bus, self.known, self.cursors = FakeBus(), FakeKnownExceptions(), FakeCursors()
        self.monitor = TransactionMonitor(
            search=self.lens,
            known=self.known,
            bus=self.bus,
            cursors=self.cursors,
            rules=configuration().case_rules,
            company_id=CompanyId(HUB),
            clock=lambda: self.now().timestamp(),
            overlap=timedelta(minutes=15),
            late=timedelta(hours=24),
        )
        self.opener = CaseOpener(self.lens, self.directory, self.community, configuration())

    def now(self) -> datetime:
        return datetime.fromisoformat(Emulator(self.url).read("clock")["now"])

    def order(self, path: str, order: Mapping[str, Any]) -> Any:
        return Emulator(self.url).order(path, order)

    def poll(self) -> None:
        for _ in range(20):
            try:
                self.monitor.announce_exceptions(NO_DEADLINE)
            except UpstreamError:
                continue
            return
        raise AssertionError("the monitor fails again and again")

    def open_cases(self) -> None:
        """Deliver all events to the case opener until none fails."""
        left: list[Change] = list(self.bus.changes)
        for _ in range(20):
            failed: dict[str, GridwixError] = {}
            for start in range(0, len(left), 20):
                batch = left[start : start + 20]
                try:
                    failed |= self.opener.handle(batch).failures
                except UpstreamError as error:
                    failed |= {change.event_id: error for change in batch}
            left = [change for change in left if change.event_id in failed]
            if not left:
                return
        raise AssertionError(f"events fail again and again: {failed}")

    def cases(self) -> list[Case]:
        ids = [partner.partner_id for partner in self.community.every_partner().records]
        return [case for case in self.community.cases(ids).records if case.routed_by is not None]

    def refs(self) -> dict[str, list[str | None]]:
        found: dict[str, list[str | None]] = {}
        for case in self.cases():
            for ref in case.transaction_refs:
                found.setdefault(ref.correlation_id or "", []).append(ref.exception)
        return found


@pytest.fixture
def world() -> Iterator[World]:
    with thread(app.build_app(new_tenant(partners=12))) as url, new_client() as http:
        yield World(url, http)


def forward(world: World, **timedeltas: float) -> None:
    world.order("clock", {"advance": timedelta(**timedeltas).total_seconds()})


def test_each_faulty_document_has_one_case_and_no_other_document_has(world: World) -> None:
    world.poll()
    played = world.order("traffic", {"orders": 60, "seed": 7, "faultShare": 0.2, "lateShare": 0.3})
    world.poll()
    forward(world, minutes=5)
    world.poll()

    world.open_cases()
    world.open_cases()

    expected = {faulty["correlationId"]: [faulty["fault"]] for faulty in played["faulty"]}
    assert len(expected) > 30
    assert world.refs() == expected
    assert len(world.bus.changes) == len(expected)
    owners = {faulty["correlationId"]: faulty["partnerId"] for faulty in played["faulty"]}
    assert all(
        owners[ref.correlation_id or ""] == case.partner_id
        for case in world.cases()
        for ref in case.transaction_refs
    )


FAULTS = [
    {"kind": "drop_after", "path": "*/cases", "method": "POST", "times": 2},
    {"kind": "drop_after", "path": "*/transaction-refs/*", "times": 2},
    {"kind": "drop", "path": "*/cases", "method": "POST", "times": 2},
    {"kind": "status", "path": "*/cases", "method": "POST", "times": 3, "status": 503},
    {
        "kind": "status",
        "path": "/visibility_transaction_search",
        "times": 3,
        "status": 429,
        "headers": {"Retry-After": "1"},
    },
    {"kind": "status", "path": "/visibility_transaction_search", "times": 4, "status": 502},
    {"kind": "drop", "path": "/visibility_transaction_search", "times": 4},
    {"kind": "status", "path": "*/partnerDirectory", "times": 3, "status": 500},
    {"kind": "stale_read", "path": "*/cases", "times": 2},
    {"kind": "expire_token", "times": 2},
]


@pytest.mark.parametrize(
    "fault",
    FAULTS,
    ids=lambda fault: f"{fault['kind']} {fault.get('status', '')} {fault.get('path', '')}",
)
def test_faults_of_trading_grid_neither_lose_nor_double_a_case(
    world: World, fault: dict[str, Any]
) -> None:
    world.poll()
    played = world.order(
        "traffic", {"orders": 4, "seed": 3, "faultShare": 0.5, "partnerIds": [PRAIRIE_GOLD, BALTIC]}
    )
    world.order("faults", fault)

    world.poll()
    world.open_cases()
    world.open_cases()

    assert world.refs() == {
        faulty["correlationId"]: [faulty["fault"]] for faulty in played["faulty"]
    }
    per_reason = [
        (case.partner_id, case.routed_by, case.transaction_refs[0].po_number)
        for case in world.cases()
    ]
    assert len(per_reason) == len(set(per_reason))


def test_acknowledgment_that_comes_late_is_said_in_the_case(world: World) -> None:
    world.poll()
    sent = world.order(
        "documents",
        {
            "partnerId": PRAIRIE_GOLD,
            "documentType": "850",
            "fault": "acknowledgment_overdue",
            "seed": 1,
        },
    )
    world.poll()
    world.open_cases()
    forward(world, hours=2)
    world.order("transactions", {"transactionid": sent["transactionId"], "fastatus": "A"})

    world.poll()
    world.open_cases()

    assert world.refs() == {sent["correlationId"]: ["over"]}


def test_scroll_of_more_than_a_thousand_gives_every_entry_once(world: World) -> None:
    played = world.order("traffic", {"orders": 280, "seed": 5, "faultShare": 0})
    now = world.now()

    entries = world.lens.changed_entries(
        now - timedelta(hours=1), now + timedelta(seconds=1)
    ).records

    assert played["documents"] * 2 > 2 * SCROLL
    assert len({entry.transaction_id for entry in entries}) == 2 * played["documents"]
    assert len(group_by_process(entries)) == played["documents"]


def test_acknowledgment_status_that_lens_cannot_say_is_no_fault(world: World) -> None:
    sent = world.order("documents", {"partnerId": HARBOR_PINE, "documentType": "850", "seed": 2})
    world.order("transactions", {"transactionid": sent["transactionId"], "fastatus": "C"})

    found = [
        entry
        for entry in world.lens.entries_of([sent["correlationId"]]).records
        if entry.transaction_id == sent["transactionId"]
    ]

    assert [(entry.fa_status, entry.fa_status_date is not None) for entry in found] == [
        (None, True)
    ]
    assert isinstance(found[0], LensEntry)


def test_partner_is_found_by_its_trading_address(world: World) -> None:
    assert world.directory.partner_with("ZZ:PRAIRIEGOLD") == PRAIRIE_GOLD
    assert world.directory.partner_with("ZZ:NORTHWIND") is None


def test_case_is_opened_once_under_a_key(world: World) -> None:
    wish = NewCase(
        partner_id=PartnerId(PRAIRIE_GOLD),
        subject="856 rejected",
        category="asn_rejection",
        priority="high",
        due_at=datetime(2026, 4, 1, tzinfo=UTC),
    )

    first, again = world.community.create_case(wish, KEY), world.community.create_case(wish, KEY)

    assert first == again
    with pytest.raises(Refused) as caught:
        world.community.create_case(wish.model_copy(update={"subject": "Other"}), KEY)
    assert caught.value.vendor_code == "idempotency-key-reused"
    assert world.community.create_case(wish, OTHER_KEY).id != first.id


def test_reference_to_a_transaction_is_said_once_and_not_to_a_case_that_is_over(
    world: World,
) -> None:
    opened = world.community.create_case(
        NewCase(partner_id=PartnerId(PRAIRIE_GOLD), subject="x", category="other", priority="low"),
        KEY,
    )
    reference = TransactionRef(
        correlation_id="c-1:2", exception="delivery_failed", editype="850", message="AS2 503"
    )

    first, again = (
        world.community.put_transaction(opened.id, reference),
        world.community.put_transaction(opened.id, reference),
    )
    changed = world.community.put_transaction(
        opened.id, reference.model_copy(update={"exception": "over"})
    )

    assert (first.version, again.version, changed.version) == (2, 2, 3)
    assert [(ref.correlation_id, ref.exception) for ref in changed.transaction_refs] == [
        ("c-1:2", "over")
    ]
    ui = httpx.post(
        f"{world.url}/ui/cases/{opened.id}/transition",
        data={"to": "cancelled", "reason": "x"},
        follow_redirects=True,
    )
    assert ui.status_code == 200
    with pytest.raises(UpstreamConflict):
        world.community.put_transaction(opened.id, reference)
