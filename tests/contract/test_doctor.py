"""The doctor's probes of Wix against the emulator, with the site's call budget.

Repeated runs, and runs next to functions that need the budget.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid import app as trading_grid_app
from emulators.trading_grid.tenant import new_tenant
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.models.portal.collection_ids import PEOPLE_HISTORY
from gridwix.ports import CallBudget
from gridwix.runtime.settings import PublisherSettings, WixSettings
from ops import indexes
from ops.budgets import UnlimitedBudget, WaitingBudget, reserving_budget, shared_budget
from ops.collection_probes import collection_probes
from ops.collections import collection_definitions, ensure_collection
from ops.connections import Connections
from ops.emulator import Emulator
from ops.examination import TIMEOUTS_BELIEVED, Breaker, merge_causes, run_probes
from ops.indexes import IndexBuilder
from ops.probes import USERS_OF_PARTNERS, Finding, run_probe, trading_grid_probes
from tests.fakes.aws import as_client, create_table, dynamodb

NOW = 1_795_000_000.0
HALF = 30
"""Half of the sixty calls that the default budget allows at once."""


@contextlib.contextmanager
def silent_server() -> Iterator[tuple[str, list[int]]]:
    """A server that accepts connections and never responds, with its number of connections."""
    taken: list[int] = []
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    kept.append(listener.accept()[0])
                    taken.append(1)

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", taken
        for each in kept:
            each.close()


def connections(
    url: str,
    http: httpx.Client,
    key: str = "key",
    secret: str = "secret",
    *,
    company: str = "GC1",
) -> Connections:
    """Clients of a Trading Grid at an address, as the command makes them."""
    names = {
        "TRADING_GRID_BASE_URL": url,
        "TRADING_GRID_COMMUNITY_URL": f"{url}/community/v1",
        "TRADING_GRID_COMPANY_ID": company,
    }
    names |= {
        "TRADING_GRID_CREDENTIALS_SECRET": "s",
        "WIX_BASE_URL": url,
        "WIX_SITE_ID": "site",
        "WIX_CREDENTIALS_SECRET": "s",
        "BUDGET_TABLE": "b",
    }
    names |= {"LEDGER_TABLE": "l", "REFUSED_ITEM_TABLE": "r", "PORTAL_RING_QUEUE_URL": "q"}
    settings = PublisherSettings.from_environment(names)
    auth = trading_grid_auth(
        "apigrid", {"consumerKey": key, "consumerSecret": secret}, base_url=url
    )
    site_auth = wix_auth({"apiKey": "key"}, "site", base_url=url)
    wix = WixClient(http, site_auth, UnlimitedBudget(), base_url=url)
    return Connections(
        settings,
        CommunityClient(http, auth, base_url=f"{url}/community/v1"),
        DirectoryClient(http, auth, base_url=url),
        LensClient(http, auth, base_url=url),
        wix,
        WixSite(http, site_auth, UnlimitedBudget(), base_url=url),
        ChangedRecordsClient(http, auth, base_url=f"{url}/community/v1"),
    )


class Site:
    """A site with the portal's collections.

    Its call budget runs on a clock that only waiting moves.
    """

    def __init__(self, url: str, http: httpx.Client, table: str, client: Any) -> None:
        self.now, self.said, self.url = NOW, list[str](), url
        self.info = Emulator(url).info()
        self.http = http
        aws = cast("Any", SimpleNamespace(dynamodb=client))
        names = {
            "WIX_BASE_URL": url,
            "WIX_SITE_ID": self.info["siteId"],
            "WIX_CREDENTIALS_SECRET": "secret",
            "BUDGET_TABLE": table,
        }
        settings = WixSettings.from_environment(names)
        self.shared = shared_budget(aws, settings, clock=lambda: self.now)
        self.spare = reserving_budget(aws, settings, clock=lambda: self.now)
        owner = self.client(UnlimitedBudget())
        builder, wanted = IndexBuilder(owner), indexes.index_definitions()
        for definition in collection_definitions():
            builder.start_building(
                ensure_collection(owner, definition).collection, wanted.get(definition["id"], ())
            )
        assert builder.wait_until_built() == []

    def client(self, budget: CallBudget) -> WixClient:
        return WixClient(
            self.http,
            wix_auth({"apiKey": self.info["apiKey"]}, self.info["siteId"], base_url=self.url),
            budget,
            base_url=self.url,
        )

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def examine(self, patience: float = 55.0) -> list[Finding]:
        """Run the doctor's probes one by one. ``patience`` limits the total wait for calls."""
        budget = WaitingBudget(
            self.spare,
            self.wait,
            report=self.said.append,
            until=self.now + patience,
            clock=lambda: self.now,
        )
        return [run_probe(*probe) for probe in collection_probes(self.client(budget))]


