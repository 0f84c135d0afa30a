"""DynamoDB adapter of the port :class:`gridwix.ports.Handovers`: one item per record and version.

A handover is the record that the event bus has accepted a change. The key is ``change``
(``collection/id@version``). ``events`` holds the ids of the accepted events; ``expiration`` (Unix
seconds) is the time-to-live attribute. The webhook function writes the same items without boto3
(``add_handover`` of :mod:`gridwix.clients.aws.edge`).
"""

from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from gridwix.clients.aws.batches import put_items, read_items
from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute
from gridwix.mapping.handovers import TTL_SECONDS
from gridwix.ports import Handovers

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDBHandovers(Handovers):
    """Stores the changes that the event bus has accepted (handovers), to deduplicate changes.

    Reads are eventually consistent, at half the price: if a read misses a new handover, the change
    is put on the bus twice, and no change is lost. An item has the ids of accepted events, and a
    write replaces all of them. If the webhook function has added an id between the read and the
    write, that id is lost, and its event may be put on the bus again.
    """

    def __init__(self, client: "DynamoDBClient", table: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def read_event_ids(self, keys: Collection[str]) -> Mapping[str, AbstractSet[str]]:
        now = self._clock()
        items = read_items(self._client, self._table, "change", keys, consistent=False)
        # DynamoDB deletes expired items only some time later, so an expired item counts as none.
        return {
            item["change"]: item.get("events", frozenset())
            for item in items
            if item.get("expiration", 0) > now
        }

    def record(self, events: Mapping[str, AbstractSet[str]]) -> None:
        expiration = int(self._clock()) + TTL_SECONDS
        schema = schema_attribute(ItemKind.HANDOVER)
        put_items(
            self._client,
            self._table,
            [
                {"change": key, "events": ids, "expiration": expiration, **schema}
                for key, ids in events.items()
            ],
        )
