"""State of a stack's functions and their queues, and the faults that stop a function."""

import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.console import format_duration, format_minute
from ops.pause_notes import PauseNote, read_note
from ops.queue_ages import queue_name, read_queue_ages
from ops.queue_policies import admits_events
from ops.queues import Depth, parse_depth, read_attributes
from ops.stack import DEFAULT_STACK, QueuePair, Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 8
"""Maximum number of concurrent calls to AWS."""

RUNNING = frozenset({"Enabled", "Enabling", "Creating", "Updating"})
"""States of an event source mapping in which it reads its queue, or soon will."""

LONGEST_WAIT = 900.0
"""Maximum age in seconds of a queue's oldest message, if no alarm sets a limit."""

CLOSED = (
    "the policy of its queue was removed, so no event reaches it:"
    " see docs/runbook.md#something-was-changed-by-hand"
)


@dataclass(frozen=True, slots=True)
class FunctionState:
    """A function as Lambda describes it.

    ``reserved`` is its reserved concurrency, None if it has none.
    """

    state: str = "Active"
    update: str = "Successful"
    reason: str = ""
    reserved: int | None = None

    @property
    def fault(self) -> str | None:
        """The reason why Lambda does not run the function, or not its newest code; else None."""
        if self.update == "Failed":
            return f"the function's last update failed {self.reason}".rstrip()
        if self.state in ("Failed", "Inactive"):
            return f"the function is {self.state.lower()} {self.reason}".rstrip()
        if self.reserved == 0:
            return "the function is throttled: its reserved concurrency is 0"
        return None


@dataclass(frozen=True, slots=True)
class EventSource:
    """An event source mapping, by which Lambda reads a queue for a function.

    ``changed_at`` is the time of the mapping's last change of state.
    """

    uuid: str
    state: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consumer:
    """A function and the queue that it reads, as ``gridwix status`` shows them.

    ``oldest`` is the age of the queue's oldest message in seconds, None if SQS reported none
    lately. ``limit`` is the age in seconds that a message may reach. ``stack`` is the name of the
    function's stack. ``pause`` is the note of ``gridwix pause`` on who paused the function and
    when; None if the function is not paused, or was not paused by the command. ``now`` is the time
    of reading in Unix seconds, ``retention`` the number of seconds for which the queue keeps a
    message. ``is_closed`` is True if the queue lacks the policy by which events reach it.
    """

    name: str
    queue: Depth
    dead: Depth
    function: FunctionState = FunctionState()
    sources: tuple[EventSource, ...] = ()
    oldest: float | None = None
    limit: float = LONGEST_WAIT
    stack: str = DEFAULT_STACK
    pause: PauseNote | None = None
    now: float = 0.0
    retention: int = 0
    is_closed: bool = False

    @property
    def fault(self) -> str | None:
        """The reason why the queue is not processed, or too slowly; None if all is well.

        Only the cause is reported, not its consequences.
        """
        stopped = self._stop
        if stopped is None and not self.is_late:
            return None
        waits = f"{self.queue.total} messages wait" if self.queue.total else ""
        if self.oldest:
            waits = f"{waits or 'messages wait'}, the oldest for {format_duration(self.oldest)}"
        if stopped is None:
            return f"{waits}; the limit is {format_duration(self.limit)}"
        if waits and self.retention:
            waits = f"{waits}; the queue keeps a message for {format_duration(self.retention)}"
        return f"{stopped}; {waits}" if waits else stopped

    @property
    def is_late(self) -> bool:
        """True if the oldest message of the queue is older than the limit."""
        return self.oldest is not None and self.oldest > self.limit

    @property
    def runs(self) -> bool:
        """True if nothing keeps the function from reading its queue."""
        return self._stop is None

    @property
    def paused_for(self) -> float | None:
        """Seconds since `gridwix pause` paused the function; None if it is not paused."""
        if self.pause is None or self._source_fault is None:
            return None
        return max(self.now - self.pause.at.timestamp(), 0.0)

    @property
    def dead_letters(self) -> str | None:
        """A sentence with the number of dead letters and the command that redrives them.

        None if the dead-letter queue is empty.
        """
        if self.dead.total == 0:
            return None
        letters = "1 dead letter" if self.dead.total == 1 else f"{self.dead.total} dead letters"
        return f"{letters}: fix the cause, then `{self._command('redrive')}`"

    def _command(self, name: str) -> str:
        option = "" if self.stack == DEFAULT_STACK else f" --stack {self.stack}"
        return f"gridwix {name}{option} {self.name.replace('_', '-')}"

    @property
    def _stop(self) -> str | None:
        """The reason why the function receives no messages; None if it does."""
        return self.function.fault or self._source_fault or (CLOSED if self.is_closed else None)

    @property
    def _source_fault(self) -> str | None:
        if not self.sources:
            return "no event source mapping connects the queue to the function"
        off = [source for source in self.sources if source.state not in RUNNING]
        # One enabled mapping is enough to process the queue.
        if len(off) < len(self.sources):
            return None
        if self.pause is not None:
            lasts = format_duration(max(self.now - self.pause.at.timestamp(), 0.0))
            by = f" by {self.pause.by}" if self.pause.by else ""
            since = format_minute(self.pause.at)
            return f"paused for {lasts}, since {since}{by}: `{self._command('resume')}`"
        source = off[0]
        since = f", since {format_minute(source.changed_at)}" if source.changed_at else ""
        return (
            f"the event source mapping is disabled ({source.state}{since}), and not by `gridwix"
            f" pause`: `{self._command('resume')}`, or"
            f" `aws lambda update-event-source-mapping --enabled --uuid {source.uuid}`"
        )


