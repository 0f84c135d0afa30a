"""Bulk calls of the Wix emulator: the result of each item, and each kind of failure."""

from typing import Any

import httpx
import pytest

from emulators.common.journal import Journal
from tests.contract.wix_site import BULK, COLLECTIONS, ITEMS, PARTNERS, Client, a_site, code, codes


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": f"p{number}", "data": {"_id": f"p{number}", "n": number}} for number in numbers]


def set_n(identifier: str, value: Any) -> dict[str, Any]:
    return {
        "dataItemId": identifier,
        "fieldModifications": [
            {"fieldPath": "n", "action": "SET_FIELD", "setFieldOptions": {"value": value}}
        ],
    }


def actions(answer: httpx.Response) -> list[str]:
    return [result["action"] for result in answer.json()["results"]]


def unique_index(site: Client, path: str) -> None:
    site.ok(
        "POST",
        "/wix-data/v2/indexes",
        {
            "dataCollectionId": PARTNERS,
            "index": {"name": path, "fields": [{"path": path}], "unique": True},
        },
    )


def test_bulk_insert_when_some_exist_then_the_others_are_inserted() -> None:
    site = a_site()
    site.insert(_id="p1", n=0)

    answer = site.bulk("insert", *rows(0, 1, 2), *rows(2))

    assert codes(answer) == [None, "WDE0074", None, "WDE0074"]
    assert actions(answer) == ["INSERT"] * 4
    assert [result["itemMetadata"].get("id") for result in answer.json()["results"]] == [
        "p0",
        None,
        "p2",
        None,
    ]
    assert answer.json()["bulkActionMetadata"] == {
        "totalSuccesses": 2,
        "totalFailures": 2,
        "undetailedFailures": 0,
    }
    assert site.stored() == {"p0": {"n": 0}, "p1": {"n": 0}, "p2": {"n": 2}}


def test_bulk_save_when_repeated_then_each_item_is_inserted_or_replaced() -> None:
    site = a_site()
    site.insert(_id="p1", n=0, other=True)

    answer = site.bulk("save", *rows(0, 1), {"data": {"n": 9}}, *rows(0))

    assert codes(answer) == [None] * 4
    assert actions(answer) == ["INSERT", "UPDATE", "INSERT", "UPDATE"]
    assert site.stored()["p1"] == {"n": 1}
    assert len(site.stored()) == 3


def test_bulk_update_patch_and_remove_when_some_are_missing_then_only_those_fail() -> None:
    site = a_site()
    site.save_all([{"_id": "p0", "n": 0, "other": True}, {"_id": "p1", "n": 1}])

    updated = site.bulk("update", *rows(0, 7))
    patched = site.bulk("patch", set_n("p1", 5), set_n("p7", 5))
    removed = site.bulk("remove", "p1", "p7", "p1")

    assert (codes(updated), actions(updated)) == ([None, "WDE0073"], ["UPDATE"] * 2)
    assert (codes(patched), actions(patched)) == ([None, "WDE0073"], ["PATCH"] * 2)
    assert (codes(removed), actions(removed)) == ([None, "WDE0073", "WDE0073"], ["DELETE"] * 3)
    assert [result["itemMetadata"]["id"] for result in patched.json()["results"]] == ["p1", "p7"]
    assert site.stored() == {"p0": {"n": 0}}


@pytest.mark.parametrize("wanted", [True, False])
def test_bulk_when_entities_are_asked_for_then_each_success_has_its_item(wanted: bool) -> None:
    site = a_site()
    site.insert(_id="p0", n=0)

    results = site.bulk("insert", *rows(0, 1), returnEntity=wanted).json()["results"]

    assert ["dataItem" in result for result in results] == [False, wanted]
    assert not wanted or results[1]["dataItem"]["data"]["n"] == 1


@pytest.mark.parametrize(
    ("verb", "element", "expected"),
    [
        ("insert", {"id": "new", "data": {}}, "WDE0006"),
        ("update", {"id": "new", "data": {}}, "WDE0006"),
        ("save", {"id": "new", "data": {}}, "WDE0006"),
        ("patch", set_n("new", 1), "WDE0006"),
        ("remove", "new", "WDE0069"),
    ],
)
def test_bulk_when_there_are_more_than_1000_items_then_nothing_is_done(
    verb: str, element: Any, expected: str
) -> None:
    site = a_site()

    too_many = site.bulk(verb, *[element] * 1001)
    most = site.bulk(verb, *[element] * 1000)

    assert (too_many.status_code, code(too_many)) == (400, expected)
    assert len(codes(most)) == 1000


