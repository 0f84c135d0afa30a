"""The outbox in DynamoDB when botocore repeats a write whose answer was lost."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from gridwix.errors import Unavailable
from gridwix.models.ids import PartnerId
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.partner_messenger.outbox_table import INDEX, DynamoDBOutbox
from tests.factories import NOW, PRAIRIE_GOLD
from tests.fakes.aws import OneAtATime, create_table
from tests.fakes.lost_answers import ATTEMPTS, LostAnswers, lost_answers
from tests.fakes.messaging import Stage, campaigns, check_passed

if TYPE_CHECKING:
    from tests.fakes.messaging import FakeOutbox

LEASE = NOW + timedelta(minutes=3)


@pytest.fixture
def answers() -> Iterator[LostAnswers]:
    with lost_answers() as found:
        yield found


@pytest.fixture
def table(answers: LostAnswers) -> str:
    return create_table(OneAtATime(answers.client), "id", index=(INDEX, "waiting", "dueAt"))


@pytest.fixture
def outbox(answers: LostAnswers, table: str) -> DynamoDBOutbox:
    return DynamoDBOutbox(answers.client, table, time.time)


def dispatch(identifier: str = "d-1", **fields: Any) -> Dispatch:
    known: dict[str, Any] = {
        "campaign": "review",
        "occasion": "evt_1",
        "subject": "cases/case_1",
        "partner_id": PartnerId(PRAIRIE_GOLD),
        "since": NOW,
        "due_at": NOW,
        "channel": "inbox",
        "recipient": "dana",
    }
    return Dispatch(identifier, **known | fields)


def stored(outbox: DynamoDBOutbox) -> Dispatch:
    return outbox.read_dispatches(["d-1"])["d-1"]


def test_claim_when_its_answer_is_lost_is_the_claimers(
    answers: LostAnswers, outbox: DynamoDBOutbox
) -> None:
    outbox.add_dispatches([dispatch()])
    answers.lose("UpdateItem")

    claimed = outbox.claim_dispatch(dispatch(), until=LEASE)

    assert answers.lost == 1
    assert claimed == stored(outbox)
    assert (claimed.state, claimed.attempts) == (DispatchState.SENDING, 1)


def test_claim_when_an_equal_one_of_another_worker_came_first_is_not_given(
    answers: LostAnswers, outbox: DynamoDBOutbox, table: str
) -> None:
    outbox.add_dispatches([dispatch()])
    rival = DynamoDBOutbox(answers.client, table, time.time)
    first = rival.claim_dispatch(dispatch(), until=LEASE)
    answers.lose("UpdateItem")

    # Both claims write the same but for their marks, and both answers to this one are refusals.
    assert outbox.claim_dispatch(dispatch(), until=LEASE) is None
    assert first == stored(outbox)


def test_claim_when_another_worker_took_it_over_between_two_attempts_is_not_given(
    answers: LostAnswers, outbox: DynamoDBOutbox, table: str
) -> None:
    outbox.add_dispatches([dispatch()])
    rival = DynamoDBOutbox(answers.client, table, time.time)
    taken: list[Dispatch | None] = []
    answers.meanwhile = lambda: taken.append(rival.claim_dispatch(stored(outbox), until=LEASE))
    answers.lose("UpdateItem")

    claimed = outbox.claim_dispatch(dispatch(), until=LEASE)

    assert claimed is None
    assert taken == [stored(outbox)]


def test_claim_when_all_answers_are_lost_raises_an_ambiguous_error(
    answers: LostAnswers, outbox: DynamoDBOutbox
) -> None:
    outbox.add_dispatches([dispatch()])
    answers.lose("UpdateItem", ATTEMPTS)

    with pytest.raises(Unavailable) as raised:
        outbox.claim_dispatch(dispatch(), until=LEASE)

    assert raised.value.ambiguous


@pytest.mark.parametrize(
    "state",
    [
        DispatchState.SENT,
        DispatchState.SUPPRESSED,
        DispatchState.FAILED,
        DispatchState.UNKNOWN,
        DispatchState.PLANNED,
    ],
)
def test_result_when_its_answer_is_lost_counts(
    state: DispatchState, answers: LostAnswers, outbox: DynamoDBOutbox
) -> None:
    outbox.add_dispatches([dispatch()])
    claimed = outbox.claim_dispatch(dispatch(), until=LEASE)
    assert claimed is not None
    answers.lose("UpdateItem")

    assert outbox.settle_dispatch(claimed, state, reason="template")
    assert stored(outbox).state is state


@pytest.mark.parametrize("number", range(6))
def test_inbox_message_when_the_answer_to_one_write_of_its_dispatches_is_lost_is_sent_once(
    number: int, answers: LostAnswers, outbox: DynamoDBOutbox
) -> None:
    stage = Stage(campaigns(review={"channels": ["inbox"]}), outbox=cast("FakeOutbox", outbox))
    answers.lose_write(number)

    report = stage.run(check_passed())
    # Longer than a lease: nothing may be left for a later run to doubt.
    stage.run_after(minutes=20)

    assert answers.lost == 1
    assert Counter(stage.inbox.messages).total() == 1
    assert (report.dispatches.sent, report.dispatches.unknown) == (Counter(inbox=1), 0)
    assert outbox.list_in_state(DispatchState.UNKNOWN, 9) == []


def test_release_when_its_answer_is_lost_is_reported_as_done(
    answers: LostAnswers, outbox: DynamoDBOutbox
) -> None:
    outbox.add_dispatches([dispatch()])
    outbox.settle_dispatch(dispatch(), DispatchState.UNKNOWN)
    answers.lose("UpdateItem")

    assert outbox.release_dispatch("d-1", NOW)
    assert stored(outbox).state is DispatchState.PLANNED


def test_planned_dispatch_when_its_answer_is_lost_counts_as_new(
    answers: LostAnswers, outbox: DynamoDBOutbox
) -> None:
    answers.lose("PutItem")

    assert outbox.add_dispatches([dispatch()]) == [dispatch()]
    assert outbox.add_dispatches([dispatch()]) == []


def test_entry_of_a_digest_when_its_answer_is_lost_is_sent_again_with_the_same_token(
    answers: LostAnswers, outbox: DynamoDBOutbox
) -> None:
    digest = dispatch("digest-1", campaign="digest-transactional", subject="digests/digest-1")
    answers.lose("TransactWriteItems")

    # DynamoDB carries out one of several requests with the same token. moto does not look at it.
    outbox.add_to_digest(dispatch(), digest)

    tokens = [body["ClientRequestToken"] for body in answers.bodies if "TransactItems" in body]
    assert (answers.lost, len(tokens), len(set(tokens))) == (1, 2, 1)
