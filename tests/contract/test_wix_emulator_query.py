"""Query language of the Wix emulator: filters, order, projection, and pagination."""

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.wix.query import compile_filter
from tests.contract.wix_site import ITEMS, PARTNERS, Client, a_site, code

JANUARY, FEBRUARY = {"$date": "2026-01-01T00:00:00.000Z"}, {"$date": "2026-02-01T00:00:00.000Z"}
ROWS: list[dict[str, Any]] = [
    {
        "_id": "a",
        "n": 1,
        "title": "Alpha",
        "tags": ["x"],
        "on": True,
        "at": JANUARY,
        "place": {"city": "Aachen"},
    },
    {
        "_id": "b",
        "n": 2,
        "title": "beta",
        "tags": ["x", "y"],
        "on": False,
        "at": FEBRUARY,
        "place": {"city": "Bonn"},
    },
    {"_id": "c", "n": 2.5, "title": "Gamma ray", "tags": [], "at": JANUARY, "place": "nowhere"},
    {"_id": "d", "n": "2", "title": "delta", "tags": "x", "on": None},
    {"_id": "e"},
]


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({}, "abcde"),
        ({"n": 2}, "b"),
        ({"n": {"$eq": 2}}, "b"),
        ({"n": "2"}, "d"),
        ({"on": True}, "a"),
        ({"n": True}, ""),
        ({"on": None}, "cde"),
        ({"n": {"$ne": 2}}, "acde"),
        ({"on": {"$ne": None}}, "ab"),
        ({"n": {"$gt": 1}}, "bc"),
        ({"n": {"$gte": 1, "$lt": 2.5}}, "ab"),
        ({"n": {"$lte": 2}}, "ab"),
        ({"title": {"$gt": "a"}}, "bd"),
        ({"n": {"$gte": None}}, ""),
        ({"n": {"$in": [1, "2", 7]}}, "ad"),
        ({"on": {"$in": [None]}}, "cde"),
        ({"n": {"$in": []}}, ""),
        ({"n": {"$nin": [1, 2]}}, "cde"),
        ({"tags": "x"}, "abd"),
        ({"tags": {"$hasSome": ["y", "z"]}}, "b"),
        ({"tags": {"$hasSome": ["x"]}}, "abd"),
        ({"tags": {"$hasAll": ["x", "y"]}}, "b"),
        ({"tags": {"$hasAll": []}}, ""),
        ({"title": {"$startsWith": "AL"}}, "a"),
        ({"title": {"$endsWith": "TA"}}, "bd"),
        ({"title": {"$contains": "mm"}}, "c"),
        ({"n": {"$contains": "2"}}, "d"),
        ({"title": {"$exists": True}}, "abcd"),
        ({"on": {"$exists": False}}, "cde"),
        ({"place.city": "Bonn"}, "b"),
        ({"place.city": {"$exists": False}}, "cde"),
        ({"at": JANUARY}, "ac"),
        ({"at": {"$date": "2026-01-01T01:00:00+01:00"}}, "ac"),
        ({"at": {"$gt": JANUARY}}, "b"),
        ({"at": {"$lt": {"$date": "2026-01-01T00:00:00.001Z"}}}, "ac"),
        ({"place": {"city": "Bonn"}}, "b"),
        ({"$and": [{"n": {"$gt": 1}}, {"tags": "x"}]}, "b"),
        ({"$and": []}, "abcde"),
        ({"$or": [{"n": 1}, {"title": "delta"}]}, "ad"),
        ({"$not": {"tags": "x"}}, "ce"),
        ({"$not": [{"tags": "x"}]}, "ce"),
        ({"n": {"$not": {"$gt": 1}}}, "ade"),
        ({"_id": "b"}, "b"),
        ({"_id": "b", "n": 1}, ""),
        ({"_id": {"$in": ["a", "e"]}}, "ae"),
        ({"_createdDate": {"$lte": {"$date": "2027-01-01T00:00:00.000Z"}}}, "abcde"),
    ],
)
def test_filter_when_sent_then_exactly_the_matching_items_are_found_and_counted(
    filter_: dict[str, Any], expected: str
) -> None:
    site = a_site()
    site.save_all(ROWS)

    found = "".join(site.ids(filter=filter_))
    count = site.ok(
        "POST",
        f"{ITEMS}/count",
        {"dataCollectionId": PARTNERS, "filter": filter_, "consistentRead": True},
    )

    assert found == expected
    assert count == {"totalCount": len(expected)}


