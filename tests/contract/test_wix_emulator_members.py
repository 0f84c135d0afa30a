"""Members of the Wix emulator: visible fields and status changes."""

import base64
import json
from typing import Any

import pytest

from tests.contract.wix_site import Client, a_callback, a_site, code, decode_webhook

MEMBERS = "/members/v1/members"
NOW = "2026-03-02T12:00:00.000Z"
GUID = "11111111-2222-4333-8444-555555555555"


def a_member(site: Client, email: str = "ada@example.com", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = site.control("POST", "members", {"loginEmail": email, **more})["member"]
    return found


def query(
    site: Client,
    filter_: dict[str, Any] | None = None,
    fieldsets: list[str] | None = None,
    **paging: Any,
) -> dict[str, Any]:
    return site.ok(
        "POST",
        f"{MEMBERS}/query",
        {"query": {"filter": filter_ or {}, "paging": paging}, "fieldsets": fieldsets or ["FULL"]},
    )


def emails(answer: dict[str, Any]) -> list[str]:
    return [member["loginEmail"] for member in answer["members"]]


def test_member_when_created_then_it_has_a_contact_of_its_address() -> None:
    site = a_site()
    person = {
        "firstName": "Ada",
        "lastName": "Lovelace",
        "phones": ["+49 241 1"],
        "company": "ACME",
    }

    member = site.ok(
        "POST",
        MEMBERS,
        {
            "member": {
                "loginEmail": "ada@example.com",
                "contact": person,
                "id": GUID,
                "status": "BLOCKED",
            }
        },
    )["member"]
    contact = site.ok("GET", f"/contacts/v4/contacts/{member['contactId']}")["contact"]

    assert (member["loginEmail"], member["status"], member["createdDate"]) == (
        "ada@example.com",
        "APPROVED",
        NOW,
    )
    assert member["id"] != GUID
    assert member["profile"] == {"nickname": "Ada Lovelace", "slug": "ada-lovelace"}
    assert member["contact"] == {
        **person,
        "emails": ["ada@example.com"],
        "contactId": member["contactId"],
    }
    assert contact["primaryInfo"] == {"email": "ada@example.com", "phone": "+49 241 1"}
    assert (contact["info"]["name"], contact["info"]["company"]) == (
        {"first": "Ada", "last": "Lovelace"},
        "ACME",
    )


def test_member_when_there_is_a_contact_of_its_address_then_it_is_taken() -> None:
    site = a_site()
    info = {"emails": {"items": [{"email": "Ada@example.com"}]}}
    contact = site.ok("POST", "/contacts/v4/contacts", {"info": info})["contact"]

    member = a_member(site)

    assert member["contactId"] == contact["id"]


@pytest.mark.parametrize(
    ("order", "status", "expected"),
    [
        ({}, 400, "loginEmail"),
        ({"loginEmail": "ADA@example.com"}, 409, "ALREADY_EXISTS"),
        ({"loginEmail": "bob@example.com", "id": GUID}, 409, "ALREADY_EXISTS"),
        ({"loginEmail": "bob@example.com", "id": "bob"}, 400, "id"),
        ({"loginEmail": "bob@example.com", "status": "GONE"}, 400, "status"),
    ],
)
def test_member_when_the_order_is_refused_then_there_is_no_other(
    order: dict[str, str], status: int, expected: str
) -> None:
    site = a_site()
    a_member(site, id=GUID)

    answer = site.post("/__emulator/members", order)

    assert (answer.status_code, code(answer)) == (status, expected)
    assert emails(query(site)) == ["ada@example.com"]


def test_login_address_when_it_changes_then_it_is_unverified_and_the_old_one_is_free() -> None:
    site = a_site()
    member = a_member(site, id=GUID, loginEmailVerified=True)
    assert member["loginEmailVerified"] is True

    path = f"members/{GUID}"
    same = site.control("POST", path, {"loginEmail": "ADA@example.com"})["member"]
    changed = site.control("POST", path, {"loginEmail": "eve@example.com"})["member"]
    verified = site.control("POST", path, {"loginEmailVerified": True})["member"]
    again = a_member(site)
    taken = site.post(f"/__emulator/{path}", {"loginEmail": "ada@example.com"})

    assert (same["loginEmail"], same["loginEmailVerified"]) == ("ADA@example.com", True)
    assert (changed["loginEmail"], changed["loginEmailVerified"]) == ("eve@example.com", False)
    assert verified == {**changed, "loginEmailVerified": True, "updatedDate": NOW}
    assert again["id"] != GUID
    assert (taken.status_code, code(taken)) == (409, "ALREADY_EXISTS")


def test_member_when_the_api_creates_it_then_its_address_is_unverified() -> None:
    wish = {"loginEmail": "ada@example.com", "loginEmailVerified": True}

    created = a_site().ok("POST", MEMBERS, {"member": wish})["member"]

    assert created["loginEmailVerified"] is False


@pytest.mark.parametrize(
    ("fieldsets", "login_email", "status", "contact"),
    [
        ([], False, "UNKNOWN", False),
        (["PUBLIC"], False, "UNKNOWN", False),
        (["EXTENDED"], True, "APPROVED", False),
        (["FULL"], True, "APPROVED", True),
    ],
)
def test_member_when_read_then_the_fieldset_decides_what_is_shown(
    fieldsets: list[str], login_email: bool, status: str, contact: bool
) -> None:
    site = a_site()
    a_member(site, id=GUID)

    got = site.ok(
        "GET", f"{MEMBERS}/{GUID}", id=GUID, **({"fieldsets": fieldsets} if fieldsets else {})
    )["member"]
    listed = site.ok("GET", MEMBERS, **({"fieldsets": fieldsets} if fieldsets else {}))["members"]

    assert (got["id"], "loginEmail" in got, got["status"], "contact" in got) == (
        GUID,
        login_email,
        status,
        contact,
    )
    assert listed == [got]


def test_members_when_listed_with_one_parameter_for_all_then_it_is_read() -> None:
    site = a_site()
    for number in range(3):
        a_member(site, f"{number}@example.com")
    asked = {"paging": {"limit": 2, "offset": 1}, "fieldsets": ["FULL"]}

    answer = site.ok(
        "GET",
        MEMBERS,
        **{".r": base64.urlsafe_b64encode(json.dumps(asked).encode()).rstrip(b"=").decode()},
    )

    assert emails(answer) == ["1@example.com", "2@example.com"]
    assert answer["metadata"] == {"count": 2, "offset": 1, "total": 3, "tooManyToCount": False}


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({"loginEmail": "1@example.com"}, ["1@example.com"]),
        ({"status": "PENDING"}, ["2@example.com"]),
        ({"id": {"$in": [GUID]}}, ["0@example.com"]),
        ({"profile.nickname": {"$startsWith": "1"}}, ["1@example.com"]),
        (
            {"createdDate": {"$gte": "2026-03-02T12:00:01+00:00"}},
            ["1@example.com", "2@example.com"],
        ),
    ],
)
def test_query_when_filtered_then_only_those_members_come(
    filter_: dict[str, Any], expected: list[str]
) -> None:
    site = a_site()
    for number, more in enumerate(({"id": GUID}, {}, {"status": "PENDING"})):
        a_member(site, f"{number}@example.com", **more)
        site.advance(1)

    assert emails(query(site, filter_)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"query": {"paging": {"limit": 101}}}, "limit"),
        ({"query": {}, "fieldsets": ["SECRET"]}, "fieldsets"),
        ({"query": {}, "fieldsets": [7]}, "fieldsets"),
    ],
)
def test_query_when_it_is_not_valid_then_the_call_is_invalid(
    body: dict[str, Any], expected: str
) -> None:
    answer = a_site().post(f"{MEMBERS}/query", body)

    assert (answer.status_code, code(answer)) == (400, expected)


