"""Reads comments and document versions from the gateway's table, for deliveries to targets."""

from collections.abc import Iterator, Sequence

from gridwix_gateway.community.comments import comment_partition
from gridwix_gateway.community.documents import version_partition
from gridwix_gateway.documents import Document
from gridwix_gateway.store.items import item_document
from gridwix_gateway.store.table import Item, Table
from gridwix_gateway.targets.ports import ItemReader, StoredVersion

CHUNK = 200


class TableItemReader(ItemReader):
    """Reads comments and document versions from the gateway's table.

    Args:
        table: The gateway's table.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def list_comments(self, collection: str, record_id: str) -> Sequence[Document]:
        return [item_document(one) for one in self._items(comment_partition(collection, record_id))]

    def find_version(self, document_id: str, event: int) -> StoredVersion | None:
        for item in self._items(version_partition(document_id)):
            if int(item.get("event", 0)) == event:
                return StoredVersion(item_document(item), str(item["blob"]))
        return None

    def _items(self, partition: str) -> Iterator[Item]:
        after = ""
        while page := self._table.query(partition, after=after, limit=CHUNK):
            yield from page
            after = str(page[-1]["sk"])