def deep(levels: int) -> dict[str, Any]:
    filter_: dict[str, Any] = {"n": 1}
    for _ in range(levels):
        filter_ = {"$not": filter_}
    return filter_


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({"title": {"$regex": "A.*"}}, "WDE0070"),
        ({"$where": "1"}, "WDE0070"),
        ({"title": {"$eq": 1, "plain": 2}}, "WDE0070"),
        (deep(21), "WDE0169"),
        ({"n": deep(400)["$not"]}, "WDE0169"),
        ({"n": {"plain": deep(400)}}, "WDE0169"),
        ({"$and": {"n": 1}}, "filter.$and"),
        ({"$or": [7]}, "filter"),
        ({"n": {"$in": 1}}, "filter.$in"),
        ({"title": {"$startsWith": 1}}, "filter.$startsWith"),
        ({"title": {"$exists": "yes"}}, "filter.$exists"),
        ({"at": {"$gt": {"$date": "yesterday"}}}, "filter.$date"),
        ([], "filter"),
    ],
)
def test_filter_when_refused_then_it_is_so_without_any_item(filter_: Any, expected: str) -> None:
    answer = a_site().post(
        f"{ITEMS}/query", {"dataCollectionId": PARTNERS, "query": {"filter": filter_}}
    )

    assert (answer.status_code, code(answer)) == (400, expected)


SCALARS = st.sampled_from(
    [None, True, False, 0, 1, 1.5, "", "a", "A", "ab", "b", JANUARY, FEBRUARY]
)
VALUES = SCALARS | st.lists(SCALARS, max_size=3)
NAMES = st.sampled_from(["f", "g", "h.i"])
TEXTS = st.sampled_from(["", "a", "B"])
CONDITIONS = st.one_of(
    SCALARS,
    st.builds(
        lambda name, value: {name: value},
        st.sampled_from(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]),
        SCALARS,
    ),
    st.builds(
        lambda name, values: {name: values},
        st.sampled_from(["$in", "$nin", "$hasSome", "$hasAll"]),
        st.lists(SCALARS, max_size=3),
    ),
    st.builds(
        lambda name, text: {name: text},
        st.sampled_from(["$startsWith", "$endsWith", "$contains"]),
        TEXTS,
    ),
    st.builds(lambda wanted: {"$exists": wanted}, st.booleans()),
)
FILTERS = st.recursive(
    st.dictionaries(NAMES, CONDITIONS, max_size=2),
    lambda parts: st.one_of(
        st.builds(lambda found: {"$and": found}, st.lists(parts, max_size=2)),
        st.builds(lambda found: {"$or": found}, st.lists(parts, max_size=2)),
        st.builds(lambda found: {"$not": found}, parts),
    ),
    max_leaves=6,
)
CONTENTS = st.builds(lambda f, g, i: {"f": f, "g": g, "h": {"i": i}}, VALUES, VALUES, VALUES)


def kind(value: Any) -> str:
    if isinstance(value, dict):
        return "date"
    return "number" if type(value) in (int, float) else type(value).__name__


def plain(value: Any) -> Any:
    return datetime.fromisoformat(value["$date"]) if isinstance(value, dict) else value


