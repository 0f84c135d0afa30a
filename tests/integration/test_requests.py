"""Use case 4 through the deployed stack: a submission becomes one request in Trading Grid.

The number of the request comes back to the portal.
"""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from gridwix.mapping.references import idempotency_key, reference
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    OPEN_ISSUES,
    PARTNER_LINKS,
    PARTNER_REQUESTS,
)
from gridwix.models.trading_grid.cases import NewCase
from gridwix.models.wix import DataItem
from gridwix.wix_webhook.signatures import form_signature
from ops.local_environment import LocalEnvironment

INVOICE_FORM = "5b1f6a52-7f1e-4a53-9a3d-2d1e0c5a8f01"
PARTNER, MEMBER = "GC070000000101", "3d1e5c77-6a0b-4f4e-8a55-0f2b6c7d8e91"
SUBMITTER = {"your_name": "Dana 李", "email": "ap@prairiegold.example"}
ANSWERS = {
    "invoice_number": "INV-88213",
    "invoiced_unit_price": 4.15,
    "question": "Which price will you pay?",
    **SUBMITTER,
}


@pytest.fixture(scope="module", autouse=True)
def member(local_cloud: LocalEnvironment) -> Iterator[None]:
    """A member who acts for Prairie Gold Foods."""
    local_cloud.wix.order(
        "members", {"id": MEMBER, "loginEmail": "dana@prairiegold.example", "status": "APPROVED"}
    )
    link = DataItem(
        WixItemId("link-1"), {"memberId": MEMBER, "partnerId": PARTNER, "role": "finance"}
    )
    local_cloud.connections.wix.save_item(PARTNER_LINKS, link)
    yield
    local_cloud.connections.wix.remove_item(PARTNER_LINKS, link.id)


def submit(local: LocalEnvironment, answers: dict[str, Any] | None = None, **fields: Any) -> str:
    order = {
        "formId": INVOICE_FORM,
        "submissions": ANSWERS if answers is None else answers,
        **fields,
    }
    return str(local.wix.order("submissions", order)["submission"]["id"])


def forms(local: LocalEnvironment) -> str:
    """The address to which site code and automations post."""
    return local.cloud.local_url(local.stack.output("WixWebhookUrl")) + "/forms"


def secret(local: LocalEnvironment) -> str:
    stored = local.stack.aws.secrets.get_secret_value(
        SecretId=local.stack.output("WixWebhookSecretName")
    )["SecretString"]
    return str(json.loads(stored)["signingSecrets"][0])


def accepted_at(local: LocalEnvironment, submission_id: str) -> str:
    """Return the time at which ``wix_webhook`` stored a submission."""
    table = local.stack.output("SubmissionTableName")
    return local.stack.aws.dynamodb.get_item(TableName=table, Key={"id": {"S": submission_id}})[
        "Item"
    ]["receivedAt"]["S"]


def row(local: LocalEnvironment, submission_id: str) -> dict[str, Any]:
    item = local.connections.wix.get_item(PARTNER_REQUESTS, WixItemId(submission_id))
    return {} if item is None else dict(item.data)


