"""DynamoDB adapter of the journal: what each function did about each record.

The partition key is ``record``, the sort key ``step``: the time of the attempt in milliseconds, the
function and the event, so that entries are in order and two attempts never share a key. The index
``events`` has the partition key ``eventId``, and ``partners`` has ``partner``; both are sorted by
``step``. ``expiration`` (Unix seconds) is the time-to-live attribute. An attribute without a value
is left out.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.batches import put_items
from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.items import Item, Value, decode_item, encode_item, seconds_number
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.ports import Journal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEYS = {"record": None, "eventId": "events", "partner": "partners"}
"""Name of the index with each partition key; None for the table."""


class DynamoDBJournal(Journal):
    """The journal in a table.

    Args:
        client: A boto3 client.
        table: Name of the table.
        kept_seconds: Time to live of an entry.
    """

    def __init__(self, client: "DynamoDBClient", table: str, kept_seconds: int = 0) -> None:
        self._client = client
        self.table = table
        self._kept_seconds = kept_seconds

    def add(self, entries: Iterable[JournalEntry]) -> None:
        # One batch call must not name a key twice: of equal steps, the last one counts.
        items = {(entry.record, _step(entry)): entry for entry in entries}
        put_items(
            self._client,
            self.table,
            [_entry_item(entry, self._kept_seconds) for entry in items.values()],
        )

    def of_record(self, record: str, *, limit: int) -> Sequence[JournalEntry]:
        """The newest entries of a record (``collection/id``), oldest first."""
        return self._newest("record", record, limit)

    def of_event(self, event_id: str, *, limit: int) -> Sequence[JournalEntry]:
        """The newest entries of an event, oldest first."""
        return self._newest("eventId", event_id, limit)

    def of_partner(self, partner: str, *, limit: int) -> Sequence[JournalEntry]:
        """The newest entries of a trading partner's records, oldest first."""
        return self._newest("partner", partner, limit)

    def _newest(self, key: str, value: str, limit: int) -> Sequence[JournalEntry]:
        index = _KEYS[key]
        request: Any = {
            "TableName": self.table,
            **({"IndexName": index} if index else {}),
            "KeyConditionExpression": "#key = :value",
            "ExpressionAttributeNames": {"#key": key},
            "ExpressionAttributeValues": encode_item({":value": value}),
            "ScanIndexForward": False,
        }
        pages = self._client.get_paginator("query").paginate(
            **request, PaginationConfig={"MaxItems": limit}
        )
        with translate_aws_errors("Query"):
            items = [decode_item(item) for page in pages for item in page["Items"]]
        return [_journal_entry(item) for item in reversed(list(islice(items, limit)))]


def _step(entry: JournalEntry) -> str:
    return f"{round(entry.at * 1000):014d}#{entry.function}#{entry.event_id}"


def _entry_item(entry: JournalEntry, kept_seconds: int) -> dict[str, Value]:
    item: dict[str, Value] = {
        "record": entry.record,
        "step": _step(entry),
        "at": seconds_number(entry.at),
        "function": entry.function,
        "outcome": str(entry.outcome),
        "eventType": entry.event_type,
        "attempt": entry.attempt,
        "expiration": int(entry.at) + kept_seconds,
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


def _journal_entry(item: Item) -> JournalEntry:
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