def model_condition(condition: Any, value: Any) -> bool:
    """Return one condition, in the words of the documentation."""
    candidates = [value, *value] if isinstance(value, list) else [value]

    def equals(one: Any, other: Any) -> bool:
        return kind(one) == kind(other) and bool(plain(one) == plain(other))

    if not isinstance(condition, dict) or "$date" in condition:
        return any(equals(one, condition) for one in candidates)
    ((operator, operand),) = condition.items()
    alike: list[Any] = [
        one
        for one in candidates
        if kind(one) == kind(operand) and one is not None and not isinstance(one, list)
    ]
    texts = [one.lower() for one in candidates if isinstance(one, str)]
    holds: dict[str, Callable[[], bool]] = {
        "$eq": lambda: model_condition(operand, value),
        "$ne": lambda: not model_condition(operand, value),
        "$gt": lambda: any(plain(one) > plain(operand) for one in alike),
        "$gte": lambda: any(plain(one) >= plain(operand) for one in alike),
        "$lt": lambda: any(plain(one) < plain(operand) for one in alike),
        "$lte": lambda: any(plain(one) <= plain(operand) for one in alike),
        "$in": lambda: any(model_condition(one, value) for one in operand),
        "$nin": lambda: not any(model_condition(one, value) for one in operand),
        "$hasSome": lambda: any(model_condition(one, value) for one in operand),
        "$hasAll": lambda: operand != [] and all(model_condition(one, value) for one in operand),
        "$startsWith": lambda: any(text.startswith(operand.lower()) for text in texts),
        "$endsWith": lambda: any(text.endswith(operand.lower()) for text in texts),
        "$contains": lambda: any(operand.lower() in text for text in texts),
        "$exists": lambda: (value is not None) == operand,
    }
    return holds[operator]()


def model(filter_: dict[str, Any], contents: dict[str, Any]) -> bool:
    for name, condition in filter_.items():
        if name == "$and":
            passed = all(model(part, contents) for part in condition)
        elif name == "$or":
            passed = any(model(part, contents) for part in condition)
        elif name == "$not":
            passed = not model(condition, contents)
        else:
            passed = model_condition(
                condition, contents["h"]["i"] if name == "h.i" else contents[name]
            )
        if not passed:
            return False
    return True


@settings(max_examples=400, deadline=None)
@given(FILTERS, CONTENTS)
def test_filter_when_anything_is_asked_of_anything_then_it_holds_as_documented(
    filter_: dict[str, Any], contents: dict[str, Any]
) -> None:
    assert compile_filter(filter_)(contents) is model(filter_, contents)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ([], "abcde"),
        ([("n", "ASC")], "eabcd"),
        ([("n", "DESC")], "dcbae"),
        ([("title", "ASC")], "eacbd"),
        ([("at", "DESC"), ("_id", "DESC")], "bcaed"),
        ([("at", "ASC"), ("n", "DESC")], "decab"),
        ([("place.city", "DESC")], "bacde"),
    ],
)
def test_sort_when_asked_for_then_missing_values_rank_lowest_and_ties_stay_as_inserted(
    sort: list[tuple[str, str]], expected: str
) -> None:
    site = a_site()
    site.save_all(ROWS)
    rules = [{"fieldName": name, "order": order} for name, order in sort]

    by_offset = "".join(site.ids(sort=rules))
    by_cursor = "".join(chain.from_iterable(cursor_pages(site, 2, sort=rules)))

    assert (by_offset, by_cursor) == (expected, expected)


@pytest.mark.parametrize(
    "sort",
    [{}, [{}], [{"fieldName": 1}], [{"fieldName": "$n"}], [{"fieldName": "n", "order": "UP"}]],
)
def test_sort_when_it_is_none_then_the_query_is_invalid(sort: Any) -> None:
    site = a_site()
    site.save_all(ROWS)

    answer = site.post(
        f"{ITEMS}/query", {"dataCollectionId": PARTNERS, "query": {"sort": sort or {"n": 1}}}
    )

    assert (answer.status_code, code(answer)) == (400, "sort")


def test_fields_when_named_then_nothing_but_those_and_the_id_is_answered() -> None:
    site = a_site()
    site.save_all(ROWS)

    found = site.query(filter={"_id": {"$in": ["b", "c"]}}, fields=["n", "place.city", "missing"])[
        "dataItems"
    ]

    assert [item["data"] for item in found] == [
        {"_id": "b", "n": 2, "place": {"city": "Bonn"}},
        {"_id": "c", "n": 2.5},
    ]


