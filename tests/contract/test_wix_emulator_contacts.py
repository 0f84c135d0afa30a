"""Contacts of the Wix emulator: labels and custom fields."""

from typing import Any

import httpx
import pytest

from tests.contract.wix_site import Client, a_callback, a_site, code, decode_webhook

CONTACTS = "/contacts/v4/contacts"
LABELS = "/contacts/v4/labels"
FIELDS = "/contacts/v4/extended-fields"
NOW = "2026-03-02T12:00:00.000Z"
GUID = "11111111-2222-4333-8444-555555555555"


def create(site: Client, info: dict[str, Any], **more: Any) -> httpx.Response:
    return site.post(CONTACTS, {"info": info, **more})


def emails(*addresses: str) -> dict[str, Any]:
    return {"items": [{"email": address} for address in addresses]}


def phones(*numbers: str) -> dict[str, Any]:
    return {"items": [{"phone": number} for number in numbers]}


def a_contact(site: Client, **info: Any) -> dict[str, Any]:
    answer = create(
        site,
        info or {"name": {"first": "Ada", "last": "Lovelace"}, "emails": emails("ada@example.com")},
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["contact"]
    return found


def update(
    site: Client, contact: dict[str, Any], revision: Any = None, **info: Any
) -> httpx.Response:
    body = {
        "contactId": contact["id"],
        "revision": contact["revision"] if revision is None else revision,
        "info": info,
    }
    return site.call("PATCH", f"{CONTACTS}/{contact['id']}", body)


def found(site: Client, filter_: dict[str, Any], **more: Any) -> list[str]:
    site.advance(1)
    answer = site.ok("POST", f"{CONTACTS}/query", {"query": {"filter": filter_, **more}})
    return [contact["info"]["name"]["first"] for contact in answer["contacts"]]


def test_contact_when_created_then_wix_completes_it() -> None:
    site = a_site()

    contact = a_contact(
        site,
        name={"first": "Ada"},
        emails=emails("ada@example.com", "a@b.c"),
        phones=phones("+49 241 1"),
        company="ACME",
    )
    read = site.ok("GET", f"{CONTACTS}/{contact['id']}", id=contact["id"])["contact"]

    first, second = contact["info"]["emails"]["items"]
    assert (contact["revision"], contact["createdDate"], contact["updatedDate"]) == (1, NOW, NOW)
    assert contact["primaryInfo"] == {"email": "ada@example.com", "phone": "+49 241 1"}
    assert contact["primaryEmail"]["email"] == "ada@example.com"
    assert (first["tag"], first["primary"], second["primary"], len(first["id"])) == (
        "UNTAGGED",
        True,
        False,
        36,
    )
    assert contact["info"]["company"] == "ACME"
    assert read == contact


@pytest.mark.parametrize(
    "info",
    [{}, {"company": "ACME"}, {"name": {}}, {"name": {"first": ""}, "emails": {"items": []}}],
)
def test_contact_when_it_has_no_name_email_or_phone_then_it_is_refused(
    info: dict[str, Any],
) -> None:
    answer = create(a_site(), info)

    assert (answer.status_code, code(answer)) == (400, "INSUFFICIENT_CONTACT_DATA")


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"emails": [{"email": "a@b.c"}]}, "info.emails"),
        ({"emails": {"items": [{"address": "a@b.c"}]}}, "info.emails.items.email"),
        (
            {
                "emails": {
                    "items": [
                        {"email": "a@b.c", "primary": True},
                        {"email": "d@e.f", "primary": True},
                    ]
                }
            },
            "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
        ),
        ({"name": {"first": "Ada"}, "labelKeys": {"items": ["custom.none"]}}, "labelKeys"),
        (
            {"name": {"first": "Ada"}, "extendedFields": {"items": {"custom.none": "x"}}},
            "INVALID_EXTENDED_FIELD_VALUE",
        ),
        ({"name": {"first": "Ada"}, "extendedFields": ["x"]}, "info.extendedFields"),
    ],
)
def test_contact_when_its_info_is_refused_then_there_is_none(
    info: dict[str, Any], expected: str
) -> None:
    site = a_site()

    answer = create(site, info)

    assert (answer.status_code, code(answer)) == (400, expected)
    assert site.ok("GET", CONTACTS)["contacts"] == []


