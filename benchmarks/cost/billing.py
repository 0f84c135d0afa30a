"""Computes units as AWS bills them, and their cost. Pure."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.cost.prices import PRICES, Item

CHUNK = 64 * 1024
"""Number of bytes that SQS and EventBridge bill as one request or event."""
API_BYTES = 512 * 1024
"""Bytes of a body that an HTTP API bills as one request."""
WRITE_BYTES = 1024
READ_BYTES = 4096
MESSAGES_PER_REQUEST = 10
"""Messages that one receive, or one batch of deletes, takes at most."""
LOG_OVERHEAD = 26
"""Bytes that CloudWatch Logs adds to each line."""
VCPU_MEGABYTES = 1769
"""Memory, in MB, at which a function has one vCPU. Less memory has a proportional share."""

type Usage = Counter[Item]
"""Units of each billed item. Units can be fractions."""


def cost(usage: Mapping[Item, float]) -> float:
    """Return the cost of a usage in USD, at list price.

    >>> cost({Item.EVENT: 1_000_000, Item.WRITE_UNIT: 2_000_000})
    2.25
    """
    return sum(PRICES[item].per_unit * units for item, units in usage.items())


def total(parts: Iterable[Usage]) -> Usage:
    """Return the sum of several usages."""
    added: Usage = Counter()
    for part in parts:
        added.update(part)
    return added


def scaled(usage: Usage, factor: float) -> Usage:
    """Return a usage with all units multiplied by ``factor``."""
    return Counter({item: units * factor for item, units in usage.items()})


def chunks(size: int) -> int:
    """Return the number of requests or events that AWS bills for a payload of ``size`` bytes.

    >>> chunks(0), chunks(65_536), chunks(65_537)
    (1, 1, 2)
    """
    return max(1, math.ceil(size / CHUNK))


def api_requests(template: Mapping[str, Any], size: int) -> Usage:
    """Return the billed units of a request with a body of ``size`` bytes at the API of a template.

    An HTTP API counts each started 512 KB as a request, a REST API each request.

    >>> http = {"Resources": {"Api": {"Type": "AWS::ApiGatewayV2::Api"}}}
    >>> rest = {"Resources": {"Api": {"Type": "AWS::Serverless::Api"}}}
    >>> [list(api_requests(one, 524_289).values()) for one in (http, rest)]
    [[2], [1]]

    Raises ValueError for a template without exactly one API.
    """
    kinds = [one["Type"] for one in template["Resources"].values()]
    match [kind for kind in kinds if kind in ("AWS::ApiGatewayV2::Api", "AWS::Serverless::Api")]:
        case ["AWS::ApiGatewayV2::Api"]:
            return Counter({Item.HTTP_API_REQUEST: max(1, math.ceil(size / API_BYTES))})
        case ["AWS::Serverless::Api"]:
            return Counter({Item.REST_API_REQUEST: 1})
        case found:
            raise ValueError(f"a template has one API, and not {found}")


def write_units(before: int, after: int, *, transactional: bool = False) -> int:
    """Return DynamoDB's write units for one item: 1 per KB of the larger of the item before and
    after.

    A failed condition is billed like a write.

    >>> write_units(0, 300), write_units(1025, 10), write_units(0, 300, transactional=True)
    (1, 2, 2)
    """
    units = max(1, math.ceil(max(before, after) / WRITE_BYTES))
    return 2 * units if transactional else units


def index_write_units(before: tuple[int, Any], after: tuple[int, Any], *, changed: bool) -> int:
    """Return DynamoDB's write units for one item in a global secondary index.

    >>> index_write_units((0, None), (300, "a"), changed=True)
    1
    >>> index_write_units((300, "a"), (300, "b"), changed=True)
    2

    Args:
        before: Size of the item in the index, and its keys there; 0 and None if it was not there.
        after: The same after the write.
        changed: True if the item in the index differs.
    """
    if not changed or before[1] is after[1] is None:
        return 0
    if before[1] is not None and after[1] is not None and before[1] != after[1]:
        return write_units(before[0], 0) + write_units(0, after[0])
    return write_units(before[0], after[0])


def read_units(size: int, *, consistent: bool) -> float:
    """Return DynamoDB's read units for one item, or for all items of a query: 1 per 4 KB, or half
    of it.

    An eventually consistent read is half a unit. A missing item is billed as a small one.

    >>> read_units(0, consistent=False), read_units(5000, consistent=True)
    (0.5, 2.0)
    """
    units = max(1, math.ceil(size / READ_BYTES))
    return units * (1.0 if consistent else 0.5)


def item_size(attributes: Mapping[str, Any]) -> int:
    """Return the size of a DynamoDB item in bytes: names and values.

    Source:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html

    >>> item_size({"row": {"S": "abc"}, "revision": {"N": "12"}, "on": {"BOOL": True}})
    19
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in attributes.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number_size(content)
        case "SS":
            return sum(len(one.encode()) for one in content)
        case "NS":
            return sum(map(_number_size, content))
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value_size(one) for one in content)
        case "M":
            return 3 + sum(1 + len(key.encode()) + _value_size(one) for key, one in content.items())
        case _:
            raise ValueError(f"the size of a value of type {kind} is not known here")


