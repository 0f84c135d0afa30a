"""Single data items of the Wix emulator: both spellings of each write, and refusals."""

from typing import Any

import httpx
import pytest

from tests.contract.wix_site import ITEMS, MIDDAY, PARTNERS, Client, a_site, code

NOW = {"$date": MIDDAY.replace("+00:00", ".000Z")}
LATER = {"$date": "2026-03-02T12:00:10.000Z"}


def save(site: Client, data: dict[str, Any]) -> httpx.Response:
    return site.post(f"{ITEMS}/save", {"dataCollectionId": PARTNERS, "dataItem": {"data": data}})


def patch(site: Client, identifier: str, *modifications: dict[str, Any]) -> httpx.Response:
    body = {
        "dataCollectionId": PARTNERS,
        "patch": {"dataItemId": identifier, "fieldModifications": list(modifications)},
    }
    return site.post(f"{ITEMS}/patch", body)


def change(path: str, action: str, value: Any = None) -> dict[str, Any]:
    options = {
        "SET_FIELD": "setFieldOptions",
        "INCREMENT_FIELD": "incrementFieldOptions",
        "APPEND_TO_ARRAY": "appendToArrayOptions",
    }
    options["REMOVE_FROM_ARRAY"] = "removeFromArrayOptions"
    return {
        "fieldPath": path,
        "action": action,
        **({options[action]: {"value": value}} if action in options else {}),
    }


def test_insert_when_it_succeeds_then_wix_adds_its_own_fields() -> None:
    site = a_site()

    item = site.insert(_id="p1", title="Alpha", when={"$date": "2026-01-02T03:04:05.678Z"}).json()[
        "dataItem"
    ]

    owner = item["data"].pop("_owner")
    assert item["id"] == "p1"
    assert item["dataCollectionId"] == PARTNERS
    assert item["data"] == {
        "_id": "p1",
        "title": "Alpha",
        "when": {"$date": "2026-01-02T03:04:05.678Z"},
        "_createdDate": NOW,
        "_updatedDate": NOW,
    }
    assert len(owner) == 36


def test_insert_when_there_is_no_id_then_one_is_made_up() -> None:
    site = a_site()

    first, second = (site.insert(title="Alpha").json()["dataItem"]["id"] for _ in range(2))

    assert len(first) == 36
    assert first != second


def test_insert_when_the_id_stands_at_the_element_then_it_is_taken() -> None:
    site = a_site()

    item = site.ok(
        "POST",
        ITEMS,
        {"dataCollectionId": PARTNERS, "dataItem": {"id": "p1", "data": {"title": "Alpha"}}},
    )["dataItem"]

    assert item["data"]["_id"] == "p1"


def test_insert_when_the_id_is_taken_then_the_item_stays() -> None:
    site = a_site()
    site.insert(_id="p1", title="Alpha")

    answer = site.insert(_id="p1", title="Beta")

    assert (answer.status_code, code(answer)) == (409, "WDE0074")
    assert site.stored() == {"p1": {"title": "Alpha"}}


@pytest.mark.parametrize("documented", [True, False])
def test_update_when_it_succeeds_then_fields_that_it_leaves_out_vanish(documented: bool) -> None:
    site = a_site()
    site.insert(_id="p1", title="Alpha", amount=1)
    site.advance(10)
    body = {
        "dataCollectionId": PARTNERS,
        "dataItem": {"id": "p1", "data": {"_id": "p1", "title": "Beta", "_createdDate": LATER}},
    }

    method, path = ("PUT", f"{ITEMS}/p1") if documented else ("POST", f"{ITEMS}/update")
    data = site.ok(method, path, body)["dataItem"]["data"]

    assert site.stored() == {"p1": {"title": "Beta"}}
    assert (data["_createdDate"], data["_updatedDate"]) == (NOW, LATER)


def test_update_when_path_and_body_name_different_items_then_the_call_is_invalid() -> None:
    site = a_site()
    site.insert(_id="p1", title="Alpha")

    answer = site.call(
        "PUT", f"{ITEMS}/p1", {"dataCollectionId": PARTNERS, "dataItem": {"id": "p2", "data": {}}}
    )

    assert (answer.status_code, code(answer)) == (400, "dataItem.id")


def test_save_when_repeated_then_it_inserts_and_then_replaces() -> None:
    site = a_site()

    first = save(site, {"_id": "p1", "title": "Alpha", "amount": 1}).json()
    second = save(site, {"_id": "p1", "title": "Beta"}).json()

    assert (first["action"], second["action"]) == ("INSERTED", "UPDATED")
    assert site.stored() == {"p1": {"title": "Beta"}}


