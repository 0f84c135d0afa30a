"""Inbox, mail automation and marketing subscriptions of the Wix emulator."""

from typing import Any

import pytest

from tests.contract.wix_site import Client, a_site, code

CONVERSATIONS, MESSAGES = "/inbox/v2/conversations", "/inbox/v2/messages"
MAIL = {
    "messageId": "d-1",
    "email": "ada@example.com",
    "subject": "Done",
    "body": "<p>Done</p>",
    "campaign": "review",
    "kind": "transactional",
}


def a_member(site: Client) -> dict[str, Any]:
    found: dict[str, Any] = site.control("POST", "members", {"loginEmail": "ada@example.com"})[
        "member"
    ]
    return found


def said(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    content = {"basic": {"items": [{"text": text}]}, "previewText": text}
    return {
        "direction": "BUSINESS_TO_PARTICIPANT",
        "visibility": "BUSINESS_AND_PARTICIPANT",
        "content": content,
        **fields,
    }


def automation(site: Client) -> str:
    return f"/_api/webhook-trigger/report/{site.info['siteId']}/mails"


def test_conversation_with_a_contact_is_one_and_the_members_is_the_contacts() -> None:
    site = a_site()
    member = a_member(site)

    first = site.ok("POST", CONVERSATIONS, {"participantId": {"contactId": member["contactId"]}})
    again = site.ok("POST", CONVERSATIONS, {"participantId": {"memberId": member["id"]}})

    assert (first["newConversation"], again["newConversation"]) == (True, False)
    assert first["conversation"]["id"] == again["conversation"]["id"]


def test_message_that_is_sent_twice_is_there_twice() -> None:
    site = a_site()
    contact = a_member(site)["contactId"]
    conversation = site.ok("POST", CONVERSATIONS, {"participantId": {"contactId": contact}})[
        "conversation"
    ]["id"]

    for _ in range(2):
        sent = site.ok(
            "POST",
            MESSAGES,
            {"conversationId": conversation, "message": said(), "sendNotifications": True},
        )["message"]
        assert (sent["conversationId"], sent["content"]["basic"]["items"]) == (
            conversation,
            [{"text": "Hello"}],
        )

    assert len(site.ok("GET", MESSAGES, conversationId=conversation)["messages"]) == 2
    assert [message["contactId"] for message in site.control("GET", "inbox")["messages"]] == [
        contact,
        contact,
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "expected"),
    [
        (CONVERSATIONS, {"participantId": {"contactId": "none"}}, 404, "CONTACT_NOT_FOUND"),
        (CONVERSATIONS, {"participantId": {"memberId": "none"}}, 404, "NOT_FOUND"),
        (CONVERSATIONS, {"participantId": {}}, 400, "participantId"),
        (MESSAGES, {"conversationId": "none", "message": said()}, 404, "CONVERSATION_NOT_FOUND"),
        (MESSAGES, {"conversationId": "none"}, 400, "message"),
    ],
)
def test_inbox_when_a_call_is_wrong_then_it_says_how(
    path: str, body: dict[str, Any], status: int, expected: str
) -> None:
    answer = a_site().post(path, body)

    assert (answer.status_code, code(answer)) == (status, expected)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (said(direction="UP"), "message.direction"),
        (said(visibility="ALL"), "message.visibility"),
        (said(content={}), "message.content.basic.items"),
        (said(text="x" * 10_001), "message.content.basic.items"),
    ],
)
def test_message_when_it_is_malformed_then_it_is_not_sent(
    message: dict[str, Any], field: str
) -> None:
    site = a_site()
    conversation = site.ok(
        "POST", CONVERSATIONS, {"participantId": {"contactId": a_member(site)["contactId"]}}
    )["conversation"]["id"]

    answer = site.post(MESSAGES, {"conversationId": conversation, "message": message})

    assert (answer.status_code, code(answer)) == (400, field)
    assert site.control("GET", "inbox")["messages"] == []


def test_automation_mails_each_message_id_once_and_needs_no_credentials() -> None:
    site = a_site()

    for body in (MAIL, MAIL, {**MAIL, "messageId": "d-2", "subject": "Next"}, {"note": "no mail"}):
        assert site.call("POST", automation(site), body, headers={}).status_code == 200

    assert [mail["subject"] for mail in site.control("GET", "mails")["mails"]] == ["Done", "Next"]
    assert len(site.control("GET", "automations/received")["received"]) == 4


def test_contacts_subscription_is_changed_by_people_and_survives_other_changes() -> None:
    site = a_site()
    contact = a_member(site)["contactId"]
    path = f"/contacts/v4/contacts/{contact}"
    assert site.ok("GET", path)["contact"]["primaryEmail"]["subscriptionStatus"] == "NOT_SET"

    changed = site.control(
        "POST",
        f"contacts/{contact}",
        {"subscriptionStatus": "SUBSCRIBED", "deliverabilityStatus": "VALID"},
    )["contact"]
    site.ok("PATCH", path, {"revision": changed["revision"], "info": {"company": "ACME"}})

    known = {
        "email": "ada@example.com",
        "subscriptionStatus": "SUBSCRIBED",
        "deliverabilityStatus": "VALID",
    }
    assert site.ok("GET", path)["contact"]["primaryEmail"] == known
    wrong = site.call("POST", f"/__emulator/contacts/{contact}", {"subscriptionStatus": "MAYBE"})
    assert (wrong.status_code, code(wrong)) == (400, "subscriptionStatus")


def test_page_shows_mails_and_messages_and_a_mail_can_do_nothing() -> None:
    site = a_site()
    contact = a_member(site)["contactId"]
    conversation = site.ok("POST", CONVERSATIONS, {"participantId": {"contactId": contact}})[
        "conversation"
    ]["id"]
    site.ok("POST", MESSAGES, {"conversationId": conversation, "message": said("Hi <b>")})
    site.call("POST", automation(site), {**MAIL, "body": '"><script>alert(1)</script>'}, headers={})

    page = site.call("GET", "/messages").text

    assert all(text in page for text in ("Done", "ada@example.com", "Hi &lt;b&gt;", 'sandbox=""'))
    assert "<script>alert(1)" not in page
