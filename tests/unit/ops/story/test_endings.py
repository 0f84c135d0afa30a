"""What became of an event in each function, from entries of each outcome, and the sentences."""

from dataclasses import replace

import pytest

from gridwix.models.journal import JournalEntry, JournalOutcome
from ops.story.endings import EndState, explain_ending, list_endings, summarize_endings

AT = 1_780_000_000.0
DONE = JournalEntry(
    record="cases/case_1",
    at=AT,
    function="notice_publisher",
    outcome=JournalOutcome.DONE,
    event_id="evt_7",
    event_type="case.updated",
    rows={"OpenIssues#case_1": "written"},
)
WAITING = replace(
    DONE, outcome=JournalOutcome.DEFERRED, reason="budget_exhausted", wait=4.0, rows={}
)
SUBMISSION = replace(DONE, record="submissions/sub_1", function="form_intake", rows={})
MOST = {"notice_publisher": 12}


@pytest.mark.parametrize(
    ("entry", "state", "said"),
    [
        (DONE, EndState.DONE, "evt_7: notice_publisher is done"),
        (
            replace(DONE, rows={"OpenIssues#case_1": "refused"}),
            EndState.REFUSED,
            "Wix refused a row",
        ),
        (
            replace(SUBMISSION, reason="not_theirs"),
            EndState.HELD,
            "holds the submission for review (not_theirs)",
        ),
        (WAITING, EndState.WAITING, "waits (budget_exhausted, next attempt 2026-05-28 20:26:44"),
        (
            replace(WAITING, attempt=12),
            EndState.FAILED,
            "gave up after 12 attempts (budget_exhausted), and the message is in its dead-letter"
            " queue. After the cause is gone: `gridwix redrive notice-publisher`",
        ),
        (
            replace(WAITING, function="unknown", attempt=12),
            EndState.WAITING,
            "unknown waits",
        ),
        (
            replace(SUBMISSION, outcome=JournalOutcome.DROPPED, reason="upstream_unavailable"),
            EndState.LEFT,
            "leaves the next attempt to its schedule (upstream_unavailable)",
        ),
        (
            replace(DONE, function="trading_grid_feed", outcome=JournalOutcome.ON_BUS),
            EndState.ON_BUS,
            "no function has ended an attempt",
        ),
        (
            replace(DONE, outcome=JournalOutcome.ON_BUS, event_type="catalogue.updated"),
            EndState.UNUSED,
            "this release does not use its type",
        ),
        (
            replace(DONE, outcome=JournalOutcome.REJECTED, reason="invalid-signature"),
            EndState.REJECTED,
            "rejected it (invalid-signature)",
        ),
    ],
)
def test_each_outcome_has_its_ending_and_a_sentence_with_the_reason(
    entry: JournalEntry, state: EndState, said: str
) -> None:
    (ending,) = list_endings([entry], MOST)

    assert ending.state is state
    assert said in explain_ending(ending)


def test_newest_attempt_of_each_function_counts_and_an_announcement_only_without_one() -> None:
    announced = replace(
        DONE, at=AT - 5, function="trading_grid_feed", outcome=JournalOutcome.ON_BUS
    )
    rejected = replace(announced, function="edge", outcome=JournalOutcome.REJECTED)
    other = replace(WAITING, function="status_publisher")
    entries = [announced, rejected, WAITING, other, replace(DONE, at=AT + 9)]

    found = {one.entry.function: one.state for one in list_endings(entries, MOST)}

    assert found == {"notice_publisher": EndState.DONE, "status_publisher": EndState.WAITING}


def test_rows_rings_messages_and_decisions_of_operators_end_no_event() -> None:
    ring = replace(DONE, record="PortalChanges#p", outcome=JournalOutcome.RUNG, event_id="")
    compared = replace(ring, record="OpenIssues#case_1", outcome=JournalOutcome.COMPARED)
    message = replace(DONE, event_id="", rows={"asn-reminder/inbox": "sent"})
    operator = replace(SUBMISSION, function="gridwix submissions", event_id="")

    assert list_endings([ring, compared, message, operator], MOST) == ()


def test_summary_names_what_is_not_done_and_counts_the_rest() -> None:
    waiting = [replace(WAITING, event_id=f"evt_{number}", at=AT + number) for number in range(5)]

    assert summarize_endings(list_endings([DONE], MOST), 3) == ["evt_7: done by notice_publisher"]
    told = summarize_endings(
        list_endings([DONE, replace(DONE, event_id="evt_8"), *waiting], MOST), 3
    )
    assert told[:2] == ["2 events are done", "2 older events are not done; the newest are:"]
    assert [line.split(":")[0] for line in told[2:]] == ["evt_2", "evt_3", "evt_4"]


def test_endings_are_in_order_of_time() -> None:
    entries = [replace(DONE, function=f"f{place}", at=AT + place) for place in (2, 0, 1)]

    assert [one.entry.at for one in list_endings(entries, MOST)] == [AT, AT + 1, AT + 2]
