"""Collections of the Wix emulator: fields, permissions and indexes."""

from typing import Any

import pytest

from tests.contract.wix_site import COLLECTIONS, PARTNERS, Client, a_site, code

INDEXES = "/wix-data/v2/indexes"
DEFINITION = {
    "id": "Notices",
    "displayName": "Notices",
    "displayField": "headline",
    "fields": [
        {"key": "headline", "displayName": "Headline", "type": "TEXT"},
        {"key": "until", "displayName": "Until", "type": "DATETIME"},
    ],
    "permissions": {"insert": "ADMIN", "update": "ADMIN", "remove": "ADMIN", "read": "ADMIN"},
}


def create(site: Client, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = site.ok("POST", COLLECTIONS, {"collection": {**DEFINITION, **changes}})[
        "collection"
    ]
    return found


def get(site: Client, identifier: str = "Notices") -> dict[str, Any]:
    found: dict[str, Any] = site.ok("GET", f"{COLLECTIONS}/{identifier}", consistentRead="true")[
        "collection"
    ]
    return found


def own_keys(collection: dict[str, Any]) -> list[str]:
    return [field["key"] for field in collection["fields"] if not field["systemField"]]


def test_create_when_it_succeeds_then_the_definition_has_what_wix_adds() -> None:
    site = a_site()

    created = create(site)

    assert created == get(site)
    assert {
        name: created[name] for name in ("id", "displayName", "displayField", "permissions")
    } == {name: DEFINITION[name] for name in ("id", "displayName", "displayField", "permissions")}
    assert (created["revision"], created["collectionType"], created["maxPageSize"]) == (
        "1",
        "NATIVE",
        1000,
    )
    assert created["capabilities"]["indexLimits"] == {"regular": 3, "unique": 1, "total": 4}
    assert [field["key"] for field in created["fields"]] == [
        "headline",
        "until",
        "_id",
        "_createdDate",
        "_updatedDate",
        "_owner",
    ]


def test_create_when_nothing_is_said_of_permissions_then_wixs_defaults_hold() -> None:
    created = a_site().ok(
        "POST", COLLECTIONS, {"collection": {"id": "Bare", "permissions": {"read": "ANYONE"}}}
    )["collection"]

    assert created["permissions"] == {
        "insert": "CMS_EDITOR",
        "update": "CMS_EDITOR",
        "remove": "CMS_EDITOR",
        "read": "ANYONE",
    }
    assert created["displayName"] == "Bare"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": ""}, "WDE0001"),
        ({"id": "$system"}, "WDE0001"),
        ({"id": "a b"}, "WDE0001"),
        ({"id": "x" * 257}, "WDE0001"),
        ({"id": None}, "WDE0001"),
        ({"fields": {}}, "collection.fields"),
        ({"fields": [{"type": "TEXT"}]}, "collection.fields[0].key"),
        ({"fields": [{"key": "a b", "type": "TEXT"}]}, "collection.fields[0].key"),
        ({"fields": [{"key": "$a", "type": "TEXT"}]}, "WDE0134"),
        (
            {"fields": [{"key": "a", "type": "TEXT"}, {"key": "a", "type": "TEXT"}]},
            "collection.fields[1].key",
        ),
        ({"fields": [{"key": "a", "type": "STRING"}]}, "collection.fields[0].type"),
        ({"fields": [{"key": "a", "type": ["TEXT"]}]}, "collection.fields[0].type"),
        ({"fields": [{"key": ["a"], "type": "TEXT"}]}, "collection.fields[0].key"),
        ({"fields": [{"key": f"f{n}", "type": "TEXT"} for n in range(1001)]}, "collection.fields"),
        ({"permissions": {"read": "EVERYBODY"}}, "collection.permissions"),
        ({"permissions": {"look": "ANYONE"}}, "collection.permissions"),
        ({"permissions": "ADMIN"}, "collection.permissions"),
        ({"displayName": 7}, "collection.displayName"),
        ({"plugins": {}}, "collection.plugins"),
    ],
)
def test_create_when_the_definition_is_refused_then_there_is_no_collection(
    changes: dict[str, Any], expected: str
) -> None:
    site = a_site()

    answer = site.post(COLLECTIONS, {"collection": {**DEFINITION, **changes}})

    assert (answer.status_code, code(answer)) == (400, expected)
    assert len(site.ok("GET", COLLECTIONS, consistentRead="true")["collections"]) == 1


