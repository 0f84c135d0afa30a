"""Answers that do not fit: what is held, what is ignored with a note, and what the sender reads."""

from typing import Any

import pytest

from gridwix.partner_requests.submissions import HoldReason
from tests.factories import PRAIRIE_GOLD
from tests.unit.form_intake.intake_bench import VALUES, Bench


def test_member_reads_on_the_portal_which_answer_does_not_fit() -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "email": "nobody", "quantity": "1,234"})

    report = bench.intake.deliver_submissions(["sub-1"])

    assert (report.held, bench.desk.made) == ({"sub-1": HoldReason.INVALID}, [])
    row = bench.row("sub-1")
    assert (row["status"], row["open"], row["memberId"]) == ("not_possible", False, "member-1")
    assert row["message"] == (
        "Quantity: can be 1.234 or 1234: write it without separators for thousands."
        " E-mail address: is not an e-mail address."
    )


def test_member_of_a_follow_up_reads_which_answer_does_not_fit() -> None:
    bench = Bench()
    bench.accept("sub-1", form="issue-comment", values={"case_id": "case_1", "comment": "x" * 4001})

    bench.intake.deliver_submissions(["sub-1"])

    assert (bench.row("sub-1")["kind"], bench.row("sub-1")["message"]) == (
        "case_comment",
        "Your comment: is longer than 4000 characters.",
    )


def test_released_submission_replaces_what_its_row_said_of_its_answers() -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "email": "nobody"})
    bench.intake.deliver_submissions(["sub-1"])

    bench.inbox.release_submission("sub-1")
    bench.intake.deliver_submissions(["sub-1"])

    assert (bench.row("sub-1")["number"], bench.row("sub-1").get("message")) == ("CR-1", None)


@pytest.mark.parametrize(
    ("gln", "sentence"),
    [
        ("0614141000006", "This is not a GLN: check digit"),
        ("6.14141E+11", "This is not a GLN: a spreadsheet has shortened it; write all 13 digits"),
    ],
)
def test_wrong_identifier_holds_nothing_up_and_both_sides_read_what_is_wrong_with_it(
    gln: str, sentence: str
) -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "gln": gln})

    bench.intake.deliver_submissions(["sub-1"])

    [(_, order)] = bench.desk.made
    assert (order.answers["gln"], order.submitter.claimed_identifiers) == (
        f"{gln} ({sentence})",
        (),
    )
    assert (bench.row("sub-1")["number"], bench.row("sub-1")["message"]) == (
        "CR-1",
        f"GLN: {sentence}.",
    )


@pytest.mark.parametrize(
    ("written_in", "answer"),
    [
        ({"locale": "de-DE"}, "1234"),
        ({"locale": "en-US"}, "1.234"),
        ({"plain": frozenset({"quantity"})}, "1.234"),
        ({"partner_id": PRAIRIE_GOLD}, "1.234"),
    ],
)
def test_numbers_are_read_as_their_writer_writes_them(
    written_in: dict[str, Any], answer: str
) -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "quantity": "1.234"}, **written_in)

    bench.intake.deliver_submissions(["sub-1"])

    assert bench.desk.made[0][1].answers["quantity"] == answer
