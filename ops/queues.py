"""Reads the depth of SQS queues, and redrives dead-letter queues."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.stack import QueuePair, Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MAX_BATCH = 10
"""Maximum number of messages in one SQS call."""
EMPTY_RECEIVES = 3
"""Consecutive empty receives after which a queue counts as empty. SQS samples only some of its
servers.
"""


@dataclass(frozen=True, slots=True)
class Depth:
    """The approximate number of messages of a queue: ready, in flight, and delayed.

    ``visibility_timeout`` is the number of seconds after which the queue delivers a message in
    flight again.
    """

    waiting: int
    in_flight: int
    delayed: int
    visibility_timeout: int = field(default=0, compare=False)

    @property
    def total(self) -> int:
        return self.waiting + self.in_flight + self.delayed


@dataclass(frozen=True, slots=True)
class Redriven:
    """Result of a redrive. ``refused`` messages stay in the dead-letter queue, because SQS did not
    accept them.
    """

    moved: int
    refused: int


def read_depth(sqs: "SQSClient", url: str) -> Depth:
    """Return the current depth of a queue."""
    return parse_depth(read_attributes(sqs, url))


def read_attributes(sqs: "SQSClient", url: str) -> Mapping[str, str]:
    """Return all attributes of a queue by SQS's names."""
    return {
        str(name): value
        for name, value in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
            "Attributes"
        ].items()
    }


def parse_depth(attributes: Mapping[str, str]) -> Depth:
    """Return the depth from a queue's attributes."""
    return Depth(
        waiting=int(attributes["ApproximateNumberOfMessages"]),
        in_flight=int(attributes["ApproximateNumberOfMessagesNotVisible"]),
        delayed=int(attributes["ApproximateNumberOfMessagesDelayed"]),
        visibility_timeout=int(attributes["VisibilityTimeout"]),
    )


def redrive_messages(
    sqs: "SQSClient",
    pair: QueuePair,
    *,
    limit: int | None = None,
    moved: Callable[[int], None] = lambda _: None,
) -> Redriven:
    """Move messages from a dead-letter queue back to its source queue.

    At least once: a message is deleted only after it was sent, so an interruption can duplicate
    it, which the consumers tolerate. The number of moved messages is bounded by the depth at the
    start, so messages that fail again are not moved in a loop.

    Args:
        sqs: The SQS client.
        pair: The queue and its dead-letter queue.
        limit: Maximum number of messages; None moves as many as there are at the start.
        moved: Receives the number of moved messages after each batch.
    """
    remaining = read_depth(sqs, pair.dead_letter_url).total if limit is None else limit
    done = refused = empty = 0
    while remaining > 0 and empty < EMPTY_RECEIVES:
        answer = sqs.receive_message(
            QueueUrl=pair.dead_letter_url,
            MaxNumberOfMessages=min(MAX_BATCH, remaining),
            VisibilityTimeout=60,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        # One empty receive does not prove that the queue is empty.
        empty = 0 if messages else empty + 1
        if messages:
            sent = _send_and_delete(sqs, pair, messages)
            done, refused, remaining = (
                done + sent,
                refused + len(messages) - sent,
                remaining - len(messages),
            )
            moved(done)
    return Redriven(done, refused)


def _send_and_delete(sqs: "SQSClient", pair: QueuePair, messages: "list[MessageTypeDef]") -> int:
    answer = sqs.send_message_batch(
        QueueUrl=pair.url,
        Entries=[
            {
                "Id": str(number),
                "MessageBody": message["Body"],
                "MessageAttributes": message.get("MessageAttributes", {}),
            }
            for number, message in enumerate(messages)
        ],
    )
    sent = [messages[int(entry["Id"])] for entry in answer.get("Successful", [])]
    if sent:
        sqs.delete_message_batch(
            QueueUrl=pair.dead_letter_url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(sent)
            ],
        )
    return len(sent)


def read_max_receives(stack: Stack, function: str) -> int | None:
    """Return after how many receives a message of a function's queue is a dead letter.

    None if the function has no queue, or the queue no dead-letter queue.
    """
    pair = next((pair for pair in stack.queues if pair.name == function), None)
    if pair is None:
        return None
    policy = json.loads(read_attributes(stack.aws.sqs, pair.url).get("RedrivePolicy", "{}"))
    return int(policy["maxReceiveCount"]) if "maxReceiveCount" in policy else None
