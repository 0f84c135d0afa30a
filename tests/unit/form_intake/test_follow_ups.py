"""Follow-ups of members on cases, requests and steps: exactly once, only on their own records, with
a reason if not possible.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import Unavailable, UpstreamConflict
from gridwix.form_intake.follow_up_orders import follow_up_order, state_refusal
from gridwix.form_intake.forms import read_form_values
from gridwix.models.ids import PartnerId
from gridwix.partner_requests.submissions import HoldReason, Stage
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, PRAIRIE_GOLD, case, enrollment, request, texts
from tests.step_cases import CASES, StepCase
from tests.unit.form_intake.intake_bench import Bench

COMMENT = {
    "case_id": "case_1",
    "comment": "The photo is attached to the shipment.",
    "your_name": "Dana Whitfield",
}
ACCEPT = {"case_id": "case_1", "accepted": True}
REJECT = {"case_id": "case_1", "accepted": "no", "comment": "The label is still wrong."}
ANSWER = {"request_id": "req_1", "comment": "We agreed on 4.10.", "your_name": "Dana Whitfield"}
STEP = {"enrollment_id": "enr_1", "step_key": "edi_setup", "comment": "Certificates are in place."}


def bench(
    *,
    case_status: str = "open",
    step_owner: str = "partner",
    step_kind: str = "form",
    step_status: str = "available",
    enrollment_status: str = "in_progress",
    request_status: str = "waiting_on_partner",
    owner: str = PRAIRIE_GOLD,
) -> Bench:
    made = Bench()
    steps = [
        {
            "key": "edi_setup",
            "title": "EDI set-up",
            "phase": "setup",
            "owner": step_owner,
            "kind": step_kind,
            "waitsOn": [],
            "status": step_status,
        }
    ]
    made.cases.put(
        case("case_1", 3, status=case_status, number="TG-2026-004711", partnerId=owner),
        enrollment("enr_1", 5, partnerId=owner, status=enrollment_status, steps=steps),
    )
    made.cases.put(
        request("req_1", 4, status=request_status, number="CR-2026-01877", partnerId=owner)
    )
    return made


def send(
    found: Bench, form: str, values: Mapping[str, Any], identifier: str = "sub-1", **fields: Any
) -> None:
    found.accept(identifier, form=form, values=values, **fields)


def sentence(found: Bench, identifier: str = "sub-1") -> str | None:
    """The reason on the row: the code of its sentence.

    The row's message is the text of that sentence.
    """
    row = found.row(identifier)
    code = row.get("sentences", {}).get("message", {}).get("code")
    if code is None:
        return None
    assert row["message"] == texts().partner_text(code).text
    return str(code).removeprefix("refusal.")


def test_comment_is_added_in_the_members_name_and_its_row_says_done() -> None:
    found = bench()
    send(found, "issue-comment", COMMENT)

    report = found.intake.deliver_submissions(["sub-1"])

    (comment,) = found.cases.comments
    assert (comment.body, comment.author_kind, comment.author_name, comment.visibility) == (
        COMMENT["comment"],
        "partner",
        "Dana Whitfield",
        "public",
    )
    row = found.row("sub-1")
    assert (row["kind"], row["record"], row["number"], row["status"], row["open"]) == (
        "case_comment",
        "cases/case_1",
        "TG-2026-004711",
        "done",
        False,
    )
    assert (report.failures, found.stage("sub-1"), found.inbox.submissions["sub-1"].values) == (
        {},
        Stage.DELIVERED,
        {},
    )
    assert not any(text in str(row) for text in (COMMENT["comment"], "Dana"))


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("issue-comment", COMMENT),
        ("issue-resolution", ACCEPT),
        ("request-answer", ANSWER),
        ("onboarding-step", STEP),
    ],
)
def test_follow_up_that_waits_while_its_record_moves_to_another_partner_never_reaches_it(
    form: str, values: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bench(case_status="resolved" if form == "issue-resolution" else "open")
    send(found, form, values)

    def fail(*_: object, **__: object) -> None:
        raise Unavailable(system="trading_grid", status=503)

    with monkeypatch.context() as broken:
        for write in ("add_comment", "add_request_comment", "move"):
            broken.setattr(found.cases, write, fail)
        found.intake.deliver_submissions(["sub-1"])
    assert found.inbox.submissions["sub-1"].order is not None
    for name, record in found.cases.records.items():
        found.cases.records[name] = record.model_copy(update={"partner_id": BALTIC})

    found.intake.deliver_submissions(["sub-1"])

    assert found.cases.done == []
    assert sentence(found) == "not_found"


@pytest.mark.parametrize("chosen", [PRAIRIE_GOLD, BALTIC])
def test_comment_of_a_member_of_two_partners_is_for_the_one_on_whose_page_it_was_written(
    chosen: str,
) -> None:
    found = bench(owner=BALTIC)
    both = frozenset({PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)})
    found.lookups.links["member-1"] = both
    send(found, "issue-comment", COMMENT, partner_id=chosen)

    found.intake.deliver_submissions(["sub-1"])

    assert len(found.cases.comments) == int(chosen == BALTIC)


@pytest.mark.parametrize(
    ("status", "wanted"), [("awaiting_partner", ["comment", "open"]), ("open", ["comment"])]
)
def test_comment_on_a_case_that_waits_for_the_partner_hands_it_back(
    status: str, wanted: list[str]
) -> None:
    found = bench(case_status=status)
    send(found, "issue-comment", COMMENT)

    found.intake.deliver_submissions()

    assert found.cases.done == [("cases/case_1", what) for what in wanted]


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("waiting_on_partner", ["comment", "in_progress"]),
        ("in_progress", ["comment"]),
        ("triaged", ["comment"]),
    ],
)
def test_answer_to_a_teams_question_is_a_comment_on_the_request_and_hands_it_back(
    status: str, wanted: list[str]
) -> None:
    found = bench(request_status=status)
    send(found, "request-answer", ANSWER)

    report = found.intake.deliver_submissions(["sub-1"])

    (comment,) = found.cases.comments
    assert (comment.body, comment.author_kind, comment.author_name, comment.visibility) == (
        ANSWER["comment"],
        "partner",
        "Dana Whitfield",
        "public",
    )
    assert found.cases.done == [("collaboration-requests/req_1", what) for what in wanted]
    row = found.row("sub-1")
    assert (row["kind"], row["record"], row["number"], row["status"]) == (
        "request_comment",
        "collaboration-requests/req_1",
        "CR-2026-01877",
        "done",
    )
    assert (report.failures, found.stage("sub-1")) == ({}, Stage.DELIVERED)
    assert not any(text in str(row) for text in (ANSWER["comment"], "Dana"))


@pytest.mark.parametrize(("values", "to"), [(ACCEPT, "closed"), (REJECT, "open")])
def test_resolution_is_accepted_or_the_case_opened_again(values: dict[str, Any], to: str) -> None:
    found = bench(case_status="resolved")
    send(found, "issue-resolution", values)

    found.intake.deliver_submissions()

    assert found.cases.done == [("cases/case_1", to)]
    assert [transition.reason for transition in found.cases.transitions] == [values.get("comment")]


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        ("available", ["in_progress", "submitted"]),
        ("changes_requested", ["in_progress", "submitted"]),
        ("in_progress", ["submitted"]),
    ],
)
def test_step_is_begun_if_it_has_to_be_and_submitted_with_the_submission_as_evidence(
    status: str, moves: list[str]
) -> None:
    found = bench(step_status=status)
    send(found, "onboarding-step", STEP)

    found.intake.deliver_submissions()

    assert found.cases.done == [("enrollments/enr_1/steps/edi_setup", move) for move in moves]
    evidence = found.cases.transitions[-1].evidence
    assert evidence is not None
    assert [(one.kind, one.id) for one in evidence] == [("formSubmission", "sub-1")]
    assert (found.row("sub-1")["record"], found.row("sub-1")["status"]) == (
        "enrollments/enr_1",
        "done",
    )


@pytest.mark.parametrize(
    ("form", "values", "state", "wanted"),
    [
        ("issue-comment", COMMENT, {"case_status": "closed"}, "case_closed"),
        ("request-answer", ANSWER, {"request_status": "completed"}, "request_closed"),
        ("issue-resolution", ACCEPT, {"case_status": "open"}, "not_resolved"),
        ("issue-resolution", ACCEPT, {"case_status": "closed"}, "case_closed"),
        (
            "issue-resolution",
            {**REJECT, "comment": ""},
            {"case_status": "resolved"},
            "reason_missing",
        ),
        ("onboarding-step", STEP, {"step_status": "locked"}, "step_locked"),
        ("onboarding-step", STEP, {"step_status": "submitted"}, "step_submitted"),
        ("onboarding-step", STEP, {"step_status": "completed"}, "step_done"),
        ("onboarding-step", STEP, {"step_status": "waived"}, "step_done"),
        ("onboarding-step", STEP, {"step_status": "quantum"}, "other"),
        ("onboarding-step", STEP, {"step_owner": "hub"}, "step_not_yours"),
        ("onboarding-step", STEP, {"step_owner": "carrier"}, "step_not_yours"),
        ("onboarding-step", STEP, {"step_kind": "approval"}, "step_not_yours"),
        ("onboarding-step", STEP, {"enrollment_status": "withdrawn"}, "program_over"),
    ],
)
def test_what_cannot_be_done_comes_back_as_a_sentence(
    form: str, values: dict[str, Any], state: dict[str, str], wanted: str
) -> None:
    found = bench(**state)
    # What the page does not offer is not left to Trading Grid to refuse.
    found.cases.lenient = True
    send(found, form, values)

    report = found.intake.deliver_submissions(["sub-1"])

    assert (report.failures, found.cases.done, found.stage("sub-1")) == ({}, [], Stage.DELIVERED)
    assert (found.row("sub-1")["status"], sentence(found)) == ("not_possible", wanted)


def test_step_is_submitted_in_the_cases_in_which_the_page_offers_it_and_in_no_other() -> None:
    definition = configuration().forms["onboarding-step"]
    reading = read_form_values(definition, {**STEP, "step_key": "tax_form"})

    def refusal(one: StepCase) -> str | None:
        record = enrollment("enr_1", status=one.enrollment, steps=[one.step()])
        order = follow_up_order(definition, reading, record, {PartnerId(PRAIRIE_GOLD)})
        assert order is not None
        return state_refusal(order, record)

    assert [one for one in CASES if (refusal(one) is None) is not one.allowed] == []


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("issue-comment", COMMENT),
        ("issue-resolution", ACCEPT),
        ("onboarding-step", STEP),
        ("request-answer", ANSWER),
        ("request-answer", {**ANSWER, "request_id": "req_9"}),
        ("request-answer", {**ANSWER, "request_id": "../cases/case_1"}),
        ("issue-comment", {**COMMENT, "case_id": "case_9"}),
        ("issue-comment", {**COMMENT, "case_id": ".."}),
        ("onboarding-step", {**STEP, "step_key": "no_such_step"}),
    ],
)
def test_what_is_not_theirs_is_held_and_told_like_what_does_not_exist(
    form: str, values: dict[str, Any]
) -> None:
    found = bench(
        owner=BALTIC if values in (COMMENT, ACCEPT, STEP, ANSWER) else PRAIRIE_GOLD,
        case_status="resolved",
    )
    send(found, form, values)

    report = found.intake.deliver_submissions(["sub-1"])

    assert (report.held, found.cases.done) == ({"sub-1": HoldReason.NOT_THEIRS}, [])
    assert (found.row("sub-1")["status"], sentence(found)) == ("not_possible", "not_found")
    assert "record" not in found.row("sub-1")


def test_visitor_can_do_nothing_about_a_case_and_gets_no_row() -> None:
    found = bench()
    send(found, "issue-comment", COMMENT, member=None)

    report = found.intake.deliver_submissions(["sub-1"])

    assert (report.held, found.cases.done, found.portal.rows) == (
        {"sub-1": HoldReason.NOT_THEIRS},
        [],
        {},
    )


def test_member_who_was_linked_too_late_is_served_when_an_operator_releases_it() -> None:
    found = bench(owner=BALTIC)
    send(found, "issue-comment", COMMENT)
    found.intake.deliver_submissions()
    found.lookups.links["member-1"] |= {PartnerId(BALTIC)}

    assert found.inbox.release_submission("sub-1")
    found.intake.deliver_submissions()

    assert (found.cases.done, found.row("sub-1")["status"]) == (
        [("cases/case_1", "comment")],
        "done",
    )
    assert "message" not in found.row("sub-1")


def test_record_that_changes_between_reading_and_writing_is_read_again() -> None:
    found = bench(case_status="resolved")
    found.cases.races = 2
    send(found, "issue-resolution", ACCEPT)

    report = found.intake.deliver_submissions(["sub-1"])

    assert (found.cases.done, report.failures) == ([("cases/case_1", "closed")], {})


def test_record_that_changes_all_the_time_is_tried_again_later_and_is_no_refusal() -> None:
    found = bench(case_status="resolved")
    found.cases.races = 3
    send(found, "issue-resolution", ACCEPT)

    first, second = (
        found.intake.deliver_submissions(["sub-1"]),
        found.intake.deliver_submissions(["sub-1"]),
    )

    assert isinstance(first.failures["sub-1"], UpstreamConflict)
    assert (second.failures, found.cases.done) == ({}, [("cases/case_1", "closed")])


def test_case_that_cannot_be_read_holds_up_its_partners_later_submissions_and_nobody_elses() -> (
    None
):
    found = bench()
    send(found, "issue-comment", COMMENT)
    found.accept("sub-2")
    found.accept("sub-3", member="member-2")
    found.cases.down = True

    report = found.intake.deliver_submissions(["sub-1"])

    assert isinstance(report.failures["sub-1"], Unavailable)
    assert found.desk.sources() == ["sub-3"]

    found.cases.down = False
    found.intake.deliver_submissions()

    assert (found.cases.done, found.desk.sources()) == (
        [("cases/case_1", "comment")],
        ["sub-3", "sub-2"],
    )


SENT = [
    ("request-answer", ANSWER, "open"),
    ("issue-comment", COMMENT, "awaiting_partner"),
    ("issue-resolution", REJECT, "resolved"),
    ("onboarding-step", STEP, "open"),
]
WEATHER = st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 2), st.booleans())


@given(st.sampled_from(SENT), st.lists(WEATHER, max_size=6))
def test_whatever_is_lost_and_however_often_it_is_tried_it_is_done_once(
    sent: tuple[str, dict[str, Any], str], weather: list[Any]
) -> None:
    form, values, status = sent
    found = bench(case_status=status)
    send(found, form, values)

    for lose, drop, races, down in [*weather, (0, 0, 0, False)]:
        found.cases.lose, found.inbox.drop, found.cases.races, found.cases.down = (
            lose,
            drop,
            races,
            down,
        )
        found.intake.deliver_submissions(["sub-1"])

    done = [what for _, what in found.cases.done]
    # A case or a request that somebody else is changing at the moment of the comment stays where
    # they put it.
    once = {
        "request-answer": (["comment"], ["comment", "in_progress"]),
        "issue-comment": (["comment"], ["comment", "open"]),
        "issue-resolution": (["open"],),
        "onboarding-step": (["in_progress", "submitted"],),
    }
    assert done in once[form]
    assert (found.stage("sub-1"), found.row("sub-1")["status"]) == (Stage.DELIVERED, "done")
