"""Submissions from the portal to the ``wix_webhook`` function.

Covers signature, retries and deduplication.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.form_intake.forms import read_form_values
from gridwix.mapping.references import reference
from gridwix.runtime.configuration import configuration
from tests.contract.portal_backend.cases import (
    INVALID,
    NOT_POSSIBLE,
    TOO_LARGE,
    UNAVAILABLE,
    an_issue,
)
from tests.contract.portal_site import Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]


def test_an_answer_to_a_teams_question_reaches_the_webhook_for_the_requests_own_id(
    site: Portal, partner: str, member: Visitor
) -> None:
    facts = {
        "kind": "request",
        "record": "collaboration-requests/req_000007",
        "status": "waiting_on_partner",
        "answerable": True,
        "open": True,
    }
    row = site.row(
        "PartnerRequests", f"sub-{partner}", partnerId=partner, reference="GX-1", **facts
    )

    answer = member.call("answerRequest", partner, row, " We agreed on 4.10. ")

    post = site.webhook.posts[-1]
    assert answer == {"reference": reference(post["submissionId"])}
    assert (post["form"], post["memberId"], post["partnerId"]) == (
        "request-answer",
        member.id,
        partner,
    )
    assert post["values"] == {
        "request_id": "req_000007",
        "comment": "We agreed on 4.10.",
        "your_name": "Dana Whitfield",
    }
    reading = read_form_values(configuration().forms["request-answer"], post["values"])
    assert (reading.faults, reading.subject) == (
        (),
        {"request": "req_000007", "comment": "We agreed on 4.10."},
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("", INVALID), (None, INVALID), ({"a": 1}, INVALID), ("x" * 4001, TOO_LARGE)],
)
def test_an_answer_that_does_not_fit_is_refused(
    site: Portal, partner: str, member: Visitor, answer: Any, expected: Any
) -> None:
    row = site.row(
        "PartnerRequests",
        f"sub-{partner}",
        partnerId=partner,
        kind="request",
        record="collaboration-requests/req_1",
        open=True,
    )

    assert member.call("answerRequest", partner, row, answer) == expected


def test_a_comment_reaches_the_webhook_signed_and_for_the_member(
    site: Portal, partner: str, member: Visitor
) -> None:
    issue = an_issue(site, partner)

    answer = member.call("addComment", partner, issue, " The corrected notice is out. ✓ ")

    post = site.webhook.posts[-1]
    assert answer == {"reference": reference(post["submissionId"])}
    assert (post["form"], post["memberId"], post["partnerId"]) == (
        "issue-comment",
        member.id,
        partner,
    )
    assert post["values"] == {
        "case_id": issue,
        "comment": "The corrected notice is out. ✓",
        "your_name": "Dana Whitfield",
    }
    assert abs(datetime.fromisoformat(post["submittedAt"]) - datetime.now(UTC)) < timedelta(
        minutes=1
    )


def test_every_form_reads_what_the_backend_sends(
    site: Portal, partner: str, member: Visitor
) -> None:
    issue = an_issue(site, partner, status="resolved")
    steps = [{"key": "tax_form", "title": "W-9", "owner": "partner", "status": "available"}]
    enrollment = site.row(
        "OnboardingProgress",
        f"enr-{partner}",
        partnerId=partner,
        programId="prg",
        active=True,
        steps=steps,
    )
    prices = {
        "invoice_number": "INV-1",
        "invoiced_unit_price": "4.15",
        "po_unit_price": "4,10",
        "line_number": "3",
        "currency": "USD",
        "question": "Which price?",
    }
    shipped = {
        "po_number": "PO-1",
        "arrives_on": "2026-02-28",
        "already_shipped": True,
        "question": "What now?",
    }
    member.call("addComment", partner, issue, "Done")
    member.call("answerResolution", partner, issue, True, None)
    member.call("answerResolution", partner, issue, False, "Still wrong")
    member.call("submitStep", partner, enrollment, "tax_form", {"comment": "It is in the mail"})
    member.call("sendRequest", partner, "invoice-question", prices)
    member.call("sendRequest", partner, "ship-notice-problem", shipped)
    member.call(
        "sendRequest", partner, "partner-question", {"topic": "tax", "question": "Which form?"}
    )

    posts = site.webhook.posts[-7:]
    readings = [
        read_form_values(configuration().forms[post["form"]], post["values"]) for post in posts
    ]

    assert [reading.faults for reading in readings] == [()] * 7
    assert [reading.subject.get("accepted") for reading in readings[1:3]] == ["True", "False"]
    assert readings[4].answers["poUnitPrice"] == "4.10"
    assert readings[4].email == readings[6].email != ""
    assert {form["key"] for form in member.call("getRequestForms", "en")} == {
        "invoice-question",
        "onboarding-question",
        "partner-question",
        "ship-notice-problem",
    }


def test_what_the_state_of_a_record_does_not_allow_reaches_nobody(
    site: Portal, partner: str, member: Visitor
) -> None:
    closed = an_issue(site, partner, "case_1", status="closed", open=False)
    worked_on = an_issue(site, partner, "case_2", status="open")
    asked = {"kind": "request", "record": "collaboration-requests/req_1", "answerable": True}
    request = site.row(
        "PartnerRequests", f"sub-{partner}", partnerId=partner, status="done", open=False, **asked
    )
    before = site.webhook.seen

    answers = [
        member.call("addComment", partner, closed, "Any news?"),
        member.call("answerResolution", partner, closed, True, None),
        member.call("answerResolution", partner, worked_on, False, "Still wrong"),
        member.call("answerRequest", partner, request, "We agreed on 4.10."),
    ]

    assert answers == [NOT_POSSIBLE] * 4
    assert site.webhook.seen == before


def test_the_request_forms_ask_nothing_that_the_session_knows(member: Visitor) -> None:
    targets = {
        field["target"] for form in member.call("getRequestForms", "en") for field in form["fields"]
    }

    assert not targets & {
        "your_name",
        "email",
        "company",
        "gln",
        "duns",
        "trading_address",
        "website",
        "attachments",
    }
    assert {"question", "invoice_number", "po_number", "topic"} <= targets


def test_the_very_same_submission_twice_is_one(site: Portal, partner: str, member: Visitor) -> None:
    issue, begun = an_issue(site, partner), -1.0
    # The same within a minute of the clock: where the next one has begun meanwhile, once more.
    while begun != time.time() // 60:
        begun = time.time() // 60
        first, second, other = (
            member.call("addComment", partner, issue, words)
            for words in ("Any news?", "Any news?", "Any news!")
        )

    assert first == second != other


def test_the_webhook_when_it_fails_once_is_tried_again_under_the_same_id(
    site: Portal, partner: str, member: Visitor
) -> None:
    issue, before = an_issue(site, partner), site.webhook.seen
    site.webhook.answers[:] = [503]

    answer = member.call("addComment", partner, issue, "Once more")

    assert answer["reference"]
    assert site.webhook.seen - before == 2


@pytest.mark.parametrize(
    ("statuses", "expected", "attempts"),
    [([503, 502], UNAVAILABLE, 2), ([401], UNAVAILABLE, 1), ([413], TOO_LARGE, 1)],
)
def test_the_webhook_when_it_refuses_the_member_is_told_so(
    site: Portal, partner: str, member: Visitor, statuses: list[int], expected: Any, attempts: int
) -> None:
    issue, before = an_issue(site, partner), site.webhook.seen
    site.webhook.answers[:] = statuses

    answer = member.call("addComment", partner, issue, f"Words for {statuses}")

    assert answer == expected
    assert site.webhook.seen - before == attempts
    assert site.webhook.answers == []


def test_wix_when_it_fails_the_member_is_told_to_come_back(site: Portal, member: Visitor) -> None:
    site.control(
        "faults", {"kind": "status", "path": "/wix-data/v2/items/query", "status": 503, "times": 1}
    )

    assert member.call("getPortal", None, "en", ["issues"]) == UNAVAILABLE
    assert member.call("getChanges", None)["numbers"]