def requests(local: LocalEnvironment, submission_id: str) -> list[dict[str, Any]]:
    """Return the collaboration requests that were made from a submission."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = local.gateway.list_records("collaboration-requests", cursor)
        found += [
            request for request in page["items"] if request["sourceSubmissionId"] == submission_id
        ]
        cursor = page["nextCursor"]
        if cursor is None:
            return found


def test_members_question_becomes_one_routed_request_whose_number_and_progress_go_back(
    local_cloud: LocalEnvironment,
) -> None:
    identifier = submit(local_cloud, memberId=MEMBER)

    local_cloud.wait_for(lambda: bool(row(local_cloud, identifier).get("number")), "the number")
    (request,) = requests(local_cloud, identifier)
    assert (request["partnerId"], request["type"], request["routing"]["teamKey"]) == (
        PARTNER,
        "invoice_clarification",
        "ap-disputes",
    )
    assert (request["answers"]["invoicedUnitPrice"], request["submitter"]["name"]) == (
        "4.15",
        "Dana 李",
    )
    shown = row(local_cloud, identifier)
    assert (shown["number"], shown["reference"], shown["memberId"], shown["partnerId"]) == (
        request["number"],
        reference(identifier),
        MEMBER,
        PARTNER,
    )

    moved = local_cloud.gateway.make_transition("collaboration-requests", request, "in_progress")
    local_cloud.gateway.make_transition("collaboration-requests", moved, "waiting_on_partner")

    local_cloud.wait_for(
        lambda: row(local_cloud, identifier)["statusLabel"] == "Waiting for you", "the progress"
    )
    sent = "".join(str(request["body"]) for request in local_cloud.wix.requests())
    assert "Which price will you pay?" not in sent


def test_twenty_deliveries_of_one_submission_at_once_make_one_request(
    local_cloud: LocalEnvironment,
) -> None:
    body = json.dumps({"submissionId": "twenty", "memberId": MEMBER, "values": ANSWERS})
    address, headers = (
        f"{forms(local_cloud)}/invoice-question",
        local_cloud.site_code.sign_headers("m-1", body),
    )
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: httpx.post(address, content=body, headers=headers), range(20))
        )

    local_cloud.wait_for(lambda: bool(row(local_cloud, "twenty").get("number")), "the number")
    local_cloud.wait_until_idle()

    assert {(answer.status_code, answer.json().get("reference")) for answer in answers} == {
        (200, reference("twenty"))
    }
    assert len(requests(local_cloud, "twenty")) == 1


def test_event_that_wix_delivers_again_makes_no_second_request(
    local_cloud: LocalEnvironment,
) -> None:
    identifier = submit(local_cloud, memberId=MEMBER)
    local_cloud.wait_for(lambda: bool(row(local_cloud, identifier).get("number")), "the number")
    deliveries = local_cloud.wix.read("webhooks/deliveries")["deliveries"]
    (event,) = {
        delivery["eventId"] for delivery in deliveries if delivery["entityId"] == identifier
    }

    local_cloud.wix.order("webhooks/redeliver", {"eventId": event})
    local_cloud.wait_until_idle()

    assert len(requests(local_cloud, identifier)) == 1


def test_visitors_identifier_is_a_hint_and_its_request_is_on_no_page(
    local_cloud: LocalEnvironment,
) -> None:
    known = submit(local_cloud, {**ANSWERS, "gln": "0614141 00052 4"})
    stranger = submit(local_cloud, {**ANSWERS, "email": "somebody@prairiegold.example"})

    local_cloud.wait_for(
        lambda: all(row(local_cloud, identifier).get("number") for identifier in (known, stranger)),
        "both numbers",
    )

    (hinted,), (unknown,) = (requests(local_cloud, one) for one in (known, stranger))
    assert [
        (
            one["partnerId"],
            one["partnerMatch"],
            row(local_cloud, one["sourceSubmissionId"]).get("partnerId"),
        )
        for one in (hinted, unknown)
    ] == [(None, "hint", None), (None, "", None)]
    assert hinted["submitter"]["claimedIdentifiers"] == [
        {"scheme": "gln", "value": "0614141000524", "partnerId": PARTNER}
    ]


def test_while_trading_grid_is_down_there_is_a_reference_and_afterwards_everything_comes_in_order(
    local_cloud: LocalEnvironment,
) -> None:
    if local_cloud.own_gateway is not None:
        pytest.skip("only the emulator can be told to fail")
    control = f"{local_cloud.trading_grid.url}/__emulator/faults"
    httpx.post(
        control,
        json={
            "kind": "status",
            "status": 503,
            "path": "/community/v1/collaboration-requests",
            "method": "POST",
            "times": 400,
        },
    ).raise_for_status()
    try:
        sent = [submit(local_cloud, memberId=MEMBER) for _ in range(4)]
        local_cloud.wait_for(
            lambda: all(row(local_cloud, identifier) for identifier in sent), "the references"
        )
        assert [row(local_cloud, identifier).get("number") for identifier in sent] == [None] * 4
    finally:
        httpx.delete(control).raise_for_status()
    local_cloud.stack.aws.sqs.send_message(
        QueueUrl=local_cloud.stack.output("FormIntakeQueueUrl"),
        MessageBody='{"reason": "schedule"}',
    )

    local_cloud.wait_for(
        lambda: all(row(local_cloud, identifier).get("number") for identifier in sent),
        "the numbers",
    )
    # Wix does not promise to deliver in order; what was accepted first is first.
    by_acceptance = sorted(sent, key=lambda identifier: accepted_at(local_cloud, identifier))
    numbers = [row(local_cloud, identifier)["number"] for identifier in by_acceptance]
    assert numbers == sorted(numbers)


def test_member_follows_up_an_issue_and_sees_it_on_the_portal_and_a_closed_one_says_why_not(
    local_cloud: LocalEnvironment,
) -> None:
    wish = NewCase(
        partner_id=PartnerId(PARTNER), subject="Labels", category="label_quality", priority="normal"
    )
    case = local_cloud.connections.community.create_case(wish, idempotency_key("follow-up"))
    foreign = next(
        one
        for one in local_cloud.gateway.list_records("cases")["items"]
        if one["partnerId"] != PARTNER
    )

    local_cloud.site_code.submit_form(
        "issue-comment",
        "comment-1",
        MEMBER,
        {"case_id": case.id, "comment": "Three photos are on their way."},
    )
    local_cloud.site_code.submit_form(
        "issue-comment", "comment-2", MEMBER, {"case_id": foreign["id"], "comment": "Who are you?"}
    )

    def issue() -> str:
        shown = local_cloud.connections.wix.get_item(OPEN_ISSUES, item_id(case.id))
        return "" if shown is None else str(shown.data)

    local_cloud.wait_for(lambda: "Three photos" in issue(), "the comment on the portal")
    local_cloud.wait_for(
        lambda: row(local_cloud, "comment-2").get("status") == "not_possible",
        "the answer about somebody else's issue",
    )
    local_cloud.wait_for(
        lambda: row(local_cloud, "comment-1").get("status") == "done",
        "the answer about the own issue",
    )
    assert row(local_cloud, "comment-1")["number"] == case.number
    assert row(local_cloud, "comment-2")["message"].startswith("What this is about was not found.")
    assert len(local_cloud.connections.community.comments(case.id).records) == 1

    local_cloud.gateway.make_transition(
        "cases", local_cloud.gateway.get_record("cases", case.id), "cancelled"
    )
    local_cloud.site_code.submit_form(
        "issue-comment", "comment-3", MEMBER, {"case_id": case.id, "comment": "One more."}
    )

    local_cloud.wait_for(
        lambda: row(local_cloud, "comment-3").get("status") == "not_possible", "the sentence"
    )
    assert row(local_cloud, "comment-3")["message"].startswith("This issue was closed meanwhile")


def test_member_submits_a_step_and_the_portal_shows_it_submitted(
    local_cloud: LocalEnvironment,
) -> None:
    (enrollment,) = local_cloud.connections.community.enrollments([PartnerId(PARTNER)]).records
    step = next(
        step.key for step in enrollment.steps if step.status in ("available", "in_progress")
    )

    local_cloud.site_code.submit_form(
        "onboarding-step", "step-1", MEMBER, {"enrollment_id": enrollment.id, "step_key": step}
    )

    def shown() -> str:
        item = local_cloud.connections.wix.get_item(ONBOARDING_PROGRESS, item_id(enrollment.id))
        return (
            ""
            if item is None
            else next(one["status"] for one in item.data["steps"] if one["key"] == step)
        )

    local_cloud.wait_for(
        lambda: (shown(), row(local_cloud, "step-1").get("status")) == ("submitted", "done"),
        "the step on the portal",
    )


def test_site_code_and_automations_get_their_reference_at_once(
    local_cloud: LocalEnvironment,
) -> None:
    address = f"{forms(local_cloud)}/partner-question"
    values = {
        "topic": "freight",
        "question": "When is the dock free?",
        "your_name": "Harbor",
        "email": "a@harbor.example",
    }
    body = json.dumps({"submissionId": "velo-1", "memberId": MEMBER, "values": values})
    headers, signature = (
        local_cloud.site_code.sign_headers("m-1", body),
        form_signature("partner-question", secret(local_cloud)),
    )

    by_code = httpx.post(address, content=body, headers=headers)
    by_automation = httpx.post(
        address, params={"signature": signature}, json={**values, "submissionId": "auto-1"}
    )
    forged = httpx.post(
        address, params={"signature": base64.urlsafe_b64encode(b"x" * 32).decode()}, json=values
    )

    assert (by_code.status_code, by_code.json()) == (200, {"reference": reference("velo-1")})
    assert (by_automation.status_code, by_automation.json()) == (
        200,
        {"reference": reference("auto-1")},
    )
    assert (forged.status_code, forged.json()["code"]) == (401, "invalid-signature")
    local_cloud.wait_for(
        lambda: all(
            row(local_cloud, identifier).get("number") for identifier in ("velo-1", "auto-1")
        ),
        "both numbers",
    )
    assert [
        requests(local_cloud, identifier)[0]["partnerId"] for identifier in ("velo-1", "auto-1")
    ] == [PARTNER, None]
    assert requests(local_cloud, "velo-1")[0]["routing"]["teamKey"] == "transportation"


def test_teams_question_is_answered_on_the_portal_and_arrives_once(
    local_cloud: LocalEnvironment,
) -> None:
    sent = submit(local_cloud, memberId=MEMBER)
    local_cloud.wait_for(lambda: bool(row(local_cloud, sent).get("number")), "the request's number")
    request = row(local_cloud, sent)["record"].partition("/")[2]
    for status in ("in_progress", "waiting_on_partner"):
        local_cloud.gateway.make_transition(
            "collaboration-requests",
            local_cloud.gateway.get_record("collaboration-requests", request),
            status,
        )
    local_cloud.gateway.comment_on_request(
        request, "Do not tell the partner.", visibility="internal"
    )
    local_cloud.gateway.comment_on_request(request, "Which price did you agree on?")
    local_cloud.wait_for(
        lambda: "Which price did you agree on?" in str(row(local_cloud, sent).get("comments")),
        "the question on the portal",
    )
    asked = row(local_cloud, sent)

    answer = {"request_id": request, "comment": "We agreed on 4,10 € 李", "your_name": "Dana 李"}
    for _ in range(3):
        local_cloud.site_code.submit_form("request-answer", f"answer-{sent}", MEMBER, answer)
    local_cloud.wait_for(
        lambda: row(local_cloud, sent)["status"] == "in_progress", "the request to go on"
    )
    local_cloud.wait_for(
        lambda: len(row(local_cloud, sent)["comments"]) == 2, "the answer on the portal"
    )
    local_cloud.wait_until_idle()

    assert (asked["statusLabel"], asked["answerable"], len(asked["comments"])) == (
        "Waiting for you",
        True,
        1,
    )
    comments = local_cloud.connections.community.request_comments(request)
    assert comments is not None
    assert [
        (one.author_kind, one.body) for one in comments.records if one.visibility == "public"
    ] == [
        ("internal", "Which price did you agree on?"),
        ("partner", "We agreed on 4,10 € 李"),
    ]
    assert "Do not tell" not in str(row(local_cloud, sent))
