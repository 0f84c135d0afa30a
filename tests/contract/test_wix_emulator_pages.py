"""Web pages of the Wix emulator: content and actions."""

import re
from typing import Any

import httpx
import pytest

from tests.contract.wix_site import COLLECTIONS, ITEMS, PARTNERS, Client, a_site

HOSTILE = "<script>alert(1)</script>"


def page(site: Client, path: str, **params: Any) -> str:
    answer = site.http.get(site.url + path, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


def submit(site: Client, path: str, **fields: str) -> httpx.Response:
    return site.http.post(f"{site.url}/ui/collections/{PARTNERS}{path}", data=fields)


def cell(text: str, name: str) -> str:
    found = re.search(rf'data-testid="{re.escape(name)}"[^>]*>(.*?)</td>', text, re.DOTALL)
    assert found, name
    return re.sub(r"<[^>]+>", " ", found[1]).strip()


def ids(text: str) -> list[str]:
    return re.findall(r'data-testid="row-([^"]*)"', text)


def a_partner_site() -> Client:
    site = a_site(collection=False)
    fields = [
        {"key": "title", "type": "TEXT"},
        {"key": "status", "type": "TEXT"},
        {"key": "onboardingPercent", "type": "NUMBER"},
        {"key": "steps", "type": "ARRAY"},
        {"key": "at", "type": "DATETIME"},
    ]
    site.ok(
        "POST",
        COLLECTIONS,
        {"collection": {"id": PARTNERS, "displayName": "All partners", "fields": fields}},
    )
    return site


def test_front_page_when_opened_then_it_lists_the_collections_with_their_counts() -> None:
    site = a_site()
    site.save_all([{"_id": "p1"}, {"_id": "p2"}])

    text = page(site, "/")

    assert "<title>Wix emulator</title>" in text
    assert f'data-testid="collection-{PARTNERS}"' in text
    assert "2 items" in text


def test_collection_page_when_opened_then_each_cell_shows_its_value_by_its_type() -> None:
    site = a_partner_site()
    contents = {
        "status": "IN_PROGRESS",
        "onboardingPercent": 40,
        "steps": [{"text": "One"}, "Two", {"title": "Three"}, "Four", "Five"],
    }
    site.save_all(
        [{"_id": "p1", "title": "Alpha", **contents, "at": {"$date": "2026-01-02T03:04:05.678Z"}}]
    )

    text = page(site, f"/collections/{PARTNERS}")

    assert cell(text, "cell-p1-title").split() == ["Alpha", "p1"]
    assert cell(text, "cell-p1-status") == "in progress"
    assert cell(text, "cell-p1-onboardingPercent") == "40 %"
    assert cell(text, "cell-p1-steps").split() == ["One", "Two", "Three", "and", "2", "more"]
    assert cell(text, "cell-p1-at") == "2026-01-02 03:04:05"


def test_rows_when_items_are_written_then_the_last_one_comes_first() -> None:
    site = a_site()
    site.save_all([{"_id": f"p{n}"} for n in range(3)])
    site.advance(1)
    site.save_all([{"_id": "p1", "title": "changed"}])

    text = page(site, f"/collections/{PARTNERS}/rows")

    assert ids(text) == ["p1", "p2", "p0"]
    assert "<html" not in text


def test_rows_when_searched_and_paged_then_only_those_are_shown() -> None:
    site = a_site()
    site.save_all(
        [{"_id": f"p{n:03}", "title": "Odd one" if n % 2 else "Even one"} for n in range(120)]
    )

    searched = page(site, f"/collections/{PARTNERS}/rows", q="ODD")
    last = page(site, f"/collections/{PARTNERS}/rows", q="odd", page="2")
    far = page(site, f"/collections/{PARTNERS}/rows", q="odd", page="99999999")
    nonsense = page(site, f"/collections/{PARTNERS}/rows", page="x")

    assert (len(ids(searched)), len(ids(last)), len(ids(nonsense))) == (50, 10, 50)
    assert set(ids(searched) + ids(last)) == {f"p{n:03}" for n in range(1, 120, 2)}
    assert ids(far) == ids(last)


def test_item_page_when_opened_then_the_history_says_what_each_write_changed() -> None:
    site = a_site()
    site.insert(_id="p1", title="Alpha", amount=1)
    site.save_all([{"_id": "p1", "title": "Beta", "amount": 1}])
    site.save_all([{"_id": "p1", "title": "Beta", "amount": 1}])

    text = page(site, f"/collections/{PARTNERS}/items/p1")
    writes = [
        " ".join(re.sub(r"<[^>]+>", " ", write).split())
        for write in text.split('data-testid="write"')[1:]
    ]

    assert len(writes) == 3
    assert "replaced nothing changed" in writes[0]
    assert "replaced title Alpha → Beta" in writes[1]
    assert "added title Alpha amount 1" in writes[2]


def test_pages_when_values_are_hostile_then_they_are_escaped() -> None:
    site = a_partner_site()
    everywhere = {
        "title": HOSTILE,
        "status": HOSTILE,
        "steps": [HOSTILE, {"title": HOSTILE}, [HOSTILE]],
        "at": {"$date": HOSTILE},
        "other": {HOSTILE: 1},
    }
    site.save_all([{"_id": "<script>alert(1)", **everywhere}])

    table = page(site, f"/collections/{PARTNERS}", q=HOSTILE[:-1])
    (address,) = re.findall(rf'href="(/collections/{PARTNERS}/items/[^"]+)"', table)
    item = site.http.get(site.url + address)
    refused = submit(site, "/items", id="a/b", data=f'{{"title": "{HOSTILE}", "{HOSTILE}": 1}}')

    assert (item.status_code, refused.status_code) == (200, 400)
    assert all("<script>alert" not in text for text in (table, item.text, refused.text))
    assert "default-src 'none'" in item.headers["content-security-policy"]


def test_forms_when_an_item_is_added_changed_and_removed_then_the_site_has_it() -> None:
    site = a_site()

    added = submit(site, "/items", id="p1", data='{"title": "Alpha", "amount": 1}')
    submit(site, "/items/p1", field="amount", value="2")
    submit(site, "/items/p1", field="title", value="plain text")
    submit(site, "/items/p1", field="tags", value='["x"]')
    stored = site.stored()
    removed = submit(site, "/items/p1/remove")

    assert (added.status_code, added.headers["location"]) == (
        303,
        f"/collections/{PARTNERS}/items/p1",
    )
    assert stored == {"p1": {"title": "plain text", "amount": 2, "tags": ["x"]}}
    assert (removed.status_code, site.stored()) == (303, {})
    assert site.actions("p1") == ["INSERT", "PATCH", "PATCH", "PATCH", "REMOVE"]


@pytest.mark.parametrize(
    ("path", "fields", "status", "reason"),
    [
        ("/items", {"id": "p1", "data": "{}"}, 409, "WDE0074"),
        ("/items", {"data": "no JSON"}, 400, "WDE0004"),
        ("/items", {}, 400, "WDE0004"),
        ("/items/p1", {"field": "_id", "value": "p2"}, 400, "WDE0080"),
        ("/items/missing", {"field": "title", "value": "x"}, 404, "WDE0073"),
        ("/items/missing/remove", {}, 404, "WDE0073"),
    ],
)
def test_forms_when_wix_would_refuse_then_the_page_says_why(
    path: str, fields: dict[str, str], status: int, reason: str
) -> None:
    site = a_site()
    site.insert(_id="p1", title="Alpha")

    answer = submit(site, path, **fields)

    assert answer.status_code == status
    assert reason in answer.text
    assert site.stored() == {"p1": {"title": "Alpha"}}


def test_forms_when_another_sites_page_submits_them_then_nothing_is_done() -> None:
    site = a_site()

    address, headers = (
        f"{site.url}/ui/collections/{PARTNERS}/items",
        {"sec-fetch-site": "cross-site"},
    )
    answer = site.http.post(address, data={"id": "p1", "data": "{}"}, headers=headers)

    assert answer.status_code == 403
    assert site.stored() == {}


@pytest.mark.parametrize(
    "path",
    ["/collections/Missing", "/collections/Missing/rows", f"/collections/{PARTNERS}/items/missing"],
)
def test_pages_when_there_is_no_such_thing_then_404(path: str) -> None:
    site = a_site()

    answer = site.http.get(site.url + path)

    assert answer.status_code == 404
    assert "That was refused" in answer.text


def test_ghost_write_when_it_is_due_then_the_pages_show_it() -> None:
    site = a_site()
    site.fault("ghost_write", ITEMS, options={"after": 5})
    with pytest.raises(httpx.RemoteProtocolError):
        site.insert(_id="p1")

    before = ids(page(site, f"/collections/{PARTNERS}/rows"))
    site.advance(5)

    assert (before, ids(page(site, f"/collections/{PARTNERS}/rows"))) == ([], ["p1"])