@pytest.mark.parametrize(
    ("verb", "body", "expected"),
    [
        ("save", {}, "WDE0080"),
        ("patch", {"dataItems": rows(1)}, "WDE0080"),
        ("remove", {"dataItems": rows(1)}, "WDE0080"),
        ("save", {"dataItems": {"id": "p1"}}, "WDE0005"),
        ("save", {"dataItems": [*rows(1), "text"]}, "WDE0004"),
        ("save", {"dataItems": [*rows(1), {"data": {"$n": 1}}]}, "WDE0134"),
        ("save", {"dataItems": [*rows(1), {"id": "a/b", "data": {}}]}, "WDE0002"),
        ("update", {"dataItems": [*rows(1), {"data": {"n": 1}}]}, "WDE0007"),
        ("patch", {"patches": [set_n("p1", 1), {"dataItemId": "p2"}]}, "WDE0080"),
        ("remove", {"dataItemIds": ["p1", 2]}, "WDE0002"),
    ],
)
def test_bulk_when_an_element_is_malformed_then_the_whole_call_is_refused(
    verb: str, body: dict[str, Any], expected: str
) -> None:
    site = a_site()
    site.insert(_id="p1", n=0)

    answer = site.post(f"{BULK}/{verb}", {"dataCollectionId": PARTNERS, **body})

    assert (answer.status_code, code(answer)) == (400, expected)
    assert site.stored() == {"p1": {"n": 0}}


def test_bulk_save_when_an_item_is_too_large_then_it_fails_alone() -> None:
    site = a_site()

    answer = site.bulk("save", *rows(0), {"id": "big", "data": {"text": "x" * 500_000}}, *rows(1))

    assert codes(answer) == [None, "WDE0009", None]
    assert list(site.stored()) == ["p0", "p1"]


def test_bulk_save_when_unique_values_move_between_items_then_only_true_conflicts_fail() -> None:
    site = a_site()
    unique_index(site, "n")
    site.save_all([{"_id": "p1", "n": 1}, {"_id": "p2", "n": 2}])

    wanted = {
        "p3": {"n": 1},
        "p1": {"n": 9},
        "p4": {"n": 1},
        "p5": {},
        "p2": {"n": 2, "again": True},
    }
    answer = site.bulk(
        "save", *({"id": identifier, "data": data} for identifier, data in wanted.items())
    )

    assert codes(answer) == ["WDE0123", None, None, None, None]
    assert site.stored() == {
        "p1": {"n": 9},
        "p2": {"n": 2, "again": True},
        "p4": {"n": 1},
        "p5": {},
    }


def test_unique_index_when_the_item_with_the_value_is_gone_then_the_value_is_free() -> None:
    site = a_site()
    unique_index(site, "n")
    site.insert(_id="p1", n=1)

    taken = site.insert(_id="p2", n=1)
    site.bulk("remove", "p1")
    free = site.insert(_id="p2", n=1)
    site.ok("POST", f"{ITEMS}/truncate", {"dataCollectionId": PARTNERS})
    free_again = site.insert(_id="p3", n=1)

    assert (taken.status_code, code(taken)) == (409, "WDE0123")
    assert (free.status_code, free_again.status_code) == (200, 200)


def test_index_when_a_value_is_too_long_for_it_then_the_item_fails() -> None:
    site = a_site()
    unique_index(site, "title")

    answer = site.bulk(
        "save",
        {"id": "p1", "data": {"title": "x" * 983}},
        {"id": "p2", "data": {"title": "x" * 900}},
    )

    assert codes(answer) == ["WDE0133", None]


def test_refusals_when_ids_are_named_then_exactly_those_fail_in_every_call() -> None:
    site = a_site()
    site.control(
        "POST",
        "refusals",
        {"collection": PARTNERS, "ids": ["p?1", "p5"], "code": "WDE0075", "description": "no"},
    )

    first = site.bulk("save", *rows(5, 6, 11, 12, 21))
    second = site.bulk("insert", *rows(1, 5))
    single = site.insert(_id="p31")

    assert codes(first) == ["WDE0075", None, "WDE0075", None, "WDE0075"]
    assert codes(second) == [None, "WDE0075"]
    assert (single.status_code, code(single)) == (400, "WDE0075")
    assert list(site.stored()) == ["p6", "p12", "p1"]


def test_refusals_when_every_nth_is_refused_then_an_item_keeps_its_verdict() -> None:
    site = a_site()
    site.control("POST", "refusals", {"everyNth": 100})

    first = codes(site.bulk("save", *rows(*range(1000))))
    again = codes(site.bulk("save", *rows(*reversed(range(1000)))))

    assert first.count("WDE0080") == 10
    assert again == first[::-1]


def test_refusals_when_a_rule_is_used_up_or_cleared_then_items_pass() -> None:
    site = a_site()
    site.control("POST", "refusals", {"ids": "p*", "times": 2})

    used_up = site.bulk("save", *rows(1, 2, 3))
    site.control("POST", "refusals", {"ids": "*"})
    site.control("DELETE", "refusals")
    cleared = site.bulk("save", *rows(1, 2, 3))

    assert codes(used_up) == ["WDE0080", "WDE0080", None]
    assert codes(cleared) == [None] * 3


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"ids": 7},
        {"everyNth": -1},
        {"everyNth": 1, "surprise": 1},
        {"ids": ["a"], "times": "two"},
        {"ids": ["a"], "code": 1},
    ],
)
def test_refusals_when_an_order_is_no_rule_then_it_is_refused(order: dict[str, Any]) -> None:
    answer = a_site().call("POST", "/__emulator/refusals", order)

    assert (answer.status_code, code(answer)) == (400, "rule")


