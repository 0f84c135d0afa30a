"""Reads the gateway's records from its table: a single record, or a page of a collection."""

import heapq
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby, islice

from gridwix_gateway.documents import Document
from gridwix_gateway.store.items import (
    item_document,
    list_partition,
    partner_partition,
    record_key,
)
from gridwix_gateway.store.table import Index, Item, Table

MAX_SCANNED = 5_000
"""Maximum records that one page reads. With a filter by status, a page can end before it is
full.
"""

MAX_SCANNED_BYTES = 10_000_000
"""Maximum bytes of records that one page reads: a few seconds, and little memory."""

CHUNK = 250
"""Records per query of a collection."""

PARTNER_CHUNK = 20
"""Records per query of one partner's records. A page of up to 50 partners takes 50 queries."""

SMALL_COLLECTION = 1_000
"""Maximum records of a collection that is read completely, instead of by a query per partner."""

FEW_PARTNERS = 3
"""Maximum partners that are queried one by one. For more, the collection is read as a whole if it
is small.
"""

WORKERS = 8
"""Partners that are queried in parallel."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of a list of records. An empty filter does not filter.

    Args:
        partner_ids: Only records of these partners.
        statuses: Only records with these statuses.
        updated_since: Only records with this ``updatedAt`` or a later one.
    """

    partner_ids: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    updated_since: str = ""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of a list of records.

    A page can have fewer records than its limit, even none, although more follow.

    Attributes:
        documents: The records of the page.
        position: Value with which the next page is requested; None at the end of the list.
    """

    documents: tuple[Document, ...]
    position: str | None


class Records:
    """Reads the gateway's records, such as partners and cases, from its table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, collection: str, identifier: str) -> Document | None:
        """Return a record or, if it was deleted, its tombstone; None if it never existed."""
        item = self._table.get(record_key(collection, identifier))
        return None if item is None else item_document(item)

    def list_page(self, collection: str, filters: Filters, position: str, limit: int) -> RecordPage:
        """Return a page of a collection's records and tombstones, ordered by ``(updatedAt, id)``.

        Eventually consistent: a new record can be missing, or a changed one be in its former
        version, for as long as the index lags, usually milliseconds.

        Args:
            collection: The collection.
            filters: Conditions for the records of the list.
            position: The ``position`` of the page before; empty for the first page.
            limit: Maximum number of records.
        """
        found: list[Document] = []
        last: Item | None = None
        size = 0
        for scanned, item in enumerate(self._ordered_items(collection, filters, position)):
            if len(found) == limit or scanned == MAX_SCANNED or size > MAX_SCANNED_BYTES:
                assert last is not None
                return RecordPage(tuple(found), _order(last))
            document = item_document(item)
            if not filters.statuses or document.get("status") in filters.statuses:
                found.append(document)
            last = item
            size += _size(item)
        return RecordPage(tuple(found), None)

    def _ordered_items(self, collection: str, filters: Filters, position: str) -> Iterator[Item]:
        """Yield the items of a filtered list after a position, in the list's order, each item once.

        The filter by status is not applied here.
        """
        since, partner_ids = filters.updated_since, filters.partner_ids
        whole = self._read("list", list_partition(collection), since, position, CHUNK)
        if not partner_ids:
            return whole
        partitions = {partner_partition(collection, name) for name in partner_ids}
        if len(partitions) > FEW_PARTNERS:
            begin, size = list[Item](), 0
            for item in islice(whole, SMALL_COLLECTION + 1):
                begin.append(item)
                size += _size(item)
                if size > MAX_SCANNED_BYTES:
                    break
            else:
                if len(begin) <= SMALL_COLLECTION:
                    return (item for item in begin if item.get("partnerKey") in partitions)
        return self._merge_partners(sorted(partitions), since, position)

    def _merge_partners(
        self, partitions: Sequence[str], since: str, position: str
    ) -> Iterator[Item]:
        def read_first(partition: str) -> Sequence[Item]:
            return self._table.query_index(
                "partner", partition, since=since, after=position, limit=PARTNER_CHUNK
            )

        with ThreadPoolExecutor(WORKERS) as pool:
            firsts = list(pool.map(read_first, partitions))
        streams = (
            self._continue(partition, first)
            for partition, first in zip(partitions, firsts, strict=True)
        )
        # A record that changes its partner while it is read can be in two partitions.
        for _, same in groupby(heapq.merge(*streams, key=_order), key=_order):
            yield next(same)

    def _continue(self, partition: str, first: Sequence[Item]) -> Iterator[Item]:
        yield from first
        if first:
            yield from self._read("partner", partition, "", _order(first[-1]), PARTNER_CHUNK)

    def _read(
        self, index: Index, partition: str, since: str, position: str, chunk: int
    ) -> Iterator[Item]:
        after = position
        while page := self._table.query_index(
            index, partition, since=since, after=after, limit=chunk
        ):
            yield from page
            after = _order(page[-1])


def _size(item: Item) -> int:
    """Return the size of a record: the characters of its JSON, most of which are one byte."""
    return len(str(item["document"]))


def _order(item: Item) -> str:
    """Return a record's sort key in lists: time of update and id, unique within its collection."""
    return str(item["sortKey"])