def test_create_when_the_collection_exists_then_conflict() -> None:
    site = a_site()
    create(site)

    answer = site.post(COLLECTIONS, {"collection": DEFINITION})

    assert (answer.status_code, code(answer)) == (409, "WDE0104")


def test_update_when_the_revision_is_current_then_all_is_replaced_and_it_grows() -> None:
    site = a_site()
    read = create(site)

    updated = site.ok(
        "PUT",
        COLLECTIONS,
        {"collection": {**read, "displayName": "News", "fields": read["fields"][1:]}},
    )["collection"]

    assert (updated["revision"], updated["displayName"], own_keys(updated)) == (
        "2",
        "News",
        ["until"],
    )
    assert updated["permissions"] == DEFINITION["permissions"]
    assert updated == get(site)


def test_update_when_something_is_left_out_then_it_falls_back_to_its_default() -> None:
    site = a_site()
    create(site)

    updated = site.ok("PUT", COLLECTIONS, {"collection": {"id": "Notices", "revision": "1"}})[
        "collection"
    ]

    assert (updated["displayName"], own_keys(updated), updated["permissions"]["read"]) == (
        "Notices",
        [],
        "SITE_MEMBER_AUTHOR",
    )


@pytest.mark.parametrize("revision", [None, "", "0", "2"])
def test_update_when_the_revision_is_not_current_then_conflict(revision: str | None) -> None:
    site = a_site()
    create(site)

    answer = site.call(
        "PUT",
        COLLECTIONS,
        {"collection": {**DEFINITION, "displayName": "News", "revision": revision}},
    )

    assert (answer.status_code, code(answer)) == (409, "WDE0178")
    assert get(site)["displayName"] == "Notices"


def test_patch_when_it_succeeds_then_the_rest_stays_and_permissions_are_refused() -> None:
    site = a_site()
    create(site)

    patched = site.ok(
        "PATCH", f"{COLLECTIONS}/Notices", {"dataCollection": {"displayName": "News"}}
    )["dataCollection"]
    refused = site.call(
        "PATCH",
        f"{COLLECTIONS}/Notices",
        {"dataCollection": {"permissions": DEFINITION["permissions"]}},
    )
    stale = site.call(
        "PATCH",
        f"{COLLECTIONS}/Notices",
        {"dataCollection": {"displayName": "Old", "revision": "1"}},
    )

    assert (patched["displayName"], patched["revision"], own_keys(patched)) == (
        "News",
        "2",
        ["headline", "until"],
    )
    assert (refused.status_code, code(refused)) == (400, "WDE0075")
    assert (stale.status_code, code(stale)) == (409, "WDE0178")


def test_fields_when_created_changed_and_deleted_then_the_definition_follows_and_values_go() -> (
    None
):
    site = a_site()
    site.save_all([{"_id": "p1", "title": "Alpha", "extra": 1}, {"_id": "p2", "title": "Beta"}])
    of_partners = {"dataCollectionId": PARTNERS}

    created = site.ok(
        "POST",
        f"{COLLECTIONS}/create-field",
        {**of_partners, "field": {"key": "extra", "type": "NUMBER"}},
    )["dataCollection"]
    site.ok(
        "POST",
        f"{COLLECTIONS}/update-field",
        {**of_partners, "field": {"key": "extra", "type": "TEXT", "displayName": "Extra"}},
    )
    site.ok(
        "PATCH",
        f"{COLLECTIONS}/{PARTNERS}/patch-field",
        {"field": {"key": "extra", "description": "More"}},
    )
    patched = next(field for field in get(site, PARTNERS)["fields"] if field["key"] == "extra")
    deleted = site.ok("POST", f"{COLLECTIONS}/delete-field", {**of_partners, "fieldKey": "extra"})[
        "dataCollection"
    ]

    assert own_keys(created) == ["title", "extra"]
    assert (patched["type"], patched["displayName"], patched["description"]) == (
        "TEXT",
        "Extra",
        "More",
    )
    assert (own_keys(deleted), deleted["revision"]) == (["title"], "5")
    assert site.stored() == {"p1": {"title": "Alpha"}, "p2": {"title": "Beta"}}


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("create-field", {"field": {"key": "title", "type": "TEXT"}}, "WDE0080"),
        (
            "create-field",
            {"field": {"key": "extra", "type": "STRING"}},
            "collection.fields[1].type",
        ),
        ("create-field", {}, "field"),
        ("update-field", {"field": {"key": "extra", "type": "TEXT"}}, "WDE0003"),
        ("delete-field", {"fieldKey": "extra"}, "WDE0003"),
        ("delete-field", {"fieldKey": "_id"}, "WDE0003"),
        ("delete-field", {}, "fieldKey"),
    ],
)
def test_fields_when_a_change_is_refused_then_the_revision_stays(
    path: str, body: dict[str, Any], expected: str
) -> None:
    site = a_site()

    answer = site.post(f"{COLLECTIONS}/{path}", {"dataCollectionId": PARTNERS, **body})

    assert (answer.status_code, code(answer)) == (400, expected)
    assert get(site, PARTNERS)["revision"] == "1"


