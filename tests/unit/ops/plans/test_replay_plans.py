"""A plan of a replay: the events that the journal knows, the way, and one replay for each plan."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.models.journal import JournalEntry, JournalOutcome
from ops.aws import Aws
from ops.errors import StackError
from ops.plans import replay_plans
from ops.plans.application import PlanOutdated, apply_plan
from ops.plans.files import PlanError
from ops.plans.models import ReplayPlan
from ops.plans.replay_plans import ReplayPlans
from ops.stack import Stack
from tests.fakes.aws import create_journal_table

BUS = "gridwix-bus"
NOW = datetime.now(UTC).replace(microsecond=0)
SINCE, UNTIL = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
INSIDE = (NOW - timedelta(minutes=90)).timestamp()


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A bus with an archive, a consumer, and an empty journal."""
    with mock_aws():
        aws = Aws(boto3.Session(region_name="us-east-1"))
        bus = aws.events.create_event_bus(Name=BUS)["EventBusArn"]
        archive = aws.events.create_archive(ArchiveName="archive", EventSourceArn=bus)
        url = aws.sqs.create_queue(QueueName="publisher")["QueueUrl"]
        dynamodb: Any = aws.dynamodb
        found = Stack(
            "gridwix",
            {
                "BusName": BUS,
                "BusArn": bus,
                "BusArchiveArn": archive["ArchiveArn"],
                "StatusPublisherQueueUrl": url,
                "StatusPublisherDeadLetterQueueUrl": url,
                "JournalTableName": create_journal_table(dynamodb),
            },
            aws,
            id="arn:stack",
        )
        add_rule(found, "rule-1")
        yield found


def add_rule(stack: Stack, name: str) -> None:
    url = stack.output("StatusPublisherQueueUrl")
    arn = stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    stack.aws.events.put_rule(Name=name, EventBusName=BUS, EventPattern='{"source": ["gridwix"]}')
    stack.aws.events.put_targets(Rule=name, EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}])


def deliver(
    stack: Stack, event: str, at: float = INSIDE, function: str = "status_publisher"
) -> None:
    entry = JournalEntry(
        record="cases/c1",
        at=at + 5,
        function=function,
        outcome=JournalOutcome.DONE,
        event_id=event,
        event_type="case.updated",
        queued_at=at,
    )
    DynamoDBJournal(stack.aws.dynamodb, stack.output("JournalTableName")).add([entry])


def plan_of(stack: Stack, consumer: str | None = None) -> ReplayPlan:
    return ReplayPlans(stack, 0).make(SINCE, UNTIL, consumer)


def replays(stack: Stack) -> list[str]:
    return [one["ReplayName"] for one in stack.aws.events.list_replays()["Replays"]]


def test_plan_names_each_event_of_the_time_once_with_its_functions(stack: Stack) -> None:
    deliver(stack, "e1")
    deliver(stack, "e1", function="notice_publisher")
    deliver(stack, "too-early", SINCE.timestamp() - 1)
    deliver(stack, "too-late", UNTIL.timestamp() + 1)
    deliver(stack, "", INSIDE)

    made = plan_of(stack)

    assert [(one.event, one.functions) for one in made.changes] == [
        ("e1", ("notice_publisher", "status_publisher"))
    ]
    assert (made.rules, replays(stack)) == ((), [])


def test_plan_for_one_consumer_has_its_events_and_its_rules(stack: Stack) -> None:
    deliver(stack, "e1")
    deliver(stack, "e2", function="notice_publisher")

    made = plan_of(stack, "status_publisher")

    assert [one.event for one in made.changes] == ["e1"]
    assert [rule.rpartition("/")[2] for rule in made.rules] == ["rule-1"]


def test_apply_starts_one_replay_also_from_a_copy_of_the_plan(stack: Stack, tmp_path: Path) -> None:
    deliver(stack, "e1")
    made = plan_of(stack)

    for name in ("p", "p", "copy"):
        apply_plan(tmp_path / name, made, ReplayPlans(stack, 0))

    assert replays(stack) == [f"gridwix-{made.digest[:12]}"]


def test_apply_that_died_after_the_start_does_not_start_another(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(stack, "e1")
    made = plan_of(stack)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(replay_plans, "watch_replay", crash)
        with pytest.raises(KeyboardInterrupt):
            apply_plan(tmp_path / "p", made, ReplayPlans(stack, 0))
    done = apply_plan(tmp_path / "p", made, ReplayPlans(stack, 0))

    assert (done.outcome.made, len(replays(stack))) == (1, 1)


def test_apply_after_another_event_of_the_time_is_known_starts_nothing(
    stack: Stack, tmp_path: Path
) -> None:
    deliver(stack, "e1")
    made = plan_of(stack)
    deliver(stack, "e2")

    with pytest.raises(PlanOutdated, match="event e2: it is not in the plan"):
        apply_plan(tmp_path / "p", made, ReplayPlans(stack, 0))

    assert replays(stack) == []


def test_apply_after_somebody_added_a_rule_starts_nothing(stack: Stack, tmp_path: Path) -> None:
    deliver(stack, "e1")
    made = plan_of(stack, "status_publisher")
    add_rule(stack, "rule-2")

    with pytest.raises(PlanOutdated, match=r"rules of the plan: .*rule-2"):
        apply_plan(tmp_path / "p", made, ReplayPlans(stack, 0))

    assert replays(stack) == []


def test_apply_after_the_archive_was_turned_off_starts_nothing(
    stack: Stack, tmp_path: Path
) -> None:
    deliver(stack, "e1")
    made = plan_of(stack)
    outputs = {name: value for name, value in stack.outputs.items() if name != "BusArchiveArn"}

    with pytest.raises(StackError, match="EventArchive=enabled"):
        apply_plan(tmp_path / "p", made, ReplayPlans(replace(stack, outputs=outputs), 0))


def test_plan_of_more_events_than_it_holds_is_not_made(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.plans.header.MAX_CHANGES", 1)
    deliver(stack, "e1")
    deliver(stack, "e2")

    with pytest.raises(PlanError, match="shorter time"):
        plan_of(stack)
