"""Having the bus deliver events of the past once more.

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
POLL = 5.0


@dataclass(frozen=True, slots=True)
class Replay:
    """``state`` is EventBridge's; ``reached`` the time of the last event that was delivered, None before the first."""

    name: str
    state: str
    reason: str = ""
    reached: datetime | None = None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED


def start_replay(stack: Stack, since: datetime, until: datetime, consumer: str | None = None) -> Replay:
    """Have the events between two instants delivered anew, to everybody or to one consumer (such as ``status_publisher``) alone.

    Nothing that the portal shows already is written, and nobody is told anything twice. Raises StackError for times in the wrong order or to come, a stack
    that keeps no events, and a consumer that it does not have or that no event of the bus goes to.
    """
    if not since < until <= datetime.now(UTC):
        raise StackError("the first time must be before the second, and that must be past")
    if "BusArchiveArn" not in stack.outputs:
        raise StackError(f"stack {stack.name} keeps no events: it was deployed with EventArchive=disabled")
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
    return Replay(answer["ReplayArn"].rpartition("/")[2], answer["State"], answer.get("StateReason", ""))


def watch_replay(stack: Stack, replay: Replay, timeout: float, tell: Callable[[Replay], None], sleep: Callable[[float], None] = time.sleep) -> Replay:
    """How a replay stands when it has ended, or ``timeout`` seconds have passed. It goes on by itself."""
    waited = 0.0
    while not replay.has_ended and waited < timeout:
        sleep(POLL)
        waited += POLL
        answer = stack.aws.events.describe_replay(ReplayName=replay.name)
        replay = Replay(replay.name, answer["State"], answer.get("StateReason", ""), answer.get("EventLastReplayedTime"))
        tell(replay)
    return replay


def _consumer_rules(stack: Stack, consumer: str) -> list[str]:
    """The rules of the bus that lead to a consumer's queue."""
    url = stack.queue(consumer).url
    queue = stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = stack.output("BusName")
    found = [
        rule["Arn"]
        for page in stack.aws.events.get_paginator("list_rules").paginate(EventBusName=bus)
        for rule in page["Rules"]
        if any(target["Arn"] == queue for target in stack.aws.events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"])
    ]
    if not found:
        raise StackError(f"no event of the bus goes to {consumer}")
    return found
