"""Redriving dead letters: all of them once, none lost, and none round in circles."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from moto import mock_aws

from ops.queues import Depth, Redriven, read_depth, redrive_messages
from ops.stack import QueuePair

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def sqs() -> Iterator["SQSClient"]:
    with mock_aws():
        yield boto3.client("sqs", region_name="us-east-1")


def queues(sqs: "SQSClient", *dead: str) -> QueuePair:
    """An empty queue whose dead-letter queue holds these bodies."""
    pair = QueuePair(
        "status_publisher",
        *(sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("queue", "dead")),
    )
    for body in dead:
        attributes: Any = {"RULE_ARN": {"DataType": "String", "StringValue": f"rule-of-{body}"}}
        sqs.send_message(
            QueueUrl=pair.dead_letter_url, MessageBody=body, MessageAttributes=attributes
        )
    return pair


def drain(sqs: "SQSClient", url: str) -> dict[str, str]:
    """The bodies in a queue, each with the rule in its attributes."""
    found: dict[str, str] = {}
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages", []):
        found |= {
            message["Body"]: message["MessageAttributes"]["RULE_ARN"]["StringValue"]
            for message in messages
        }
    return found


class Refusing:
    """An SQS client whose queue takes no message that says ``bad``."""

    def __init__(self, sqs: "SQSClient") -> None:
        self._sqs = sqs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sqs, name)

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803  # botocore's names
        good = [entry for entry in Entries if entry["MessageBody"] != "bad"]
        answer: Any = self._sqs.send_message_batch(QueueUrl=QueueUrl, Entries=good) if good else {}
        return {
            **answer,
            "Failed": [
                {"Id": entry["Id"], "Code": "InternalError", "SenderFault": False}
                for entry in Entries
                if entry not in good
            ],
        }


def test_redrive_of_more_than_one_batch_moves_every_message_with_its_attributes(
    sqs: "SQSClient",
) -> None:
    bodies = [f"m{number}" for number in range(23)]
    pair = queues(sqs, *bodies)

    result = redrive_messages(sqs, pair)

    assert result == Redriven(moved=23, refused=0)
    assert drain(sqs, pair.url) == {body: f"rule-of-{body}" for body in bodies}
    assert read_depth(sqs, pair.dead_letter_url) == Depth(0, 0, 0)


def test_redrive_with_a_limit_leaves_the_rest(sqs: "SQSClient") -> None:
    pair = queues(sqs, *(f"m{number}" for number in range(12)))

    result = redrive_messages(sqs, pair, limit=11)

    assert result.moved == 11
    assert read_depth(sqs, pair.dead_letter_url).total == 1


def test_redrive_when_messages_fail_again_at_once_does_not_move_them_twice(
    sqs: "SQSClient",
) -> None:
    pair = queues(sqs, "poison", "other")
    loop = QueuePair(pair.name, pair.dead_letter_url, pair.dead_letter_url)

    result = redrive_messages(sqs, loop)

    assert result.moved == 2
    assert read_depth(sqs, pair.dead_letter_url).total == 2


def test_redrive_when_sqs_refuses_a_message_keeps_it_in_the_dead_letter_queue(
    sqs: "SQSClient",
) -> None:
    pair = queues(sqs, "good", "bad")

    result = redrive_messages(cast("SQSClient", Refusing(sqs)), pair)

    assert result == Redriven(moved=1, refused=1)
    assert read_depth(sqs, pair.dead_letter_url).total == 1
    assert set(drain(sqs, pair.url)) == {"good"}


def test_redrive_reports_how_far_it_is(sqs: "SQSClient") -> None:
    pair = queues(sqs, *(f"m{number}" for number in range(11)))
    told: list[int] = []

    redrive_messages(sqs, pair, moved=told.append)

    assert told[-1] == 11
    assert told == sorted(told)