def test_delete_when_restored_then_the_items_are_back() -> None:
    site = a_site()
    site.insert(_id="p1", title="Alpha")

    site.ok("DELETE", f"{COLLECTIONS}/{PARTNERS}")
    gone = site.insert(_id="p2")
    listed = site.ok("GET", COLLECTIONS, consistentRead="true")["collections"]
    restored = site.ok("POST", f"{COLLECTIONS}/restore/{PARTNERS}")["dataCollection"]

    assert (gone.status_code, code(gone), listed) == (404, "WDE0025", [])
    assert restored["id"] == PARTNERS
    assert site.stored() == {"p1": {"title": "Alpha"}}


def test_delete_when_created_anew_then_it_is_empty_and_cannot_be_restored_over() -> None:
    site = a_site()
    site.insert(_id="p1", title="Alpha")
    site.ok("DELETE", f"{COLLECTIONS}/{PARTNERS}")

    site.ok("POST", COLLECTIONS, {"collection": {"id": PARTNERS}})
    restored = site.call("POST", f"{COLLECTIONS}/restore/{PARTNERS}")

    assert site.stored() == {}
    assert (restored.status_code, code(restored)) == (409, "WDE0104")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{COLLECTIONS}/Missing", None),
        ("DELETE", f"{COLLECTIONS}/Missing", None),
        ("PUT", COLLECTIONS, {"collection": {"id": "Missing", "revision": "1"}}),
        ("PATCH", f"{COLLECTIONS}/Missing", {"dataCollection": {"displayName": "x"}}),
        ("POST", f"{COLLECTIONS}/restore/Missing", {}),
        (
            "POST",
            f"{COLLECTIONS}/create-field",
            {"dataCollectionId": "Missing", "field": {"key": "a", "type": "TEXT"}},
        ),
        ("GET", f"{INDEXES}?dataCollectionId=Missing", None),
        ("GET", "/wix-data/v1/permissions?dataCollectionId=Missing", None),
    ],
)
def test_collection_when_it_does_not_exist_then_404(
    method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = a_site().call(method, path, body)

    assert (answer.status_code, code(answer)) == (404, "WDE0025")


def test_list_when_paged_and_sorted_then_every_collection_comes_once() -> None:
    site = a_site(collection=False)
    for identifier in ("c", "a", "b"):
        create(site, id=identifier)

    first = site.ok("GET", COLLECTIONS, **{"paging.limit": 2, "consistentRead": "true"})
    second = site.ok(
        "GET", COLLECTIONS, **{"paging.limit": 2, "paging.offset": 2, "consistentRead": "true"}
    )
    backwards = site.ok(
        "GET",
        COLLECTIONS,
        **{"sort.fieldName": "id", "sort.order": "DESC", "consistentRead": "true"},
    )

    assert [collection["id"] for page in (first, second) for collection in page["collections"]] == [
        "a",
        "b",
        "c",
    ]
    assert [page["pagingMetadata"]["hasNext"] for page in (first, second)] == [True, False]
    assert [collection["id"] for collection in backwards["collections"]] == ["c", "b", "a"]


def test_permissions_when_read_then_they_are_the_collections_as_levels() -> None:
    site = a_site()
    create(site, permissions={"read": "SITE_MEMBER", "insert": "ADMIN"})

    found = site.ok("GET", "/wix-data/v1/permissions", dataCollectionId="Notices")[
        "dataPermissions"
    ]

    assert found == {
        "id": "Notices",
        "itemRead": "SITE_MEMBER",
        "itemInsert": "PRIVILEGED",
        "itemUpdate": "CMS_EDITOR",
        "itemRemove": "CMS_EDITOR",
        "specialPermissions": [],
    }


def index(site: Client, name: str, *paths: str, **options: Any) -> Any:
    return site.post(
        INDEXES,
        {
            "dataCollectionId": PARTNERS,
            "index": {"name": name, "fields": [{"path": path} for path in paths], **options},
        },
    )


def listed(site: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.ok("GET", INDEXES, dataCollectionId=PARTNERS)["indexes"]
    return found


def test_index_when_created_and_dropped_then_it_is_listed_as_long_as_it_stands() -> None:
    site = a_site()

    created = index(site, "byTitle", "title", "n").json()["index"]
    active = listed(site)
    dropped = site.ok("DELETE", INDEXES, dataCollectionId=PARTNERS, indexName="byTitle")

    assert created["status"] == "BUILDING"
    assert active == [{**created, "status": "ACTIVE"}]
    assert (dropped, listed(site)) == ({}, [])


def test_index_when_there_are_as_many_as_may_be_then_no_other_is_created() -> None:
    site = a_site()

    answers = [index(site, f"i{n}", "title") for n in range(4)] + [
        index(site, f"u{n}", "title", unique=True) for n in range(2)
    ]
    available = site.ok("GET", f"{INDEXES}/available", dataCollectionId=PARTNERS)

    assert [answer.status_code for answer in answers] == [200, 200, 200, 400, 200, 400]
    assert code(answers[3]) == code(answers[5]) == "WDE0080"
    assert available == {"regular1Field": 0, "regular3Field": 0, "unique1Field": 0, "total": 0}


def test_index_when_values_are_not_unique_then_it_fails_and_refuses_nothing() -> None:
    site = a_site()
    site.save_all([{"_id": "p1", "title": "Alpha"}, {"_id": "p2", "title": "ALPHA"}])

    index(site, "u", "title", unique=True, caseInsensitive=True)
    found = listed(site)[0]
    third = site.insert(_id="p3", title="Alpha")

    assert (found["status"], found["failure"]["code"], found["failure"]["itemId"]) == (
        "FAILED",
        "WDE0113",
        "p2",
    )
    assert third.status_code == 200


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (None, "index.name"),
        ({"name": "", "fields": [{"path": "a"}]}, "index.name"),
        ({"name": "x" * 129, "fields": [{"path": "a"}]}, "index.name"),
        ({"name": "i", "fields": []}, "index.fields"),
        ({"name": "i", "fields": [{"path": "a"}] * 4}, "index.fields"),
        ({"name": "i", "fields": [{"path": "a"}] * 2, "unique": True}, "index.fields"),
        ({"name": "i", "fields": [{"path": "a", "order": "UP"}]}, "index.fields"),
        ({"name": "i", "fields": [{"path": "a"}], "unique": "yes"}, "index"),
    ],
)
def test_index_when_its_definition_is_refused_then_there_is_none(
    definition: Any, expected: str
) -> None:
    site = a_site()

    answer = site.post(INDEXES, {"dataCollectionId": PARTNERS, "index": definition})

    assert (answer.status_code, code(answer)) == (400, expected)
    assert listed(site) == []


def test_index_when_dropped_twice_or_named_twice_then_the_second_fails() -> None:
    site = a_site()
    index(site, "i", "title")

    again = index(site, "i", "n")
    missing = site.call("DELETE", INDEXES, dataCollectionId=PARTNERS, indexName="j")

    assert (again.status_code, code(again)) == (400, "WDE0080")
    assert (missing.status_code, code(missing)) == (404, "NOT_FOUND")
