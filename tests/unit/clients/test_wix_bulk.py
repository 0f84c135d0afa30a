"""Bulk calls: every item gets one verdict, or the call is an error."""

import copy
import json
import tracemalloc
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.clients.wix.bulk import MAX_BODY_BYTES, SaveChunk, refusals, save_chunks
from gridwix.clients.wix.client import WixClient
from gridwix.errors import Throttled, Unavailable
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import MAX_ITEM_BYTES, DataItem
from tests.fakes.wire import CountingBudget, ManualClock, Sleeper, Wire, open_auth
from tests.fakes.wix_wire import WixData

C = CollectionId("PartnerStatus")


def client(wire: Wire, budget: CountingBudget | None = None) -> WixClient:
    clock = ManualClock()
    return WixClient(
        wire.client(),
        open_auth(),
        budget or CountingBudget(),
        base_url="https://wix.example",
        clock=clock,
        sleep=Sleeper(clock),
    )


def items(count: int, **data: Any) -> list[DataItem]:
    return [
        DataItem(WixItemId(f"p{number}"), {"title": f"Partner {number}", **data})
        for number in range(count)
    ]


def ids(found: list[DataItem]) -> frozenset[WixItemId]:
    return frozenset(item.id for item in found)


def sized(identifier: str, size: int) -> DataItem:
    """An item whose data, with its ``_id``, is ``size`` bytes of JSON."""
    frame = len(json.dumps({"text": "", "_id": identifier}, separators=(",", ":")))
    return DataItem(WixItemId(identifier), {"text": "x" * (size - frame)})


def test_bulk_save_when_wix_takes_all_then_all_are_written_in_one_call() -> None:
    site, budget = WixData(), CountingBudget()
    wire = Wire(handler=site)

    outcome = client(wire, budget).bulk_save(C, items(1000))

    assert outcome.written == ids(items(1000))
    assert outcome.refused == ()
    assert (len(wire.requests), budget.taken) == (1, 1)


def test_bulk_save_when_it_is_sent_then_it_is_as_wixs_own_sdk_sends_it() -> None:
    wire = Wire(handler=WixData())

    client(wire).bulk_save(C, [DataItem(WixItemId("p1"), {"_id": "another", "title": "Ünïcode"})])

    assert (wire.last.method, wire.last.url.path) == ("POST", "/wix-data/v2/bulk/items/save")
    assert wire.last.headers["Content-Type"] == "application/json"
    assert wire.bodies() == [
        {
            "dataCollectionId": C,
            "dataItems": [{"id": "p1", "data": {"_id": "p1", "title": "Ünïcode"}}],
        }
    ]


def test_bulk_save_when_wix_refuses_some_inside_a_200_then_they_are_named_with_the_reason() -> None:
    wire = Wire(
        handler=WixData(refuse=lambda identifier: "WDE0080" if identifier in ("p2", "p7") else None)
    )

    outcome = client(wire).bulk_save(C, items(10))

    assert [
        (refusal.item_id, refusal.code, refusal.description) for refusal in outcome.refused
    ] == [
        ("p2", "WDE0080", "described"),
        ("p7", "WDE0080", "described"),
    ]
    assert outcome.written == ids(items(10)) - {"p2", "p7"}


def test_bulk_save_when_there_is_nothing_to_save_then_nothing_is_sent() -> None:
    wire, budget = Wire(), CountingBudget()

    outcome = client(wire, budget).bulk_save(C, [])

    assert (outcome.written, outcome.refused) == (frozenset(), ())
    assert (len(wire.requests), budget.taken) == (0, 0)


def test_bulk_call_when_over_1000_items_then_it_is_refused_before_anything_is_sent() -> None:
    wire = Wire()

    with pytest.raises(ValueError, match="at most 1000"):
        client(wire).bulk_save(C, items(1001))
    with pytest.raises(ValueError, match="at most 1000"):
        client(wire).bulk_remove(C, [item.id for item in items(1001)])
    assert wire.requests == []


def test_bulk_call_when_an_id_comes_twice_then_it_is_refused_before_anything_is_sent() -> None:
    wire = Wire()

    with pytest.raises(ValueError, match="once"):
        client(wire).bulk_save(C, [*items(2), *items(1)])
    with pytest.raises(ValueError, match="once"):
        client(wire).bulk_remove(C, [WixItemId("a"), WixItemId("a")])
    assert wire.requests == []


def test_bulk_save_when_an_item_is_larger_than_wix_stores_then_it_is_named_and_not_sent() -> None:
    site = WixData()
    largest, too_large = sized("largest", MAX_ITEM_BYTES), sized("too-large", MAX_ITEM_BYTES + 1)

    outcome = client(Wire(handler=site)).bulk_save(C, [largest, too_large])

    assert outcome.written == {"largest"}
    assert [(refusal.item_id, refusal.code) for refusal in outcome.refused] == [
        ("too-large", "WDE0009")
    ]
    assert set(site.items) == {"largest"}