@pytest.mark.parametrize(
    ("info", "data"),
    [
        ({"emails": emails("ADA@example.com")}, {"duplicateEmail": "ADA@example.com"}),
        (
            {"emails": emails("new@example.com", "second@example.com")},
            {"duplicateEmail": "second@example.com"},
        ),
        (
            {"name": {"first": "Bob"}, "phones": phones("+49 241 1")},
            {"duplicatePhone": "+49 241 1"},
        ),
    ],
)
def test_contact_when_another_has_its_address_then_the_error_names_it(
    info: dict[str, Any], data: dict[str, str]
) -> None:
    site = a_site()
    contact = a_contact(
        site, emails=emails("ada@example.com", "second@example.com"), phones=phones("+49 241 1")
    )

    answer = create(site, info, allowDuplicates=False)
    allowed = create(site, info, allowDuplicates=True)

    assert (answer.status_code, code(answer)) == (409, "DUPLICATE_CONTACT_EXISTS")
    assert answer.json()["details"]["applicationError"]["data"] == {
        "duplicateContactId": contact["id"],
        **data,
    }
    assert allowed.status_code == 200


def test_contact_when_only_the_phone_is_anothers_then_an_email_of_its_own_is_enough() -> None:
    site = a_site()
    a_contact(site, emails=emails("ada@example.com"), phones=phones("+49 241 1"))

    answer = create(site, {"emails": emails("bob@example.com"), "phones": phones("+49 241 1")})

    assert answer.status_code == 200


def test_contact_when_its_address_becomes_free_then_another_can_have_it() -> None:
    site = a_site()
    first, second = a_contact(site), a_contact(site, emails=emails("b@example.com"))

    update(site, first, emails=emails("new@example.com"))
    site.ok("DELETE", f"{CONTACTS}/{second['id']}", contactId=second["id"])
    answers = [
        create(site, {"emails": emails(address)})
        for address in ("ada@example.com", "b@example.com", "new@example.com")
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 409]


def test_update_when_the_revision_is_current_then_only_what_is_named_changes() -> None:
    site = a_site()
    contact = a_contact(
        site,
        name={"first": "Ada", "last": "Lovelace"},
        emails=emails("a@b.c", "d@e.f"),
        company="ACME",
        jobTitle="Countess",
    )

    changed = update(
        site, contact, name={"first": "Augusta"}, emails=emails("d@e.f"), jobTitle=None
    ).json()["contact"]

    assert changed["revision"] == 2
    assert changed["info"]["name"] == {"first": "Augusta", "last": "Lovelace"}
    assert [item["email"] for item in changed["info"]["emails"]["items"]] == ["d@e.f"]
    assert (changed["info"]["company"], "jobTitle" in changed["info"], changed["primaryInfo"]) == (
        "ACME",
        False,
        {"email": "d@e.f"},
    )