@pytest.fixture
def site() -> Iterator[Site]:
    with (
        thread(build_app(new_site(replica_lag=0.0))) as url,
        new_client() as http,
        dynamodb() as tables,
    ):
        yield Site(url, http, create_table(tables, "site"), as_client(tables))


def test_doctor_on_a_healthy_site_finds_nothing_wrong_however_often_it_is_run_in_a_row(
    site: Site,
) -> None:
    runs = [site.examine() for _ in range(6)]

    assert [[finding for finding in run if not finding.works] for run in runs] == [[]] * 6
    assert site.said
    assert all("waiting" in word for word in site.said)


def test_functions_find_their_share_after_any_number_of_runs(site: Site) -> None:
    for _ in range(4):
        site.examine()

        assert site.shared.take(HALF) == 0.0
        site.wait(60)


def test_doctor_while_the_functions_have_taken_everything_looks_at_nothing_and_reports_no_fault(
    site: Site,
) -> None:
    site.shared.exhaust(600)

    rows = merge_causes(site.examine(patience=10))

    assert [(row.is_fault, row.skipped) for row in rows] == [(False, True)]
    assert "not checked" in rows[0].found


def test_doctor_names_the_field_and_the_collection_that_somebody_has_deleted(site: Site) -> None:
    headers = {"authorization": site.info["apiKey"], "wix-site-id": site.info["siteId"]}
    body = {"dataCollectionId": "PartnerStatus", "fieldKey": "headline"}
    httpx.post(
        f"{site.url}/wix-data/v2/collections/delete-field", json=body, headers=headers
    ).raise_for_status()
    httpx.delete(
        f"{site.url}/wix-data/v2/collections/OpenIssues", headers=headers
    ).raise_for_status()

    faults = {finding.capability: finding.found for finding in site.examine() if finding.is_fault}

    assert set(faults) == {"collection PartnerStatus", "collection OpenIssues"}
    assert "1 field missing: headline" in faults["collection PartnerStatus"]
    assert "does not exist" in faults["collection OpenIssues"]


def test_doctor_says_what_stands_still_without_the_history_of_people(site: Site) -> None:
    headers = {"authorization": site.info["apiKey"], "wix-site-id": site.info["siteId"]}
    url = f"{site.url}/wix-data/v2/collections/{PEOPLE_HISTORY}"
    httpx.delete(url, headers=headers).raise_for_status()

    (finding,) = [one for one in site.examine() if one.is_fault]

    assert finding.capability == f"collection {PEOPLE_HISTORY}"
    assert finding.found.startswith("it does not exist, so no access ends by itself")
    assert "`gridwix setup`" in finding.found


@pytest.mark.parametrize(("allowed", "word"), [(True, "users of one partner"), (False, "import a")])
def test_users_of_partners_when_the_tenant_hides_them_are_no_fault(
    allowed: bool, word: str
) -> None:
    with thread(trading_grid_app.build_app(new_tenant(partners=1))) as url, new_client() as http:
        emulator = Emulator(url)
        emulator.order("users", {"partners": allowed})
        info = emulator.info()
        key, secret = info["consumerKey"], info["consumerSecret"]
        clients = connections(url, http, key, secret, company=info["companyId"])

        finding = next(
            run_probe(*probe)
            for probe in trading_grid_probes(clients)
            if probe[1] == USERS_OF_PARTNERS
        )

    assert word in finding.found
    assert (finding.works, finding.absent, finding.is_fault) == (allowed, not allowed, False)


def test_a_gateway_that_never_answers_is_asked_a_few_times_and_is_one_row() -> None:
    with (
        silent_server() as (url, taken),
        httpx.Client(timeout=httpx.Timeout(0.3, connect=5), transport=Breaker()) as http,
    ):
        findings = run_probes(
            trading_grid_probes(connections(url, http)), lambda _: None, seconds=600
        )

    (row,) = merge_causes(findings)
    assert row.is_fault
    assert row.capability == "12 capabilities"
    assert row.found.startswith("upstream_unavailable: no answer")
    assert "event feed" in row.found
    # Not twelve: whoever comes later is told what the first ones have found.
    assert len(taken) <= TIMEOUTS_BELIEVED + 1


def test_a_gateway_that_is_not_there_is_one_row() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with httpx.Client(timeout=5, transport=Breaker()) as http:
        findings = run_probes(
            trading_grid_probes(connections(url, http)), lambda _: None, seconds=600
        )

    (row,) = merge_causes(findings)
    assert (row.is_fault, row.capability) == (True, "12 capabilities")