def test_bulk_save_when_an_item_is_no_json_then_it_is_named_and_its_neighbours_go_through() -> None:
    spoilt = DataItem(WixItemId("spoilt"), {"value": float("nan")})

    outcome = client(Wire(handler=WixData())).bulk_save(C, [*items(2), spoilt])

    assert outcome.written == {"p0", "p1"}
    assert [(refusal.item_id, refusal.code) for refusal in outcome.refused] == [
        ("spoilt", "not_json")
    ]


def test_bulk_save_when_no_item_can_be_sent_then_no_call_is_made() -> None:
    budget = CountingBudget()

    outcome = client(Wire(), budget).bulk_save(C, [sized("too-large", MAX_ITEM_BYTES + 1)])

    assert len(outcome.refused) == 1
    assert budget.taken == 0


def test_bulk_save_when_the_items_are_large_together_then_each_call_is_bounded_and_counted() -> (
    None
):
    site, budget = (
        WixData(refuse=lambda identifier: "WDE0080" if identifier == "b17" else None),
        CountingBudget(),
    )
    wire = Wire(handler=site)
    large = [sized(f"b{number}", 450_000) for number in range(20)]

    outcome = client(wire, budget).bulk_save(C, large)

    assert len(wire.requests) == budget.taken == 3
    assert all(len(request.content) <= MAX_BODY_BYTES + 100 for request in wire.requests)
    assert outcome.written == ids(large) - {"b17"}
    assert [refusal.item_id for refusal in outcome.refused] == ["b17"]


def test_bulk_remove_when_an_item_does_not_exist_then_it_counts_as_written() -> None:
    site = WixData(
        items={"a": {}, "b": {}}, refuse=lambda identifier: "WDE0027" if identifier == "b" else None
    )
    wire = Wire(handler=site)

    outcome = client(wire).bulk_remove(C, [WixItemId("a"), WixItemId("b"), WixItemId("c")])

    assert outcome.written == {"a", "c"}
    assert [(refusal.item_id, refusal.code) for refusal in outcome.refused] == [("b", "WDE0027")]
    assert wire.bodies() == [{"dataCollectionId": C, "dataItemIds": ["a", "b", "c"]}]


def test_bulk_save_when_it_says_that_an_item_does_not_exist_then_that_item_is_refused() -> None:
    outcome = client(Wire(handler=WixData(refuse=lambda _: "WDE0073"))).bulk_save(C, items(1))

    assert outcome.written == frozenset()


def test_bulk_save_when_the_quota_ends_inside_the_answer_then_it_is_no_fault_of_the_items() -> None:
    budget = CountingBudget()
    wire = Wire(
        handler=WixData(refuse=lambda identifier: "WDE0014" if identifier == "p1" else None)
    )

    with pytest.raises(Throttled) as caught:
        client(wire, budget).bulk_save(C, items(2))

    assert (caught.value.vendor_code, caught.value.wait) == ("WDE0014", 29.0)
    assert budget.exhausted == [29.0]


@pytest.mark.parametrize("results", [None, {}, "results", 7])
def test_bulk_save_when_the_answer_has_no_results_then_it_may_have_been_carried_out(
    results: object,
) -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, json={"results": results}))

    with pytest.raises(Unavailable) as caught:
        client(wire).bulk_save(C, items(1))

    assert caught.value.ambiguous


def verdict(index: int, *, success: object = True, **changes: Any) -> dict[str, Any]:
    error = {"error": {"code": "WDE0080", "description": ""}} if success is False else {}
    metadata = {"id": f"p{index}", "originalIndex": index, "success": success, **error, **changes}
    return {"itemMetadata": {name: value for name, value in metadata.items() if value is not None}}


NAMES = [WixItemId(f"p{number}") for number in range(3)]


@pytest.mark.parametrize(
    "results",
    [
        pytest.param([verdict(0), verdict(1), verdict(2)], id="in order"),
        pytest.param([verdict(2), verdict(0), verdict(1)], id="in another order"),
        pytest.param(
            [verdict(0, id=None), verdict(1, id=None), verdict(2, id="")], id="without ids"
        ),
        pytest.param(
            [verdict(1, originalIndex=None), verdict(0, originalIndex=None), verdict(2)],
            id="without indexes",
        ),
        pytest.param([verdict(0), verdict(1), verdict(2), verdict(1)], id="the same verdict twice"),
    ],
)
def test_results_when_each_item_has_its_verdict_then_none_is_refused(results: list[Any]) -> None:
    assert refusals("save", C, NAMES, results) == []


