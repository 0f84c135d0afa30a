"""The dead-letter store of single items that Wix refused, in DynamoDB: one item per row of the portal, under the key ``row`` = ``collection#item_id``."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.batches import write_requests
from gridwix.clients.aws.boto import aws_errors
from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import Refusal
from gridwix.publication.models import RowKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

MAX_DESCRIPTION = 500
"""Characters of Wix's description that are kept."""

KEPT_SECONDS = 90 * 24 * 3600
"""How long a refusal is kept. DynamoDB removes it some time after ``expiresAt``."""


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """A refusal with the function that met it, and when (Unix seconds)."""

    refusal: Refusal
    function: str
    at: float


class DynamoDBRefusedItems:
    """Implements ``gridwix.ports.RefusedItems`` and ``gridwix.reconciler.fault_recheck.FaultStore``; the newest is the one that was written last.

    Methods raise :class:`gridwix.errors.UpstreamError`; some of the items may be written then, and the same call can be made again.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def add(self, refusals: Iterable[Refusal], *, function: str, at: float) -> None:
        newest = {RowKey(refusal.collection, refusal.item_id): refusal for refusal in refusals}
        write_requests(self._client, self._table, [_put(key, refusal, function, at) for key, refusal in newest.items()])

    def clear(self, keys: Collection[RowKey]) -> None:
        write_requests(self._client, self._table, [{"DeleteRequest": {"Key": {"row": {"S": _row(key)}}}} for key in dict.fromkeys(keys)])

    def list(self, limit: int = 1000) -> Iterator[RefusedItem]:
        """At most ``limit`` refused items, in no order, read page by page."""
        return islice(self._scan(), limit)

    def faults(self) -> Iterator[RowKey]:
        """The collection and id of each record that could not be read (the code of RecordFault), in no order, read page by page."""
        for item in self._scan():
            if item.refusal.code == RecordFault.code:
                yield RowKey(item.refusal.collection, item.refusal.item_id)

    def _scan(self) -> Iterator[RefusedItem]:
        pages = self._client.get_paginator("scan").paginate(TableName=self._table)
        with aws_errors("Scan"):
            for page in pages:
                yield from map(_refused_item, page["Items"])


def _row(key: RowKey) -> str:
    return f"{key.collection}#{key.item_id}"


def _put(key: RowKey, refusal: Refusal, function: str, at: float) -> "WriteRequestTypeDef":
    return {
        "PutRequest": {
            "Item": {
                "row": {"S": _row(key)},
                "collection": {"S": refusal.collection},
                "itemId": {"S": refusal.item_id},
                "code": {"S": refusal.code},
                "description": {"S": refusal.description[:MAX_DESCRIPTION]},
                "function": {"S": function},
                "at": {"N": repr(at)},
                "expiresAt": {"N": str(int(at) + KEPT_SECONDS)},
            }
        }
    }


def _refused_item(item: Any) -> RefusedItem:
    refusal = Refusal(CollectionId(item["collection"]["S"]), WixItemId(item["itemId"]["S"]), item["code"]["S"], item["description"]["S"])
    return RefusedItem(refusal, item["function"]["S"], float(item["at"]["N"]))
