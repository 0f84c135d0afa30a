"""Redriving dead letters: all of them once, none lost, and none round in circles."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ops.queues import (
    MAX_BATCH_BYTES,
    Choice,
    Depth,
    Holding,
    Redriven,
    read_depth,
    redrive_messages,
)
from ops.stack import QueuePair

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.queues.LONG_POLL", 0)


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


class Flaky:
    """An SQS client of which one method is replaced."""

    def __init__(self, sqs: "SQSClient", **methods: Any) -> None:
        self._sqs = sqs
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        return self._methods.get(name) or getattr(self._sqs, name)


def flaky(sqs: "SQSClient", **methods: Any) -> "SQSClient":
    return cast("SQSClient", Flaky(sqs, **methods))


def only(*bodies: str) -> Choice:
    return lambda messages: [message for message in messages if message["Body"] in bodies]


def bodies_in(sqs: "SQSClient", url: str) -> list[str]:
    """The bodies that can be received now."""
    found: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        found += [message["Body"] for message in messages]
    return sorted(found)


def test_redrive_of_chosen_messages_leaves_the_others_where_they_are_and_visible_at_once(
    sqs: "SQSClient",
) -> None:
    pair = queues(sqs, *(f"m{number:02}" for number in range(25)))

    result = redrive_messages(sqs, pair, choose=only("m03", "m12", "m24"))

    assert result == Redriven(moved=3, refused=0, left=22)
    assert bodies_in(sqs, pair.url) == ["m03", "m12", "m24"]
    assert len(bodies_in(sqs, pair.dead_letter_url)) == 22


def test_redrive_of_chosen_messages_with_a_limit_moves_no_more(sqs: "SQSClient") -> None:
    pair = queues(sqs, "a", "b", "c", "d")

    result = redrive_messages(sqs, pair, limit=2, choose=only("a", "b", "c"))

    assert (result.moved, result.left) == (2, 2)
    assert len(bodies_in(sqs, pair.url)) == 2
    assert len(bodies_in(sqs, pair.dead_letter_url)) == 2


def test_redrive_that_is_interrupted_while_it_chooses_leaves_everything_visible(
    sqs: "SQSClient",
) -> None:
    pair = queues(sqs, *(f"m{number}" for number in range(15)))
    looked: list[int] = []

    def choose(messages: list[Any]) -> list[Any]:
        looked.append(len(messages))
        if len(looked) == 2:
            raise KeyboardInterrupt
        return []

    with pytest.raises(KeyboardInterrupt):
        redrive_messages(sqs, pair, choose=choose)

    assert len(bodies_in(sqs, pair.dead_letter_url)) == 15
    assert bodies_in(sqs, pair.url) == []


def test_redrive_that_is_killed_after_sending_loses_nothing(sqs: "SQSClient") -> None:
    pair = queues(sqs, "a", "b")

    def killed(**_: Any) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        redrive_messages(flaky(sqs, delete_message_batch=killed), pair)

    assert bodies_in(sqs, pair.url) == ["a", "b"]
    assert bodies_in(sqs, pair.dead_letter_url) == ["a", "b"]


def test_redrive_that_is_killed_before_sending_moves_nothing(sqs: "SQSClient") -> None:
    pair = queues(sqs, "a", "b")

    def killed(**_: Any) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        redrive_messages(flaky(sqs, send_message_batch=killed), pair)

    assert bodies_in(sqs, pair.url) == []
    assert bodies_in(sqs, pair.dead_letter_url) == ["a", "b"]


def test_redrive_when_sqs_does_not_delete_a_moved_message_says_so_and_sends_it_once(
    sqs: "SQSClient",
) -> None:
    pair = queues(sqs, "a", "b")

    def keeping(*, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803  # botocore's names
        return {"Failed": [{"Id": entry["Id"]} for entry in Entries]}

    result = redrive_messages(flaky(sqs, delete_message_batch=keeping), pair)

    assert result == Redriven(moved=2, refused=0, doubled=2)
    assert bodies_in(sqs, pair.url) == ["a", "b"]
    assert bodies_in(sqs, pair.dead_letter_url) == ["a", "b"]


def test_redrive_tries_twice_to_delete_what_it_has_sent(sqs: "SQSClient") -> None:
    pair = queues(sqs, "a", "b")
    attempts: list[int] = []

    def once(*, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803  # botocore's names
        attempts.append(len(Entries))
        if len(attempts) == 1:
            sqs.delete_message_batch(QueueUrl=QueueUrl, Entries=Entries[:1])
            return {"Failed": [{"Id": Entries[1]["Id"]}]}
        return sqs.delete_message_batch(QueueUrl=QueueUrl, Entries=Entries)

    result = redrive_messages(flaky(sqs, delete_message_batch=once), pair)

    assert (result, attempts) == (Redriven(moved=2, refused=0), [2, 1])
    assert bodies_in(sqs, pair.dead_letter_url) == []


def test_redrive_of_large_messages_keeps_each_call_within_sqss_bound(sqs: "SQSClient") -> None:
    pair = queues(sqs, *(f"{number}" + "ü" * 40_000 for number in range(8)))
    sizes: list[int] = []

    def measured(*, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803  # botocore's names
        sizes.append(sum(len(entry["MessageBody"].encode()) for entry in Entries))
        return sqs.send_message_batch(QueueUrl=QueueUrl, Entries=Entries)

    result = redrive_messages(flaky(sqs, send_message_batch=measured), pair)

    assert result == Redriven(moved=8, refused=0)
    assert max(sizes) <= MAX_BATCH_BYTES < sum(sizes)


def test_held_message_that_comes_again_is_told_once(sqs: "SQSClient") -> None:
    pair = queues(sqs, "a", "b")

    def impatient(**arguments: Any) -> Any:
        return sqs.receive_message(**arguments | {"VisibilityTimeout": 0})

    client = flaky(sqs, receive_message=impatient)
    with Holding(client, pair.dead_letter_url, seconds=60) as holding:
        told = [message["Body"] for batch in holding.receive(10) for message in batch]

    assert sorted(told) == ["a", "b"]


def test_holding_is_bounded_in_memory(sqs: "SQSClient", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.queues.MAX_HELD", 4)
    pair = queues(sqs, *(f"m{number}" for number in range(9)))

    result = redrive_messages(sqs, pair, choose=only("none"))

    assert (result.left, result.is_full) == (4, True)
    assert len(bodies_in(sqs, pair.dead_letter_url)) == 9


def test_held_messages_become_visible_although_one_call_fails(sqs: "SQSClient") -> None:
    pair = queues(sqs, *(f"m{number}" for number in range(12)))
    calls: list[int] = []

    def failing_once(*, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803  # botocore's names
        calls.append(len(Entries))
        if len(calls) == 1:
            raise ClientError({"Error": {"Code": "Throttled"}}, "ChangeMessageVisibilityBatch")
        return sqs.change_message_visibility_batch(QueueUrl=QueueUrl, Entries=Entries)

    client = flaky(sqs, change_message_visibility_batch=failing_once)
    with Holding(client, pair.dead_letter_url, seconds=60) as holding:
        assert sum(len(batch) for batch in holding.receive(100)) == 12

    assert holding.hidden == 10
    assert len(bodies_in(sqs, pair.dead_letter_url)) == 2