def cursor_pages(site: Client, limit: int, **query: Any) -> list[list[str]]:
    """Return the ids of all pages; following pages are requested with the cursor alone."""
    pages = []
    answer = site.query(cursorPaging={"limit": limit}, **query)
    while True:
        pages.append([item["id"] for item in answer["dataItems"]])
        cursor = answer["pagingMetadata"]["cursors"].get("next")
        assert answer["pagingMetadata"]["hasNext"] is (cursor is not None)
        if cursor is None:
            return pages
        answer = site.query(cursorPaging={"limit": limit, "cursor": cursor})


def test_pages_when_read_by_offset_then_the_metadata_counts_them() -> None:
    site = a_site()
    site.save_all([{"_id": f"p{n}", "n": n} for n in range(5)])

    pages = [
        site.query(filter={"n": {"$gte": 1}}, paging={"limit": 2, "offset": offset})[
            "pagingMetadata"
        ]
        for offset in (0, 2, 4, 90)
    ]

    assert [(page["count"], page["offset"], page["total"], page["hasNext"]) for page in pages] == [
        (2, 0, 4, True),
        (2, 2, 4, False),
        (0, 4, 4, False),
        (0, 90, 4, False),
    ]
    assert all("cursors" not in page and page["tooManyToCount"] is False for page in pages)


def test_pages_when_no_total_is_asked_for_then_there_is_none() -> None:
    site = a_site()
    site.save_all([{"_id": f"p{n:03}"} for n in range(60)])

    answer = site.ok(
        "POST", f"{ITEMS}/query", {"dataCollectionId": PARTNERS, "consistentRead": True}
    )

    assert len(answer["dataItems"]) == 50
    assert answer["pagingMetadata"] == {
        "count": 50,
        "offset": 0,
        "tooManyToCount": False,
        "hasNext": True,
    }


def test_pages_when_read_by_cursor_forwards_and_back_then_each_item_comes_once() -> None:
    site = a_site()
    site.save_all([{"_id": f"p{n}", "group": n % 2, "n": n} for n in range(10)])
    query: dict[str, Any] = {
        "filter": {"group": 1},
        "sort": [{"fieldName": "n", "order": "DESC"}],
        "fields": ["n"],
    }

    first = site.query(cursorPaging={"limit": 2}, **query)
    second = site.query(
        cursorPaging={"limit": 2, "cursor": first["pagingMetadata"]["cursors"]["next"]}
    )
    back = site.query(
        cursorPaging={"limit": 2, "cursor": second["pagingMetadata"]["cursors"]["prev"]}
    )

    assert cursor_pages(site, 2, **query) == [["p9", "p7"], ["p5", "p3"], ["p1"]]
    assert (back["dataItems"], back["pagingMetadata"]) == (
        first["dataItems"],
        first["pagingMetadata"],
    )
    assert second["dataItems"][0]["data"] == {"_id": "p5", "n": 5}


def test_pages_when_items_come_and_go_between_them_then_no_other_is_lost_or_repeated() -> None:
    site = a_site()
    site.save_all([{"_id": f"p{n}"} for n in range(6)])

    first = site.query(cursorPaging={"limit": 3})
    site.bulk("remove", "p0", "p2", "p4")
    site.save_all([{"_id": "p6"}, {"_id": "p1", "changed": True}])
    second = site.query(
        cursorPaging={"limit": 100, "cursor": first["pagingMetadata"]["cursors"]["next"]}
    )

    assert [item["id"] for item in first["dataItems"]] == ["p0", "p1", "p2"]
    assert [item["id"] for item in second["dataItems"]] == ["p3", "p5", "p6"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from([None, 1, 2, "a", JANUARY]), max_size=30),
    st.integers(1, 7),
    st.sampled_from(["ASC", "DESC"]),
)
def test_pages_when_any_values_are_sorted_then_cursors_and_offsets_agree(
    values: list[Any], limit: int, order: str
) -> None:
    site = a_site()
    site.save_all([{"_id": f"p{place:02}", "n": value} for place, value in enumerate(values)])
    sort = [{"fieldName": "n", "order": order}]

    by_cursor = list(chain.from_iterable(cursor_pages(site, limit, sort=sort)))

    assert by_cursor == site.ids(sort=sort)
    assert sorted(by_cursor) == [f"p{place:02}" for place in range(len(values))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"paging": {"limit": 0}}, "limit"),
        ({"paging": {"limit": 1001}}, "limit"),
        ({"paging": {"limit": "many"}}, "limit"),
        ({"paging": {"offset": -1}}, "offset"),
        ({"paging": []}, "paging"),
        ({"cursorPaging": {"limit": 101}}, "limit"),
        ({"cursorPaging": {"cursor": 7}}, "cursor"),
        ({"cursorPaging": {"cursor": "%%%"}}, "cursorPaging.cursor"),
        ({"cursorPaging": {"cursor": "e30"}}, "cursorPaging.cursor"),
        ({"cursorPaging": {}, "paging": {}}, "paging"),
        ({"fields": "n"}, "fields"),
    ],
)
def test_pages_when_the_request_is_out_of_bounds_then_it_is_invalid(
    query: dict[str, Any], expected: str
) -> None:
    answer = a_site().post(f"{ITEMS}/query", {"dataCollectionId": PARTNERS, "query": query})

    assert (answer.status_code, code(answer)) == (400, expected)


