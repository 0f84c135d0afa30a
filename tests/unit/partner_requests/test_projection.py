"""Routing, and the way from a submission to its request and to its row."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.form_intake.forms import read_form_values
from gridwix.form_intake.projection import follow_up_row, new_request
from gridwix.form_intake.routing import select_route
from gridwix.mapping.references import idempotency_key, reference
from gridwix.mapping.texts import Texts
from gridwix.models.ids import PartnerId
from gridwix.partner_requests.projection import request_row
from gridwix.partner_requests.submissions import Match, Outcome
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, NOW, PRAIRIE_GOLD, comment, request, submission

SETTINGS = configuration()
OPEN = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("request_type", "answers", "at", "team", "rule", "priority"),
    [
        ("invoice_clarification", {}, OPEN, "ap-disputes", "invoice", "normal"),
        ("invoice_clarification", {"topic": "freight"}, OPEN, "ap-disputes", "invoice", "normal"),
        ("asn_issue", {}, OPEN, "edi-support", "ship_notice", "high"),
        ("asn_issue", {}, NIGHT, "on-call", "ship_notice", "high"),
        (
            "data_change",
            {"topic": "bank"},
            OPEN,
            "vendor-compliance",
            "tax_bank_insurance",
            "normal",
        ),
        ("support", {"topic": "freight"}, OPEN, "transportation", "freight", "normal"),
        ("onboarding_inquiry", {}, NIGHT, "partner-onboarding", "onboarding", "normal"),
        ("support", {"topic": "other"}, OPEN, "partner-desk", "anything_else", "normal"),
        ("document_request", {}, OPEN, "partner-desk", "anything_else", "normal"),
    ],
)
def test_first_rule_that_fits_decides(
    request_type: str, answers: dict[str, Any], at: datetime, team: str, rule: str, priority: str
) -> None:
    found = select_route(request_type, answers, at, SETTINGS.routing)

    assert (found.team, found.rule, found.priority) == (team, rule, priority)
    assert found.due_at > at


def test_request_says_what_was_asked_by_whom_and_where_it_goes() -> None:
    sent = submission(
        values={
            "invoice_number": "INV-88213",
            "invoiced_unit_price": "4.10",
            "question": "Which price?",
            "your_name": "李",
            "email": "a@b.example",
        }
    )
    definition = SETTINGS.forms["invoice-question"]
    reading = read_form_values(definition, sent.values)
    way = select_route(definition.type, reading.answers, sent.received_at, SETTINGS.routing)

    order = new_request(
        sent,
        "invoice-question",
        definition,
        reading,
        Match(PartnerId(PRAIRIE_GOLD), "member"),
        {},
        way,
        [],
    )

    body = json.loads(order.model_dump_json(by_alias=True))
    assert (body["type"], body["formKey"], body["formVersion"], body["sourceSubmissionId"]) == (
        "invoice_clarification",
        "invoice-question",
        2,
        sent.id,
    )
    assert body["answers"] == {
        "invoiceNumber": "INV-88213",
        "invoicedUnitPrice": "4.10",
        "question": "Which price?",
    }
    assert (body["partnerId"], body["partnerMatch"], body["submitter"]["name"]) == (
        PRAIRIE_GOLD,
        "member",
        "李",
    )
    assert body["routing"] == {
        "teamKey": "ap-disputes",
        "ruleKey": "invoice",
        "reason": "first match",
    }


def test_reference_and_key_are_the_same_at_every_attempt_and_differ_between_submissions() -> None:
    assert reference("sub-1") == reference("sub-1") == "GX-" + reference("sub-1")[3:]
    assert len({reference(f"sub-{number}") for number in range(2_000)}) == 2_000
    assert (
        uuid.UUID(idempotency_key("sub-1"))
        == uuid.UUID(idempotency_key("sub-1"))
        != uuid.UUID(idempotency_key("sub-2"))
    )


def test_row_has_a_reference_at_once_and_the_number_later_and_nothing_of_what_was_written() -> None:
    sent = submission(
        member_id="member-1", values={"question": "private words", "email": "a@b.example"}
    )
    labels = Texts(SETTINGS)

    before = request_row(sent, None, SETTINGS.forms, labels)
    after = request_row(sent, request(sourceSubmissionId=sent.id), SETTINGS.forms, labels)

    assert before is not None
    assert after is not None
    assert (
        before.reference,
        before.number,
        before.status_label,
        before.member_id,
        before.title,
    ) == (
        reference(sent.id),
        None,
        "Received",
        "member-1",
        "Question about an invoice",
    )
    assert (after.reference, after.number, after.partner_id) == (
        before.reference,
        "CR-2026-01877",
        PRAIRIE_GOLD,
    )
    assert (after.team, after.open) == ("Accounts payable", True)
    assert "private words" not in repr(after) + repr(before)
    assert "a@b.example" not in repr(after) + repr(before)


def test_row_stands_with_the_partner_the_member_chose_until_trading_grid_says_whose_it_is() -> None:
    sent, labels = submission(member_id="member-1", partner_id=BALTIC), Texts(SETTINGS)

    before = request_row(sent, None, SETTINGS.forms, labels)
    after = request_row(sent, request(sourceSubmissionId=sent.id), SETTINGS.forms, labels)
    unmatched = request_row(
        sent, request(sourceSubmissionId=sent.id, partnerId=None), SETTINGS.forms, labels
    )
    follow_up = follow_up_row(
        sent, "issue-comment", SETTINGS.forms["issue-comment"], Outcome("cases/case_1"), labels
    )
    visitors = request_row(submission(partner_id=BALTIC), None, SETTINGS.forms, labels)

    assert [row.partner_id for row in (before, after, unmatched, follow_up, visitors) if row] == [
        BALTIC,
        PRAIRIE_GOLD,
        None,
        BALTIC,
        None,
    ]


def test_row_of_a_request_whose_submission_is_long_forgotten_is_made_from_the_request() -> None:
    row = request_row(None, request(status="completed"), SETTINGS.forms, Texts(SETTINGS))

    assert row is not None
    assert (row.title, row.open, row.member_id, row.submitted_at) == (
        "Question about an invoice",
        False,
        None,
        NOW,
    )


def test_row_says_when_trading_grid_last_changed_the_request() -> None:
    changed = request(status="triaged", updatedAt=NOW + timedelta(hours=1))
    row = request_row(submission(), changed, SETTINGS.forms, Texts(SETTINGS))
    waiting = request_row(submission(), None, SETTINGS.forms, Texts(SETTINGS))

    assert row is not None
    assert waiting is not None
    assert (row.changed_at, waiting.changed_at) == (NOW + timedelta(hours=1), None)


@pytest.mark.parametrize("fields", [{"deletedAt": NOW}, {"sourceSubmissionId": None}])
def test_request_that_is_gone_or_not_from_the_portal_has_no_row(fields: dict[str, Any]) -> None:
    assert request_row(None, request(**fields), SETTINGS.forms, Texts(SETTINGS)) is None


def test_unknown_status_gets_the_neutral_label_and_is_counted() -> None:
    labels = Texts(SETTINGS)

    row = request_row(None, request(status="escalated"), SETTINGS.forms, labels)

    assert row is not None
    assert (row.status, row.status_label, row.open) == ("escalated", "In progress", True)
    assert labels.unknown == {"request.status=escalated": 1}


def test_row_of_a_request_that_waits_shows_the_public_question_and_takes_an_answer() -> None:
    waiting = request(status="waiting_on_partner", nextStep="Answer below.")
    said = [
        comment("cmt_1", "Which price did you agree on?"),
        comment("cmt_2", "Looks like fraud.", "internal"),
    ]

    row = request_row(None, waiting, SETTINGS.forms, Texts(SETTINGS), said)

    assert row is not None
    assert [(one.author, one.text) for one in row.comments or ()] == [
        ("hub", "Which price did you agree on?")
    ]
    assert (row.answerable, row.open) == (True, True)
    assert not any(word in row.model_dump_json() for word in ("fraud", "Robin", "assignee"))


@pytest.mark.parametrize(
    ("status", "comments", "answerable"),
    [
        ("waiting_on_partner", [], True),
        ("waiting_on_partner", None, False),
        ("in_progress", [], None),
        ("triaged", None, None),
    ],
)
def test_row_says_only_of_a_waiting_request_whether_the_gateway_takes_an_answer(
    status: str, comments: Any, answerable: bool | None
) -> None:
    row = request_row(None, request(status=status), SETTINGS.forms, Texts(SETTINGS), comments)

    assert row is not None
    assert (row.answerable, row.comments) == (answerable, None)


@pytest.mark.parametrize(
    ("form", "values", "record"),
    [
        ("issue-comment", {"case_id": "case_1", "comment": "Sent."}, "cases/case_1"),
        (
            "request-answer",
            {"request_id": "req_1", "comment": "4.10"},
            "collaboration-requests/req_1",
        ),
        (
            "onboarding-step",
            {"enrollment_id": "enr_1", "step_key": "tax_form"},
            "enrollments/enr_1",
        ),
        ("document-version", {"document_id": "doc_1"}, "documents/doc_1"),
        ("issue-comment", {"comment": "Of which issue?"}, None),
    ],
)
def test_row_of_a_follow_up_that_is_on_its_way_names_what_it_is_about(
    form: str, values: dict[str, Any], record: str | None
) -> None:
    sent = submission(form=form, values=values, member_id="member-1")

    row = follow_up_row(sent, form, SETTINGS.forms[form], None, Texts(SETTINGS))

    assert (row.status, row.record) == ("received", record)
