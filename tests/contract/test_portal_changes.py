"""The numbers in ``PortalChanges``, counted by the Wix emulator."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from emulators.common.server import thread
from emulators.wix import app as wix_app
from emulators.wix.site import new_site
from gridwix.clients.http import new_client
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.portal_changes import PortalChanges
from gridwix.errors import NotFound
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PORTAL_CHANGES
from gridwix.models.portal.sections import SECTIONS, Section
from gridwix.models.wix import DataItem
from gridwix.publication.audiences import EVERYBODY
from ops.collections import collection_definitions, ensure_collection
from ops.emulator import Emulator
from tests.fakes.wire import CountingBudget

AS_OF = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)


class Site:
    """A client of the emulator, with the collection or without it, that counts its calls."""

    def __init__(self, url: str, *, prepared: bool = True) -> None:
        self.budget = CountingBudget()
        with httpx.Client() as http:
            info = Emulator(url, http).info()
        self.wix = WixClient(
            new_client(),
            wix_auth({"apiKey": info["apiKey"]}, info["siteId"], base_url=url),
            self.budget,
            base_url=url,
        )
        self.changes = PortalChanges(self.wix)
        if prepared:
            (definition,) = (one for one in collection_definitions() if one["id"] == PORTAL_CHANGES)
            ensure_collection(self.wix, definition)
        self.budget.taken = 0

    def row(self, name: str) -> dict[str, object]:
        item = self.wix.get_item(PORTAL_CHANGES, WixItemId(name))
        assert item is not None
        return {key: value for key, value in item.data.items() if not key.startswith("_")}


@pytest.fixture
def url() -> Iterator[str]:
    with thread(wix_app.build_app(new_site(replica_lag=0.0))) as found:
        yield found


def test_rows_that_exist_are_increased_in_one_call_which_returns_the_numbers(url: str) -> None:
    site = Site(url)
    sections: tuple[Section, ...] = ("issues", "status")
    changes = {f"GC{number:04}": sections for number in range(1000)}
    site.changes.increase(changes)
    site.budget.taken = 0

    numbers = site.changes.increase(changes)

    assert site.budget.taken == 1
    assert numbers == {reader: {"issues": 2, "status": 2} for reader in changes}


def test_row_that_does_not_exist_yet_begins_at_one_with_every_other_section_at_zero(
    url: str,
) -> None:
    site = Site(url)

    numbers = site.changes.increase({EVERYBODY: ["notices"], "GC1": ["issues"]})

    assert numbers == {EVERYBODY: {"notices": 1}, "GC1": {"issues": 1}}
    assert site.row("GC1") == {section: int(section == "issues") for section in SECTIONS}


def test_any_number_of_workers_lose_no_change(url: str) -> None:
    sites = [Site(url) for _ in range(6)]
    seen: Counter[int] = Counter()

    def count(site: Site) -> None:
        for _ in range(10):
            numbers = site.changes.increase({"GC1": ["issues"], EVERYBODY: ["notices"]})
            seen[numbers["GC1"]["issues"]] += 1

    with ThreadPoolExecutor(len(sites)) as pool:
        list(pool.map(count, sites))

    assert site_numbers(sites[0]) == (60, 60)
    # Each worker got a number of its own.
    assert seen == Counter(range(1, 61))


def site_numbers(site: Site) -> tuple[object, object]:
    return site.row("GC1")["issues"], site.row(EVERYBODY)["notices"]


def test_row_that_another_worker_inserts_first_is_increased(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, other = Site(url), Site(url)
    insert = site.wix.bulk_insert

    def lose_the_race(*arguments: object) -> object:
        other.changes.increase({"GC1": ["issues"]})
        return insert(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(site.wix, "bulk_insert", lose_the_race)

    assert site.changes.increase({"GC1": ["issues"]}) == {"GC1": {"issues": 2}}


def test_row_from_before_a_section_existed_counts_it_from_zero(url: str) -> None:
    site = Site(url)
    site.wix.insert_item(PORTAL_CHANGES, DataItem(WixItemId("GC1"), {"issues": 7}))

    assert site.changes.increase({"GC1": ["activity", "issues"]}) == {
        "GC1": {"activity": 1, "issues": 8}
    }


def test_row_that_wix_refuses_is_left_out_and_the_others_are_counted(url: str) -> None:
    site = Site(url)
    site.changes.increase({"GC1": ["issues"], "GC2": ["issues"]})
    Emulator(url).order(
        "refusals",
        {
            "collection": PORTAL_CHANGES,
            "ids": ["GC1"],
            "code": "WDE0080",
            "description": "Validation failed",
        },
    )

    assert site.changes.increase({"GC1": ["issues"], "GC2": ["issues"]}) == {"GC2": {"issues": 2}}


def test_freshness_and_numbers_share_the_row_of_everybody_and_keep_each_other(url: str) -> None:
    site = Site(url)

    site.changes.tell(AS_OF, ["documents"])
    site.changes.increase({EVERYBODY: ["notices"]})
    site.budget.taken = 0
    site.changes.tell(AS_OF.replace(hour=15), None)

    assert site.budget.taken == 1
    row = site.row(EVERYBODY)
    assert (row["asOf"], row["notices"], row["issues"]) == (AS_OF.replace(hour=15), 1, 0)
    assert row["hidden"] == ["documents"]


def test_hidden_areas_take_the_place_of_those_before_with_the_call_for_the_freshness(
    url: str,
) -> None:
    site = Site(url)
    site.changes.tell(AS_OF, ["documents", "notices"])
    site.budget.taken = 0

    site.changes.tell(AS_OF, [])

    assert site.budget.taken == 1
    assert site.row(EVERYBODY)["hidden"] == []


def test_missing_collection_is_an_error_and_no_missing_row(url: str) -> None:
    site = Site(url, prepared=False)

    with pytest.raises(NotFound):
        site.changes.increase({"GC1": ["issues"]})
    with pytest.raises(NotFound):
        site.changes.tell(AS_OF, [])
