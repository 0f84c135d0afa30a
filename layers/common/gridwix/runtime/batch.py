"""An SQS batch of bus events: which messages are done, and when the others come again.

The rows behind a batch are grouped, so the messages are handled together and not one by one; each still gets its own answer.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from gridwix.errors import GridwixError, InvalidEvent, UpstreamError
from gridwix.models.events import Change
from gridwix.runtime.observability import about, logger

MAX_DELAY = 900.0
"""Longest time after which a deferred message comes again, in seconds."""


class Envelope(BaseModel):
    """An EventBridge event as it arrives in a queue: of its members only the detail is ours."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    detail: Change


class Redelivery(Protocol):
    """Says when a message that is not done becomes visible again."""

    def defer(self, delays: Mapping[str, float]) -> None:
        """Make the messages of these receipt handles visible again after that many seconds."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a batch. ``receives`` is how often it has been handed out, this time included."""

    id: str
    receipt_handle: str
    receives: int
    change: Change


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages of one invocation. ``malformed`` are those that break the bus contract: they fail until they reach the dead-letter queue."""

    messages: Sequence[Message]
    malformed: Mapping[str, InvalidEvent]

    @property
    def changes(self) -> list[Change]:
        return [message.change for message in self.messages]


def read_batch(event: Mapping[str, Any]) -> Batch:
    """Read the records of an SQS event whose bodies are EventBridge events with a :class:`Change` as detail."""
    messages: list[Message] = []
    malformed: dict[str, InvalidEvent] = {}
    for record in event["Records"]:
        try:
            change = Envelope.model_validate_json(record["body"]).detail
        except ValidationError as error:
            malformed[record["messageId"]] = InvalidEvent("; ".join(".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False)))
        else:
            receives = int(record["attributes"]["ApproximateReceiveCount"])
            messages.append(Message(record["messageId"], record["receiptHandle"], receives, change))
    return Batch(messages, malformed)


def answer(
    batch: Batch, failures: Mapping[str, GridwixError], redelivery: Redelivery, jitter: Callable[[], float] = random.random
) -> dict[str, list[dict[str, str]]]:
    """The partial batch response. ``failures`` are the messages (by id) that are not done, each with the reason; their next delivery is set by it."""
    defer(redelivery, {m.receipt_handle: delay(m.receives, failures[m.id].wait, jitter()) for m in batch.messages if m.id in failures})
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in _in_order(batch, failures)]}


def defer(redelivery: Redelivery, delays: Mapping[str, float]) -> None:
    """Set when messages come again. If that cannot be set, they come after the queue's own time: that is late, but no reason to fail what was done."""
    if not delays:
        return
    try:
        redelivery.defer(delays)
    except UpstreamError as error:
        logger.warning("redelivery not set", extra={"messages": len(delays), **about(error)})


def delay(receives: int, wait: float | None, jitter: float) -> float:
    """Seconds until the next delivery: what the other side asked for or a doubling back-off, a quarter more at most by ``jitter`` (0 to 1)."""
    return min(MAX_DELAY, max(wait or 0.0, 2.0 ** min(receives, 10)) * (1 + jitter / 4))


def _in_order(batch: Batch, failures: Mapping[str, GridwixError]) -> Iterable[str]:
    yield from batch.malformed
    yield from (message.id for message in batch.messages if message.id in failures)
