"""An SQS queue in memory, with a clock of the test's own: hours of waiting pass at once.

It keeps SQS's rules: a received message is invisible until it is deleted, deferred, or its
visibility timeout is over; each receive counts; after ``max_receives`` it is a dead letter; and
after ``retention`` it is gone. Source:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.wire import ManualClock


@dataclass
class Sent:
    """A message: its body, the time at which it was sent, the time from which it is visible, and
    how often it was received.
    """

    body: str
    sent_at: float
    visible_at: float
    receives: int = 0


@dataclass
class ClockedQueue:
    """Implements ``Redelivery``, and the calls of SQS that a pause needs.

    ``dead`` are the bodies of dead letters, ``expired`` those that the queue has dropped. Times are
    in seconds.
    """

    clock: ManualClock
    arn: str
    visibility: float = 365.0
    retention: float = 14 * 86400.0
    max_receives: int = 12
    messages: dict[str, Sent] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    _number: int = 0

    def send(self, body: str) -> None:
        self._number += 1
        self.messages[f"m{self._number}"] = Sent(body, self.clock.now, self.clock.now)

    def receive(self, most: int) -> list[dict[str, Any]]:
        """Return at most ``most`` visible messages, as Lambda passes them to a function."""
        self._expire()
        records: list[dict[str, Any]] = []
        for identifier, message in list(self.messages.items()):
            if message.visible_at > self.clock.now or len(records) == most:
                continue
            if message.receives == self.max_receives:
                self.dead.append(self.messages.pop(identifier).body)
                continue
            message.receives += 1
            message.visible_at = self.clock.now + self.visibility
            records.append(
                {
                    "messageId": identifier,
                    "receiptHandle": identifier,
                    "body": message.body,
                    "attributes": {
                        "ApproximateReceiveCount": str(message.receives),
                        "SentTimestamp": str(int(message.sent_at * 1000)),
                    },
                }
            )
        return records

    def settle(self, records: Sequence[Mapping[str, Any]], response: Mapping[str, Any]) -> None:
        """Delete what a function has processed, by its partial batch response."""
        failed = {one["itemIdentifier"] for one in response["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in failed:
                self.messages.pop(record["messageId"], None)

    def defer(self, delays: Mapping[str, float]) -> None:
        for handle, seconds in delays.items():
            if handle in self.messages:
                self.messages[handle].visible_at = self.clock.now + math.ceil(seconds)

    @property
    def next_visible(self) -> float:
        """The time from which some message is visible."""
        return min(message.visible_at for message in self.messages.values())

    def _expire(self) -> None:
        for identifier, message in list(self.messages.items()):
            if self.clock.now - message.sent_at > self.retention:
                self.expired.append(self.messages.pop(identifier).body)

    # botocore's names

    def get_queue_attributes(self, **_: Any) -> Any:
        waiting = [one for one in self.messages.values() if one.visible_at <= self.clock.now]
        return {
            "Attributes": {
                "QueueArn": self.arn,
                "MessageRetentionPeriod": str(int(self.retention)),
                "ApproximateNumberOfMessages": str(len(waiting)),
            }
        }

    def list_queue_tags(self, **_: Any) -> Any:
        return {"Tags": dict(self.tags)}

    def tag_queue(self, *, Tags: Mapping[str, str], **_: Any) -> None:  # noqa: N803
        self.tags |= Tags

    def untag_queue(self, *, TagKeys: Sequence[str], **_: Any) -> None:  # noqa: N803
        for key in TagKeys:
            self.tags.pop(key, None)
