"""Dead-letter store in DynamoDB of refused items: data items that Wix rejected in a bulk call.

It has one item per row of the portal, under the key ``row`` = ``collection#item_id``.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from gridwix.clients.aws.batches import delete_items, put_items, read_items
from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute
from gridwix.clients.aws.items import Item, Value, decode_item, seconds_number
from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import Refusal
from gridwix.publication.models import RowKey
from gridwix.publication.ports import RefusedItems

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_DESCRIPTION = 500
"""Maximum number of characters that are stored of Wix's description of a refusal."""

KEPT_SECONDS = 90 * 24 * 3600
"""Default time to live of a refusal, in seconds. DynamoDB deletes it some time after
``expiresAt``."""


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """A data item that Wix refused to store, with the reason (``refusal``).

    ``function`` is the function that received the refusal, ``at`` the time in Unix seconds.
    """

    refusal: Refusal
    function: str
    at: float


class DynamoDBRefusedItems(RefusedItems):
    """Stores the last refusal of each portal row that Wix refused to write. Writes are idempotent.

    Also implements ``gridwix.reconciler.fault_recheck.FaultStore``. Methods raise
    :class:`gridwix.errors.UpstreamError` if DynamoDB fails; some of the items may have been written
    then.
    """

    def __init__(
        self, client: "DynamoDBClient", table: str, *, kept_seconds: int = KEPT_SECONDS
    ) -> None:
        self._client = client
        self._table = table
        self._kept_seconds = kept_seconds

    def add(self, refusals: Iterable[Refusal], *, function: str, at: float) -> None:
        # One batch call must not name a key twice.
        newest = {RowKey(refusal.collection, refusal.item_id): refusal for refusal in refusals}
        put_items(
            self._client,
            self._table,
            [
                {
                    **_refusal_item(key, refusal, function, at),
                    "expiresAt": int(at) + self._kept_seconds,
                }
                for key, refusal in newest.items()
            ],
        )

    def clear(self, keys: Collection[RowKey]) -> None:
        delete_items(self._client, self._table, "row", map(_row_name, keys))

    def read_items(self, keys: Collection[RowKey]) -> Mapping[RowKey, RefusedItem]:
        """Return the stored refusals of rows. A row without a stored refusal is left out."""
        items = read_items(self._client, self._table, "row", map(_row_name, keys))
        found = map(_refused_item, items)
        return {RowKey(one.refusal.collection, one.refusal.item_id): one for one in found}

    def list_items(self, limit: int = 1000) -> Iterator[RefusedItem]:
        """Yield the stored refusals of Wix, ``limit`` at most, in no order, read page by page."""
        return islice(self._scan_items(), limit)

    def faults(self) -> Iterator[RowKey]:
        """Yield collection and id of each record that gridwix could not read or map, in no order.

        Such a record is stored like a refusal, with the code of
        :class:`gridwix.errors.RecordFault`. The table is read page by page.
        """
        for item in self._scan_items():
            if item.refusal.code == RecordFault.code:
                yield RowKey(item.refusal.collection, item.refusal.item_id)

    def _scan_items(self) -> Iterator[RefusedItem]:
        pages = self._client.get_paginator("scan").paginate(TableName=self._table)
        with translate_aws_errors("Scan"):
            for page in pages:
                yield from (_refused_item(decode_item(item)) for item in page["Items"])


def _row_name(key: RowKey) -> str:
    return f"{key.collection}#{key.item_id}"


def _refusal_item(key: RowKey, refusal: Refusal, function: str, at: float) -> dict[str, Value]:
    return {
        "row": _row_name(key),
        "collection": refusal.collection,
        "itemId": refusal.item_id,
        "code": refusal.code,
        "description": refusal.description[:MAX_DESCRIPTION],
        "function": function,
        "at": seconds_number(at),
        **schema_attribute(ItemKind.REFUSED_ITEM),
    }


def _refused_item(item: Item) -> RefusedItem:
    refusal = Refusal(
        CollectionId(item["collection"]),
        WixItemId(item["itemId"]),
        item["code"],
        item["description"],
    )
    return RefusedItem(refusal, item["function"], float(item["at"]))
