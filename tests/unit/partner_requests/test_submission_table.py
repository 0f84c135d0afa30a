"""The inbox of submissions in DynamoDB."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from gridwix.errors import UpstreamError
from gridwix.models.texts import Sentence
from gridwix.models.trading_grid.requests import NewRequest, RequestRouting, Submitter
from gridwix.partner_requests.orders import RequestOrder
from gridwix.partner_requests.submission_table import INDEX, DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import (
    HoldReason,
    Outcome,
    Stage,
    Submission,
    SubmissionRetention,
)
from tests.factories import NOW, PRAIRIE_GOLD, request
from tests.fakes.aws import OneAtATime, as_client, create_table

if TYPE_CHECKING:
    from gridwix.partner_requests.ports import SubmissionInbox

REQUEST = NewRequest(
    type="support",
    submitter=Submitter(name="Õie 李"),
    form_key="partner-question",
    form_version=1,
    answers={"price": "4.10"},
    routing=RequestRouting(team_key="partner-desk", rule_key="anything_else"),
    priority="normal",
    due_at=NOW,
    source_submission_id="sub-1",
)
ORDER = RequestOrder(partner_id=None, request=REQUEST)

SAID = Sentence(
    code="unfit.all",
    values={
        "faults": (
            Sentence(code="unfit.gln_check_digit"),
            Sentence(code="unfit.gln_length", values={"count": 9}),
        )
    },
)


@pytest.fixture
def table(tables: OneAtATime) -> str:
    return create_table(tables, "id", index=(INDEX, "waiting", "receivedAt"))


@pytest.fixture
def inbox(tables: OneAtATime, table: str) -> DynamoDBSubmissionInbox:
    return DynamoDBSubmissionInbox(as_client(tables), table)


def accept(
    tables: OneAtATime, table: str, identifier: str, minutes: int = 0, **fields: Any
) -> None:
    """Store an item of texts, as ``wix_webhook`` does."""
    at = (NOW + timedelta(minutes=minutes)).isoformat(timespec="microseconds")
    item = {
        "id": identifier,
        "form": "partner-question",
        "receivedAt": at,
        "submittedAt": "2026-03-12T14:05:31.220Z",
        "values": '{"price": 4.10, "n": 3}',
    }
    stored: Any = {
        name: {"S": value}
        for name, value in {**item, "stage": "open", "waiting": "open", **fields}.items()
    }
    as_client(tables).put_item(TableName=table, Item=stored | {"expiration": {"N": "1"}})


def test_time_to_live_follows_the_stage_of_a_submission(tables: OneAtATime, table: str) -> None:
    now, day = [NOW.timestamp()], 86_400
    inbox = DynamoDBSubmissionInbox(
        as_client(tables),
        table,
        retention=SubmissionRetention(held_days=90, submission_days=400),
        clock=lambda: now[0],
    )
    accept(tables, table, "s-1", expiration=str(int(now[0]) + 400 * day))

    def days_left() -> int:
        item = as_client(tables).get_item(TableName=table, Key={"id": {"S": "s-1"}})["Item"]
        return (int(item["expiration"]["N"]) - int(now[0])) // day

    inbox.hold_submission("s-1", HoldReason.HONEYPOT)
    held = days_left()
    now[0] += 80 * day
    before, _ = days_left(), inbox.release_submission("s-1", NOW)
    released = days_left()
    inbox.settle_submission("s-1", Outcome("requests/r-1"))

    assert (held, before, released, days_left()) == (90, 10, 90, 400)


def test_what_remains_of_a_removed_submission_is_kept_like_a_delivered_one(
    tables: OneAtATime, table: str
) -> None:
    now, day = [NOW.timestamp()], 86_400
    retention = SubmissionRetention(held_days=90, submission_days=400)
    inbox = DynamoDBSubmissionInbox(
        as_client(tables), table, retention=retention, clock=lambda: now[0]
    )
    accept(tables, table, "s-1", expiration=str(int(now[0]) + 400 * day))
    inbox.hold_submission("s-1", HoldReason.HONEYPOT)
    now[0] += 89 * day

    inbox.remove_submission("s-1")

    item = as_client(tables).get_item(TableName=table, Key={"id": {"S": "s-1"}})["Item"]
    assert (int(item["expiration"]["N"]) - int(now[0])) // day == 400


def test_what_waits_comes_oldest_first_in_pages(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    port: SubmissionInbox = inbox
    for number in (3, 1, 2, 0, 4):
        accept(tables, table, f"sub-{number}", number)

    found, cursor = [], None
    while True:
        page = port.list_submissions(Stage.OPEN, cursor, 2)
        found += [submission.id for submission in page.submissions]
        cursor = page.cursor
        if cursor is None:
            break

    assert found == [f"sub-{number}" for number in range(5)]


def test_submission_is_read_as_it_was_accepted(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1", memberId="member-1", partnerId="GC1")

    (found,) = inbox.read_submissions(["sub-1", "other"]).values()

    assert found.partner_id == "GC1"
    assert (found.id, found.member_id, found.received_at, found.stage, found.released) == (
        "sub-1",
        "member-1",
        NOW,
        Stage.OPEN,
        False,
    )
    assert found.values == {"price": "4.10", "n": 3}
    assert Decimal(found.values["price"]) == Decimal("4.10")
    assert (found.locale, found.plain) == (None, frozenset())


def test_submission_says_in_which_language_it_was_written(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1", locale="de-DE", plain='["price"]')

    (found,) = inbox.read_submissions(["sub-1"]).values()

    assert (found.locale, found.plain) == ("de-DE", frozenset({"price"}))


def test_outcome_keeps_what_the_sender_is_told(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1")

    outcome = Outcome(
        "collaboration-requests/req_7",
        "CR-7",
        note="GLN: This is not a GLN: check digit.",
        note_sentence=SAID,
    )

    inbox.settle_submission("sub-1", outcome)

    assert inbox.read_submissions(["sub-1"])["sub-1"].outcome == outcome


def test_order_that_is_kept_first_stays(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1")

    first = inbox.keep_order("sub-1", ORDER)
    second = inbox.keep_order("sub-1", ORDER.model_copy(update={"partner_id": PRAIRIE_GOLD}))

    assert first == second == ORDER == inbox.read_submissions(["sub-1"])["sub-1"].order


def test_held_submission_waits_elsewhere_until_it_is_released(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1")
    inbox.keep_order("sub-1", ORDER)

    inbox.hold_submission("sub-1", HoldReason.REFUSED)
    (held,) = inbox.list_submissions(Stage.HELD, None, 10).submissions
    assert (held.held_for, inbox.list_submissions(Stage.OPEN, None, 10).submissions) == (
        HoldReason.REFUSED,
        (),
    )

    assert inbox.release_submission("sub-1", NOW)
    (open_again,) = inbox.list_submissions(Stage.OPEN, None, 10).submissions
    assert (open_again.released, open_again.released_at, open_again.order, open_again.held_for) == (
        True,
        NOW,
        None,
        None,
    )
    assert not inbox.release_submission("sub-1", NOW)
    assert not inbox.release_submission("other", NOW)


def test_delivered_submission_waits_for_its_row_alone_and_what_was_written_is_forgotten(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1", memberId="member-1")
    inbox.keep_order("sub-1", ORDER)

    inbox.settle_submission(
        "sub-1", Outcome("collaboration-requests/req_7", "CR-7", request=request("req_7"))
    )
    inbox.hold_submission("sub-1", HoldReason.HONEYPOT)

    (item,) = as_client(tables).scan(TableName=table)["Items"]
    assert item.keys() == {
        "id",
        "form",
        "receivedAt",
        "submittedAt",
        "memberId",
        "stage",
        "outcome",
        "expiration",
        "revision",
        "waiting",
    }
    assert item["stage"] == {"S": "delivered"}
    assert inbox.read_submissions(["sub-1"])["sub-1"].outcome == Outcome(
        "collaboration-requests/req_7", "CR-7"
    )
    assert inbox.list_submissions(Stage.OPEN, None, 10).submissions == ()
    assert inbox.list_submissions(Stage.HELD, None, 10).submissions == ()

    inbox.clear_due_rows(inbox.list_due_rows(None, 10).submissions)

    assert inbox.list_due_rows(None, 10).submissions == ()
    assert "waiting" not in as_client(tables).scan(TableName=table)["Items"][0]


def test_due_rows_come_oldest_first_in_pages(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    for number in (2, 0, 1, 3):
        accept(tables, table, f"sub-{number}", number)
    for number in range(3):
        inbox.settle_submission(f"sub-{number}", Outcome("cases/case_1"))

    first = inbox.list_due_rows(None, 2)
    second = inbox.list_due_rows(first.cursor, 2)

    found = [*first.submissions, *second.submissions]
    assert [one.id for one in found] == ["sub-0", "sub-1", "sub-2"]
    assert {(one.row_due, one.revision) for one in found} == {(True, 1)}


@pytest.mark.parametrize("row_due", [False, True])
def test_held_submission_when_its_row_is_due_is_listed_as_held_all_the_same(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str, row_due: bool
) -> None:
    for number in range(3):
        accept(tables, table, f"sub-{number}", number)
    inbox.hold_submission("sub-1", HoldReason.HONEYPOT)

    held = inbox.hold_submission("sub-0", HoldReason.NOT_THEIRS, row_due=row_due)

    assert isinstance(held, Submission)
    assert held == inbox.read_submissions(["sub-0"])["sub-0"]
    assert (held.stage, held.revision, held.row_due) == (Stage.HELD, 1, row_due)
    listed = inbox.list_submissions(Stage.HELD, None, 10).submissions
    assert sorted(one.id for one in listed) == ["sub-0", "sub-1"]

    inbox.clear_due_rows([held])

    assert inbox.list_due_rows(None, 10).submissions == ()
    (first, _) = inbox.list_submissions(Stage.HELD, None, 10).submissions
    assert (first.id, first.held_for) == ("sub-0", HoldReason.NOT_THEIRS)
    assert inbox.release_submission("sub-0", NOW)
    assert inbox.read_submissions(["sub-0"])["sub-0"].revision == 2


def test_mark_of_a_due_row_when_the_submission_has_moved_on_stays(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1")
    accept(tables, table, "sub-2")
    held = inbox.hold_submission("sub-1", HoldReason.NOT_THEIRS, row_due=True)
    assert isinstance(held, Submission)
    first = inbox.settle_submission("sub-2", Outcome("cases/case_1"))

    inbox.settle_submission("sub-1", Outcome("cases/case_1"))
    inbox.settle_submission("sub-2", Outcome("cases/case_1"))
    inbox.clear_due_rows([held, first])

    assert [one.id for one in inbox.list_due_rows(None, 10).submissions] == ["sub-1", "sub-2"]


def test_refusal_when_a_parallel_run_has_done_it_replaces_nothing(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1")
    refused, done = Outcome("cases/case_1", refusal="case_closed"), Outcome("cases/case_1", "C-1")

    outcomes = [
        inbox.settle_submission("sub-1", one).outcome for one in (refused, done, refused, done)
    ]

    assert outcomes == [refused, done, done, done]


def test_submission_that_is_not_open_is_not_held(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1")
    inbox.settle_submission("sub-1", Outcome("cases/case_1"))

    assert inbox.hold_submission("sub-1", HoldReason.NOT_THEIRS, row_due=True) is None
    assert inbox.read_submissions(["sub-1"])["sub-1"].stage is Stage.DELIVERED


def test_count_of_an_hour_counts_each_submission_once(inbox: DynamoDBSubmissionInbox) -> None:
    counted = [
        inbox.count_submission("someone", "2026-03-12T14", f"sub-{number}", 3)
        for number in (1, 2, 1, 3, 4, 3, 4)
    ]

    assert counted == [True, True, True, True, False, True, False]
    assert inbox.count_submission("someone", "2026-03-12T15", "sub-4", 3)
    assert inbox.count_submission("another", "2026-03-12T14", "sub-4", 3)


def test_submission_that_is_not_there_cannot_be_settled(inbox: DynamoDBSubmissionInbox) -> None:
    with pytest.raises(UpstreamError):
        inbox.settle_submission("other", Outcome("cases/case_1"))


def test_fault_of_a_file_is_kept_with_the_reason_and_goes_with_it(
    inbox: DynamoDBSubmissionInbox, tables: OneAtATime, table: str
) -> None:
    accept(tables, table, "sub-1")
    accept(tables, table, "sub-2")

    inbox.hold_submission("sub-1", HoldReason.ATTACHMENTS, "web_page")
    inbox.hold_submission("sub-2", HoldReason.ATTACHMENTS)

    held = inbox.read_submissions(["sub-1", "sub-2"])
    assert [(one.held_for, one.file_fault) for one in (held["sub-1"], held["sub-2"])] == [
        (HoldReason.ATTACHMENTS, "web_page"),
        (HoldReason.ATTACHMENTS, ""),
    ]
    assert inbox.release_submission("sub-1", NOW)
    assert inbox.read_submissions(["sub-1"])["sub-1"].file_fault == ""