@pytest.mark.parametrize("documented", [True, False])
def test_patch_when_it_succeeds_then_only_the_named_fields_change(documented: bool) -> None:
    site = a_site()
    site.insert(
        _id="p1",
        title="Alpha",
        amount=1,
        tags=["x", "y", "x"],
        address={"city": "Aachen", "zip": "52062"},
        old=True,
    )
    modifications = [
        change("title", "SET_FIELD", "Beta"),
        change("amount", "INCREMENT_FIELD", -3),
        change("visits", "INCREMENT_FIELD", 1),
        change("tags", "REMOVE_FROM_ARRAY", "x"),
        change("tags", "APPEND_TO_ARRAY", "z"),
        change("address.city", "SET_FIELD", "Bonn"),
        change("contact.name.first", "SET_FIELD", "Ada"),
        change("address.zip", "REMOVE_FIELD"),
        change("old", "REMOVE_FIELD"),
        change("nothing.here", "REMOVE_FIELD"),
    ]

    method, path = ("PATCH", f"{ITEMS}/p1") if documented else ("POST", f"{ITEMS}/patch")
    site.ok(
        method,
        path,
        {
            "dataCollectionId": PARTNERS,
            "patch": {"dataItemId": "p1", "fieldModifications": modifications},
        },
    )

    expected = {
        "title": "Beta",
        "amount": -2,
        "visits": 1,
        "tags": ["y", "z"],
        "address": {"city": "Bonn"},
        "contact": {"name": {"first": "Ada"}},
    }
    assert site.stored() == {"p1": expected}


@pytest.mark.parametrize(
    ("modification", "expected"),
    [
        (change("title", "RENAME_FIELD"), "WDE0080"),
        ({"fieldPath": "title", "action": "SET_FIELD"}, "WDE0080"),
        ({"action": "REMOVE_FIELD"}, "WDE0080"),
        (change("", "SET_FIELD", 1), "WDE0080"),
        (change("a..b", "SET_FIELD", 1), "WDE0080"),
        (change("_id", "SET_FIELD", "p2"), "WDE0080"),
        (change("_createdDate", "REMOVE_FIELD"), "WDE0080"),
        (change("title", "INCREMENT_FIELD", 1), "WDE0080"),
        (change("amount", "INCREMENT_FIELD", "1"), "WDE0080"),
        (change("amount", "INCREMENT_FIELD", True), "WDE0080"),
        (change("title", "APPEND_TO_ARRAY", 1), "WDE0080"),
        (change("title.part", "SET_FIELD", 1), "WDE0080"),
        (change("$title", "SET_FIELD", 1), "WDE0134"),
        (change("the title", "SET_FIELD", 1), "WDE0003"),
        (change("text", "SET_FIELD", "x" * 500_000), "WDE0009"),
    ],
)
def test_patch_when_a_modification_is_refused_then_none_is_made(
    modification: dict[str, Any], expected: str
) -> None:
    site = a_site()
    site.insert(_id="p1", title="Alpha", amount=1)

    answer = patch(site, "p1", change("amount", "INCREMENT_FIELD", 1), modification)

    assert (answer.status_code, code(answer)) == (400, expected)
    assert site.stored() == {"p1": {"title": "Alpha", "amount": 1}}


@pytest.mark.parametrize("documented", [True, False])
def test_remove_when_it_succeeds_then_the_answer_is_the_removed_item(documented: bool) -> None:
    site = a_site()
    site.insert(_id="p1", title="Alpha")

    if documented:
        removed = site.ok("DELETE", f"{ITEMS}/p1", dataCollectionId=PARTNERS)
    else:
        removed = site.ok(
            "POST", f"{ITEMS}/remove", {"dataCollectionId": PARTNERS, "dataItemId": "p1"}
        )

    assert removed["dataItem"]["data"]["title"] == "Alpha"
    assert site.stored() == {}


def test_truncate_when_called_then_the_collection_is_empty_and_takes_items_again() -> None:
    site = a_site()
    site.save_all([{"_id": f"p{n}"} for n in range(3)])

    emptied = site.ok("POST", f"{ITEMS}/truncate", {"dataCollectionId": PARTNERS})
    again = site.insert(_id="p1")

    assert emptied == {}
    assert again.status_code == 200
    assert list(site.stored()) == ["p1"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{ITEMS}/missing", None),
        ("DELETE", f"{ITEMS}/missing", None),
        ("PUT", f"{ITEMS}/missing", {"dataItem": {"data": {}}}),
        ("POST", f"{ITEMS}/update", {"dataItem": {"id": "missing", "data": {}}}),
        ("POST", f"{ITEMS}/remove", {"dataItemId": "missing"}),
        (
            "PATCH",
            f"{ITEMS}/missing",
            {"patch": {"fieldModifications": [change("a", "SET_FIELD", 1)]}},
        ),
        (
            "POST",
            f"{ITEMS}/patch",
            {
                "patch": {
                    "dataItemId": "missing",
                    "fieldModifications": [change("a", "SET_FIELD", 1)],
                }
            },
        ),
    ],
)
def test_item_when_it_does_not_exist_then_404(
    method: str, path: str, body: dict[str, Any] | None
) -> None:
    site = a_site()

    answer = (
        site.call(method, path, {**body, "dataCollectionId": PARTNERS})
        if body
        else site.call(method, path, dataCollectionId=PARTNERS)
    )

    assert (answer.status_code, code(answer)) == (404, "WDE0073")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ITEMS, {"dataItem": {"data": {}}}),
        (f"{ITEMS}/save", {"dataItem": {"data": {}}}),
        (f"{ITEMS}/query", {"query": {}}),
        (f"{ITEMS}/count", {}),
        (f"{ITEMS}/query-distinct-values", {"fieldName": "a"}),
        (f"{ITEMS}/truncate", {}),
        ("/wix-data/v2/bulk/items/save", {"dataItems": [{"data": {}}]}),
    ],
)
def test_collection_when_it_does_not_exist_then_404(path: str, body: dict[str, Any]) -> None:
    answer = a_site().post(path, {**body, "dataCollectionId": "Missing"})

    assert (answer.status_code, code(answer)) == (404, "WDE0025")


