"""Data items and collections: what is sent, what comes back, and what it costs of the budget."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from gridwix.clients.wix import patch
from gridwix.clients.wix.client import WixClient
from gridwix.errors import (
    BudgetExhausted,
    NotFound,
    RecordFault,
    Throttled,
    Unavailable,
    UpstreamConflict,
)
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.ports import CallBudget
from gridwix.publication.ports import PortalCollections
from tests.fakes.wire import (
    SECRET,
    CountingBudget,
    ManualClock,
    Sleeper,
    Wire,
    open_auth,
    shown,
    wix_fault,
)
from tests.fakes.wix_wire import WixData

C = CollectionId("PartnerStatus")
P1 = WixItemId("p1")
WHEN = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
STAMPED = {"_updatedDate": datetime(2026, 3, 12, 14, 5, 31, tzinfo=UTC)}


def client(wire: Wire, budget: CountingBudget | None = None, **options: Any) -> WixClient:
    clock = ManualClock()
    return WixClient(
        wire.client(),
        open_auth(),
        budget or CountingBudget(),
        base_url="https://wix.example/",
        clock=clock,
        sleep=Sleeper(clock),
        **options,
    )


def test_client_when_it_is_passed_as_a_port_then_the_types_fit() -> None:
    budget: CallBudget = CountingBudget()

    collections: PortalCollections = WixClient(Wire().client(), open_auth(), budget)

    assert collections.bulk_save(C, []) == BulkOutcome(frozenset(), ())


def test_item_when_it_is_saved_and_read_then_it_is_the_same_with_its_date_times() -> None:
    wire = Wire(handler=WixData())
    item = DataItem(P1, {"title": "Alpha", "when": WHEN, "steps": [{"due": WHEN}]})

    saved = client(wire).save_item(C, item)
    read = client(wire).get_item(C, P1)

    assert saved == read == DataItem(P1, {**item.data, **STAMPED})
    assert wire.bodies()[0]["dataItem"]["data"]["when"] == {"$date": "2026-01-02T03:04:05.678Z"}
    assert (wire.last.method, wire.last.url.path) == ("GET", "/wix-data/v2/items/p1")
    assert dict(wire.last.url.params) == {"dataCollectionId": C, "consistentRead": "true"}


def test_item_when_it_does_not_exist_then_none_is_read_and_none_removed() -> None:
    wire = Wire(handler=WixData())

    assert client(wire).get_item(C, P1) is None
    assert client(wire).remove_item(C, P1) is None


def test_item_when_its_collection_does_not_exist_then_it_is_an_error() -> None:
    for status, code in ((404, "WDE0025"), (404, "")):
        with pytest.raises(NotFound):
            client(Wire(answers=[wix_fault(status, code)])).get_item(C, P1)
        with pytest.raises(NotFound):
            client(Wire(answers=[wix_fault(status, code)])).remove_item(C, P1)


def test_item_when_its_id_has_special_characters_then_it_stays_in_its_path_segment() -> None:
    site = WixData(items={"a/b?c": {"title": "odd"}})

    read = client(Wire(handler=site)).get_item(C, WixItemId("a/b?c"))

    assert read is not None
    assert read.data["title"] == "odd"


def test_item_when_it_is_inserted_twice_then_the_second_is_a_conflict() -> None:
    wire = Wire(handler=WixData())
    client(wire).insert_item(C, DataItem(P1, {"title": "Alpha"}))

    with pytest.raises(UpstreamConflict) as caught:
        client(wire).insert_item(C, DataItem(P1, {"title": "Alpha"}))

    assert caught.value.vendor_code == "WDE0074"
    assert wire.last.url.path == "/wix-data/v2/items"


def test_item_when_it_is_removed_then_it_is_returned() -> None:
    wire = Wire(handler=WixData(items={"p1": {"title": "Alpha"}}))

    removed = client(wire).remove_item(C, P1)

    assert removed == DataItem(P1, {"title": "Alpha", **STAMPED})
    assert wire.last.method == "DELETE"
    assert dict(wire.last.url.params) == {"dataCollectionId": C}


def test_item_when_it_is_patched_then_only_the_named_fields_change() -> None:
    site = WixData(
        items={"p1": {"title": "Alpha", "old": 1, "count": 2, "tags": ["a", "b"], "kept": True}}
    )
    wire = Wire(handler=site)
    changes = [
        patch.set_field("when", WHEN),
        patch.remove_field("old"),
        patch.increment_field("count", 3),
        patch.append_to_array("tags", "c"),
        patch.remove_from_array("tags", "a"),
    ]

    patched = client(wire).patch_item(C, P1, changes)

    assert patched.data == {
        "title": "Alpha",
        "count": 5,
        "tags": ["b", "c"],
        "kept": True,
        "when": WHEN,
        **STAMPED,
    }
    assert (wire.last.method, wire.last.url.path) == ("PATCH", "/wix-data/v2/items/p1")
    assert wire.bodies()[0] == {
        "dataCollectionId": C,
        "patch": {
            "dataItemId": "p1",
            "fieldModifications": [
                {
                    "fieldPath": "when",
                    "action": "SET_FIELD",
                    "setFieldOptions": {"value": {"$date": "2026-01-02T03:04:05.678Z"}},
                },
                {"fieldPath": "old", "action": "REMOVE_FIELD"},
                {
                    "fieldPath": "count",
                    "action": "INCREMENT_FIELD",
                    "incrementFieldOptions": {"value": 3},
                },
                {
                    "fieldPath": "tags",
                    "action": "APPEND_TO_ARRAY",
                    "appendToArrayOptions": {"value": "c"},
                },
                {
                    "fieldPath": "tags",
                    "action": "REMOVE_FROM_ARRAY",
                    "removeFromArrayOptions": {"value": "a"},
                },
            ],
        },
    }


def many(count: int) -> WixData:
    return WixData(items={f"p{number:04}": {"number": number} for number in range(count)})


def test_query_when_read_by_cursor_then_all_come_once_and_later_pages_send_it_alone() -> None:
    wire = Wire(handler=many(250))

    pages = list(
        client(wire).query_pages(
            C, filter={"number": {"$gte": WHEN}}, sort=[("number", "ASC")], fields=["number"]
        )
    )

    assert [len(page.items) for page in pages] == [100, 100, 50]
    assert [item.data["number"] for page in pages for item in page.items] == list(range(250))
    queries = [body["query"] for body in wire.bodies()]
    assert queries[0] == {
        "filter": {"number": {"$gte": {"$date": "2026-01-02T03:04:05.678Z"}}},
        "sort": [{"fieldName": "number", "order": "ASC"}],
        "fields": ["number"],
        "cursorPaging": {"limit": 100},
    }
    assert queries[1:] == [
        {"cursorPaging": {"limit": 100, "cursor": "100"}},
        {"cursorPaging": {"limit": 100, "cursor": "200"}},
    ]


@pytest.mark.parametrize(
    ("count", "largest_page", "calls"),
    [(2500, 1000, 3), (2000, 1000, 2), (0, 1000, 1), (250, 60, 5)],
)
def test_query_when_pages_are_read_by_offset_then_all_come_once(
    count: int, largest_page: int, calls: int
) -> None:
    site = many(count)
    site.largest_page = largest_page
    wire = Wire(handler=site)

    pages = list(client(wire).query_pages(C, by="offset"))

    assert [item.data["number"] for page in pages for item in page.items] == list(range(count))
    assert len(wire.requests) == calls


def test_items_when_before_a_moment_then_the_oldest_come_first_and_nothing_else_is_read() -> None:
    wire = Wire(handler=many(3))

    found = client(wire).items_before(C, "number", WHEN, fields=["partnerId"], skip=1)

    (body,) = wire.bodies()
    assert ([item.id for item in found], body["consistentRead"]) == (["p0001", "p0002"], True)
    assert body["query"] == {
        "filter": {"number": {"$lt": {"$date": "2026-01-02T03:04:05.678Z"}}},
        "sort": [{"fieldName": "number", "order": "ASC"}, {"fieldName": "_id", "order": "ASC"}],
        "fields": ["_id", "partnerId"],
        "paging": {"limit": 1000, "offset": 1},
    }


def test_query_when_a_total_is_asked_for_then_it_is_told() -> None:
    page = client(Wire(handler=many(30))).query_items(C, limit=10, offset=20, total=True)

    assert (page.total, len(page.items), page.cursor) == (30, 10, None)


def test_query_when_a_cursor_is_given_then_it_reads_on() -> None:
    wix = client(Wire(handler=many(30)))

    first = wix.query_items(C, limit=20)
    second = wix.query_items(C, limit=20, cursor=first.cursor)

    assert [len(first.items), len(second.items), second.cursor] == [20, 10, None]


@pytest.mark.parametrize(
    "options",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": 1001, "offset": 0},
        {"offset": 0, "cursor": "c"},
        {"total": True},
        {"total": True, "cursor": "c"},
    ],
)
def test_query_when_its_options_exclude_each_other_then_nothing_is_sent(
    options: dict[str, Any],
) -> None:
    wire = Wire()

    with pytest.raises(ValueError, match=r"limit|total|page"):
        client(wire).query_items(C, **options)
    assert wire.requests == []


def test_query_when_the_cursor_does_not_move_then_it_ends_with_an_error() -> None:
    wire = Wire(
        handler=lambda _: httpx.Response(
            200,
            json={
                "dataItems": [],
                "pagingMetadata": {"cursors": {"next": "same"}, "hasNext": True},
            },
        )
    )

    with pytest.raises(Unavailable, match="do not end"):
        list(client(wire).query_pages(C))
    assert len(wire.requests) == 2


def test_count_when_it_is_asked_for_then_it_is_told() -> None:
    wire = Wire(handler=many(12))

    assert client(wire).count_items(C, filter={"number": 1}) == 12
    assert wire.bodies() == [
        {"dataCollectionId": C, "filter": {"number": 1}, "consistentRead": True}
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dataItem": None},
        {"dataItem": {"id": "p1"}},
        {"dataItem": {"data": {}}},
        {"dataItem": {"id": 7, "data": {}}},
        [],
    ],
)
def test_answer_when_it_is_not_what_it_should_be_then_the_call_may_have_been_carried_out(
    body: object,
) -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, json=body))

    with pytest.raises(Unavailable) as caught:
        client(wire).save_item(C, DataItem(P1, {}))

    assert caught.value.ambiguous


def test_reads_when_the_answer_is_not_what_it_should_be_then_they_raise() -> None:
    wix = client(Wire())

    reads = (
        lambda: wix.query_items(C),
        lambda: wix.count_items(C),
        lambda: wix.get_collection(C),
        lambda: wix.list_indexes(C),
    )
    for read in (*reads, lambda: list(wix.list_collections())):
        with pytest.raises(Unavailable):
            read()


def test_collection_when_it_is_created_and_updated_then_the_revision_guards_it() -> None:
    wix = client(Wire(handler=WixData()))

    created = wix.create_collection({"id": C, "fields": []})
    updated = wix.update_collection({**created, "displayName": "Status"})

    assert (created["revision"], updated["revision"]) == ("1", "2")
    assert wix.get_collection(C) == updated
    with pytest.raises(UpstreamConflict) as stale:
        wix.update_collection(created)
    assert stale.value.vendor_code == "WDE0178"
    with pytest.raises(UpstreamConflict):
        wix.create_collection({"id": C, "fields": []})


def test_collection_when_it_is_updated_without_a_revision_then_nothing_is_sent() -> None:
    wire = Wire()

    with pytest.raises(ValueError, match="revision"):
        client(wire).update_collection({"id": C})
    assert wire.requests == []


def test_collection_when_it_does_not_exist_then_none_is_read() -> None:
    assert client(Wire(handler=WixData())).get_collection(C) is None


def test_collections_when_they_are_listed_then_all_come_once() -> None:
    site = WixData(collections={f"C{number:03}": {"id": f"C{number:03}"} for number in range(230)})
    wire = Wire(handler=site)

    found = list(client(wire).list_collections())

    assert [definition["id"] for definition in found] == sorted(site.collections)
    assert len(wire.requests) == 3
    # A replica would show fields that somebody has just deleted.
    assert {one.url.params["consistentRead"] for one in wire.requests} == {"true"}


def test_budget_when_it_is_used_up_then_nothing_is_sent() -> None:
    wire = Wire(handler=WixData())
    wix = client(wire, CountingBudget(left=0))

    for call in (
        lambda: wix.get_item(C, P1),
        lambda: wix.bulk_save(C, [DataItem(P1, {})]),
        lambda: list(wix.list_collections()),
    ):
        with pytest.raises(BudgetExhausted) as caught:
            call()
        assert caught.value.wait == 7.5
    assert wire.requests == []


def test_budget_when_calls_are_made_then_each_takes_one_and_each_repeat_another() -> None:
    budget = CountingBudget()
    wire = Wire(handler=WixData(), answers=[httpx.Response(502)])

    client(wire, budget).get_item(C, P1)

    assert (budget.taken, len(wire.requests)) == (2, 2)


def test_quota_when_wix_says_that_it_is_used_up_then_everybody_is_told() -> None:
    for answer in (wix_fault(429, ""), wix_fault(400, "WDE0014"), wix_fault(500, "WDE0122")):
        budget = CountingBudget()
        with pytest.raises(Throttled) as caught:
            client(Wire(answers=[answer]), budget).get_item(C, P1)
        assert caught.value.wait == 29.0
        assert budget.exhausted == [29.0]


def test_quota_when_wix_says_for_how_long_then_that_counts() -> None:
    budget = CountingBudget()

    with pytest.raises(Throttled):
        client(Wire(answers=[wix_fault(429, "", {"Retry-After": "45"})]), budget).get_item(C, P1)

    assert budget.exhausted == [45.0]


def test_quota_when_the_budget_cannot_be_told_then_the_caller_still_hears_of_the_quota() -> None:
    with pytest.raises(Throttled) as caught:
        client(Wire(answers=[wix_fault(429, "")]), CountingBudget(broken=True)).get_item(C, P1)

    assert isinstance(caught.value.__cause__, Unavailable)


def test_write_when_wix_fails_then_it_is_ambiguous_and_not_repeated() -> None:
    wire = Wire(handler=lambda _: httpx.Response(503))

    with pytest.raises(Unavailable) as caught:
        client(wire).bulk_save(C, [DataItem(P1, {"title": SECRET})])

    assert caught.value.ambiguous
    assert len(wire.requests) == 1
    assert SECRET not in shown(caught.value)


def page_of(*items: Any) -> httpx.Response:
    return httpx.Response(
        200, json={"dataItems": list(items), "pagingMetadata": {"hasNext": False}}
    )


@pytest.mark.parametrize(
    "odd",
    [None, 42, "p2", [], {}, {"id": "p2"}, {"data": 7, "id": "p2"}, {"id": "", "data": {}}],
    ids=str,
)
def test_item_that_cannot_be_read_is_a_fault_of_its_page_and_its_neighbours_are_read(
    odd: Any,
) -> None:
    noted: list[RecordFault] = []
    wire = Wire(
        answers=[page_of({"id": "p1", "data": {"a": 1}}, odd, {"id": "p3", "data": {"a": 3}})]
    )

    page = client(wire, note=noted.append).query_items(C, limit=1000, offset=0)

    assert [item.id for item in page.items] == ["p1", "p3"]
    assert [fault.record.partition("/")[0] for fault in page.faults] == [C]
    assert (page.size, len(noted)) == (3, 1)


def test_item_that_is_there_and_cannot_be_read_is_never_taken_for_absent() -> None:
    known, nameless = (
        page_of({"id": "p1", "data": {}}, {"id": "p2", "data": 7}),
        page_of({"id": "p1", "data": {}}, 42),
    )
    ids = [WixItemId(f"p{number}") for number in (1, 2, 3)]
    wix = client(Wire(answers=[known, nameless]))

    of_known, of_nameless = wix.items(C, ids), wix.items(C, ids)

    assert [
        (identifier, isinstance(found, RecordFault)) for identifier, found in of_known.items()
    ] == [("p1", False), ("p2", True)]
    assert [
        identifier for identifier, found in of_nameless.items() if isinstance(found, RecordFault)
    ] == ["p2", "p3"]


def test_pages_by_offset_go_on_behind_items_that_cannot_be_read() -> None:
    full = httpx.Response(
        200,
        json={"dataItems": [{"id": f"p{number}", "data": {}} for number in range(999)] + [None]},
    )
    wire = Wire(answers=[full, page_of({"id": "last", "data": {}})])

    found = [item.id for page in client(wire).query_pages(C, by="offset") for item in page.items]

    assert (len(found), found[-1]) == (1000, "last")
    assert wire.bodies()[1]["query"]["paging"] == {"limit": 1000, "offset": 1000}
