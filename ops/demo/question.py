"""Demo scenario: a partner asks about an invoice, and answers the team's question.

The partner also comments on an issue.
"""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from gridwix.models.portal.collection_ids import OPEN_ISSUES, PARTNER_REQUESTS
from ops.demo.scenario import Claim, Row, ScenarioResult, wait_for_row
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment
from ops.portal import DANA
from ops.waiting import STANDSTILL

PARTNER = "GC070000000101"
MEMBER = DANA.id
FORM = "5b1f6a52-7f1e-4a53-9a3d-2d1e0c5a8f01"
QUESTION = "Which price will you pay for line 3?"
ANSWERS: Mapping[str, Any] = {
    "invoice_number": "INV-88213",
    "invoiced_unit_price": 4.15,
    "po_unit_price": 4.10,
    "currency": "USD",
    "question": QUESTION,
    "your_name": "Dana Whitfield",
    "email": "ap@prairiegold.example",
}
ASKED_BACK = "Which price does your copy of the contract say?"
INTERNAL = "Their last three invoices had the same fault."
ANSWER = "Our copy says 4.10."
COMMENT = "The corrected ship notice went out this morning."


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Submit a partner's question, the hub's question back, and the partner's answer to that.

    Wix delivers the event of the partner's question twice, to see that gridwix creates only one
    request. In the end the partner comments on an issue.

    Raises:
        OpsError: The portal does not show a change.
    """
    sent = str(
        local.wix.order(
            "submissions", {"formId": FORM, "memberId": MEMBER, "submissions": ANSWERS}
        )["submission"]["id"]
    )
    row, numbered_in = wait_for_row(
        local,
        PARTNER_REQUESTS,
        lambda row: row["_id"] == sent and bool(row.get("number")),
        "the request's number",
    )
    _redeliver_event(local, sent)
    requests = _collaboration_requests(local, sent)
    moved = local.gateway.make_transition("collaboration-requests", requests[0], "in_progress")
    local.gateway.make_transition("collaboration-requests", moved, "waiting_on_partner")
    local.gateway.comment_on_request(moved["id"], INTERNAL, visibility="internal")
    local.gateway.comment_on_request(moved["id"], ASKED_BACK)
    waiting, asked_in = wait_for_row(
        local,
        PARTNER_REQUESTS,
        lambda row: row["_id"] == sent and _has_question(row),
        "the team's question",
    )
    answered, answered_in = _answer_question(local, sent, moved["id"])
    issue, commented_in = _comment_on_issue(local)
    hops = [
        Hop(
            "on the portal",
            f"reference {row['reference']}, then number {row['number']}, with {row['team']}",
            numbered_in,
        ),
        Hop("the team asks back", f"{ASKED_BACK} Status: {waiting['statusLabel']}", asked_in),
        Hop("the partner answers", f"{ANSWER} Status: {answered['statusLabel']}", answered_in),
        Hop("comment on an issue", f"{issue['number']}: {COMMENT}", commented_in),
    ]
    return ScenarioResult(hops, _claims(local, requests, issue))


def _has_question(row: Row) -> bool:
    return row["status"] == "waiting_on_partner" and ASKED_BACK in str(row.get("comments"))


def _answer_question(local: LocalEnvironment, sent: str, request_id: str) -> tuple[Row, float]:
    """Submit the partner's answer to a request twice, as a browser that retries.

    Waits until the portal shows the answer. Returns the request's row, and the seconds that this
    took.

    Args:
        local: The running environment.
        sent: Id of the submission that became the request; the row has it, too.
        request_id: Id of the collaboration request in Trading Grid.
    """
    begun = time.monotonic()
    for _ in range(2):
        local.site_code.submit_form(
            "request-answer",
            "demo-answer",
            MEMBER,
            {"request_id": request_id, "comment": ANSWER, "your_name": "Dana Whitfield"},
        )
    row, _ = wait_for_row(
        local,
        PARTNER_REQUESTS,
        lambda row: (
            row["_id"] == sent
            and row["status"] == "in_progress"
            and ANSWER in str(row.get("comments"))
        ),
        "the answer",
    )
    return row, time.monotonic() - begun


def _redeliver_event(local: LocalEnvironment, submission_id: str) -> None:
    """Have Wix send the webhook event of a submission again, and wait until it is processed."""
    deliveries = (
        httpx.get(f"{local.wix.url}/__emulator/webhooks/deliveries", timeout=STANDSTILL)
        .raise_for_status()
        .json()["deliveries"]
    )
    event = next(
        delivery["eventId"] for delivery in deliveries if delivery["entityId"] == submission_id
    )
    local.wix.order("webhooks/redeliver", {"eventId": event})
    local.wait_until_idle()


def _collaboration_requests(local: LocalEnvironment, submission_id: str) -> list[dict[str, Any]]:
    """Return the collaboration requests that a submission created."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = local.gateway.list_records("collaboration-requests", cursor)
        found += [
            request for request in page["items"] if request["sourceSubmissionId"] == submission_id
        ]
        cursor = page["nextCursor"]
        if cursor is None:
            return found


def _comment_on_issue(local: LocalEnvironment) -> tuple[Row, float]:
    """Comment on the partner's newest open issue, and wait until the portal shows the comment.

    Returns the issue's row as it was before, and the seconds that this took.
    """
    issues = [
        item
        for page in local.connections.wix.query_pages(OPEN_ISSUES)
        for item in page.items
        if item.data["partnerId"] == PARTNER and item.data["open"]
    ]
    issue = max(issues, key=lambda item: str(item.data["number"]))
    begun = time.monotonic()
    local.site_code.submit_form(
        "issue-comment",
        "demo-comment",
        MEMBER,
        {"case_id": str(issue.id), "comment": COMMENT, "your_name": "Dana Whitfield"},
    )

    def shown() -> bool:
        item = local.connections.wix.get_item(OPEN_ISSUES, issue.id)
        return item is not None and COMMENT in str(item.data["comments"])

    local.wait_for(shown, "the comment on the portal")
    return issue.data, time.monotonic() - begun


def _claims(local: LocalEnvironment, requests: list[dict[str, Any]], issue: Row) -> list[Claim]:
    request = requests[0]
    whose = (request["partnerId"], request["routing"]["teamKey"])
    case = next(
        case
        for case in local.gateway.list_records("cases")["items"]
        if case["number"] == issue["number"]
    )
    comments = local.connections.community.comments(case["id"]).records
    asked = local.connections.community.request_comments(request["id"])
    answers = [one.body for one in (asked.records if asked else ()) if one.author_kind == "partner"]
    sent = "".join(str(call["body"]) for call in local.wix.requests())
    return [
        Claim(
            "a question that Wix delivers twice creates one request in Trading Grid",
            len(requests) == 1,
        ),
        Claim(
            "the request has the partner, the team for invoices, and a due date",
            whose == (PARTNER, "ap-disputes") and bool(request["dueAt"]),
        ),
        Claim(
            "the request's prices are exact",
            (request["answers"]["invoicedUnitPrice"], request["answers"]["poUnitPrice"])
            == ("4.15", "4.1"),
        ),
        Claim("Wix did not receive the question's text from gridwix", QUESTION not in sent),
        Claim("the answer is on the request in Trading Grid exactly once", answers == [ANSWER]),
        Claim("Wix did not receive the team's internal comment from gridwix", INTERNAL not in sent),
        Claim(
            "the partner's comment is on the issue in Trading Grid exactly once",
            [one.body for one in comments].count(COMMENT) == 1,
        ),
    ]