def read_functions(stack: Stack) -> dict[str, FunctionState]:
    """Return the state of every function of the stack, by the function's name.

    Raises botocore's errors.
    """
    functions = stack.functions
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(
            zip(
                functions,
                pool.map(lambda name: _function_state(stack, name), functions.values()),
                strict=True,
            )
        )


def read_consumers(
    stack: Stack,
    functions: Mapping[str, FunctionState],
    limits: Mapping[str, float],
    fed: Collection[str] = (),
    ages: Mapping[str, float] | None = None,
) -> list[Consumer]:
    """Return every queue that has a dead-letter queue, each with its function as a Consumer.

    Raises botocore's errors.

    Args:
        stack: The deployed stack.
        functions: States by function (:func:`read_functions`).
        limits: Maximum ages of the oldest message, in seconds, by queue name.
        fed: Names of the functions with queues that need a policy to receive events
            (:func:`ops.queue_policies.fed_queues`).
        ages: Ages of the oldest message, in seconds, by queue name; None reads them.
    """
    pairs = stack.queues
    known = read_queue_ages(stack) if ages is None else ages
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(
            pool.map(
                lambda pair: _consumer(
                    stack,
                    pair,
                    functions.get(pair.name, FunctionState()),
                    (limits, known),
                    needs_policy=pair.name in fed,
                ),
                pairs,
            )
        )


def consumer_faults(
    functions: Mapping[str, FunctionState], consumers: Iterable[Consumer]
) -> list[tuple[str, str]]:
    """Return all faults of functions and their queues: pairs of a function's name and a sentence.

    A consumer is a function with the queue that it reads. If there are dead letters, that is a
    fault, too: one sentence has their number.
    """
    listed = list(consumers)
    behind_queues = {consumer.name for consumer in listed}
    said = [
        (name, fault)
        for name, state in functions.items()
        if name not in behind_queues and (fault := state.fault)
    ]
    for consumer in listed:
        said += [
            (consumer.name, fault) for fault in (consumer.fault, consumer.dead_letters) if fault
        ]
    return said


def _function_state(stack: Stack, name: str) -> FunctionState:
    answer = stack.aws.functions.get_function_configuration(FunctionName=name)
    concurrency = stack.aws.functions.get_function_concurrency(FunctionName=name)
    reason = answer.get("LastUpdateStatusReason") or answer.get("StateReason") or ""
    return FunctionState(
        answer.get("State", "Active"),
        answer.get("LastUpdateStatus", "Successful"),
        reason,
        concurrency.get("ReservedConcurrentExecutions"),
    )


def _consumer(
    stack: Stack,
    pair: QueuePair,
    function: FunctionState,
    limits_and_ages: tuple[Mapping[str, float], Mapping[str, float]],
    *,
    needs_policy: bool,
) -> Consumer:
    limits, ages = limits_and_ages
    sqs = stack.aws.sqs
    attributes = read_attributes(sqs, pair.url)
    sources = stack.aws.functions.list_event_source_mappings(EventSourceArn=attributes["QueueArn"])[
        "EventSourceMappings"
    ]
    name = queue_name(pair.url)
    is_off = any(source["State"] not in RUNNING for source in sources)
    return Consumer(
        pair.name,
        queue=parse_depth(attributes),
        dead=parse_depth(read_attributes(sqs, pair.dead_letter_url)),
        function=function,
        sources=tuple(
            EventSource(source["UUID"], source["State"], source.get("LastModified"))
            for source in sources
        ),
        oldest=ages.get(name),
        limit=limits.get(name, LONGEST_WAIT),
        stack=stack.name,
        pause=_read_pause(sqs, pair.url) if is_off else None,
        now=time.time(),
        retention=int(attributes["MessageRetentionPeriod"]),
        is_closed=needs_policy and not admits_events(attributes.get("Policy", "")),
    )


def _read_pause(sqs: "SQSClient", url: str) -> PauseNote | None:
    try:
        return read_note(sqs, url)
    except ClientError:
        # Without sqs:ListQueueTags the pause is still told, only not since when and by whom.
        return None
