"""The inbox of submissions in DynamoDB when botocore repeats a write whose answer was lost."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from gridwix.partner_requests.submission_table import INDEX, DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Outcome, Stage
from tests.factories import NOW
from tests.fakes.aws import OneAtATime, create_table
from tests.fakes.lost_answers import LostAnswers, lost_answers


@pytest.fixture
def answers() -> Iterator[LostAnswers]:
    with lost_answers() as found:
        yield found


@pytest.fixture
def inbox(answers: LostAnswers) -> DynamoDBSubmissionInbox:
    """An inbox with one submission that is open."""
    table = create_table(OneAtATime(answers.client), "id", index=(INDEX, "waiting", "receivedAt"))
    at = NOW.isoformat(timespec="microseconds")
    texts = {"id": "sub-1", "form": "partner-question", "receivedAt": at, "submittedAt": at}
    item: Any = {
        name: {"S": value}
        for name, value in {**texts, "values": "{}", "stage": "open", "waiting": "open"}.items()
    }
    answers.client.put_item(TableName=table, Item=item)
    return DynamoDBSubmissionInbox(answers.client, table)


def test_release_when_its_answer_is_lost_is_reported_as_done(
    answers: LostAnswers, inbox: DynamoDBSubmissionInbox
) -> None:
    inbox.hold_submission("sub-1", HoldReason.HONEYPOT)
    answers.lose("UpdateItem")

    assert inbox.release_submission("sub-1", NOW)
    assert inbox.read_submissions(["sub-1"])["sub-1"].stage is Stage.OPEN


def test_release_when_delivered_before_its_answer_came_is_reported_as_done(
    answers: LostAnswers, inbox: DynamoDBSubmissionInbox
) -> None:
    inbox.hold_submission("sub-1", HoldReason.HONEYPOT)
    answers.meanwhile = lambda: inbox.settle_submission("sub-1", Outcome("requests/req_1"))
    answers.lose("UpdateItem")

    assert inbox.release_submission("sub-1", NOW)
    assert inbox.read_submissions(["sub-1"])["sub-1"].stage is Stage.DELIVERED


def test_release_when_somebody_else_released_it_before_is_not_done(
    answers: LostAnswers, inbox: DynamoDBSubmissionInbox
) -> None:
    inbox.hold_submission("sub-1", HoldReason.HONEYPOT)
    inbox.release_submission("sub-1", NOW)
    answers.lose("UpdateItem")

    assert not inbox.release_submission("sub-1", NOW + timedelta(microseconds=1))
    assert not inbox.release_submission("none", NOW)


@pytest.mark.parametrize(
    ("write", "stage"),
    [
        (lambda inbox: inbox.hold_submission("sub-1", HoldReason.HONEYPOT), Stage.HELD),
        (lambda inbox: inbox.settle_submission("sub-1", Outcome("requests/r")), Stage.DELIVERED),
    ],
    ids=["hold", "settle"],
)
def test_stage_when_the_answer_to_its_write_is_lost_is_stored(
    write: Callable[[DynamoDBSubmissionInbox], object],
    stage: Stage,
    answers: LostAnswers,
    inbox: DynamoDBSubmissionInbox,
) -> None:
    answers.lose("UpdateItem")

    write(inbox)

    assert answers.lost == 1
    assert inbox.read_submissions(["sub-1"])["sub-1"].stage is stage


def test_count_of_an_hour_when_its_answer_is_lost_counts_the_submission_once(
    answers: LostAnswers, inbox: DynamoDBSubmissionInbox
) -> None:
    answers.lose("UpdateItem")

    assert inbox.count_submission("dana", "2026-03-12T14", "sub-1", 2)
    assert inbox.count_submission("dana", "2026-03-12T14", "sub-2", 2)