@pytest.mark.parametrize("body", [{}, {"dataCollectionId": ""}, {"dataCollectionId": 7}])
def test_collection_when_it_is_not_named_then_the_call_is_invalid(body: dict[str, Any]) -> None:
    answer = a_site().post(f"{ITEMS}/count", body)

    assert (answer.status_code, code(answer)) == (400, "dataCollectionId")


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        (None, "WDE0004"),
        ("text", "WDE0004"),
        ({"data": ["text"]}, "WDE0004"),
        ({"id": 7, "data": {}}, "WDE0002"),
        ({"id": "a/b", "data": {}}, "WDE0002"),
        ({"id": "x" * 129, "data": {}}, "WDE0002"),
        ({"data": {"$title": 1}}, "WDE0134"),
        ({"data": {"the title": 1}}, "WDE0003"),
        ({"data": {"text": "x" * 500_000}}, "WDE0009"),
        ({"data": {"deep": nested(51)}}, "WDE0168"),
        ({"data": {"deep": nested(400)}}, "WDE0168"),
    ],
)
def test_item_when_its_shape_is_refused_then_nothing_is_stored(element: Any, expected: str) -> None:
    site = a_site()

    answers = [
        site.post(path, {"dataCollectionId": PARTNERS, "dataItem": element})
        for path in (ITEMS, f"{ITEMS}/save")
    ]

    assert [(answer.status_code, code(answer)) for answer in answers] == [(400, expected)] * 2
    assert site.stored() == {}


def test_item_when_just_within_the_limits_then_it_is_stored() -> None:
    site = a_site()

    answer = site.insert(
        _id="x" * 128, deep=nested(50), text="x" * 499_000, unknownField={"any": ["thing", None]}
    )

    assert answer.status_code == 200


def test_update_when_the_item_has_no_id_then_wix_asks_for_one() -> None:
    answer = a_site().post(
        f"{ITEMS}/update", {"dataCollectionId": PARTNERS, "dataItem": {"data": {"title": "Alpha"}}}
    )

    assert (answer.status_code, code(answer)) == (400, "WDE0007")


def test_writes_when_items_come_and_go_then_the_log_has_each_of_them_in_order() -> None:
    site = a_site()

    site.insert(_id="p1", title="Alpha")
    site.insert(_id="p1", title="refused")
    save(site, {"_id": "p1", "title": "Beta"})
    site.advance(5)
    patch(site, "p1", change("title", "SET_FIELD", "Gamma"))
    site.ok("POST", f"{ITEMS}/remove", {"dataCollectionId": PARTNERS, "dataItemId": "p1"})
    writes = site.control("GET", "writes", collection=PARTNERS)["writes"]

    assert [
        (write["id"], write["action"], (write["data"] or {}).get("title")) for write in writes
    ] == [
        ("p1", "INSERT", "Alpha"),
        ("p1", "UPDATE", "Beta"),
        ("p1", "PATCH", "Gamma"),
        ("p1", "REMOVE", None),
    ]
    assert [write["at"] - writes[0]["at"] for write in writes] == [0, 0, 5, 5]
    assert (
        site.control("GET", "writes", collection=PARTNERS, after=writes[2]["number"])["writes"]
        == writes[3:]
    )


def test_items_when_forgotten_then_their_history_is_gone_and_the_definition_stays() -> None:
    site = a_site()
    site.insert(_id="p1")

    site.control("DELETE", "items", collection=PARTNERS)

    assert site.stored() == {}
    assert site.actions("p1") == []
    assert site.insert(_id="p1").status_code == 200


@pytest.mark.parametrize("collection", ["", "$collections"])
def test_items_when_no_collection_is_named_then_the_emulators_own_tables_stay_hidden(
    collection: str,
) -> None:
    answer = a_site().call("DELETE", "/__emulator/items", collection=collection)

    assert (answer.status_code, code(answer)) == (400, "collection")
