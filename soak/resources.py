"""Resources of ``template.yaml`` that the simulation needs, each read from its properties.

A property that the simulation does not support, such as a rule that matches more than source and
detail-type, raises ValueError.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

REGION = "us-east-1"
QUEUES_URL = "https://sqs.soak/"
"""Beginning of the URL of each queue."""

_DEFAULT_VISIBILITY = 30
_DEFAULT_RETENTION = 4 * 24 * 3600
_DEFAULT_BATCH = 10
_DEFAULT_SIZE = 1024 * 1024
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_DAILY = re.compile(r"cron\((\d+) (\d+) \* \* \? \*\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index of the template; ``sort`` is None without a sort key."""

    name: str
    partition: str
    sort: str | None
    projection: str


@dataclass(frozen=True, slots=True)
class Table:
    """A DynamoDB table of the template. ``types`` are those of its key attributes: S, N or B.
    ``ttl`` names an attribute.
    """

    name: str
    partition: str
    sort: str | None
    types: Mapping[str, str]
    indexes: Mapping[str, Index]
    ttl: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """A standard queue of the template. Times are in seconds.

    ``receives`` and ``dead_letters`` are None for a queue without a dead-letter queue.
    """

    name: str
    visibility: int
    retention: int
    delay: int
    maximum_size: int
    receives: int | None
    dead_letters: str | None

    @property
    def url(self) -> str:
        """URL of the queue."""
        return queue_url(self.name)

    @property
    def arn(self) -> str:
        """ARN of the queue, as ``eventSourceARN`` of a record."""
        return queue_arn(self.name)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the bus. An event matches by its source and its detail-type, whole or by prefix."""

    name: str
    sources: tuple[str, ...]
    detail_types: tuple[str, ...]
    prefixes: tuple[str, ...]
    queues: tuple[str, ...]

    def matches(self, source: str, detail_type: str) -> bool:
        """Return True if the bus gives an event to the rule's targets."""
        return source in self.sources and (
            detail_type in self.detail_types or detail_type.startswith(self.prefixes)
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule of the template, which sends the same message repeatedly.

    ``interval`` is in seconds. ``offset``: seconds after midnight UTC of a run at a time of the
    day, None for a rate, which counts from the creation of the schedule.
    """

    name: str
    queue: str
    message: str
    interval: int
    offset: int | None


@dataclass(frozen=True, slots=True)
class EventSource:
    """An event source mapping: how Lambda reads a queue for a function (a logical id)."""

    function: str
    queue: str
    batch_size: int
    window: int
    maximum_concurrency: int | None
    reports_failures: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the template. ``folder`` is its name below ``functions``; ``timeout`` is in
    seconds.

    ``environment``: the template's variables and those of Lambda itself.
    """

    name: str
    folder: str
    timeout: int
    memory: int
    environment: Mapping[str, str]
    source: EventSource | None


def queue_url(name: str) -> str:
    """Return the URL of a queue."""
    return QUEUES_URL + name


def queue_arn(name: str) -> str:
    """Return the ARN of a queue."""
    return f"arn:aws:sqs:{REGION}:000000000000:{name}"


def read_expression(expression: str) -> tuple[int, int | None]:
    """Return the seconds between the runs of a schedule, and for a daily one those after midnight
    UTC.

    >>> read_expression("rate(5 minutes)"), read_expression("cron(30 2 * * ? *)")
    ((300, None), (86400, 9000))

    Raises ValueError for a cron expression that is not once a day.
    """
    if found := _RATE.fullmatch(expression):
        return int(found[1]) * _SECONDS[found[2]], None
    if found := _DAILY.fullmatch(expression):
        return 86400, int(found[2]) * 3600 + int(found[1]) * 60
    raise ValueError(f"it is not known here when {expression} fires")


def read_table(name: str, properties: Mapping[str, Any]) -> Table:
    """Read an ``AWS::DynamoDB::Table``."""
    partition, sort = _keys(properties["KeySchema"])
    indexes = [
        Index(one["IndexName"], *_keys(one["KeySchema"]), one["Projection"]["ProjectionType"])
        for one in properties.get("GlobalSecondaryIndexes", ())
    ]
    ttl = properties.get("TimeToLiveSpecification", {})
    return Table(
        name=name,
        partition=partition,
        sort=sort,
        types={
            one["AttributeName"]: one["AttributeType"] for one in properties["AttributeDefinitions"]
        },
        indexes={one.name: one for one in indexes},
        ttl=ttl["AttributeName"] if ttl.get("Enabled") else None,
    )


def _keys(schema: list[Mapping[str, str]]) -> tuple[str, str | None]:
    names = {one["KeyType"]: one["AttributeName"] for one in schema}
    return names["HASH"], names.get("RANGE")


def read_queue(name: str, properties: Mapping[str, Any]) -> Queue:
    """Read an ``AWS::SQS::Queue``. Raises ValueError for a FIFO queue."""
    if properties.get("FifoQueue"):
        raise ValueError(f"{name} is not a standard queue")
    redrive = properties.get("RedrivePolicy")
    return Queue(
        name=name,
        visibility=int(properties.get("VisibilityTimeout", _DEFAULT_VISIBILITY)),
        retention=int(properties.get("MessageRetentionPeriod", _DEFAULT_RETENTION)),
        delay=int(properties.get("DelaySeconds", 0)),
        maximum_size=int(properties.get("MaximumMessageSize", _DEFAULT_SIZE)),
        receives=int(redrive["maxReceiveCount"]) if redrive else None,
        dead_letters=target_of(redrive["deadLetterTargetArn"]) if redrive else None,
    )


def read_rule(name: str, properties: Mapping[str, Any]) -> Rule:
    """Read an ``AWS::Events::Rule``. Raises ValueError for a property that the soak lacks."""
    pattern = properties["EventPattern"]
    if pattern.keys() != {"source", "detail-type"}:
        raise ValueError(f"{name} matches by more, or less, than source and detail-type")
    if any("Input" in key for one in properties["Targets"] for key in one):
        raise ValueError(f"{name} changes the events for a target")
    wholes = [one for one in pattern["detail-type"] if isinstance(one, str)]
    others = [one for one in pattern["detail-type"] if not isinstance(one, str)]
    if any(one.keys() != {"prefix"} for one in others):
        raise ValueError(f"{name} matches by more than whole values and prefixes")
    return Rule(
        name=name,
        sources=tuple(pattern["source"]),
        detail_types=tuple(wholes),
        prefixes=tuple(one["prefix"] for one in others),
        queues=tuple(target_of(one["Arn"]) for one in properties["Targets"]),
    )


def read_event_source(
    function: str, events: Mapping[str, Mapping[str, Any]], value: Callable[[Any], str]
) -> EventSource | None:
    """Return the event source mapping of a function; None if it has none.

    Args:
        function: The function's logical id.
        events: Its ``Events`` in the template.
        value: Returns what a value is that may refer to a parameter.
    """
    sources = [one["Properties"] for one in events.values() if one["Type"] == "SQS"]
    if not sources:
        return None
    (source,) = sources
    most = source.get("ScalingConfig", {}).get("MaximumConcurrency")
    return EventSource(
        function=function,
        queue=target_of(source["Queue"]),
        batch_size=int(source.get("BatchSize", _DEFAULT_BATCH)),
        window=int(source.get("MaximumBatchingWindowInSeconds", 0)),
        maximum_concurrency=None if most is None else int(value(most)),
        reports_failures="ReportBatchItemFailures" in source.get("FunctionResponseTypes", ()),
    )


def target_of(value: Mapping[str, Any]) -> str:
    """Return the logical id that a ``Ref`` or a ``GetAtt`` points at. Raises ValueError for
    others.
    """
    if value.keys() == {"Ref"}:
        return str(value["Ref"])
    if value.keys() == {"Fn::GetAtt"}:
        return str(value["Fn::GetAtt"]).partition(".")[0]
    raise ValueError(f"{value} is not known here")
