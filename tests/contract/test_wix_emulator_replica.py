"""Read consistency of the Wix emulator: the lagging replica, and state after a restart."""

from pathlib import Path
from typing import Any

from tests.contract.wix_site import BULK, COLLECTIONS, ITEMS, PARTNERS, Client, a_site


def read_all_ways(site: Client, *, consistent: bool) -> dict[str, Any]:
    """Return the results of a get, a query and a count of the item ``p1``."""
    read: dict[str, Any] = {"dataCollectionId": PARTNERS, "consistentRead": consistent}
    got = site.call("GET", f"{ITEMS}/p1", **read)
    queried = site.ok("POST", f"{ITEMS}/query", {**read, "query": {"filter": {"_id": "p1"}}})[
        "dataItems"
    ]
    counted = site.ok("POST", f"{ITEMS}/count", read)["totalCount"]
    return {
        "get": got.json()["dataItem"]["data"]["n"] if got.status_code == 200 else None,
        "query": queried[0]["data"]["n"] if queried else None,
        "count": counted,
    }


def test_read_when_not_consistent_then_a_write_shows_after_the_lag() -> None:
    site = a_site(replica_lag=2)

    site.insert(_id="p1", n=1)
    at_once = read_all_ways(site, consistent=False)
    primary = read_all_ways(site, consistent=True)
    site.advance(1.9)
    too_early = read_all_ways(site, consistent=False)
    site.advance(0.1)
    in_time = read_all_ways(site, consistent=False)

    assert at_once == too_early == {"get": None, "query": None, "count": 0}
    assert primary == in_time == {"get": 1, "query": 1, "count": 1}


def test_read_when_several_writes_are_underway_then_each_shows_in_its_turn() -> None:
    site = a_site(replica_lag=2)
    observed = []

    for n in (1, 2):
        site.bulk("save", {"data": {"_id": "p1", "n": n}})
        site.advance(1)
    site.bulk("remove", "p1")
    for _ in range(3):
        observed.append(read_all_ways(site, consistent=False)["get"])
        site.advance(1)

    assert observed == [1, 2, None]


def test_read_when_an_item_comes_back_after_its_removal_then_both_sides_have_it_last() -> None:
    site = a_site(replica_lag=1)
    site.save_all([{"_id": "p1", "n": 1}, {"_id": "p2", "n": 2}])

    site.bulk("remove", "p1")
    site.insert(_id="p1", n=3)
    site.advance(1)

    assert site.ids() == ["p2", "p1"]
    assert [item["id"] for item in site.query(consistent=False)["dataItems"]] == ["p2", "p1"]


def test_read_when_one_call_removes_and_inserts_an_item_then_it_counts_as_added_last() -> None:
    site = a_site()
    site.save_all([{"_id": "p1"}, {"_id": "p2"}])

    site.ok("POST", f"{ITEMS}/remove", {"dataCollectionId": PARTNERS, "dataItemId": "p1"})
    site.bulk("save", {"data": {"_id": "p3"}}, {"data": {"_id": "p1"}})

    assert site.ids() == ["p2", "p3", "p1"]


def test_collections_when_listed_from_the_replica_then_a_new_one_shows_after_the_lag() -> None:
    site = a_site(replica_lag=2, collection=False)
    site.ok("POST", COLLECTIONS, {"collection": {"id": "Notices"}})

    early = site.ok("GET", COLLECTIONS)["collections"]
    early_get = site.call("GET", f"{COLLECTIONS}/Notices")
    consistent = site.ok("GET", f"{COLLECTIONS}/Notices", consistentRead="true")["collection"]["id"]
    site.advance(2)
    late = site.ok("GET", COLLECTIONS)["collections"]

    assert (early, early_get.status_code, consistent) == ([], 404, "Notices")
    assert [collection["id"] for collection in late] == ["Notices"]


def test_lag_when_set_to_nothing_then_every_read_sees_every_write() -> None:
    site = a_site(replica_lag=3600)
    site.control("POST", "settings", {"replicaLag": 0})

    site.insert(_id="p1", n=1)

    assert read_all_ways(site, consistent=False) == {"get": 1, "query": 1, "count": 1}


def test_state_when_the_emulator_restarts_then_items_history_indexes_and_order_are_as_before(
    tmp_path: Path,
) -> None:
    state = tmp_path / "site.db"
    before = a_site(state=state)
    before.ok("POST", COLLECTIONS, {"collection": {"id": PARTNERS}})
    unique = {
        "dataCollectionId": PARTNERS,
        "index": {"name": "u", "fields": [{"path": "n"}], "unique": True},
    }
    before.ok("POST", "/wix-data/v2/indexes", unique)
    before.save_all([{"_id": f"p{n}", "n": n} for n in (3, 1, 2)])
    before.bulk("save", {"data": {"_id": "p3", "n": 30}})
    before.bulk("remove", "p1")
    items, writes = before.stored(), before.control("GET", "writes", collection=PARTNERS)

    after = a_site(state=state)
    taken = after.bulk("insert", {"data": {"_id": "p9", "n": 30}})
    after.insert(_id="p4", n=4)

    assert list(items) == ["p3", "p2"]
    assert after.ids() == [*items, "p4"]
    assert after.control("GET", "writes", collection=PARTNERS)["writes"][:-1] == writes["writes"]
    assert taken.json()["results"][0]["itemMetadata"]["error"]["code"] == "WDE0123"


def test_bulk_when_20000_items_are_written_then_the_site_is_not_what_takes_long() -> None:
    site = a_site()
    items = [{"_id": f"p{n:05}", "group": f"g{n % 100}", "text": "x" * 400} for n in range(20_000)]
    site.control("DELETE", "journal")

    for start in range(0, len(items), 1000):
        site.save_all(items[start : start + 1000])
    found = site.query(filter={"group": "g7"}, paging={"limit": 1000})
    took = sorted(
        entry["milliseconds"]
        for entry in site.control("GET", "journal")["entries"]
        if entry["path"].startswith(BULK)
    )

    assert len(found["dataItems"]) == 200
    assert len(site.stored()) == 20_000
    # Generous, since the machine may be busy: the middle call takes some 30 ms.
    assert took[len(took) // 2] < 250