def _number_size(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    return math.ceil(len(digits) / 2) + 1 + text.startswith("-")


def entry_size(entry: Mapping[str, Any]) -> int:
    """Return the size of an entry of PutEvents in bytes, as EventBridge counts it."""
    texts = (entry.get(name) or "" for name in ("Source", "DetailType", "Detail"))
    return (14 if "Time" in entry else 0) + sum(len(text.encode()) for text in texts)


def queue_requests(sizes: Sequence[int]) -> int:
    """Return the SQS requests for messages that are sent one by one, and received and deleted in
    batches of ten.

    >>> queue_requests([800] * 1000)
    1200
    """
    batches = [
        sizes[start : start + MESSAGES_PER_REQUEST]
        for start in range(0, len(sizes), MESSAGES_PER_REQUEST)
    ]
    # A batch of deletes carries no content.
    return sum(map(chunks, sizes)) + sum(chunks(sum(batch)) + 1 for batch in batches)


def platform_log(request_id: str, memory: int, system_level: str) -> list[str]:
    """Return the JSON log lines that Lambda itself writes for one invocation, at level INFO.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html.
    """
    if system_level == "WARN":
        return []
    time = "2026-11-28T16:00:00.000Z"
    records = {
        "platform.start": {"requestId": request_id, "version": "$LATEST"},
        "platform.report": {
            "requestId": request_id,
            "metrics": {
                "durationMs": 123.456,
                "billedDurationMs": 124,
                "memorySizeMB": memory,
                "maxMemoryUsedMB": 120,
            },
            "status": "success",
        },
    }
    return [
        json.dumps({"time": time, "type": kind, "record": record}, separators=(",", ":"))
        for kind, record in records.items()
    ]


def log_bytes(lines: Iterable[str]) -> int:
    """Return the bytes of log lines as CloudWatch Logs counts them."""
    return sum(len(line.encode()) + LOG_OVERHEAD for line in lines)


@dataclass(frozen=True, slots=True)
class CallTime:
    """Begin and end of one call of a function to another system, in seconds of a monotonic
    clock.
    """

    begun: float
    ended: float


def waiting_seconds(calls: Sequence[CallTime], latency: float) -> float:
    """Return the seconds that an invocation waits for calls which take ``latency`` each.

    Calls that overlapped in the measurement overlap here in the same proportion.

    >>> waiting_seconds([CallTime(0, 1), CallTime(1, 2)], 0.5)
    1.0
    >>> waiting_seconds([CallTime(0, 1), CallTime(0, 1)], 0.5)
    0.5
    """
    spent = sum(call.ended - call.begun for call in calls)
    if not spent:
        return len(calls) * latency
    covered, until = 0.0, -math.inf
    for call in sorted(calls, key=lambda one: one.begun):
        covered += max(0.0, call.ended - max(call.begun, until))
        until = max(until, call.ended)
    return len(calls) * latency * covered / spent


def gb_seconds(cpu: float, waiting: float, memory: int) -> float:
    """Return the GB-seconds that Lambda bills for one invocation.

    Its billed duration is the CPU time at the function's share of a vCPU, and the waiting; Lambda
    rounds it up to a millisecond.

    >>> gb_seconds(cpu=0.0, waiting=0.1, memory=512)
    0.05
    """
    share = min(1.0, memory / VCPU_MEGABYTES)
    return math.ceil(round(1000 * (cpu / share + waiting), 6)) / 1000 * memory / 1024
