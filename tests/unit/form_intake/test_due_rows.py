"""Each submission's row shows what became of it in the end: after writes that are put off, workers
that are killed at any call, and late retries.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from gridwix.errors import BudgetExhausted, Refused, Throttled, Unavailable
from gridwix.form_intake.due_rows import PAGE
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.partner_requests.submissions import Stage, Submission
from tests.factories import BALTIC
from tests.fakes.deadlines import PASSED
from tests.fakes.portal import Trouble, lost_answer
from tests.unit.form_intake import test_document_uploads
from tests.unit.form_intake.intake_bench import SAMPLES, VALUES, Bench, Killer
from tests.unit.form_intake.test_follow_ups import ACCEPT, ANSWER, COMMENT, REJECT, STEP, bench

HOLD = timedelta(minutes=5)
"""Longer than a claim on a row."""


def follow_up(form: str, values: dict[str, Any], **state: str) -> Bench:
    found = bench(**state)
    found.accept("sub-1", form=form, values=values)
    return found


def question(**fields: Any) -> Bench:
    found = Bench()
    found.accept("sub-1", **fields)
    return found


def refused_question() -> Bench:
    found = question()
    found.desk.refuse = lambda _: True
    return found


def damaged_file() -> Bench:
    found = Bench()
    address = "https://x.example/file"
    found.files.content[address] = (SAMPLES / "protected--msoffcrypto.xlsx").read_bytes()
    file = {"url": address, "displayName": "prices.xlsx"}
    found.accept("sub-1", values={**VALUES, "attachments": [file]})
    return found


def document_version(content: bytes = test_document_uploads.TWO) -> Bench:
    found = test_document_uploads.uploaded(content)
    file = [{"fileId": test_document_uploads.FILE, "displayName": "A.pdf", "sizeInBytes": 14}]
    values = {"document_id": "doc_ag_101", "file": file, "base_version": 1, "comment": "Signed"}
    found.accept("sub-1", form="document-version", values=values)
    return found


CASES: dict[str, tuple[Callable[[], Bench], str, Stage]] = {
    "request": (question, "triaged", Stage.DELIVERED),
    "note on a request": (
        lambda: question(values={**VALUES, "gln": "0614141000525"}),
        "triaged",
        Stage.DELIVERED,
    ),
    "answer": (lambda: follow_up("request-answer", ANSWER), "done", Stage.DELIVERED),
    "comment": (lambda: follow_up("issue-comment", COMMENT), "done", Stage.DELIVERED),
    "resolution": (
        lambda: follow_up("issue-resolution", ACCEPT, case_status="resolved"),
        "done",
        Stage.DELIVERED,
    ),
    "reopening": (
        lambda: follow_up("issue-resolution", REJECT, case_status="resolved"),
        "done",
        Stage.DELIVERED,
    ),
    "step": (lambda: follow_up("onboarding-step", STEP), "done", Stage.DELIVERED),
    "document version": (document_version, "done", Stage.DELIVERED),
    "refused comment": (
        lambda: follow_up("issue-comment", COMMENT, case_status="closed"),
        "not_possible",
        Stage.DELIVERED,
    ),
    "refused step": (
        lambda: follow_up("onboarding-step", STEP, step_status="locked"),
        "not_possible",
        Stage.DELIVERED,
    ),
    "somebody else's case": (
        lambda: follow_up("issue-comment", COMMENT, owner=BALTIC),
        "not_possible",
        Stage.HELD,
    ),
    "invalid answer": (
        lambda: question(values={**VALUES, "email": "nobody"}),
        "not_possible",
        Stage.HELD,
    ),
    "damaged file": (damaged_file, "not_possible", Stage.HELD),
    "damaged version": (lambda: document_version(b"no pdf"), "not_possible", Stage.HELD),
    "refused request": (refused_question, "received", Stage.HELD),
}
EACH = pytest.mark.parametrize(
    ("make", "status", "stage"), [pytest.param(*one, id=name) for name, one in CASES.items()]
)


def due(found: Bench) -> list[str]:
    return [one.id for one in found.inbox.submissions.values() if one.row_due]


def expected_row(make: Callable[[], Bench]) -> dict[str, Any]:
    found = make()
    found.intake.deliver_submissions(["sub-1"])
    return found.row("sub-1")


@EACH
def test_row_is_written_at_once_and_then_costs_nothing_more(
    make: Callable[[], Bench], status: str, stage: Stage
) -> None:
    found = make()

    report = found.intake.deliver_submissions(["sub-1"])

    assert (found.row("sub-1")["status"], found.stage("sub-1"), due(found)) == (status, stage, [])
    assert report.not_shown == ()
    found.intake.deliver_submissions()
    assert (found.portal.calls, found.ledger.calls["read"]) == (1, 1)


@EACH
@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(BudgetExhausted(wait=20)),
        Trouble(Throttled(system="wix", status=429)),
        lost_answer(lands=None),
        lost_answer(lands="now"),
        lost_answer(lands="later"),
    ],
    ids=["budget", "throttled", "lost request", "lost answer", "late"],
)
def test_row_whose_write_is_put_off_is_written_by_the_schedule(
    make: Callable[[], Bench], status: str, stage: Stage, trouble: Trouble
) -> None:
    found = make()
    found.portal.troubles = [trouble, Trouble(BudgetExhausted(wait=20))]

    first = found.intake.deliver_submissions(["sub-1"])
    found.now += HOLD
    second = found.intake.deliver_submissions()
    found.now += HOLD
    found.portal.land()
    third = found.intake.deliver_submissions()

    assert (first.failures, found.stage("sub-1")) == ({}, stage)
    assert (bool(first.not_shown), bool(second.not_shown), third.not_shown) == (True, True, ())
    assert found.row("sub-1") == expected_row(make)
    assert (found.row("sub-1")["status"], due(found)) == (status, [])


@EACH
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_worker_that_is_killed_at_any_call_leaves_the_row_to_the_next_run(
    make: Callable[[], Bench], status: str, stage: Stage, after: bool
) -> None:
    wanted = expected_row(make)

    for at in count(1):
        found = make()
        killer = Killer(found, at, after=after)
        was_killed = killer.kills(lambda found=found: found.intake.deliver_submissions(["sub-1"]))  # type: ignore[misc]
        found.now += HOLD
        found.intake.deliver_submissions()

        assert (found.row("sub-1"), found.stage("sub-1")) == (wanted, stage), at
        assert (found.row("sub-1")["status"], due(found)) == (status, []), at
        if not was_killed:
            break

    assert killer.calls > 5


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_scheduled_worker_that_is_killed_at_any_call_leaves_the_rows_to_the_next_one(
    after: bool,
) -> None:
    def left() -> Bench:
        found = bench()
        found.accept("sub-1", form="issue-comment", values=COMMENT)
        found.accept("sub-2")
        found.portal.troubles = [Trouble(BudgetExhausted(wait=20))]
        found.intake.deliver_submissions(["sub-1", "sub-2"])
        assert due(found) == ["sub-1", "sub-2"]
        return found

    for at in count(1):
        found = left()
        was_killed = Killer(found, at, after=after).kills(found.intake.deliver_submissions)
        found.now += HOLD
        found.intake.deliver_submissions()

        assert (found.row("sub-1")["status"], found.row("sub-2")["number"]) == ("done", "CR-1")
        assert due(found) == []
        if not was_killed:
            break


def test_mark_that_cannot_be_taken_away_costs_no_second_write() -> None:
    found = follow_up("issue-comment", COMMENT)
    found.inbox.unmarked = 1

    report = found.intake.deliver_submissions(["sub-1"])

    assert (report.failures, len(report.not_shown), due(found)) == ({}, 1, ["sub-1"])
    found.intake.deliver_submissions()
    assert (found.portal.calls, due(found)) == (1, [])


def test_rows_that_are_due_are_written_in_bulk_page_by_page() -> None:
    found = bench()
    total = 2 * PAGE + 50
    for number in range(total):
        found.accept(f"sub-{number:03}", form="issue-comment", values=COMMENT, released=True)
    found.portal.troubles = [Trouble(BudgetExhausted(wait=20)) for _ in range(3)]
    found.intake.deliver_submissions()
    assert len(due(found)) == total

    found.portal.calls = 0
    found.intake.deliver_submissions(publish_due=False)
    assert (found.portal.calls, len(due(found))) == (0, total)
    found.intake.deliver_submissions(deadline=PASSED)
    assert (found.portal.calls, len(due(found))) == (0, total)
    found.intake.deliver_submissions()

    assert (found.portal.calls, due(found)) == (3, [])
    assert {found.row(f"sub-{number:03}")["status"] for number in range(total)} == {"done"}


def test_rows_that_are_due_are_left_alone_for_this_run_once_the_portal_fails() -> None:
    found = bench()
    for number in range(2 * PAGE):
        found.accept(f"sub-{number:03}", form="issue-comment", values=COMMENT, released=True)
    found.portal.troubles = [Trouble(BudgetExhausted(wait=20)) for _ in range(3)]
    found.intake.deliver_submissions()
    found.portal.calls = 0

    found.intake.deliver_submissions()

    assert (found.portal.calls, len(due(found))) == (1, 2 * PAGE)


def test_request_that_cannot_be_read_delays_no_other_row() -> None:
    found = bench()
    found.accept("sub-1")
    found.accept("sub-2", form="issue-comment", values=COMMENT)
    found.portal.troubles = [Trouble(BudgetExhausted(wait=20))]
    found.intake.deliver_submissions()
    found.desk.unread = True

    report = found.intake.deliver_submissions()

    assert [type(error) for error in report.not_shown] == [Unavailable]
    assert (found.row("sub-2")["status"], due(found)) == ("done", ["sub-1"])
    found.desk.unread = False
    found.intake.deliver_submissions()
    assert (found.row("sub-1")["number"], due(found)) == ("CR-1", [])


def test_request_that_trading_grid_refuses_to_show_delays_no_other_request() -> None:
    found = bench()
    found.accept("sub-1")
    found.accept("sub-2", values=VALUES)
    found.portal.troubles = [Trouble(BudgetExhausted(wait=20))]
    found.intake.deliver_submissions()
    read = found.desk.record
    first = next(iter(found.desk.records))

    def refuse_first(record: str) -> object:
        if record == first:
            raise Refused(system="trading_grid", status=422)
        return read(record)

    found.desk.record = refuse_first  # type: ignore[method-assign, assignment]

    found.intake.deliver_submissions()

    assert len(due(found)) == 1


def test_row_that_wix_refuses_is_tried_once_and_named() -> None:
    found = follow_up("issue-comment", COMMENT)
    found.portal.refuse = lambda _: True
    found.intake.deliver_submissions()
    calls = found.portal.calls

    found.intake.deliver_submissions()

    assert (found.portal.calls, due(found)) == (calls, [])


def test_row_of_a_request_that_has_moved_on_is_written_as_it_is_now() -> None:
    found = question()
    found.portal.troubles = [Trouble(BudgetExhausted(wait=20))]
    found.intake.deliver_submissions()
    ((name, made),) = found.desk.records.items()
    found.desk.records[name] = made.model_copy(
        update={"status": "in_progress", "version": made.version + 3}
    )

    found.intake.deliver_submissions()

    assert (found.row("sub-1")["status"], due(found)) == ("in_progress", [])


def test_late_row_of_an_earlier_state_replaces_nothing() -> None:
    found = follow_up("issue-comment", COMMENT, owner=BALTIC)
    states: list[Submission] = [found.inbox.submissions["sub-1"]]
    found.intake.deliver_submissions()
    states.append(found.inbox.submissions["sub-1"])
    assert found.inbox.release_submission("sub-1")
    states.append(found.inbox.submissions["sub-1"])
    found.cases.down = True
    found.intake.deliver_submissions()
    assert found.row("sub-1")["status"] == "received"

    for late in states[:2]:
        found.rows.publish_submissions([late], {})
        assert found.row("sub-1")["status"] == "received"

    found.cases.down = False
    found.lookups.links["member-1"] |= found.lookups.links["member-2"]
    found.intake.deliver_submissions()
    for late in states:
        found.rows.publish_submissions([late], {})
        assert found.row("sub-1")["status"] == "done"


def test_first_half_of_the_time_leaves_the_other_half_and_the_reserve() -> None:
    left = [60.0]
    first = Deadline(lambda: left[0], reserve=40.0).half()

    assert not first.is_near()
    left[0] = 50.0
    assert first.is_near()


def test_first_half_of_no_deadline_has_none_either() -> None:
    assert not NO_DEADLINE.half().is_near()
