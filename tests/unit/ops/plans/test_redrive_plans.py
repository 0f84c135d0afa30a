"""A plan of a redrive moves the messages that it names, and no other."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.models.journal import JournalEntry, JournalOutcome
from ops.aws import Aws
from ops.dead_letters import Selection
from ops.plans.application import PlanOutdated, apply_plan
from ops.plans.files import PlanError
from ops.plans.models import RedrivePlan
from ops.plans.redrive_plans import RedrivePlans, check_complete
from ops.queues import Holding, read_depth
from ops.stack import GATEWAY_OUTPUT, QueuePair, Stack
from tests.fakes.aws import create_journal_table
from tests.unit.ops.test_dead_letters import FUNCTION, envelope

FORBIDDEN = Selection("upstream_forbidden")


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A function with a dead-letter queue, and an empty journal."""
    monkeypatch.setattr("ops.queues.LONG_POLL", 0)
    with mock_aws():
        aws = Aws(boto3.Session(region_name="us-east-1"))
        outputs = {
            f"StatusPublisher{name}Url": aws.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in ("Queue", "DeadLetterQueue")
        }
        dynamodb: Any = aws.dynamodb
        outputs["JournalTableName"] = create_journal_table(dynamodb)
        yield Stack("gridwix", outputs, aws, id="arn:stack")


def pair(stack: Stack) -> QueuePair:
    return stack.queue(FUNCTION)


def die(stack: Stack, event: str, reason: str = "upstream_forbidden", at: float = 1.0) -> None:
    """A dead letter, with an entry of the journal that says why."""
    stack.aws.sqs.send_message(QueueUrl=pair(stack).dead_letter_url, MessageBody=envelope(event))
    note(stack, event, reason, at)


def note(stack: Stack, event: str, reason: str, at: float) -> None:
    entry = JournalEntry(
        record="compliance-checks/chk_1",
        at=at,
        function=FUNCTION,
        outcome=JournalOutcome.DEFERRED,
        event_id=event,
        event_type="compliance.status_changed",
        reason=reason,
    )
    DynamoDBJournal(stack.aws.dynamodb, stack.output("JournalTableName")).add([entry])


def plan_of(
    stack: Stack, selection: Selection = FORBIDDEN, limit: int | None = None
) -> RedrivePlan:
    made, _ = RedrivePlans(stack).make(pair(stack), selection, limit)
    return made


def depths(stack: Stack) -> tuple[int, int]:
    sqs = stack.aws.sqs
    return (
        read_depth(sqs, pair(stack).url).total,
        read_depth(sqs, pair(stack).dead_letter_url).total,
    )


def take_away(stack: Stack) -> None:
    """Somebody else takes one message from the dead-letter queue."""
    url = pair(stack).dead_letter_url
    (message,) = stack.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)["Messages"]
    stack.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_plan_names_the_messages_with_event_and_cause_and_moves_none(stack: Stack) -> None:
    die(stack, "e1")
    die(stack, "e2", "row_held")

    made = plan_of(stack)

    (message,) = made.changes
    assert (message.event, message.cause, len(message.message) > 20) == (
        "e1",
        "upstream_forbidden",
        True,
    )
    assert depths(stack) == (0, 2)


def test_apply_moves_the_planned_messages_once(stack: Stack, tmp_path: Path) -> None:
    die(stack, "e2", "row_held")
    die(stack, "e1")
    made = plan_of(stack)

    done = apply_plan(tmp_path / "p", made, RedrivePlans(stack))
    again = apply_plan(tmp_path / "p", made, RedrivePlans(stack))

    assert (done.outcome.made, list(done.outcome.left)) == (1, [])
    assert (again.outcome.made, again.applied_before is not None) == (0, True)
    assert depths(stack) == (1, 1)
    (moved,) = stack.aws.sqs.receive_message(QueueUrl=pair(stack).url)["Messages"]
    assert moved["Body"] == envelope("e1")


def test_apply_after_somebody_took_a_message_moves_none_and_says_so(
    stack: Stack, tmp_path: Path
) -> None:
    die(stack, "e1")
    die(stack, "e2")
    made = plan_of(stack)
    take_away(stack)

    with pytest.raises(PlanOutdated, match="it is no longer in the dead-letter queue"):
        apply_plan(tmp_path / "p", made, RedrivePlans(stack))

    assert depths(stack) == (0, 1)


def test_apply_after_another_message_died_moves_none_unless_it_is_to_be_left(
    stack: Stack, tmp_path: Path
) -> None:
    die(stack, "e1")
    made = plan_of(stack)
    die(stack, "e2")

    with pytest.raises(PlanOutdated, match="it is not in the plan"):
        apply_plan(tmp_path / "p", made, RedrivePlans(stack))
    before = depths(stack)
    done = apply_plan(tmp_path / "p", made, RedrivePlans(stack), leave_new=True)

    assert before == (0, 2)
    assert (done.outcome.made, done.new, depths(stack)) == (1, 1, (1, 1))


