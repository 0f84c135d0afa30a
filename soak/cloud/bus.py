"""A model of EventBridge: the bus, its rules, and boto's client for it."""

# ruff: noqa: N803  # botocore's names

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from soak.cloud.boto_calls import BotoCaller, Response, Service, client_error
from soak.cloud.queues import Queues
from soak.kernel.edges import Edges, Fault
from soak.resources import REGION
from soak.template import Template

EVENTS = Service(
    "events",
    f"https://events.{REGION}.amazonaws.com/",
    ("ThrottlingException", 400),
    ("InternalException", 500),
)
BUS_NAME = "Bus"
MAX_ENTRIES = 10
MAX_BYTES = 1024 * 1024
"""Maximum total size of the entries of one request:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html.
"""
TIME_BYTES = 14

_PARTIAL = frozenset({Fault.PARTIAL})
_ENTRY_CODES = ("InternalFailure", "ThrottlingException")


@dataclass(frozen=True, slots=True)
class Deliveries:
    """How the bus delivers events to queues. Shares are of deliveries, from 0 to 1.

    ``latency``: seconds at most that a usual delivery takes. ``late``: share that takes up to
    ``within`` seconds. ``twice``: share that comes twice, the second time within ``within``.
    ``until``: virtual time after which deliveries are neither late nor doubled.
    """

    latency: float = 0.3
    late: float = 0.0
    twice: float = 0.0
    within: float = 120.0
    until: float = float("inf")


USUAL = Deliveries()


class Bus:
    """The event bus of the template. ``accepted`` counts its events by detail-type.

    Args:
        template: The template of the stack.
        queues: Its queues, which get the events.
        edges: The edges of the world; this one is ``events``.
        deliveries: How often events come late or twice.
    """

    def __init__(
        self, template: Template, queues: Queues, edges: Edges, deliveries: Deliveries = USUAL
    ) -> None:
        self.accepted: Counter[str] = Counter()
        self._rules = tuple(template.rules.values())
        self._queues = queues
        self._random = queues.random
        self._scheduler = edges.scheduler
        self._deliveries = deliveries
        self._boto = BotoCaller(edges, queues.random)
        self._targets: dict[tuple[str, str], tuple[str, ...]] = {}

    def put_events(self, *, Entries: Sequence[Mapping[str, Any]]) -> Response:
        """PutEvents, as boto's client."""
        return self._boto.call(
            EVENTS, "PutEvents", lambda fault: self.accept(Entries, fault), own=_PARTIAL
        )

    def targets(self, source: str, detail_type: str) -> tuple[str, ...]:
        """Return the queues that get an event, in the order of the rules."""
        key = source, detail_type
        if key not in self._targets:
            self._targets[key] = tuple(
                queue
                for rule in self._rules
                if rule.matches(source, detail_type)
                for queue in rule.queues
            )
        return self._targets[key]

    def accept(self, entries: Sequence[Mapping[str, Any]], fault: Fault | None = None) -> Response:
        """Put events on the bus at once; with PARTIAL, refuse some.

        Args:
            entries: Entries of a PutEvents request.
            fault: PARTIAL or None.

        Returns:
            The members of the response.

        Raises:
            ClientError: There are too many entries, or they are too large.
        """
        if not 1 <= len(entries) <= MAX_ENTRIES:
            raise client_error(
                "PutEvents",
                "ValidationException",
                "1 validation error detected: Value at 'entries' failed to satisfy constraint:"
                f" Member must have length between 1 and {MAX_ENTRIES}",
            )
        if sum(map(_entry_size, entries)) >= MAX_BYTES:
            raise client_error(
                "PutEvents",
                "ValidationException",
                "Total size of the entries in the request is over the limit.",
            )
        results: list[dict[str, str]] = []
        failed = 0
        for number, entry in enumerate(entries):
            # The first fails for certain, so that the fault is one.
            if fault is Fault.PARTIAL and (not number or self._random.random() < 0.5):
                code = _ENTRY_CODES[self._random.random() < 0.5]
                results.append({"ErrorCode": code, "ErrorMessage": "The entry was not put."})
            else:
                results.append(self._put(entry))
            failed += "ErrorCode" in results[-1]
        return {"FailedEntryCount": failed, "Entries": results}

    def _put(self, entry: Mapping[str, Any]) -> dict[str, str]:
        if entry["EventBusName"] != BUS_NAME:
            raise ValueError(f"there is no bus {entry['EventBusName']}")
        source, detail_type, detail = entry["Source"], entry["DetailType"], entry["Detail"]
        if not _is_object(detail):
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        bits = f"{self._random.getrandbits(128):032x}"
        id_ = f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"
        event = (
            f'{{"version":"0","id":"{id_}","detail-type":{orjson.dumps(detail_type).decode()},'
            f'"source":{orjson.dumps(source).decode()},"account":"000000000000",'
            f'"time":"{self._time_of(entry)}","region":"{REGION}","resources":[],'
            f'"detail":{detail}}}'
        )
        self.accepted[detail_type] += 1
        for queue in self.targets(source, detail_type):
            self._deliver(queue, event)
        return {"EventId": id_}

    def _deliver(self, queue: str, event: str) -> None:
        deliveries, random = self._deliveries, self._random
        if self._scheduler.now < deliveries.until:
            if deliveries.twice and random.random() < deliveries.twice:
                self._deliver_later(queue, event)
            if deliveries.late and random.random() < deliveries.late:
                self._deliver_later(queue, event)
                return
        # Nothing takes time while the world is set up.
        latency = deliveries.latency if self._scheduler.current else 0.0
        self._queues.send(queue, event, latency * random.random() if latency else 0.0)

    def _deliver_later(self, queue: str, event: str) -> None:
        seconds = self._deliveries.within * self._random.random()
        self._scheduler.after(seconds, lambda: _discard(self._queues.send(queue, event)))

    def _time_of(self, entry: Mapping[str, Any]) -> str:
        time = entry.get("Time", self._scheduler.now)
        at = time if isinstance(time, datetime) else datetime.fromtimestamp(time, UTC)
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entry_size(entry: Mapping[str, Any]) -> int:
    """Return the size of an entry in bytes, as EventBridge counts it."""
    text = entry["Source"] + entry["DetailType"] + entry["Detail"]
    return TIME_BYTES + (len(text) if text.isascii() else len(text.encode()))


def _is_object(detail: str) -> bool:
    try:
        return isinstance(orjson.loads(detail), dict)
    except ValueError:
        return False


def _discard(_: object) -> None:
    """Ignore a result that no caller needs."""