def test_update_when_made_then_contact_and_profile_are_merged_and_the_rest_stays() -> None:
    site = a_site()
    before = a_member(site, id=GUID, contact={"firstName": "Ada", "company": "ACME"})
    site.advance(1)

    given = {
        "contact": {"company": "New", "contactId": "x"},
        "profile": {"nickname": "Countess"},
        "loginEmail": "x@y.z",
        "status": "BLOCKED",
    }
    after = site.ok("PATCH", f"{MEMBERS}/{GUID}", {"member": {**given, "id": GUID}})["member"]

    assert (
        after["contact"]["firstName"],
        after["contact"]["company"],
        after["contact"]["contactId"],
    ) == ("Ada", "New", before["contactId"])
    assert (after["profile"]["nickname"], after["profile"]["slug"]) == ("Countess", "ada")
    assert (after["loginEmail"], after["status"]) == ("ada@example.com", "APPROVED")
    assert after["updatedDate"] > before["updatedDate"]


@pytest.mark.parametrize(("verb", "status"), [("approve", "APPROVED"), ("block", "BLOCKED")])
def test_status_when_changed_then_the_member_has_it(verb: str, status: str) -> None:
    site = a_site()
    a_member(site, id=GUID, status="PENDING")

    changed = site.ok("POST", f"{MEMBERS}/{GUID}/{verb}", {"id": GUID})["member"]

    assert changed["status"] == status
    assert query(site)["members"] == [changed]


def test_member_when_deleted_then_the_address_is_free_and_the_contact_stays() -> None:
    site = a_site()
    member = a_member(site, id=GUID)

    deleted = site.ok("DELETE", f"{MEMBERS}/{GUID}")
    again = a_member(site)

    assert deleted == {}
    assert again["contactId"] == member["contactId"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("DELETE", "", None),
        ("PATCH", "", {"member": {}}),
        ("POST", "/approve", {}),
        ("POST", "/block", {}),
    ],
)
def test_member_when_it_does_not_exist_then_404(
    method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = a_site().call(method, f"{MEMBERS}/{GUID}{path}", body)

    assert (answer.status_code, code(answer)) == (404, "NOT_FOUND")


def test_events_when_a_member_comes_changes_and_goes_then_each_is_told() -> None:
    site, callback = a_site(), a_callback()
    site.register_webhook(callback, "wix.members.v1.*")

    member = a_member(site, status="PENDING")
    for _ in range(2):
        site.ok("POST", f"{MEMBERS}/{member['id']}/approve", {})
    site.ok("DELETE", f"{MEMBERS}/{member['id']}")
    tellings = sorted(
        (decode_webhook(body, site) for body in callback.wait_for(3, quiet=0.1)),
        key=lambda one: int(one.event["entityEventSequence"]),
    )

    assert [one.envelope["eventType"] for one in tellings] == [
        f"wix.members.v1.member_{slug}" for slug in ("created", "updated", "deleted")
    ]
    assert tellings[0].event["createdEvent"]["entity"] == member
    assert tellings[1].event["updatedEvent"]["currentEntity"]["status"] == "APPROVED"
    assert tellings[2].event["entityId"] == member["id"]
