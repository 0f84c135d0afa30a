"""Lists and the feed: bounds and cursors."""

import base64
import json
from functools import partial
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix_gateway.api.feed import feed_cursor, feed_position
from gridwix_gateway.api.lists import MAX_PAGE_BYTES
from gridwix_gateway.community.documents import put_version
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.items import dump_json
from gridwix_gateway.store.table import Item
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.gateway.server import GatewayParts


def create_cases(count: int, size: int, draft: Draft) -> None:
    for _ in range(count):
        number = draft.next_number
        fields = {"id": f"c{number}", "partnerId": "p1", "status": "new", "text": "x" * size}
        draft.create("cases", fields, "case.created")


def page(parts: GatewayParts, path: str) -> Document:
    response = parts.call("GET", path)
    assert response.status == 200, response.document
    assert response.document is not None
    return response.document


def read_all(parts: GatewayParts, path: str) -> list[Document]:
    """Return the pages of a list or of the feed."""
    pages = [page(parts, path)]
    while pages[-1].get("hasMore", pages[-1]["nextCursor"] is not None):
        mark = "&" if "?" in path else "?"
        pages.append(page(parts, f"{path}{mark}cursor={pages[-1]['nextCursor']}"))
    return pages


@pytest.mark.parametrize("path", ["/cases", "/events", "/cases?partnerId=p1"])
def test_page_of_large_records_ends_early_and_the_next_continues(path: str) -> None:
    parts = GatewayParts()
    for _ in range(5):
        parts.commits.run(partial(create_cases, 4, 300_000))

    pages = read_all(parts, path)

    ids = [item["id"] for each in pages for item in each["items"]]
    assert len(ids) == len(set(ids)) == 20
    assert len(pages) > 2
    assert all(len(dump_json(each)) < MAX_PAGE_BYTES + 400_000 for each in pages)


def test_comments_are_paged_although_a_query_ends_early() -> None:
    class ShortTable(MemoryTable):
        def query(
            self, pk: str, *, after: str = "", limit: int, backwards: bool = False
        ) -> list[Item]:
            return list(super().query(pk, after=after, limit=min(limit, 3), backwards=backwards))

    parts = GatewayParts(table=ShortTable())
    parts.commits.run(partial(create_cases, 1, 1))
    for number in range(11):
        assert parts.call("POST", "/cases/c1/comments", {"body": f"{number}"}).status == 201

    pages = read_all(parts, "/cases/c1/comments?limit=5")

    assert [len(each["items"]) for each in pages] == [5, 5, 1]
    assert [item["body"] for each in pages for item in each["items"]] == [
        f"{number}" for number in range(11)
    ]


def test_long_comments_do_not_fill_more_than_a_page() -> None:
    parts = GatewayParts()
    parts.commits.run(partial(create_cases, 1, 1))
    for _ in range(70):
        parts.call("POST", "/cases/c1/comments", {"body": "𝄞" * 10_000})

    pages = read_all(parts, "/cases/c1/comments")

    assert [len(each["items"]) for each in pages] == [62, 8]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=",
        "limit=\uff11",
        "limit=-1",
        "limit=00000000100000",
        "limit=000000001" + 5_000 * "0",
        "updatedSince=yesterday",
        "updatedSince=2026-03-12",
        "updatedSince=2026-03-12T00:00:00",
        "updatedSince=0001-01-01T00:00:00%2B23:59",
        "&".join(["partnerId=x"] * 51),
        "partnerId=" + "x" * 101,
    ],
)
def test_query_that_is_not_valid_is_refused(query: str) -> None:
    response = GatewayParts().call("GET", f"/cases?{query}")

    assert (response.status, (response.document or {})["code"]) == (422, "validation")


def test_unknown_query_parameters_are_ignored() -> None:
    assert page(GatewayParts(), "/cases?colour=red&limit=5&limit=x")["items"] == []


