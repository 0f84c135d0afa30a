"""DynamoDB table of the last reported state of each process (transaction), one item each.

The key is ``process`` (the correlation id), ``kind`` is the state that was reported last.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from gridwix.clients.aws.batches import put_items, read_items
from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute
from gridwix.clients.aws.items import Value, seconds_number
from gridwix.transaction_monitor.ports import KnownExceptions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_SECONDS = 90 * 24 * 3600
"""Time to live, in seconds, of a process's state after it was last recorded."""


class DynamoDBKnownExceptions(KnownExceptions):
    """Stores the last reported state of each process (transaction) in DynamoDB.

    Methods raise UpstreamError; some states may be recorded then.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read_states(self, processes: Collection[str]) -> Mapping[str, str]:
        return {
            item["process"]: item["kind"]
            for item in read_items(self._client, self._table, "process", processes)
        }

    def record(self, exceptions: Mapping[str, str], *, at: float) -> None:
        stamps: dict[str, Value] = {
            "at": seconds_number(at),
            "expiresAt": int(at) + KEPT_SECONDS,
            **schema_attribute(ItemKind.KNOWN_EXCEPTION),
        }
        put_items(
            self._client,
            self._table,
            [{"process": process, "kind": kind, **stamps} for process, kind in exceptions.items()],
        )
