"""Paging: the address of each page, and the place of the next."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import JsonPage
from gridwix_gateway.sources.rest.declaration import Since
from gridwix_gateway.sources.rest.paging import (
    Place,
    asked_time,
    next_place,
    page_url,
    rounded_time,
    since_text,
)
from tests.fakes.gateway.source_runs import simple_source

MOMENT = datetime(2026, 3, 12, 14, 2, 11, 480_000, UTC)


def make_page(document: Any, **headers: str) -> JsonPage:
    url = httpx.URL("https://api.example/cases?offset=0")
    return JsonPage(document, httpx.Headers(headers), url)


@pytest.mark.parametrize(
    ("paging", "place", "query"),
    [
        ({"type": "single"}, None, ""),
        ({"type": "link", "limit": "n", "size": 7}, None, "n=7"),
        ({"type": "offset", "parameter": "start", "limit": "n", "size": 7}, None, "n=7&start=0"),
        ({"type": "offset", "parameter": "start"}, 14, "start=14"),
        ({"type": "number", "parameter": "page"}, None, "page=1"),
        ({"type": "number", "parameter": "page", "first": 0}, None, "page=0"),
        ({"type": "number", "parameter": "page"}, 3, "page=3"),
        ({"type": "cursor", "parameter": "c", "next": "next"}, None, ""),
        ({"type": "cursor", "parameter": "c", "next": "next"}, "a b&c", "c=a+b%26c"),
    ],
)
def test_address_when_a_page_is_read_then_it_has_the_place(
    paging: dict[str, Any], place: Place, query: str
) -> None:
    declaration = simple_source(since=..., paging=paging).declaration

    assert page_url(declaration, None, place).query.decode() == query


def test_address_when_the_place_is_a_link_then_it_is_the_link() -> None:
    declaration = simple_source(paging={"type": "next", "next": "next"}).declaration

    assert str(page_url(declaration, MOMENT, "https://api.example/x?y=1")).endswith("/x?y=1")


@pytest.mark.parametrize(
    ("paging", "place", "document", "rows", "expected"),
    [
        ({"type": "single"}, None, {}, 3, None),
        ({"type": "offset", "parameter": "o"}, None, {}, 3, 3),
        ({"type": "offset", "parameter": "o"}, 3, {}, 2, 5),
        ({"type": "offset", "parameter": "o"}, 5, {}, 0, None),
        ({"type": "offset", "parameter": "o", "last": "m.last"}, 3, {"m": {"last": True}}, 2, None),
        ({"type": "number", "parameter": "p"}, None, {}, 3, 2),
        ({"type": "number", "parameter": "p", "first": 0}, None, {}, 3, 1),
        ({"type": "number", "parameter": "p"}, 7, {}, 0, None),
        ({"type": "cursor", "parameter": "c", "next": "n"}, None, {"n": "abc"}, 0, "abc"),
        ({"type": "cursor", "parameter": "c", "next": "n"}, "a", {"n": None}, 3, None),
        ({"type": "cursor", "parameter": "c", "next": "n"}, "a", {"n": ""}, 3, None),
        ({"type": "cursor", "parameter": "c", "next": "n"}, "a", {}, 3, None),
        ({"type": "cursor", "parameter": "c", "next": "n"}, "a", {"n": 7}, 3, 7),
        ({"type": "next", "next": "l.next"}, None, {"l": {"next": "?o=3"}}, 3,
         "https://api.example/cases?o=3"),
        ({"type": "next", "next": "l.next"}, None, {"l": {}}, 3, None),
        ({"type": "next", "next": "n", "last": "end"}, None, {"n": "/x", "end": True}, 3, None),
    ],
)  # fmt: skip
def test_next_place_when_a_page_was_read_then_it_follows_the_declaration(
    paging: dict[str, Any], place: Place, document: Any, rows: int, expected: Place
) -> None:
    declared = simple_source(paging=paging).declaration.paging

    assert next_place(declared, place, make_page(document), rows) == expected


def test_next_place_when_the_header_has_links_then_it_is_that_of_next() -> None:
    declared = simple_source(paging={"type": "link"}).declaration.paging
    link = (
        '<https://api.example/a?f=x,y&o=0>;rel="first",<https://api.example/a?f=x,y&o=3>;rel="next"'
    )

    assert next_place(declared, None, make_page({}, link=link), 3) == (
        "https://api.example/a?f=x,y&o=3"
    )
    assert next_place(declared, None, make_page({}), 3) is None


@pytest.mark.parametrize("value", [True, ["a"], {"a": 1}, "x" * 5_000])
def test_cursor_when_it_is_no_short_text_then_the_run_stops(value: Any) -> None:
    paging = {"type": "cursor", "parameter": "c", "next": "n"}

    with pytest.raises(SourceFault):
        next_place(
            simple_source(paging=paging).declaration.paging, None, make_page({"n": value}), 1
        )


@pytest.mark.parametrize(
    ("format_", "zone", "text"),
    [
        ("%Y-%m-%dT%H:%M:%SZ", "UTC", "2026-03-12T14:02:11Z"),
        ("%Y-%m-%d %H:%M", "America/Chicago", "2026-03-12 09:02"),
        ("%Y-%m-%d", "Asia/Tokyo", "2026-03-12"),
        ("%Y-%m-%dT%H:%M:%S%z", "Europe/Berlin", "2026-03-12T15:02:11+0100"),
        ("epoch", "UTC", "1773324131"),
        ("epoch_ms", "UTC", "1773324131480"),
    ],
)
def test_since_when_written_then_the_api_reads_that_time_or_an_earlier_one(
    format_: str, zone: str, text: str
) -> None:
    since = Since(column="updated", parameter="q", format=format_, zone=zone)

    assert since_text(since, MOMENT) == text
    assert asked_time(since, MOMENT) <= MOMENT
    assert rounded_time(since, MOMENT) <= MOMENT


@pytest.mark.parametrize("hour", [0, 1])
def test_since_when_an_hour_is_repeated_then_it_asks_for_an_unambiguous_time_before(
    hour: int,
) -> None:
    since = Since(column="updated", parameter="q", format="%Y-%m-%d %H:%M", zone="Europe/Berlin")
    moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)

    assert since_text(since, moment) == f"2026-10-25 0{hour}:30"
    assert asked_time(since, moment) == datetime(2026, 10, 24, 22 + hour, 30, tzinfo=UTC)
    assert rounded_time(since, moment) == moment
