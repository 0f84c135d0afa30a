"""State of the stack's functions and their queues, and the faults that keep a function from
working.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ops.console import format_duration
from ops.queues import Depth, parse_depth, read_attributes
from ops.stack import DEFAULT_STACK, QueuePair, Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

AT_ONCE = 8
"""Concurrent calls to AWS."""

RUNNING = frozenset({"Enabled", "Enabling", "Creating", "Updating"})
"""States of an event source mapping that reads its queue, or will soon."""

LONGEST_WAIT = 900.0
"""Maximum age in seconds of a queue's oldest message, unless an alarm sets a limit."""

AGE = "ApproximateAgeOfOldestMessage"
AGE_LOOK_BACK = timedelta(minutes=10)
"""Period of age metrics to read: SQS reports them only every few minutes."""


@dataclass(frozen=True, slots=True)
class FunctionState:
    """A function as Lambda describes it.

    ``reserved`` is its reserved concurrency, None for none.
    """

    state: str = "Active"
    update: str = "Successful"
    reason: str = ""
    reserved: int | None = None

    @property
    def fault(self) -> str | None:
        """The reason why the function does not run its newest code; None if it does."""
        if self.update == "Failed":
            return f"the function's last update failed {self.reason}".rstrip()
        if self.state in ("Failed", "Inactive"):
            return f"the function is {self.state.lower()} {self.reason}".rstrip()
        if self.reserved == 0:
            return "the function is throttled: its reserved concurrency is 0"
        return None


@dataclass(frozen=True, slots=True)
class EventSource:
    """An event source mapping."""

    uuid: str
    state: str


@dataclass(frozen=True, slots=True)
class Consumer:
    """A function with its queue.

    ``oldest`` is the age of the oldest message in seconds, None if SQS reported none lately.
    ``limit`` is its maximum age in seconds. ``stack`` is the name of its stack.
    """

    name: str
    queue: Depth
    dead: Depth
    function: FunctionState = FunctionState()
    sources: tuple[EventSource, ...] = ()
    oldest: float | None = None
    limit: float = LONGEST_WAIT
    stack: str = DEFAULT_STACK

    @property
    def fault(self) -> str | None:
        """The reason why the queue is not processed; None if it is.

        Only the cause is reported, not its consequences.
        """
        stopped = self.function.fault or self._source_fault
        late = self.oldest is not None and self.oldest > self.limit
        if stopped is None and not late:
            return None
        waits = f"{self.queue.total} messages wait" if self.queue.total else ""
        if self.oldest:
            waits = f"{waits or 'messages wait'}, the oldest for {format_duration(self.oldest)}"
        if stopped is None:
            return f"{waits}; the limit is {format_duration(self.limit)}"
        return f"{stopped}; {waits}" if waits else stopped

    @property
    def dead_letters(self) -> str | None:
        """The dead letters and the command that redrives them; None if there are none."""
        if self.dead.total == 0:
            return None
        letters = "1 dead letter" if self.dead.total == 1 else f"{self.dead.total} dead letters"
        option = "" if self.stack == DEFAULT_STACK else f" --stack {self.stack}"
        command = f"gridwix redrive{option} {self.name.replace('_', '-')}"
        return f"{letters}: fix the cause, then `{command}`"

    @property
    def _source_fault(self) -> str | None:
        if not self.sources:
            return "no event source mapping connects the queue to the function"
        off = [source for source in self.sources if source.state not in RUNNING]
        # One enabled mapping is enough to process the queue.
        if len(off) < len(self.sources):
            return None
        source = off[0]
        return (
            f"the event source mapping is disabled ({source.state}):"
            f" `aws lambda update-event-source-mapping --enabled --uuid {source.uuid}`"
        )


def read_functions(stack: Stack) -> dict[str, FunctionState]:
    """Return the state of every function of the stack by name. Raises botocore's errors."""
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
    stack: Stack, functions: Mapping[str, FunctionState], limits: Mapping[str, float]
) -> list[Consumer]:
    """Return every queue that has a dead-letter queue, with its function. Raises botocore's
    errors.

    Args:
        stack: The deployed stack.
        functions: States by function (:func:`read_functions`).
        limits: Maximum ages of the oldest message, in seconds, by queue name.
    """
    pairs = stack.queues
    ages = read_ages(stack.aws.cloudwatch, [queue_name(pair.url) for pair in pairs])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(
            pool.map(
                lambda pair: _consumer(
                    stack, pair, functions.get(pair.name, FunctionState()), limits, ages
                ),
                pairs,
            )
        )


def read_ages(cloudwatch: "CloudWatchClient", queues: Sequence[str]) -> dict[str, float]:
    """Return the newest reported age of the oldest message, in seconds, by queue name.

    Queues without a recent metric are left out.
    """
    now = datetime.now(UTC)
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": AGE,
                    "Dimensions": [{"Name": "QueueName", "Value": name}],
                },
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for number, name in enumerate(queues)
    ]
    found: dict[str, float] = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries,
        StartTime=now - AGE_LOOK_BACK,
        EndTime=now,
        ScanBy="TimestampDescending",
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            if result.get("Values"):
                # Only the newest value: a message that was old ten minutes ago may be gone.
                found.setdefault(queues[int(result["Id"][1:])], result["Values"][0])
    return found


def queue_name(url: str) -> str:
    """Return a queue's name from its URL."""
    return url.rpartition("/")[2]


def consumer_faults(
    functions: Mapping[str, FunctionState], consumers: Iterable[Consumer]
) -> list[tuple[str, str]]:
    """Return the faults of functions and their dead letters, each as the function's name and a
    sentence.
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
    limits: Mapping[str, float],
    ages: Mapping[str, float],
) -> Consumer:
    sqs = stack.aws.sqs
    attributes = read_attributes(sqs, pair.url)
    sources = stack.aws.functions.list_event_source_mappings(EventSourceArn=attributes["QueueArn"])[
        "EventSourceMappings"
    ]
    name = queue_name(pair.url)
    return Consumer(
        pair.name,
        queue=parse_depth(attributes),
        dead=parse_depth(read_attributes(sqs, pair.dead_letter_url)),
        function=function,
        sources=tuple(EventSource(source["UUID"], source["State"]) for source in sources),
        oldest=ages.get(name),
        limit=limits.get(name, LONGEST_WAIT),
        stack=stack.name,
    )