@pytest.mark.parametrize(
    "results",
    [
        pytest.param([verdict(0), verdict(1)], id="short"),
        pytest.param([], id="empty"),
        pytest.param([verdict(0), verdict(1), verdict(1)], id="one twice and one missing"),
        pytest.param(
            [verdict(0), verdict(1), verdict(2), verdict(2, success=False)], id="two that disagree"
        ),
        pytest.param([verdict(0), verdict(1), verdict(2, originalIndex=3)], id="beyond the end"),
        pytest.param(
            [verdict(0), verdict(1), verdict(2, originalIndex=-1)], id="before the beginning"
        ),
        pytest.param([verdict(0), verdict(1), verdict(2, originalIndex="2")], id="index is text"),
        pytest.param(
            [verdict(0), verdict(1, originalIndex=True), verdict(2)], id="index is a boolean"
        ),
        pytest.param(
            [verdict(0, id="p1"), verdict(1, id="p0"), verdict(2)], id="id and index disagree"
        ),
        pytest.param(
            [verdict(0), verdict(1), verdict(2, id="other", originalIndex=None)], id="unknown id"
        ),
        pytest.param(
            [verdict(0), verdict(1), verdict(2, id=None, originalIndex=None)],
            id="neither id nor index",
        ),
        pytest.param([verdict(0), verdict(1), verdict(2, success=None)], id="no verdict"),
        pytest.param([verdict(0), verdict(1), verdict(2, success="true")], id="verdict is text"),
        pytest.param(
            [verdict(0), verdict(1), verdict(2, error={"code": "WDE0080"})],
            id="success with an error",
        ),
        pytest.param([verdict(0), verdict(1), {"itemMetadata": 7}], id="metadata is a number"),
        pytest.param([verdict(0), verdict(1), None], id="result is null"),
    ],
)
def test_results_when_an_item_is_left_without_a_clear_verdict_then_it_is_an_error(
    results: list[Any],
) -> None:
    with pytest.raises(Unavailable) as caught:
        refusals("save", C, NAMES, results)

    assert caught.value.ambiguous


@pytest.mark.parametrize(
    "changes",
    [
        {"success": False, "error": None},
        {"success": False, "error": {}},
        {"success": None, "error": {"code": "two words"}},
        {"success": False, "error": 7},
    ],
)
def test_refusal_when_it_gives_no_reason_then_it_is_still_a_refusal(
    changes: dict[str, Any],
) -> None:
    found = refusals("save", C, NAMES, [verdict(0), verdict(1), verdict(2, **changes)])

    assert [(refusal.item_id, refusal.code) for refusal in found] == [("p2", "unknown")]


def test_refusal_when_its_description_is_long_then_it_is_cut() -> None:
    found = refusals(
        "save",
        C,
        NAMES[:1],
        [verdict(0, success=False, error={"code": "WDE0080", "description": "x" * 1000})],
    )

    assert len(found[0].description) == 300


@given(st.data())
def test_outcome_when_results_are_shuffled_left_out_or_doubled_then_counts_close_or_it_fails(
    data: st.DataObject,
) -> None:
    found = items(data.draw(st.integers(1, 8)))
    refused = data.draw(st.sets(st.sampled_from([item.id for item in found])))

    spoils = data.draw(
        st.lists(st.sampled_from(["omit", "double", "no id", "no index", "contradict"]), max_size=3)
    )

    def spoil(results: list[Any]) -> list[Any]:
        spoilt = copy.deepcopy(data.draw(st.permutations(results)))
        for kind in spoils:
            if not spoilt:
                break
            position = data.draw(st.integers(0, len(spoilt) - 1))
            metadata = spoilt[position]["itemMetadata"]
            match kind:
                case "omit":
                    del spoilt[position]
                case "double":
                    spoilt.append(copy.deepcopy(spoilt[position]))
                case "no id":
                    metadata.pop("id", None)
                case "no index":
                    metadata.pop("originalIndex", None)
                case "contradict":
                    spoilt.append(
                        {"itemMetadata": {**metadata, "success": not metadata["success"]}}
                    )
        return spoilt

    wire = Wire(
        handler=WixData(
            refuse=lambda identifier: "WDE0080" if identifier in refused else None, results=spoil
        )
    )
    try:
        outcome = client(wire).bulk_save(C, found)
    except Unavailable as error:
        assert error.ambiguous
        assert spoils
        return

    named = [*outcome.written, *(refusal.item_id for refusal in outcome.refused)]
    assert sorted(named) == sorted(ids(found))
    # A contradiction whose other half is lost cannot be noticed.
    assert outcome.written == ids(found) - refused or {"omit", "contradict"} <= set(spoils)


def test_body_of_a_large_chunk_is_copied_once() -> None:
    [chunk] = save_chunks(C, items(1000, text="x" * 3000), [])
    tracemalloc.start()
    try:
        body = chunk.take_body(C)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < len(body) * 1.5
    assert len(json.loads(body)["dataItems"]) == 1000
    assert chunk.parts == []


def test_body_of_a_single_part_has_both_ends() -> None:
    chunk = SaveChunk()
    chunk.add_part([WixItemId("p1")], b'{"id":"p1"}')

    body = json.loads(chunk.take_body(C))

    assert body == {"dataCollectionId": C, "dataItems": [{"id": "p1"}]}