@pytest.mark.parametrize(
    ("revision", "info", "status", "expected"),
    [
        (7, {"company": "X"}, 409, "CONTACT_ALREADY_CHANGED"),
        ("1", {"company": "X"}, 400, "revision"),
        (1, {}, 400, "INSUFFICIENT_UPDATE_CONTACT_DATA"),
        (1, {"name": None, "emails": emails()}, 400, "INSUFFICIENT_CONTACT_DATA"),
        (1, {"emails": emails("bob@example.com")}, 409, "DUPLICATE_CONTACT_EXISTS"),
    ],
)
def test_update_when_it_is_refused_then_the_contact_stays(
    revision: Any, info: dict[str, Any], status: int, expected: str
) -> None:
    site = a_site()
    contact = a_contact(site)
    a_contact(site, emails=emails("bob@example.com"))

    answer = update(site, contact, revision, **info)

    assert (answer.status_code, code(answer)) == (status, expected)
    assert site.ok("GET", f"{CONTACTS}/{contact['id']}")["contact"] == contact


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("DELETE", "", None),
        ("PATCH", "", {"revision": 1, "info": {"company": "X"}}),
        ("POST", "/labels", {"labelKeys": ["contacts.customers"]}),
    ],
)
def test_contact_when_it_does_not_exist_then_404(
    method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = a_site().call(method, f"{CONTACTS}/{GUID}{path}", body)

    assert (answer.status_code, code(answer)) == (404, "CONTACT_NOT_FOUND")


def test_contact_when_a_members_then_it_keeps_its_address_and_stays_until_the_member_goes() -> None:
    site = a_site()
    member = site.control("POST", "members", {"loginEmail": "ada@example.com"})["member"]
    path = f"{CONTACTS}/{member['contactId']}"
    contact = site.ok("GET", path)["contact"]

    renamed = update(site, contact, emails=emails("new@example.com"))
    early = site.call("DELETE", path)
    site.ok("DELETE", f"/members/v1/members/{member['id']}")
    late = site.call("DELETE", path)

    assert (renamed.status_code, code(renamed)) == (428, "CANNOT_UPDATE_MEMBER_EMAIL")
    assert (early.status_code, code(early)) == (428, "CANNOT_DELETE_MEMBER")
    assert late.status_code == 200


def a_crowd() -> Client:
    site = a_site()
    label = site.ok("POST", LABELS, {"displayName": "VIP"})["label"]["key"]
    duns = site.ok("POST", FIELDS, {"displayName": "DUNS", "dataType": "TEXT"})["field"]["key"]
    a_contact(
        site,
        name={"first": "Ada"},
        emails=emails("ada@example.com", "second@example.com"),
        labelKeys={"items": [label]},
    )
    site.advance(60)
    a_contact(
        site,
        name={"first": "Bob"},
        phones=phones("+49 241 1"),
        extendedFields={"items": {duns: "123456789"}},
    )
    site.advance(60)
    a_contact(site, name={"first": "Eve", "last": "Adams"}, company="ACME")
    return site


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({}, ["Ada", "Bob", "Eve"]),
        ({"info.emails.email": "second@example.com"}, ["Ada"]),
        ({"info.emails.email": {"$startsWith": "ADA@"}}, ["Ada"]),
        ({"info.phones.phone": "+49 241 1"}, ["Bob"]),
        ({"info.extendedFields.custom.duns": "123456789"}, ["Bob"]),
        ({"info.extendedFields.items.custom.duns": {"$in": ["123456789"]}}, ["Bob"]),
        ({"info.labelKeys": {"$hasSome": ["custom.vip", "custom.other"]}}, ["Ada"]),
        ({"info.labelKeys.items": {"$hasSome": ["custom.vip"]}}, ["Ada"]),
        ({"info.name.last": "Adams"}, ["Eve"]),
        ({"createdDate": {"$gt": "2026-03-02T12:00:30Z"}}, ["Bob", "Eve"]),
        (
            {"$or": [{"info.company": "ACME"}, {"primaryInfo.email": "ada@example.com"}]},
            ["Ada", "Eve"],
        ),
    ],
)
def test_query_when_filtered_then_the_paths_that_wix_documents_hold(
    filter_: dict[str, Any], expected: list[str]
) -> None:
    assert found(a_crowd(), filter_) == expected


def test_query_when_sorted_and_paged_then_the_metadata_counts() -> None:
    site = a_crowd()
    site.advance(1)

    page = site.ok(
        "POST",
        f"{CONTACTS}/query",
        {
            "query": {
                "sort": [{"fieldName": "createdDate", "order": "DESC"}],
                "paging": {"limit": 2, "offset": 1},
            }
        },
    )
    listed = site.ok(
        "GET",
        CONTACTS,
        **{"paging.limit": "2", "sort.fieldName": "info.name.first", "sort.order": "DESC"},
    )

    assert [contact["info"]["name"]["first"] for contact in page["contacts"]] == ["Bob", "Ada"]
    assert page["pagingMetadata"] == {"count": 2, "offset": 1, "total": 3, "tooManyToCount": False}
    assert [contact["info"]["name"]["first"] for contact in listed["contacts"]] == ["Eve", "Bob"]


@pytest.mark.parametrize("replica_lag", [0.3, 3600.0])
def test_query_when_a_contact_was_just_written_then_only_get_has_it(replica_lag: float) -> None:
    """Also where the data of the site is far behind."""
    site = a_site(replica_lag=replica_lag)
    contact = a_contact(site)

    at_once = site.ok("POST", f"{CONTACTS}/query", {"query": {}})["contacts"]
    site.advance(0.3)
    later = site.ok("POST", f"{CONTACTS}/query", {"query": {}})["contacts"]

    assert (at_once, later) == ([], [contact])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"paging": {"limit": 1001}}, "ILLEGAL_LIMIT"),
        ({"filter": {"info.company": {"$like": "x"}}}, "UNSUPPORTED_FILTER_OPERATOR"),
    ],
)
def test_query_when_it_is_not_valid_then_the_call_is_refused(
    asked: dict[str, Any], expected: str
) -> None:
    answer = a_site().post(f"{CONTACTS}/query", {"query": asked})

    assert (answer.status_code, code(answer)) == (400, expected)


