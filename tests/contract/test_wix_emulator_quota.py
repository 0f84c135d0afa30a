"""Quotas of the Wix emulator: reads and writes per minute apart, and who uses them."""

from typing import Any

import pytest

from tests.contract.wix_site import BULK, COLLECTIONS, ITEMS, PARTNERS, Client, a_site

READ = {"dataCollectionId": PARTNERS}
ITEM = {"dataCollectionId": PARTNERS, "dataItem": {"data": {"title": "Prairie Gold Foods"}}}
QUIET = {"readsPerMinute": 10, "writesPerMinute": 10, "requestsPerMinute": 100}

type Call = tuple[str, str, dict[str, Any] | None]

READS: list[Call] = [
    ("POST", f"{ITEMS}/query", READ),
    ("POST", f"{ITEMS}/count", READ),
    ("POST", f"{ITEMS}/query-distinct-values", {**READ, "fieldName": "title"}),
    ("GET", f"{ITEMS}/nowhere?dataCollectionId={PARTNERS}", None),
    ("GET", f"{COLLECTIONS}/{PARTNERS}", None),
]
WRITES: list[Call] = [
    ("POST", ITEMS, ITEM),
    ("POST", f"{ITEMS}/save", ITEM),
    ("POST", f"{BULK}/save", {**READ, "dataItems": [{"data": {"_id": f"{n}"}} for n in range(50)]}),
    ("POST", f"{BULK}/patch", {**READ, "patches": []}),
    ("POST", f"{BULK}/remove", {**READ, "dataItemIds": ["1", "2"]}),
]


def site_with(**limits: int) -> Client:
    """Return a site with these limits, at the beginning of a minute and of the usage."""
    site = a_site()
    site.control("POST", "settings", {**QUIET, **limits})
    site.advance(60)
    site.control("DELETE", "usage")
    return site


def usage(site: Client) -> dict[str, Any]:
    return site.control("GET", "usage")


def used(site: Client) -> dict[str, int]:
    return {name: one["used"] for name, one in usage(site)["minute"].items()}


def test_quotas_when_nothing_is_set_then_they_are_on_with_wixs_defaults() -> None:
    minute = usage(a_site())["minute"]

    assert (minute["reads"]["limit"], minute["writes"]["limit"]) == (3000, 1500)


@pytest.mark.parametrize("call", READS, ids=lambda call: call[1])
def test_a_call_that_reads_counts_as_one_read(call: Call) -> None:
    site = site_with()

    site.call(*call)

    assert used(site) == {"reads": 1, "writes": 0, "requests": 1}


@pytest.mark.parametrize("call", WRITES, ids=lambda call: call[1])
def test_a_call_that_writes_counts_as_one_write_however_many_items_it_has(call: Call) -> None:
    site = site_with()

    assert site.call(*call).status_code == 200

    assert used(site) == {"reads": 0, "writes": 1, "requests": 1}


def test_calls_of_other_apis_count_for_neither() -> None:
    site = site_with()

    site.post("/members/v1/members/query", {"query": {}})

    assert used(site) == {"reads": 0, "writes": 0, "requests": 1}


@pytest.mark.parametrize(
    ("limits", "statuses", "refused"),
    [
        ({"readsPerMinute": 1}, [200, 200, 429, 200], {"reads": 1, "writes": 0, "requests": 0}),
        ({"writesPerMinute": 1}, [200, 200, 200, 429], {"reads": 0, "writes": 1, "requests": 0}),
        ({"requestsPerMinute": 3}, [200, 200, 200, 429], {"reads": 0, "writes": 0, "requests": 1}),
    ],
)
def test_a_quota_that_is_used_up_stops_its_own_calls_alone_until_the_minute_ends(
    limits: dict[str, int], statuses: list[int], refused: dict[str, int]
) -> None:
    site = site_with(**limits)

    answers = [site.call(*call) for call in (READS[0], WRITES[0], READS[0], WRITES[0])]
    site.advance(60)
    later = [site.call(*call) for call in (READS[0], WRITES[0])]

    assert [answer.status_code for answer in answers] == statuses
    [over] = [answer.json() for answer in answers if answer.status_code == 429]
    assert over["details"]["applicationError"]["code"] == "WDE0014"
    assert [answer.status_code for answer in later] == [200, 200]
    assert usage(site)["refused"] == refused


def test_usage_when_marked_then_it_counts_by_collection_from_there() -> None:
    site = site_with()
    site.call(*READS[0])
    site.control("DELETE", "usage")

    for call in (READS[0], READS[1], WRITES[2]):
        site.call(*call)
    site.post(f"{ITEMS}/count", {"dataCollectionId": "Elsewhere"})
    site.post(f"{ITEMS}/count", {"dataCollectionId": ["no text"]})

    found = usage(site)
    assert found["reads"] == {PARTNERS: 2, "Elsewhere": 1, "": 1}
    assert found["writes"] == {PARTNERS: 1}
    assert used(site) == {"reads": 5, "writes": 1, "requests": 6}


def test_the_front_page_shows_the_use_of_the_quotas_and_by_collection() -> None:
    site = site_with(readsPerMinute=2000)
    site.call(*READS[0])
    site.call(*WRITES[0])

    text = site.http.get(site.url).text

    assert "1 of 2,000 reads, 1 of 10 writes, 2 of 100 requests. 0 refused" in text
    assert "1 reads · 1 writes" in text
