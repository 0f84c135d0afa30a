"""Reads the depth of SQS queues, and redrives dead-letter queues."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.stack import QueuePair, Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

type Choice = "Callable[[list[MessageTypeDef]], list[MessageTypeDef]]"
"""Returns those messages of a batch that are wanted."""

MAX_BATCH = 10
"""Maximum number of messages in one SQS call."""
MAX_BATCH_BYTES = 262_144
"""Maximum number of bytes of all messages in one SQS call, attributes included."""
DELETE_ATTEMPTS = 2
"""Maximum number of attempts to delete a message that was sent."""
HOLD, BRIEF_HOLD = 900, 60
"""Visibility timeouts in seconds: of messages that are only looked at, and of messages to move."""
MAX_HELD = 20_000
"""Maximum number of messages to hide at a time. SQS permits 120,000 per queue."""
LONG_POLL = 1
"""Seconds for which a receive waits (long polling), so that SQS asks all of its servers."""
EMPTY_RECEIVES = 3
"""Consecutive empty receives after which a queue counts as empty. SQS samples only some of its
servers.
"""


@dataclass(frozen=True, slots=True)
class Depth:
    """The approximate number of messages in a queue: ready, in flight, and delayed.

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
    """Result of moving messages from a dead-letter queue back to its source queue, in numbers.

    ``refused`` messages stay in the dead-letter queue, because SQS did not accept them. ``left``
    messages stay in it because they were not selected. ``doubled`` messages were moved, and are
    still in the dead-letter queue as well, because SQS did not delete them. ``hidden`` messages
    stay invisible in the dead-letter queue for up to ``HOLD`` seconds, because SQS refused to make
    them visible again at once. ``is_full``: there may be more messages than can be looked at in one
    run.
    """

    moved: int
    refused: int
    left: int = 0
    doubled: int = 0
    hidden: int = 0
    is_full: bool = False


def read_depth(sqs: "SQSClient", url: str) -> Depth:
    """Return the current depth of a queue: its approximate numbers of messages."""
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
    """Return the depth of a queue (numbers of messages) from the queue's attributes."""
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
    choose: Choice | None = None,
) -> Redriven:
    """Move messages from a dead-letter queue back to its source queue.

    At least once: a message is deleted only after it was sent, so an interruption can duplicate
    it, which the consumers tolerate. The number of messages to look at is bounded by the depth at
    the start, so messages that fail again are not moved in a loop.

    Args:
        sqs: The SQS client.
        pair: The queue and its dead-letter queue.
        limit: Maximum number of messages; None moves as many as there are at the start.
        moved: Receives the number of moved messages after each batch.
        choose: Returns the messages of a batch that are to be moved; None moves all. Other messages
            stay in the dead-letter queue.
    """
    every = choose is None
    most = limit if every and limit is not None else read_depth(sqs, pair.dead_letter_url).total
    done = refused = doubled = 0
    holding = Holding(sqs, pair.dead_letter_url, seconds=BRIEF_HOLD if every else HOLD)
    with holding:
        for messages in holding.receive(most):
            chosen = messages if choose is None else choose(messages)
            chosen = chosen if limit is None else chosen[: limit - done]
            sent = _send(sqs, pair.url, chosen)
            kept = delete_messages(sqs, pair.dead_letter_url, sent)
            # A message that was sent and is still there must not be sent again: it stays held.
            holding.forget(message for message in sent if message not in kept)
            done, refused = done + len(sent), refused + len(chosen) - len(sent)
            doubled += len(kept)
            moved(done)
            if done == limit:
                break
        left = holding.number - refused - doubled
    return Redriven(done, refused, left, doubled, holding.hidden, holding.is_full)