def test_cursor_belongs_to_its_list_and_its_filters() -> None:
    parts = GatewayParts()
    parts.commits.run(partial(create_cases, 3, 1))
    cursor = page(parts, "/cases?limit=1&status=new,open")["nextCursor"]

    same = page(parts, f"/cases?status=open,new&cursor={cursor}")
    others = [
        parts.call("GET", f"{path}cursor={cursor}")
        for path in ("/cases?", "/cases?status=new&", "/partners?status=new,open&", "/events?")
    ]

    assert len(same["items"]) == 2
    assert {(one.status, (one.document or {})["code"]) for one in others} == {
        (400, "cursor-invalid")
    }


def cursor_of(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


@given(
    st.one_of(
        st.text(max_size=30),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=4
        ).map(cursor_of),
        st.just("x" * 1_001),
        st.just(cursor_of(["2026-03-12T14:02:11.480Z#" + "x" * 300, "0"])),
    )
)
def test_any_text_as_a_cursor_is_refused_and_breaks_nothing(cursor: str) -> None:
    parts = GatewayParts()
    request = parts.call("GET", "/cases")
    assert request.status == 200

    for path in ("/cases", "/events"):
        response = parts.call("GET", f"{path}?cursor={quote(cursor, safe='')}")
        expected = {200} if cursor in ("", "now") and path == "/events" else {400}
        assert response.status in expected


def test_cursor_with_a_place_that_no_key_can_be_is_invalid() -> None:
    parts = GatewayParts()
    parts.commits.run(partial(create_cases, 2, 1))
    cursor = page(parts, "/cases?limit=1")["nextCursor"]
    position, digest = json.loads(base64.urlsafe_b64decode(cursor))

    for spoilt in (position + "\ud800", "", "x", position + "x" * 300, None):
        response = parts.call("GET", f"/cases?cursor={cursor_of([spoilt, digest])}")
        assert response.status == 400, spoilt


@given(st.integers(0, 10**12 - 1))
def test_cursor_of_the_feed_names_its_position(position: int) -> None:
    assert feed_position(feed_cursor(position)) == position


@pytest.mark.parametrize(
    "text", ["feed:-1", "feed:1.5", "feed:\u0661", "feed:", "list:1", "feed:" + "1" * 13]
)
def test_foreign_cursor_of_the_feed_is_invalid(text: str) -> None:
    with pytest.raises(Problem) as refused:
        feed_position(base64.urlsafe_b64encode(text.encode()).decode())

    assert refused.value.code == "cursor-invalid"


def test_feed_of_types_has_only_those() -> None:
    parts = GatewayParts()
    parts.commits.run(partial(create_cases, 3, 1))
    parts.call("POST", "/cases/c1/comments", {"body": "Hello"})

    found = page(parts, "/events?types=net.example.tg.case.commented,net.example.tg.other")

    assert [event["subject"] for event in found["items"]] == ["cases/c1"]
    assert page(parts, f"/events?cursor={found['nextCursor']}")["items"] == []


def test_time_of_a_list_is_the_tables_and_not_the_workers() -> None:
    parts = GatewayParts()
    parts.clock.advance(-3600)

    as_of = page(parts, "/cases")["asOf"]

    parts.commits.run(partial(create_cases, 1, 1))
    assert [item["id"] for item in page(parts, f"/cases?updatedSince={as_of}")["items"]] == ["c1"]


def create_documents(count: int, size: int, draft: Draft) -> None:
    for _ in range(count):
        identifier = f"d{draft.next_number}"
        fields = {"id": identifier, "title": "x" * size, "status": "draft"}
        draft.create("documents", fields, "document.created")
        for number in (1, 2):
            put_version(draft, identifier, {"number": number, "changeNote": "x" * size}, "blob")


def test_page_of_documents_with_versions_is_no_larger_than_any_other() -> None:
    parts = GatewayParts()
    for _ in range(3):
        parts.commits.run(partial(create_documents, 4, 100_000))

    found = page(parts, "/documents?expand=versions")["items"]

    assert ["versions" in document for document in found] == [True] * 6 + [False] * 6
    assert len(dump_json({"items": found}).encode()) <= MAX_PAGE_BYTES