def test_refuse_items_when_ordered_then_one_call_meets_it() -> None:
    site = a_site()
    site.fault(
        "refuse_items",
        f"{BULK}/save",
        options={"ids": ["p2"], "everyNth": 5, "code": "WDE0009", "description": "too large"},
    )

    answer = site.bulk("save", *rows(*range(10)))
    again = site.bulk("save", *rows(2, 4))

    assert [place for place, found in enumerate(codes(answer)) if found == "WDE0009"] == [2, 4, 9]
    assert answer.json()["results"][2]["itemMetadata"]["error"]["description"] == "too large"
    assert codes(again) == [None, None]


def test_half_bulk_when_ordered_then_the_first_half_is_written_and_the_answer_is_a_timeout() -> (
    None
):
    site = a_site()
    site.fault("half_bulk", f"{BULK}/*")

    answer = site.bulk("save", *rows(*range(5)))

    assert (answer.status_code, answer.json()) == (504, {})
    assert list(site.stored()) == ["p0", "p1"]


def test_ghost_write_when_ordered_then_it_lands_after_its_caller_gave_up() -> None:
    site = a_site()
    site.fault("ghost_write", f"{BULK}/save", options={"after": 30})

    with pytest.raises(httpx.RemoteProtocolError):
        site.bulk("save", {"id": "p1", "data": {"n": "ghost"}})
    site.bulk("save", {"id": "p1", "data": {"n": "retry"}})
    site.advance(29)
    before = site.stored()
    site.advance(1)
    after = site.stored()

    assert (before, after) == ({"p1": {"n": "retry"}}, {"p1": {"n": "ghost"}})
    assert site.actions("p1") == ["INSERT", "UPDATE"]


def test_ghost_write_when_it_waits_for_an_order_then_it_lands_when_told() -> None:
    site = a_site()
    site.fault("ghost_write", ITEMS)

    with pytest.raises(httpx.RemoteProtocolError):
        site.insert(_id="p1", n=1)
    site.advance(3600)
    waiting = site.control("GET", "ghosts")
    unseen = site.stored()
    landed = site.control("POST", "ghosts")

    assert (waiting, landed) == ({"landed": 0, "underway": 1}, {"landed": 1, "underway": 0})
    assert (unseen, site.stored()) == ({}, {"p1": {"n": 1}})


def test_ghost_write_when_it_would_be_refused_then_nobody_is_harmed() -> None:
    site = a_site()
    site.insert(_id="p1", n=1)
    site.fault("ghost_write", ITEMS, options={"after": 0})

    with pytest.raises(httpx.RemoteProtocolError):
        site.insert(_id="p1", n=2)

    assert site.stored() == {"p1": {"n": 1}}


def test_faults_of_the_connection_when_ordered_then_the_call_fails_as_told() -> None:
    site = a_site()
    path = f"{BULK}/save"
    site.fault("drop", path)
    site.fault("drop_after", path)
    site.fault(
        "status", path, status=429, headers={"retry-after": "7"}, body={"message": "slow down"}
    )

    with pytest.raises(httpx.RemoteProtocolError):
        site.bulk("save", *rows(1))
    dropped = list(site.stored())
    with pytest.raises(httpx.RemoteProtocolError):
        site.bulk("save", *rows(2))
    limited = site.bulk("save", *rows(3))

    assert dropped == []
    assert list(site.stored()) == ["p2"]
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")


def test_journal_when_calls_were_made_then_it_has_their_bodies() -> None:
    site = a_site()
    site.control("DELETE", "journal")

    site.bulk("save", *rows(1))
    site.call("GET", COLLECTIONS)
    found = site.control("GET", "journal")

    assert found["counts"] == {f"POST {BULK}/save 200": 1, f"GET {COLLECTIONS} 200": 1}
    assert '"p1"' in found["entries"][0]["body"]


def test_journal_when_bodies_are_large_then_the_oldest_requests_make_room() -> None:
    journal = Journal(keep=3, keep_bytes=10)

    for number, size in enumerate((4, 4, 4, 1, 1, 50)):
        journal.record(
            at=0.0,
            method="POST",
            path=f"/{number}",
            status=200,
            milliseconds=1.0,
            request_bytes=size,
            body=b"x" * size,
        )
        if number == 4:
            middle = [entry["path"] for entry in journal.entries()]

    assert middle == ["/2", "/3", "/4"]
    assert [entry["path"] for entry in journal.entries()] == ["/5"]