def test_cursor_when_it_is_another_collections_then_it_is_refused() -> None:
    site = a_site()
    site.ok("POST", "/wix-data/v2/collections", {"collection": {"id": "Other"}})
    site.save_all([{"_id": "a"}, {"_id": "b"}])
    cursor = site.query(cursorPaging={"limit": 1})["pagingMetadata"]["cursors"]["next"]

    answer = site.post(
        f"{ITEMS}/query",
        {"dataCollectionId": "Other", "query": {"cursorPaging": {"cursor": cursor}}},
    )

    assert (answer.status_code, code(answer)) == (400, "cursorPaging.cursor")


def test_distinct_when_given_the_cursor_of_a_query_then_it_is_refused() -> None:
    site = a_site()
    site.save_all([{"_id": "a"}, {"_id": "b"}])
    cursor = site.query(cursorPaging={"limit": 1})["pagingMetadata"]["cursors"]["next"]

    answer = site.post(
        f"{ITEMS}/query-distinct-values",
        {"dataCollectionId": PARTNERS, "cursorPaging": {"cursor": cursor}},
    )

    assert (answer.status_code, code(answer)) == (400, "cursorPaging.cursor")


@pytest.mark.parametrize(
    "more",
    [
        {"includeReferences": [{"field": "a"}]},
        {"includeReferencedItems": ["a"]},
        {"sortMode": "RANDOM"},
    ],
)
def test_query_when_it_asks_for_what_the_site_has_not_then_it_is_refused(
    more: dict[str, Any],
) -> None:
    answer = a_site().post(f"{ITEMS}/query", {"dataCollectionId": PARTNERS, "query": {}, **more})

    assert (answer.status_code, code(answer)) == (400, "WDE0119")


def test_distinct_when_asked_for_then_each_value_comes_once_in_order() -> None:
    site = a_site()
    site.save_all(ROWS)

    def distinct(**request: Any) -> dict[str, Any]:
        return site.ok(
            "POST",
            f"{ITEMS}/query-distinct-values",
            {"dataCollectionId": PARTNERS, "consistentRead": True, **request},
        )

    tags = distinct(fieldName="tags")
    filtered = distinct(fieldName="n", filter={"tags": "x"}, order="DESC")
    first = distinct(fieldName="title", cursorPaging={"limit": 3})
    second = distinct(
        cursorPaging={"limit": 3, "cursor": first["pagingMetadata"]["cursors"]["next"]}
    )

    assert tags["distinctValues"] == ["x", "y"]
    assert filtered["distinctValues"] == ["2", 2, 1]
    assert (first["distinctValues"], second["distinctValues"]) == (
        ["Alpha", "Gamma ray", "beta"],
        ["delta"],
    )
    assert second["pagingMetadata"]["hasNext"] is False


def test_distinct_when_no_field_is_named_then_the_call_is_invalid() -> None:
    answer = a_site().post(f"{ITEMS}/query-distinct-values", {"dataCollectionId": PARTNERS})

    assert (answer.status_code, code(answer)) == (400, "field")
