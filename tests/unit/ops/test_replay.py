"""Replaying the bus's archive to everybody or to one consumer.

Every request for a replay gets a clear answer.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ops.aws import Aws
from ops.errors import StackError
from ops.replay import Replay, start_replay, watch_replay
from ops.stack import Stack

BUS = "gridwix-bus"


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A bus that keeps its events, with a rule for each of two consumers, and a third consumer
    without one.
    """
    with mock_aws():
        aws = Aws(boto3.Session(region_name="us-east-1"))
        bus = aws.events.create_event_bus(Name=BUS)["EventBusArn"]
        outputs = {
            "BusName": BUS,
            "BusArn": bus,
            "BusArchiveArn": aws.events.create_archive(ArchiveName="archive", EventSourceArn=bus)[
                "ArchiveArn"
            ],
        }
        for name in ("StatusPublisher", "DocumentSync", "FormIntake"):
            url = aws.sqs.create_queue(QueueName=name)["QueueUrl"]
            arn = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
                "Attributes"
            ]["QueueArn"]
            if name != "FormIntake":
                aws.events.put_rule(
                    Name=name,
                    EventBusName=BUS,
                    EventPattern=json.dumps({"source": ["gridwix.trading_grid"]}),
                )
                aws.events.put_targets(
                    Rule=name, EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}]
                )
            outputs |= {f"{name}QueueUrl": url, f"{name}DeadLetterQueueUrl": url}
        yield Stack("gridwix", outputs, aws)


def happen(stack: Stack, number: int) -> None:
    entry: Any = {
        "Source": "gridwix.trading_grid",
        "DetailType": "case.created",
        "Detail": json.dumps({"number": number}),
        "EventBusName": BUS,
    }
    stack.aws.events.put_events(Entries=[entry])


def received(stack: Stack, name: str) -> list[int]:
    """The events that are in a consumer's queue now, which is empty afterwards."""
    found: list[int] = []
    while messages := stack.aws.sqs.receive_message(
        QueueUrl=stack.output(f"{name}QueueUrl"), MaxNumberOfMessages=10
    ).get("Messages", []):
        for message in messages:
            found.append(json.loads(message["Body"])["detail"]["number"])
            stack.aws.sqs.delete_message(
                QueueUrl=stack.output(f"{name}QueueUrl"), ReceiptHandle=message["ReceiptHandle"]
            )
    return sorted(found)


def an_hour(stack: Stack, consumer: str | None = None) -> Replay:
    now = datetime.now(UTC)
    return watch_replay(
        stack,
        start_replay(stack, now - timedelta(hours=1), now, consumer),
        60,
        lambda _: None,
        sleep=lambda _: None,
    )


def test_events_of_the_time_come_once_more_to_every_consumer(stack: Stack) -> None:
    happen(stack, 1)
    assert (received(stack, "StatusPublisher"), received(stack, "DocumentSync")) == ([1], [1])

    ended = an_hour(stack)

    assert ended.state == "COMPLETED"
    assert (received(stack, "StatusPublisher"), received(stack, "DocumentSync")) == ([1], [1])


def test_events_come_to_one_consumer_alone_if_that_is_asked_for(stack: Stack) -> None:
    started = an_hour(stack, "document_sync")

    destination = stack.aws.events.describe_replay(ReplayName=started.name)["Destination"]
    assert [arn.rpartition("/")[2] for arn in destination["FilterArns"]] == ["DocumentSync"]


def test_watch_ends_with_its_time_although_the_replay_goes_on(stack: Stack) -> None:
    told: list[Replay] = []
    waits: list[float] = []

    still = watch_replay(stack, Replay("never-ended", "RUNNING"), 0, told.append, waits.append)

    assert (still.has_ended, told, waits) == (False, [], [])


@pytest.mark.parametrize(("since", "until"), [(1, 2), (1, 1), (2, -1)])
def test_times_in_the_wrong_order_or_to_come_are_refused(
    stack: Stack, since: int, until: int
) -> None:
    now = datetime.now(UTC)

    with pytest.raises(StackError, match="before the second"):
        start_replay(stack, now - timedelta(hours=since), now - timedelta(hours=until))


@pytest.mark.parametrize(
    ("consumer", "word"),
    [("nobody", "no queue nobody"), ("form_intake", "no event of the bus goes to form_intake")],
)
def test_consumer_that_no_event_goes_to_is_refused(stack: Stack, consumer: str, word: str) -> None:
    with pytest.raises(StackError, match=word):
        an_hour(stack, consumer)


def test_stack_that_keeps_no_events_says_so(stack: Stack) -> None:
    outputs = {name: value for name, value in stack.outputs.items() if name != "BusArchiveArn"}

    with pytest.raises(StackError, match="EventArchive=enabled"):
        an_hour(replace(stack, outputs=outputs))