class Holding:
    """Receives messages of a queue, and keeps them hidden until the end of a ``with`` block.

    So each message is received once, and no message is lost: at the end of the block, on errors
    too, the messages are visible again immediately, and ``seconds`` later if the process is killed.
    Keeps at most ``MAX_HELD`` receipt handles in memory.

    Args:
        sqs: The SQS client.
        url: URL of the queue.
        seconds: Visibility timeout of the messages.
    """

    def __init__(self, sqs: "SQSClient", url: str, *, seconds: int) -> None:
        self._sqs = sqs
        self._url = url
        self._seconds = seconds
        self._handles: dict[str, str] = {}
        self.hidden = 0
        """After the block: number of messages that SQS refused to make visible again."""

    @property
    def number(self) -> int:
        """Number of messages of the queue that this object has received and keeps invisible."""
        return len(self._handles)

    @property
    def is_full(self) -> bool:
        """True if this object keeps ``MAX_HELD`` messages invisible, and receives no more."""
        return self.number >= MAX_HELD

    def receive(self, most: int) -> "Iterator[list[MessageTypeDef]]":
        """Yield batches of messages until the queue is empty, or ``most`` messages were yielded.

        ``most`` is a limit for all batches together. Stops as well when no more messages can be
        kept invisible (:attr:`is_full`). SQS may return no message although there are some, so one
        empty receive is not the end.
        """
        remaining, empty = most, 0
        while remaining > 0 and empty < EMPTY_RECEIVES and not self.is_full:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(MAX_BATCH, remaining, MAX_HELD - self.number),
                VisibilityTimeout=self._seconds,
                WaitTimeSeconds=LONG_POLL,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            received = answer.get("Messages", [])
            # A message whose time is over comes again: it has another handle, and is not new.
            fresh = [one for one in received if one["MessageId"] not in self._handles]
            self._handles |= {one["MessageId"]: one["ReceiptHandle"] for one in received}
            empty = 0 if fresh else empty + 1
            remaining -= len(fresh)
            if fresh:
                yield fresh

    def forget(self, messages: "Iterable[MessageTypeDef]") -> None:
        """Forget messages that the caller has deleted from the queue.

        Otherwise the end of the ``with`` block would try to make them visible again.
        """
        for message in messages:
            self._handles.pop(message["MessageId"], None)

    def __enter__(self) -> "Holding":
        return self

    def __exit__(self, *_: object) -> None:
        """Make the hidden messages visible again.

        If SQS refuses that for a message, it becomes visible after its visibility timeout.
        """
        for batch in batched(self._handles.values(), MAX_BATCH, strict=False):
            try:
                self._sqs.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                        for number, handle in enumerate(batch)
                    ],
                )
            except ClientError:
                self.hidden += len(batch)


def _send(
    sqs: "SQSClient", url: str, messages: "Sequence[MessageTypeDef]"
) -> "list[MessageTypeDef]":
    """Send copies of messages with their attributes. Return the messages that SQS accepted."""
    sent: list[MessageTypeDef] = []
    for batch in _batches_by_size(messages):
        answer = sqs.send_message_batch(
            QueueUrl=url,
            Entries=[
                {
                    "Id": str(number),
                    "MessageBody": message["Body"],
                    "MessageAttributes": message.get("MessageAttributes", {}),
                }
                for number, message in enumerate(batch)
            ],
        )
        sent += [batch[int(entry["Id"])] for entry in answer.get("Successful", [])]
    return sent


def delete_messages(
    sqs: "SQSClient", url: str, messages: "Sequence[MessageTypeDef]"
) -> "list[MessageTypeDef]":
    """Delete messages from a queue. Return the messages that SQS did not delete."""
    left = list(messages)
    for _ in range(DELETE_ATTEMPTS):
        if not left:
            break
        answer = sqs.delete_message_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(left)
            ],
        )
        left = [left[int(entry["Id"])] for entry in answer.get("Failed", [])]
    return left


def _batches_by_size(
    messages: "Sequence[MessageTypeDef]",
) -> "Iterator[list[MessageTypeDef]]":
    """Split messages into batches that one call can carry: SQS limits the bytes of a call."""
    batch: list[MessageTypeDef] = []
    size = 0
    for message in messages:
        own = _message_bytes(message)
        if batch and size + own > MAX_BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += own
    if batch:
        yield batch


def _message_bytes(message: "MessageTypeDef") -> int:
    """Return the size of a message in bytes, as SQS counts it.

    The body counts, and the names, types and values of attributes.
    """
    attributes = message.get("MessageAttributes", {}).items()
    return len(message["Body"].encode()) + sum(
        len(name.encode())
        + len(value["DataType"].encode())
        + len(value.get("StringValue", "").encode())
        + len(value.get("BinaryValue", b""))
        for name, value in attributes
    )


def read_max_receives(stack: Stack, function: str) -> int | None:
    """Return the number of receives after which a message of a function becomes a dead letter.

    None if the function has no queue, or the queue no dead-letter queue.
    """
    pair = next((pair for pair in stack.queues if pair.name == function), None)
    if pair is None:
        return None
    policy = json.loads(read_attributes(stack.aws.sqs, pair.url).get("RedrivePolicy", "{}"))
    return int(policy["maxReceiveCount"]) if "maxReceiveCount" in policy else None