def test_label_when_asked_for_twice_then_it_is_found_the_second_time() -> None:
    site = a_site()

    first, second, like_it = (
        site.ok("POST", LABELS, {"displayName": name})
        for name in ("Gold Partner", "gold partner", "Gold, partner")
    )

    assert (first["newLabel"], second["newLabel"], like_it["newLabel"]) == (True, False, True)
    assert (first["label"]["key"], like_it["label"]["key"]) == (
        "custom.gold-partner",
        "custom.gold-partner-1",
    )
    assert second["label"] == first["label"]
    assert [
        label["key"] for label in site.ok("POST", f"{LABELS}/query", {"query": {}})["labels"]
    ] == ["custom.gold-partner", "custom.gold-partner-1"]


def test_label_when_renamed_and_deleted_then_its_key_stayed() -> None:
    site = a_site()
    key = site.ok("POST", LABELS, {"displayName": "VIP"})["label"]["key"]

    renamed = site.ok("PATCH", f"{LABELS}/{key}", {"label": {"displayName": "Very important"}})[
        "label"
    ]
    got = site.ok("GET", f"{LABELS}/{key}")["label"]
    site.ok("DELETE", f"{LABELS}/{key}")

    assert (renamed["key"], renamed["displayName"], got) == (key, "Very important", renamed)
    assert site.ok("GET", LABELS)["labels"] == []


def test_contact_when_labelled_and_unlabelled_then_its_revision_grows_only_with_a_change() -> None:
    site = a_site()
    contact, key = a_contact(site), site.ok("POST", LABELS, {"displayName": "VIP"})["label"]["key"]
    path = f"{CONTACTS}/{contact['id']}/labels"

    labelled, again = (
        site.ok("POST", path, {"labelKeys": [key, "contacts.customers"]})["contact"]
        for _ in range(2)
    )
    unlabelled = site.ok("DELETE", path, labelKeys=[key])["contact"]
    nobody = site.post(path, {"labelKeys": ["custom.none"]})

    assert (labelled["info"]["labelKeys"]["items"], labelled["revision"]) == (
        [key, "contacts.customers"],
        2,
    )
    assert again == labelled
    assert (unlabelled["info"]["labelKeys"]["items"], unlabelled["revision"]) == (
        ["contacts.customers"],
        3,
    )
    assert (nobody.status_code, code(nobody)) == (400, "labelKeys")


def test_extended_field_when_asked_for_twice_then_it_is_found_the_second_time() -> None:
    site = a_site()

    first, second = (
        site.ok("POST", FIELDS, {"displayName": "Credit limit", "dataType": "NUMBER"})
        for _ in range(2)
    )
    wrong = site.post(FIELDS, {"displayName": "Other", "dataType": "COLOUR"})

    assert (
        first["newField"],
        second["newField"],
        first["field"]["key"],
        first["field"]["dataType"],
    ) == (True, False, "custom.credit-limit", "NUMBER")
    assert (wrong.status_code, code(wrong)) == (400, "dataType")
    assert [
        field["key"] for field in site.ok("POST", f"{FIELDS}/query", {"query": {}})["fields"]
    ] == ["custom.credit-limit"]


@pytest.mark.parametrize(
    ("value", "status"), [(5, 200), (5.5, 200), (None, 200), ("5", 400), (True, 400)]
)
def test_extended_field_when_its_value_is_of_another_type_then_it_is_refused(
    value: Any, status: int
) -> None:
    site = a_site()
    key = site.ok("POST", FIELDS, {"displayName": "Limit", "dataType": "NUMBER"})["field"]["key"]

    answer = create(site, {"name": {"first": "Ada"}, "extendedFields": {"items": {key: value}}})

    assert answer.status_code == status


def test_events_when_a_contact_comes_changes_and_goes_then_each_is_told() -> None:
    site, callback = a_site(), a_callback()
    site.register_webhook(callback, "wix.contacts.v4.contact_*")

    contact = a_contact(site)
    changed = update(site, contact, company="ACME").json()["contact"]
    update(site, contact, company="Stale")
    site.ok("DELETE", f"{CONTACTS}/{contact['id']}")
    tellings = sorted(
        (decode_webhook(body, site) for body in callback.wait_for(3, quiet=0.1)),
        key=lambda one: int(one.event["entityEventSequence"]),
    )

    assert [one.envelope["eventType"] for one in tellings] == [
        f"wix.contacts.v4.contact_{slug}" for slug in ("created", "updated", "deleted")
    ]
    assert tellings[0].event["createdEvent"]["entity"] == contact
    assert tellings[1].event["updatedEvent"]["currentEntity"] == changed
    assert {one.event["entityId"] for one in tellings} == {contact["id"]}
