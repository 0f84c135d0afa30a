"""Reconstructs the way of one change through each system, from logs and journals. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.demo.event_log import BusMessage
from ops.logs import LogLine

BULK_SAVE = "/wix-data/v2/bulk/items/save"
"""Path of Wix's bulk save call."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The webhook delivery of an event: the number of attempts, and the last attempt.

    Of the last attempt: HTTP status, begin (Unix seconds) and duration (seconds).
    """

    event_id: str
    attempts: int
    status: int | None
    at: float
    took: float

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Delivery | None":
        """Return a webhook delivery from an entry of Trading Grid's list of deliveries.

        Returns None if the webhook was not attempted yet.
        """
        if document.get("lastAttemptAt") is None:
            return None
        took = float(document["milliseconds"]) / 1000
        ended = datetime.fromisoformat(document["lastAttemptAt"]).timestamp()
        return cls(
            document["eventId"],
            int(document["attempts"]),
            document["responseStatus"],
            ended - took,
            took,
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """The records that each system has made of one change, for :func:`trace`.

    ``record`` is the changed record in Trading Grid, ``before`` its status before the change, and
    ``subject`` its name (``collection/id``). ``deliveries`` are webhook deliveries, ``edge`` the
    log lines of the function that receives webhooks, ``bus`` the events on the bus, and
    ``publisher`` the log lines of the function that writes the row. ``reads`` and ``saves`` are
    HTTP calls that the emulators recorded.
    """

    record: Mapping[str, Any]
    before: str
    subject: str
    deliveries: Sequence[Delivery]
    edge: Sequence[LogLine]
    bus: Sequence[BusMessage]
    reads: Sequence[Mapping[str, Any]]
    saves: Sequence[Mapping[str, Any]]
    publisher: Sequence[LogLine]


@dataclass(frozen=True, slots=True)
class Hop:
    """One station of a change on its way from Trading Grid to the portal, such as a function.

    ``happened`` says what was seen there. ``at`` is the time in seconds since the change; None if
    nothing was seen.
    """

    station: str
    happened: str
    at: float | None


def trace(evidence: Evidence) -> list[Hop]:
    """Return the stations that a change passes on its way to the portal, in their order.

    ``evidence`` is what each system has recorded of the change. A station that recorded nothing has
    no time.
    """
    record, begun = (
        evidence.record,
        datetime.fromisoformat(evidence.record["updatedAt"]).timestamp(),
    )
    announced = webhook_event(evidence)
    return [
        Hop(
            "Trading Grid",
            f"{evidence.subject}: {evidence.before} → {record['status']},"
            f" version {record['version']}",
            0.0,
        ),
        _build_hop("Webhook", _describe_delivery(evidence, announced), begun),
        _build_hop("trading_grid_webhook", _describe_edge(evidence, announced), begun),
        _build_hop("EventBridge → SQS", _describe_bus(announced), begun),
        _build_hop("status_publisher", _describe_reads(evidence), begun),
        _build_hop("Wix", _describe_save(evidence), begun),
        _build_hop("status_publisher", _describe_publication(evidence), begun),
    ]


def webhook_event(evidence: Evidence) -> BusMessage | None:
    """Return the event that Trading Grid's webhook about the traced change put on the bus.

    Returns None if no webhook put an event of the change on the bus. ``evidence`` is what each
    system has recorded of the change.
    """
    return next(
        (
            heard
            for heard in events_about(evidence.bus, evidence.subject, evidence.record["version"])
            if heard.detail["via"] == "webhook"
        ),
        None,
    )


def find_delivery(deliveries: Iterable[Delivery], event_id: str) -> Delivery | None:
    """Return the webhook delivery of an event; None if there is none."""
    return next((delivery for delivery in deliveries if delivery.event_id == event_id), None)


def events_about(heard: Iterable[BusMessage], subject: str, version: int) -> list[BusMessage]:
    """Return the events about one version of one record."""
    return [
        message
        for message in heard
        if (message.detail["subject"], message.detail.get("version")) == (subject, version)
    ]


def saved_row_ids(save: Mapping[str, Any]) -> list[str]:
    """Return the ids of the items in a bulk save call.

    >>> saved_row_ids({"body": '{"dataItems": [{"id": "GC07"}]}'})
    ['GC07']
    """
    return [item["id"] for item in json.loads(save["body"])["dataItems"]]


def _build_hop(station: str, seen: tuple[str, float] | None, begun: float) -> Hop:
    if seen is None:
        return Hop(station, "nothing was seen", None)
    happened, at = seen
    return Hop(station, happened, at - begun)


def _describe_delivery(
    evidence: Evidence, announced: BusMessage | None
) -> tuple[str, float] | None:
    delivery = (
        None
        if announced is None
        else find_delivery(evidence.deliveries, announced.detail["eventId"])
    )
    if delivery is None:
        return None
    response = f"{delivery.status} in {delivery.took * 1000:.0f} ms"
    return (
        f"{delivery.event_id}, signed; attempt {delivery.attempts} answered {response}",
        delivery.at,
    )


def _describe_edge(evidence: Evidence, announced: BusMessage | None) -> tuple[str, float] | None:
    accepted = next(
        (line for line in evidence.edge if _metric_total(line, "WebhooksAccepted")), None
    )
    if accepted is None:
        return None
    # A metric has the time when its function ended. An event on the bus was accepted before that.
    return (
        "signature, timestamp and event are good: on the bus",
        accepted.at if announced is None else min(accepted.at, announced.at),
    )


def _describe_bus(announced: BusMessage | None) -> tuple[str, float] | None:
    return (
        None
        if announced is None
        else (f"{announced.detail['type']}, matched by the rule and queued", announced.at)
    )


def _describe_reads(evidence: Evidence) -> tuple[str, float] | None:
    if not evidence.reads:
        return None
    begun = float(evidence.reads[0]["at"])
    return f"reads the partner's current records in {len(evidence.reads)} calls", begun


def _describe_save(evidence: Evidence) -> tuple[str, float] | None:
    if not evidence.saves:
        return None
    save = evidence.saves[0]
    response = f"{save['status']} in {save['milliseconds']:.0f} ms"
    return f"bulk save of {', '.join(saved_row_ids(save))}: {response}", float(save["at"])


def _describe_publication(evidence: Evidence) -> tuple[str, float] | None:
    run = next(
        (
            line
            for line in evidence.publisher
            if line.event_name == "rows_published" and line.fields["rows"].get("written")
        ),
        None,
    )
    if run is None:
        return None
    rows = ", ".join(
        f"{number} {verdict}" for verdict, number in run.fields["rows"].items() if number
    )
    return f"rows: {rows}; committed to the ledger", run.at


def _metric_total(line: LogLine, metric: str) -> float:
    values = line.fields.get(metric, 0)
    return float(sum(values)) if isinstance(values, list) else float(values)
