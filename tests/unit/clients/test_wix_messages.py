"""Members and their contacts, the inbox and the mail automation: what is sent, what is read, and
what a failure gives away.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.errors import (
    BudgetExhausted,
    ConfigurationError,
    NotFound,
    RecordFault,
    Refused,
    Throttled,
    Unavailable,
)
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.partner_messenger.dispatches import Contact, Link, MemberMessage, Text
from gridwix.partner_messenger.mail_automation import MailAutomation
from gridwix.partner_messenger.member_settings import MemberSettings
from gridwix.partner_messenger.members import WixMemberDirectory
from gridwix.partner_messenger.wix_inbox import WixInbox
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

P1, P2 = PartnerId("GC1"), PartnerId("GC2")
URL = f"https://manage.example/_api/webhook-trigger/report/site/{SECRET}"
MAIL = MemberMessage(
    "d-1",
    "review",
    "transactional",
    "c-1",
    "dana@partner.example",
    "en",
    Text("Fertig: 李", "<p>Done</p>"),
)


def site(wire: Wire, budget: CountingBudget | None = None) -> WixSite:
    clock = ManualClock()
    return WixSite(
        wire.client(),
        open_auth(),
        budget or CountingBudget(),
        base_url="https://wix.example",
        clock=clock,
        sleep=Sleeper(clock),
    )


def people(wire: Wire, note: Callable[[RecordFault], None] = lambda _: None) -> WixMemberDirectory:
    clock = ManualClock()
    wix = WixClient(
        wire.client(),
        open_auth(),
        CountingBudget(),
        base_url="https://wix.example",
        clock=clock,
        sleep=Sleeper(clock),
    )
    return WixMemberDirectory(wix, site(wire), note=note)


def mails(wire: Wire, secret: Any = None) -> MailAutomation:
    clock = ManualClock()
    return MailAutomation(
        wire.client(),
        lambda: {"emailUrl": URL} if secret is None else secret,
        clock=clock,
        sleep=Sleeper(clock),
    )


def answering(**answers: Any) -> Wire:
    """Answers by the last segment but one of the path."""
    return Wire(
        handler=lambda request: httpx.Response(200, json=answers[request.url.path.split("/")[-2]])
    )


@pytest.mark.parametrize("contact", ["", ".", "..", "no contact"])
def test_member_whose_contact_cannot_be_asked_for_keeps_no_other_from_a_message(
    contact: str,
) -> None:
    listed = [
        {"id": "m1", "status": "APPROVED", "contactId": contact},
        {"id": "m2", "status": "APPROVED", "contactId": "c2"},
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/members"):
            return httpx.Response(200, json={"members": listed})
        if request.url.path.endswith("/query"):
            return httpx.Response(200, json={"contacts": [{"id": "c2"}]})
        return wix_fault(400, "INVALID_ARGUMENT")

    found = people(Wire(handler=answer)).member_contacts(["m1", "m2"])

    assert [person.member_id for person in found.records] == ["m2"]
    assert [fault.owner for fault in found.faults] == ["m1"]


def test_links_are_those_of_the_partners_each_once_and_nothing_malformed() -> None:
    rows = [
        {"memberId": "m1", "partnerId": "GC1", "role": "edi"},
        {"memberId": "m1", "partnerId": "GC1", "role": "edi"},
        {"memberId": "m1", "partnerId": "GC2", "role": "admin"},
        {"memberId": "m2", "partnerId": "GC3"},
        {"memberId": 7, "partnerId": "GC1"},
        {"memberId": "", "partnerId": "GC1"},
        {"memberId": "m3", "partnerId": "GC1"},
    ]
    wire = answering(
        items={
            "dataItems": [{"id": f"l{number}", "data": row} for number, row in enumerate(rows)],
            "pagingMetadata": {"count": len(rows)},
        }
    )

    found = people(wire).partner_links([P1, P2, P1])

    assert found.records == [Link("m1", P1, "edi"), Link("m1", P2, "admin"), Link("m3", P1, "")]
    assert [fault.owner for fault in found.faults] == ["GC1", "GC1"]
    assert wire.bodies()[0]["query"]["filter"] == {"partnerId": {"$in": ["GC1", "GC2"]}}


def setting_rows(*rows: dict[str, Any]) -> Wire:
    return answering(
        items={
            "dataItems": [{"id": f"s{number}", "data": row} for number, row in enumerate(rows)],
            "pagingMetadata": {"count": len(rows)},
        }
    )


def test_settings_are_those_of_the_members_and_one_that_is_malformed_harms_nobody_else() -> None:
    wire = setting_rows(
        {"memberId": "m1", "setting": "language", "value": "de"},
        {"memberId": "m1", "setting": "messages/documents/email", "value": "off"},
        {"memberId": "m2", "setting": "language", "value": "German, please"},
        {"memberId": "m3", "setting": 7, "value": "de"},
        {"memberId": "m3", "setting": "language", "value": {"of": "Dana"}},
        {"memberId": "m9", "setting": "language", "value": "de"},
        {"setting": "language", "value": "de"},
    )

    found = people(wire).member_settings(["m1", "m2", "m3", "m1"])

    assert found.records == [
        ("m1", MemberSettings("de", turned_off=frozenset({("documents", "email")})))
    ]
    assert [(fault.owner, fault.reason) for fault in found.faults] == [
        ("m2", "language is malformed")
    ]
    assert wire.bodies()[0]["query"]["filter"] == {"memberId": {"$in": ["m1", "m2", "m3"]}}


@pytest.mark.parametrize(
    "answer", [wix_fault(404, "WDE0025"), wix_fault(403, "WDE0027"), httpx.Response(500)]
)
def test_settings_of_a_call_that_fails_are_a_fault_of_each_member(answer: httpx.Response) -> None:
    noted: list[RecordFault] = []
    directory = people(Wire(handler=lambda _: answer), noted.append)

    found = directory.member_settings(["m1", "m2"])

    assert (found.records, [fault.owner for fault in found.faults]) == ([], ["m1", "m2"])
    assert len(noted) == 1


def test_settings_that_wix_throttles_are_no_fault_of_a_member() -> None:
    with pytest.raises(Throttled):
        people(Wire(handler=lambda _: wix_fault(429, "WDE0014"))).member_settings(["m1"])


def test_settings_of_many_members_are_asked_for_in_chunks() -> None:
    wire = setting_rows()

    people(wire).member_settings([f"m{number:03}" for number in range(101)])

    assert [len(body["query"]["filter"]["memberId"]["$in"]) for body in wire.bodies()] == [100, 1]


def test_persons_are_members_who_may_log_in_with_what_their_contact_says() -> None:
    members = [
        {"id": "m1", "status": "APPROVED", "contactId": "c1"},
        {"id": "m2", "status": "BLOCKED", "contactId": "c2"},
        {"id": "m3", "status": "APPROVED", "contactId": "gone"},
        {"id": "m4", "status": "APPROVED"},
    ]
    email = {
        "email": "dana@partner.example",
        "subscriptionStatus": "SUBSCRIBED",
        "deliverabilityStatus": "BOUNCED",
    }
    contacts = {
        "contacts": [{"id": "c1", "info": {"locale": "de-de"}, "primaryEmail": email}, {"id": 4}]
    }
    wire = Wire(
        answers=[
            httpx.Response(200, json={"members": members}),
            httpx.Response(200, json=contacts),
            wix_fault(404, "CONTACT_NOT_FOUND"),
        ]
    )

    found = people(wire).member_contacts(["m2", "m1", "m3", "m4"])

    assert found.records == [
        Contact("m1", "c1", "dana@partner.example", "de-de", "SUBSCRIBED", "BOUNCED")
    ]
    assert [fault.owner for fault in found.faults] == ["m4"]
    asked = wire.bodies()
    assert asked[0] == {
        "query": {
            "filter": {"id": {"$in": ["m1", "m2", "m3", "m4"]}},
            "paging": {"limit": 100, "offset": 0},
        },
        "fieldsets": ["FULL"],
    }
    assert asked[1]["query"]["filter"] == {"id": {"$in": ["c1", "gone"]}}
    assert "dana" not in repr(found)


def test_contact_that_the_query_does_not_find_yet_is_read_by_itself() -> None:
    member = {"id": "m1", "status": "APPROVED", "contactId": "c/1"}
    contact = {"contact": {"id": "c/1", "primaryEmail": {"email": "new@partner.example"}}}
    wire = Wire(
        answers=[
            httpx.Response(200, json={"members": [member]}),
            httpx.Response(200, json={"contacts": []}),
            httpx.Response(200, json=contact),
        ]
    )

    assert people(wire).member_contacts(["m1"]).records[0].email == "new@partner.example"
    assert wire.last.url.raw_path == b"/contacts/v4/contacts/c%2F1"


def test_person_whose_contact_says_nothing_is_not_subscribed_and_nobody_is_asked_about_nobody() -> (
    None
):
    wire = answering(
        members={"members": [{"id": "m1", "status": "APPROVED", "contactId": "c1"}]},
        contacts={"contacts": [{"id": "c1", "info": None}]},
    )

    assert people(wire).member_contacts(["m1"]).records == [Contact("m1", "c1")]
    assert people(Wire()).member_contacts([]) == Listing([], [])
    with pytest.raises(Unavailable):
        people(answering(members={"members": None})).member_contacts(["m1"])


def test_contacts_of_addresses_are_found_by_any_of_their_addresses_in_one_query() -> None:
    def contact(identifier: str, primary: str, *others: str) -> dict[str, Any]:
        return {
            "id": identifier,
            "info": {"locale": "de", "emails": {"items": [{"email": one} for one in others]}},
            "primaryEmail": {"email": primary, "deliverabilityStatus": "BOUNCED"},
        }

    listed = [
        contact("c1", "Ada@Partner.example ", "Ada@Partner.example"),
        contact("c2", "bo@home.example", "bo@home.example", "bo@partner.example"),
        contact("c3", "cy@partner.example"),
        contact("c4", "other@partner.example", "cy@partner.example", "unasked@partner.example"),
        {"id": 5},
        {"id": "c6", "info": {"emails": {"items": [None, {"email": 7}]}}},
    ]
    wire = answering(contacts={"contacts": listed})

    found = people(wire).address_contacts(
        [f"{name}@partner.example" for name in ("ada", "bo", "cy", "di")]
    )

    assert found == {
        "ada@partner.example": Contact(
            "", "c1", "ada@partner.example", "de", deliverability="BOUNCED"
        ),
        "bo@partner.example": Contact("", "c2", "bo@partner.example", "de"),
        "cy@partner.example": Contact(
            "", "c3", "cy@partner.example", "de", deliverability="BOUNCED"
        ),
    }
    (asked,) = wire.bodies()
    assert len(asked["query"]["filter"]["info.emails.email"]["$in"]) == 4
    assert people(Wire()).address_contacts([]) == {}


def test_message_goes_into_the_contacts_conversation() -> None:
    wire = Wire(
        answers=[
            httpx.Response(200, json={"conversation": {"id": "conv"}}),
            httpx.Response(200, json={"message": {"id": "msg"}}),
        ]
    )
    budget = CountingBudget()

    WixInbox(site(wire, budget)).send_message(
        replace(MAIL, text=Text("Done", "<p>All is well.</p>"))
    )

    first, second = wire.bodies()
    assert (wire.requests[0].url.path, first) == (
        "/inbox/v2/conversations",
        {"participantId": {"contactId": "c-1"}},
    )
    assert (wire.requests[1].url.path, second["conversationId"]) == ("/inbox/v2/messages", "conv")
    assert second["message"] == {
        "direction": "BUSINESS_TO_PARTICIPANT",
        "visibility": "BUSINESS_AND_PARTICIPANT",
        "content": {
            "basic": {"items": [{"text": "Done\n\nAll is well."}]},
            "previewText": "Done\n\nAll is well.",
        },
    }
    assert (budget.taken, second["sendNotifications"]) == (2, False)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("late"),
        httpx.Response(500),
        httpx.Response(200, json={}),
        httpx.Response(200, text="<html>"),
    ],
)
def test_lost_answer_about_the_conversation_is_not_ambiguous_as_nothing_was_said(
    answer: Any,
) -> None:
    wire = Wire(answers=[answer])

    with pytest.raises(Unavailable) as error:
        WixInbox(site(wire)).send_message(MAIL)

    assert not error.value.ambiguous
    assert {request.url.path for request in wire.requests} == {"/inbox/v2/conversations"}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("late"),
        httpx.RemoteProtocolError("broken"),
        httpx.Response(503),
        httpx.Response(200, text="<html>"),
    ],
)
def test_lost_answer_about_the_message_is_ambiguous_and_it_is_sent_once(answer: Any) -> None:
    wire = Wire(answers=[httpx.Response(200, json={"conversation": {"id": "conv"}}), answer])

    with pytest.raises(Unavailable) as error:
        WixInbox(site(wire)).send_message(MAIL)

    assert error.value.ambiguous
    assert len(wire.requests) == 2


def test_inbox_says_what_is_wrong_and_keeps_to_the_budget() -> None:
    with pytest.raises(NotFound):
        WixInbox(site(Wire(answers=[wix_fault(404, "CONTACT_NOT_FOUND")]))).send_message(MAIL)
    with pytest.raises(BudgetExhausted):
        WixInbox(site(Wire(), CountingBudget(left=0))).send_message(MAIL)


def test_mail_is_handed_to_the_automation_with_its_id() -> None:
    wire = Wire(handler=lambda _: httpx.Response(204))

    mails(wire).send_message(MAIL)

    assert (wire.last.method, str(wire.last.url), wire.last.headers["Idempotency-Key"]) == (
        "POST",
        URL,
        "d-1",
    )
    assert "authorization" not in wire.last.headers
    assert json.loads(wire.last.content) == {
        "messageId": "d-1",
        "campaign": "review",
        "kind": "transactional",
        "contactId": "c-1",
        "email": "dana@partner.example",
        "locale": "en",
        "subject": "Fertig: 李",
        "body": "<p>Done</p>",
    }


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(404), NotFound),
        (httpx.Response(400), Refused),
        (httpx.Response(429), Throttled),
        (httpx.Response(302, headers={"location": "https://evil.example"}), Refused),
        (httpx.Response(502), Unavailable),
        (httpx.ReadTimeout("late"), Unavailable),
        (httpx.ConnectError(f"no route to {URL}"), Unavailable),
    ],
)
def test_automation_that_fails_gives_neither_its_address_nor_the_mail_away(
    answer: Any, kind: type[Exception]
) -> None:
    wire = Wire(
        handler=lambda _: (
            answer if isinstance(answer, httpx.Response) else pytest.fail("no answer is left")
        ),
        answers=[answer] * 3,
    )

    with pytest.raises(kind) as error:
        mails(wire).send_message(MAIL)

    said = shown(error.value) + repr(MAIL)
    assert not any(text in said for text in (SECRET, "dana@", "<p>Done</p>", "Fertig"))


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"emailUrl": ""},
        {"emailUrl": 7},
        {"emailUrl": f"ftp://{SECRET}"},
        {"emailUrl": f"https:///{SECRET}"},
        {"emailUrl": SECRET},
    ],
)
def test_address_that_is_none_is_a_configuration_fault(secret: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as error:
        mails(Wire(), secret).send_message(MAIL)

    assert SECRET not in str(error.value)
