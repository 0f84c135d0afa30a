"""DynamoDB items of the journal, the log of what each function did with each record.

The module imports no boto3, because a webhook function writes such items, too.

The partition key is ``record``, the sort key ``step``: the time of the attempt in milliseconds, the
function and the event, so that entries are in order and two attempts never share a key. The index
``events`` has the partition key ``eventId``, and ``partners`` has ``partner``; both are sorted by
``step``. ``expiration`` (Unix seconds) is the time-to-live attribute. An attribute without a value
is left out.
"""

import json
from typing import Any

from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute
from gridwix.clients.aws.items import Item, Value, seconds_number
from gridwix.models.journal import JournalEntry, JournalOutcome


def step(entry: JournalEntry) -> str:
    """Sort key of a journal entry: time of the attempt in milliseconds, function and event id."""
    return f"{round(entry.at * 1000):014d}#{entry.function}#{entry.event_id}"


def entry_item(entry: JournalEntry, kept_seconds: int) -> dict[str, Value]:
    """The DynamoDB item of a journal entry. It expires after ``kept_seconds`` (time to live)."""
    item: dict[str, Value] = {
        "record": entry.record,
        "step": step(entry),
        "at": seconds_number(entry.at),
        "function": entry.function,
        "outcome": str(entry.outcome),
        "eventType": entry.event_type,
        "attempt": entry.attempt,
        "expiration": int(entry.at) + kept_seconds,
        **schema_attribute(ItemKind.JOURNAL_ENTRY),
    }
    texts = {
        "eventId": entry.event_id,
        "via": entry.via,
        "trace": entry.trace,
        "partner": entry.partner,
        "reason": entry.reason,
        "requestId": entry.request_id,
        "rows": json.dumps(dict(entry.rows), separators=(",", ":")) if entry.rows else "",
    }
    times = {"occurredAt": entry.occurred_at, "queuedAt": entry.queued_at, "wait": entry.wait}
    item |= {name: text for name, text in texts.items() if text}
    item |= {name: seconds_number(time) for name, time in times.items() if time is not None}
    if entry.version is not None:
        item["version"] = entry.version
    if entry.more_rows:
        item["moreRows"] = entry.more_rows
    return item


def journal_entry(item: Item) -> JournalEntry:
    """The journal entry of a stored item. Inverse of :func:`entry_item`."""
    return JournalEntry(
        record=item["record"],
        at=float(item["at"]),
        function=item["function"],
        outcome=JournalOutcome(item["outcome"]),
        event_id=item.get("eventId", ""),
        event_type=item["eventType"],
        via=item.get("via", ""),
        trace=item.get("trace", ""),
        partner=item.get("partner", ""),
        version=item.get("version"),
        occurred_at=_seconds(item.get("occurredAt")),
        queued_at=_seconds(item.get("queuedAt")),
        attempt=item["attempt"],
        reason=item.get("reason", ""),
        wait=_seconds(item.get("wait")),
        rows=json.loads(item.get("rows", "{}")),
        more_rows=item.get("moreRows", 0),
        request_id=item.get("requestId", ""),
    )


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)
