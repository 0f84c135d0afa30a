"""Replays archived events of the EventBridge bus.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

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
    """A replay of archived events.

    ``state`` is EventBridge's state of the replay. ``reached`` is the time of the last delivered
    event; None before the first delivery.
    """

    name: str
    state: str
    reason: str = ""
    reached: datetime | None = None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class Route:
    """Source and target of a replay: the ARNs of the archive, of the bus, and of rules of the bus.

    Only these rules get the events. Without rules, all rules of the bus get them.
    """

    archive: str
    bus: str
    rules: tuple[str, ...] = ()


def find_route(stack: Stack, since: datetime, until: datetime, consumer: str | None) -> Route:
    """Return the source and target of a replay: to all consumers of the bus, or to one.

    Args:
        stack: The deployed stack.
        since: Start of the period of events, inclusive.
        until: End of the period, which must be past.
        consumer: The function that receives the events, such as ``status_publisher``; None for
            all.

    Raises:
        StackError: The times are not in order or in the future, the stack has no archive, or the
            consumer does not exist or gets no events from the bus.
    """
    if not since < until <= datetime.now(UTC):
        raise StackError(
            f"the replay would go from {since:%Y-%m-%dT%H:%M} to {until:%Y-%m-%dT%H:%M}",
            "give a first time before the second, which must be past",
        )
    if "BusArchiveArn" not in stack.outputs:
        raise StackError(
            f"stack {stack.name} has no event archive",
            "deploy with EventArchive=enabled: events from then on can be replayed",
        )
    rules = () if consumer is None else tuple(sorted(_consumer_rules(stack, consumer)))
    return Route(stack.output("BusArchiveArn"), stack.output("BusArn"), rules)


def start_replay(
    stack: Stack,
    since: datetime,
    until: datetime,
    consumer: str | None = None,
    *,
    token: str | None = None,
) -> Replay:
    """Start a replay of the events between two times, to all consumers or to one; return its state.

    Idempotent: consumers deduplicate, so no message is sent twice and no unchanged row is written.

    The arguments and errors are those of :func:`find_route`. ``token`` is an idempotency key: later
    calls with it start no other replay, and return the state of the first call's replay.
    """
    route = find_route(stack, since, until, consumer)
    destination: ReplayDestinationTypeDef = {"Arn": route.bus}
    if route.rules:
        destination["FilterArns"] = list(route.rules)
    name = f"{stack.name[:40]}-{(token or uuid.uuid4().hex)[:12]}"
    try:
        answer = stack.aws.events.start_replay(
            ReplayName=name,
            EventSourceArn=route.archive,
            EventStartTime=since,
            EventEndTime=until,
            Destination=destination,
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceAlreadyExistsException":
            raise
        return read_replay(stack, name)
    return Replay(name, answer["State"], answer.get("StateReason", ""))


def read_replay(stack: Stack, name: str) -> Replay:
    """Return the current state of a replay. Raises botocore's errors."""
    answer = stack.aws.events.describe_replay(ReplayName=name)
    return Replay(
        name,
        answer["State"],
        answer.get("StateReason", ""),
        answer.get("EventLastReplayedTime"),
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
        replay = read_replay(stack, replay.name)
        report(replay)
    return replay


def _consumer_rules(stack: Stack, consumer: str) -> list[str]:
    """Return the ARNs of the bus rules that send events to a function's queue."""
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
        raise StackError(
            f"no event of the bus goes to {consumer}", "name another --consumer, or none"
        )
    return found
