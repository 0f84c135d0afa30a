"""The stack's functions, and the queues that they work on: whether anything keeps a function from working."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ops.console import format_duration
from ops.queues import Depth, parse_depth, read_attributes
from ops.stack import QueuePair, Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

AT_ONCE = 8
"""Calls to AWS that are made at the same time."""

RUNNING = frozenset({"Enabled", "Enabling", "Creating", "Updating"})
"""States of an event source mapping that reads its queue, or is about to."""

LONGEST_WAIT = 900.0
"""Seconds that the oldest message of a queue may wait where no alarm names a limit."""

AGE = "ApproximateAgeOfOldestMessage"
AGE_LOOK_BACK = timedelta(minutes=10)
"""SQS reports its metrics every few minutes only."""


@dataclass(frozen=True, slots=True)
class FunctionState:
    """A function as Lambda describes it. ``reserved`` is its reserved concurrency, None for none."""

    state: str = "Active"
    update: str = "Successful"
    reason: str = ""
    reserved: int | None = None

    @property
    def fault(self) -> str | None:
        """What keeps the function from running its newest code; None if nothing does."""
        if self.update == "Failed":
            return f"the function's last update has failed {self.reason}".rstrip()
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
    """A function with its queue. ``oldest`` is the age of the oldest message in seconds, None if SQS has not said lately; ``limit`` is how old it may be."""

    name: str
    queue: Depth
    dead: Depth
    function: FunctionState = FunctionState()
    sources: tuple[EventSource, ...] = ()
    oldest: float | None = None
    limit: float = LONGEST_WAIT

    @property
    def fault(self) -> str | None:
        """Why the queue is not worked on; None if it is. One cause is told: what follows from it is not."""
        stopped = self.function.fault or self._source_fault
        late = self.oldest is not None and self.oldest > self.limit
        if stopped is None and not late:
            return None
        waits = f"{self.queue.total} messages wait" if self.queue.total else ""
        if self.oldest:
            waits = f"{waits or 'messages wait'}, the oldest for {format_duration(self.oldest)}"
        if stopped is None:
            return f"{waits}; it may be {format_duration(self.limit)}"
        return f"{stopped}; {waits}" if waits else stopped

    @property
    def dead_letters(self) -> str | None:
        """What is to be done about the dead letters; None if there is none."""
        if self.dead.total == 0:
            return None
        letters = "1 dead letter" if self.dead.total == 1 else f"{self.dead.total} dead letters"
        return f"{letters}: mend the cause, then `gridwix redrive {self.name.replace('_', '-')}`"

    @property
    def _source_fault(self) -> str | None:
        if not self.sources:
            return "no event source mapping leads from the queue to the function"
        off = [source for source in self.sources if source.state not in RUNNING]
        if len(off) < len(self.sources):
            return None
        source = off[0]
        return f"the event source mapping is off ({source.state}): `aws lambda update-event-source-mapping --enabled --uuid {source.uuid}`"


def read_functions(stack: Stack) -> dict[str, FunctionState]:
    """The state of every function of the stack. Raises botocore's errors."""
    functions = stack.functions
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(functions, pool.map(lambda name: _function_state(stack, name), functions.values()), strict=True))


def read_consumers(stack: Stack, functions: Mapping[str, FunctionState], limits: Mapping[str, float]) -> list[Consumer]:
    """Every queue that has a dead-letter queue, with its function. ``limits`` are ages in seconds by the queues' names. Raises botocore's errors."""
    pairs = stack.queues
    ages = read_ages(stack.aws.cloudwatch, [queue_name(pair.url) for pair in pairs])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda pair: _consumer(stack, pair, functions.get(pair.name, FunctionState()), limits, ages), pairs))


def read_ages(cloudwatch: "CloudWatchClient", queues: Sequence[str]) -> dict[str, float]:
    """The greatest age of the oldest message in the last minutes, in seconds, of each queue for which SQS has reported one."""
    now = datetime.now(UTC)
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {"Namespace": "AWS/SQS", "MetricName": AGE, "Dimensions": [{"Name": "QueueName", "Value": name}]},
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for number, name in enumerate(queues)
    ]
    found: dict[str, float] = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=now - AGE_LOOK_BACK, EndTime=now, ScanBy="TimestampDescending"
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            if result.get("Values"):
                # The newest: what was old ten minutes ago may be gone.
                found.setdefault(queues[int(result["Id"][1:])], result["Values"][0])
    return found


def queue_name(url: str) -> str:
    return url.rpartition("/")[2]


def consumer_faults(functions: Mapping[str, FunctionState], consumers: Iterable[Consumer]) -> list[tuple[str, str]]:
    """What keeps functions from working, and dead letters, as the function's name and a sentence."""
    listed = list(consumers)
    behind_queues = {consumer.name for consumer in listed}
    said = [(name, fault) for name, state in functions.items() if name not in behind_queues and (fault := state.fault)]
    for consumer in listed:
        said += [(consumer.name, fault) for fault in (consumer.fault, consumer.dead_letters) if fault]
    return said


def _function_state(stack: Stack, name: str) -> FunctionState:
    answer = stack.aws.functions.get_function_configuration(FunctionName=name)
    concurrency = stack.aws.functions.get_function_concurrency(FunctionName=name)
    reason = answer.get("LastUpdateStatusReason") or answer.get("StateReason") or ""
    return FunctionState(answer.get("State", "Active"), answer.get("LastUpdateStatus", "Successful"), reason, concurrency.get("ReservedConcurrentExecutions"))


def _consumer(stack: Stack, pair: QueuePair, function: FunctionState, limits: Mapping[str, float], ages: Mapping[str, float]) -> Consumer:
    sqs = stack.aws.sqs
    attributes = read_attributes(sqs, pair.url)
    sources = stack.aws.functions.list_event_source_mappings(EventSourceArn=attributes["QueueArn"])["EventSourceMappings"]
    name = queue_name(pair.url)
    return Consumer(
        pair.name,
        queue=parse_depth(attributes),
        dead=parse_depth(read_attributes(sqs, pair.dead_letter_url)),
        function=function,
        sources=tuple(EventSource(source["UUID"], source["State"]) for source in sources),
        oldest=ages.get(name),
        limit=limits.get(name, LONGEST_WAIT),
    )
