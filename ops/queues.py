"""What lies in the queues, and how messages get back out of a dead-letter queue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.stack import QueuePair

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MAX_BATCH = 10
EMPTY_RECEIVES = 3
"""Receives in a row that bring nothing before a queue counts as empty: SQS asks only some of its servers at a time."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages a queue holds, approximately: ready, being worked on, and not yet due.

    ``visibility_timeout`` is after how many seconds the queue hands out a message again that is being worked on.
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
    """``refused`` messages stay in the dead-letter queue: SQS did not take them back."""

    moved: int
    refused: int


def read_depth(sqs: "SQSClient", url: str) -> Depth:
    return parse_depth(read_attributes(sqs, url))


def read_attributes(sqs: "SQSClient", url: str) -> Mapping[str, str]:
    """All attributes of a queue, by SQS's names for them."""
    return {str(name): value for name, value in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"].items()}


def parse_depth(attributes: Mapping[str, str]) -> Depth:
    return Depth(
        waiting=int(attributes["ApproximateNumberOfMessages"]),
        in_flight=int(attributes["ApproximateNumberOfMessagesNotVisible"]),
        delayed=int(attributes["ApproximateNumberOfMessagesDelayed"]),
        visibility_timeout=int(attributes["VisibilityTimeout"]),
    )


def redrive_messages(sqs: "SQSClient", pair: QueuePair, *, limit: int | None = None, moved: Callable[[int], None] = lambda _: None) -> Redriven:
    """Move messages from the dead-letter queue back to the consumer's queue: ``limit`` of them, or as many as there are at the start.

    A message is deleted only after it was sent, so one that is interrupted between the two comes twice, which the consumers bear. Messages that fail again
    meanwhile do not go round: no more are moved than there were. ``moved`` hears the count after each batch.
    """
    remaining = read_depth(sqs, pair.dead_letter_url).total if limit is None else limit
    done = refused = empty = 0
    while remaining > 0 and empty < EMPTY_RECEIVES:
        answer = sqs.receive_message(
            QueueUrl=pair.dead_letter_url, MaxNumberOfMessages=min(MAX_BATCH, remaining), VisibilityTimeout=60, WaitTimeSeconds=1, MessageAttributeNames=["All"]
        )
        messages = answer.get("Messages", [])
        empty = 0 if messages else empty + 1
        if messages:
            sent = _send_and_delete(sqs, pair, messages)
            done, refused, remaining = done + sent, refused + len(messages) - sent, remaining - len(messages)
            moved(done)
    return Redriven(done, refused)


def _send_and_delete(sqs: "SQSClient", pair: QueuePair, messages: "list[MessageTypeDef]") -> int:
    answer = sqs.send_message_batch(
        QueueUrl=pair.url,
        Entries=[
            {"Id": str(number), "MessageBody": message["Body"], "MessageAttributes": message.get("MessageAttributes", {})}
            for number, message in enumerate(messages)
        ],
    )
    sent = [messages[int(entry["Id"])] for entry in answer.get("Successful", [])]
    if sent:
        sqs.delete_message_batch(
            QueueUrl=pair.dead_letter_url,
            Entries=[{"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(sent)],
        )
    return len(sent)