def test_apply_after_a_message_got_another_cause_moves_none(stack: Stack, tmp_path: Path) -> None:
    die(stack, "e1")
    made = plan_of(stack, Selection())
    note(stack, "e1", "row_held", at=2.0)

    with pytest.raises(PlanOutdated, match="cause was upstream_forbidden, now it is row_held"):
        apply_plan(tmp_path / "p", made, RedrivePlans(stack))

    assert depths(stack) == (0, 1)


def test_apply_that_died_in_the_middle_moves_the_rest(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        die(stack, f"e{number}")
    made = plan_of(stack)

    def crash(number: int) -> None:
        if depths(stack)[0] >= 10:
            raise KeyboardInterrupt

    dying = RedrivePlans(stack, crash)
    monkeypatch.setattr(dying, "remake", RedrivePlans(stack).remake)
    with pytest.raises(KeyboardInterrupt):
        apply_plan(tmp_path / "p", made, dying)
    between = depths(stack)
    done = apply_plan(tmp_path / "p", made, RedrivePlans(stack))

    assert 0 < between[0] < 25
    assert done.outcome.made + done.done == 25
    assert depths(stack) == (25, 0)


def test_apply_while_another_command_holds_the_rest_does_not_count_it_as_moved(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(15):
        die(stack, f"e{number}")
    made = plan_of(stack)

    def other_terminal(number: int) -> None:
        if number == 10:
            with pytest.raises(PlanError, match="are hidden"):
                apply_plan(tmp_path / "p", made, RedrivePlans(stack))
            raise KeyboardInterrupt

    first = RedrivePlans(stack)
    monkeypatch.setattr(first, "remake", lambda plan: plan)
    monkeypatch.setattr(first, "_report", other_terminal)
    url = pair(stack).dead_letter_url
    with Holding(stack.aws.sqs, url, seconds=900) as holding:
        assert len(next(holding.receive(2))) == 2
        with pytest.raises(KeyboardInterrupt):
            apply_plan(tmp_path / "p", made, first)
    done = apply_plan(tmp_path / "p", made, RedrivePlans(stack))

    assert (done.outcome.made, done.done, depths(stack)) == (5, 10, (15, 0))


def test_interrupted_apply_does_not_count_a_message_of_another_cause_as_moved(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    die(stack, "e1")
    made = plan_of(stack)
    dying = RedrivePlans(stack)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dying, "carry_out", crash)
    with pytest.raises(KeyboardInterrupt):
        apply_plan(tmp_path / "p", made, dying)
    note(stack, "e1", "row_held", at=2.0)

    with pytest.raises(PlanOutdated, match="cause was upstream_forbidden, now it is row_held"):
        apply_plan(tmp_path / "p", made, RedrivePlans(stack))

    assert depths(stack) == (0, 1)


def test_plan_with_a_limit_names_the_oldest_and_is_applied_although_others_wait(
    stack: Stack, tmp_path: Path
) -> None:
    for number in range(5):
        die(stack, f"e{number}")
    made = plan_of(stack, limit=2)

    done = apply_plan(tmp_path / "p", made, RedrivePlans(stack))

    sent = [message.sent_at for message in plan_of(stack).changes]
    assert all(message.sent_at <= min(sent) for message in made.changes)
    assert (done.outcome.made, depths(stack)) == (2, (2, 3))


def test_plan_that_could_not_have_all_messages_is_not_made(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.queues.MAX_HELD", 2)
    for number in range(3):
        die(stack, f"e{number}")

    _, found = RedrivePlans(stack).make(pair(stack), FORBIDDEN)

    with pytest.raises(PlanError, match="more dead letters than one plan"):
        check_complete(FUNCTION, found)


def test_messages_that_leave_in_the_moment_before_the_move_are_named(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    die(stack, "e1")
    made = plan_of(stack)
    plans = RedrivePlans(stack)
    monkeypatch.setattr(plans, "remake", lambda plan: plan)
    take_away(stack)

    done = apply_plan(tmp_path / "p", made, plans)

    assert done.outcome.made == 0
    (left,) = done.outcome.left
    assert "left the dead-letter queue in the moment before" in left


def test_dead_letters_of_the_gateway_are_planned_and_moved_without_a_journal(
    stack: Stack, tmp_path: Path
) -> None:
    outputs = {
        GATEWAY_OUTPUT: "https://hub.example",
        "TargetSenderQueueUrl": stack.output("StatusPublisherQueueUrl"),
        "TargetSenderDeadLetterQueueUrl": stack.output("StatusPublisherDeadLetterQueueUrl"),
    }
    gateway = replace(stack, outputs=outputs)
    stack.aws.sqs.send_message(QueueUrl=pair(stack).dead_letter_url, MessageBody="{}")

    made, _ = RedrivePlans(gateway).make(gateway.queue("target_sender"), Selection())
    done = apply_plan(tmp_path / "p", made, RedrivePlans(gateway))

    assert [(one.cause, one.event) for one in made.changes] == [("unknown", None)]
    assert (done.outcome.made, depths(stack)) == (1, (1, 0))
