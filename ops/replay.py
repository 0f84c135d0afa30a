"""Replays archived events of the bus.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ops.errors import StackError
from ops.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import ReplayDestinationTypeDef

ENDED = frozenset({"COMPLETED", "CANCELLED", "FAILED"})
"""Final states of a replay."""
POLL = 5.0
"""Seconds between two polls of a replay's state."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay. ``state`` is EventBridge's; ``reached`` is the time of the last delivered event,
    None before the first.
    """

    name: str
    state: str
    reason: str = ""
    reached: datetime | None = None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED


def start_replay(
    stack: Stack, since: datetime, until: datetime, consumer: str | None = None
) -> Replay:
    """Replay the events between two times, to all consumers or to one. Idempotent for the portal
    and for messages.

    Args:
        stack: The deployed stack.
        since: The start, inclusive.
        until: The end, which must be past.
        consumer: The function that receives the events, such as ``status_publisher``; None for
            all.

    Raises:
        StackError: The times are not in order or in the future, the stack has no archive, or the
            consumer does not exist or gets no events from the bus.
    """
    if not since < until <= datetime.now(UTC):
        raise StackError("the first time must be before the second, and that must be past")
    if "BusArchiveArn" not in stack.outputs:
        raise StackError(
            f"stack {stack.name} has no event archive: it was deployed with EventArchive=disabled"
        )
    destination: ReplayDestinationTypeDef = {"Arn": stack.output("BusArn")}
    if consumer is not None:
        destination["FilterArns"] = _consumer_rules(stack, consumer)
    answer = stack.aws.events.start_replay(
        ReplayName=f"{stack.name[:40]}-{uuid.uuid4().hex[:12]}",
        EventSourceArn=stack.output("BusArchiveArn"),
        EventStartTime=since,
        EventEndTime=until,
        Destination=destination,
    )
    return Replay(
        answer["ReplayArn"].rpartition("/")[2], answer["State"], answer.get("StateReason", "")
    )


def watch_replay(
    stack: Stack,
    replay: Replay,
    timeout: float,
    report: Callable[[Replay], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Replay:
    """Poll a replay until it has ended or ``timeout`` seconds have passed; return its last state.

    ``report`` receives the state after each poll. The replay continues by itself after the
    timeout.
    """
    waited = 0.0
    while not replay.has_ended and waited < timeout:
        sleep(POLL)
        waited += POLL
        answer = stack.aws.events.describe_replay(ReplayName=replay.name)
        replay = Replay(
            replay.name,
            answer["State"],
            answer.get("StateReason", ""),
            answer.get("EventLastReplayedTime"),
        )
        report(replay)
    return replay


def _consumer_rules(stack: Stack, consumer: str) -> list[str]:
    """Return the ARNs of the bus rules that target a consumer's queue."""
    url = stack.queue(consumer).url
    queue = stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    bus = stack.output("BusName")
    found = [
        rule["Arn"]
        for page in stack.aws.events.get_paginator("list_rules").paginate(EventBusName=bus)
        for rule in page["Rules"]
        if any(
            target["Arn"] == queue
            for target in stack.aws.events.list_targets_by_rule(
                Rule=rule["Name"], EventBusName=bus
            )["Targets"]
        )
    ]
    if not found:
        raise StackError(f"no event of the bus goes to {consumer}")
    return found
