"""DynamoDB adapter of the journal, the log of what each function did with each record.

:mod:`gridwix.clients.aws.journal_items` describes the items.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.batches import put_items
from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.items import decode_item, encode_item
from gridwix.clients.aws.journal_items import entry_item, journal_entry, step
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.ports import Journal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEYS = {"record": None, "eventId": "events", "partner": "partners"}
"""Index to query by each partition key; None for the table itself."""


class DynamoDBJournal(Journal):
    """The journal in a DynamoDB table: stores entries, and lists them by record, event or partner.

    Args:
        client: A boto3 client.
        table: Name of the table.
        kept_seconds: Time to live of an entry, in seconds.
    """

    def __init__(self, client: "DynamoDBClient", table: str, kept_seconds: int = 0) -> None:
        self._client = client
        self.table = table
        self._kept_seconds = kept_seconds

    def add(self, entries: Iterable[JournalEntry]) -> None:
        # One batch call must not name a key twice: of equal steps, the last one counts.
        items = {(entry.record, step(entry)): entry for entry in entries}
        put_items(
            self._client,
            self.table,
            [entry_item(entry, self._kept_seconds) for entry in items.values()],
        )

    def of_record(self, record: str, *, limit: int) -> Sequence[JournalEntry]:
        """Return a record's newest journal entries, up to ``limit``, oldest first.

        ``record`` is the record's name, ``collection/id``.
        """
        return self._newest("record", record, limit)

    def of_event(self, event_id: str, *, limit: int) -> Sequence[JournalEntry]:
        """Return an event's newest journal entries, up to ``limit``, oldest first."""
        return self._newest("eventId", event_id, limit)

    def of_partner(self, partner: str, *, limit: int) -> Sequence[JournalEntry]:
        """Return the newest journal entries about a partner, up to ``limit``, oldest first."""
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
            **request, PaginationConfig={"MaxItems": limit, "PageSize": limit}
        )
        with translate_aws_errors("Query"):
            items = [decode_item(item) for page in pages for item in page["Items"]]
        # A later release may have written outcomes that this one does not know.
        known = [item for item in islice(items, limit) if item["outcome"] in JournalOutcome]
        return [journal_entry(item) for item in reversed(known)]
