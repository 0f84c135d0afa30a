"""Port to the gateway's table: the few operations of DynamoDB that the gateway uses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

type Value = str | int | bytes
type Item = Mapping[str, Value]
"""An item of the table, by attribute. Its key is in ``pk`` and ``sk``."""

type Index = Literal["list", "partner"]
"""Secondary indexes of records: ``list`` by collection, ``partner`` by partner and collection.

Their partition keys are the attributes ``listKey`` and ``partnerKey``. Both are sorted by
``sortKey``: ``(updatedAt, id)``.
"""

MAX_ITEMS = 100
"""Maximum items of a transaction (DynamoDB's limit)."""

MAX_BYTES = 3_500_000
"""Maximum bytes of a transaction. DynamoDB allows 4 MB, attribute names and overhead included."""


@dataclass(frozen=True, slots=True)
class Key:
    """Primary key of an item: partition key ``pk``, sort key ``sk``."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class CounterStep:
    """The change of the counter, an item that counts commits, as part of a transaction.

    Attributes:
        expected: Number of commits that the stored counter must have (optimistic locking); 0 if
            there must be no counter yet.
        item: The counter's new item.
    """

    expected: int
    item: Item


@dataclass(frozen=True, slots=True)
class Transaction:
    """Writes to the table that are carried out together or not at all.

    ``step`` is the change of the counter, an item that counts commits. ``token`` makes a retry of
    the same transaction idempotent for ten minutes (DynamoDB's ``ClientRequestToken``).
    """

    step: CounterStep
    puts: Sequence[Item] = ()
    deletes: Sequence[Key] = ()
    token: str = field(default="", compare=False)


class Outrun(Exception):
    """A commit was not written because another commit came first, and can be retried.

    The counter, an item that counts commits, has changed or is being changed.
    """


class Throttled(Exception):
    """DynamoDB throttles requests: there is no capacity now, and a retry may succeed."""


class Table(Protocol):
    """Port to the gateway's table. Reads are strongly consistent, except those of an index."""

    def get(self, key: Key) -> Item | None:
        """Return the item with a key; None if there is none."""

    def get_with_time(self, key: Key) -> tuple[Item | None, datetime]:
        """Return the item with a key, None if there is none, and the time of the table's server.

        This time does not depend on the clock of the worker.
        """

    def get_many(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        """Return the items with these keys; missing ones are left out.

        The items are not one snapshot: two of them can be from different moments.
        """

    def query(
        self, pk: str, *, after: str = "", limit: int, backwards: bool = False
    ) -> Sequence[Item]:
        """Return items of a partition, ordered by sort key.

        Args:
            pk: Partition key.
            after: Only items after this sort key, or before it with ``backwards``. Empty for all.
            limit: Maximum number of items. A result with fewer items does not mean that the
                partition has ended. Only an empty result does.
            backwards: Whether the highest sort key comes first.
        """

    def query_index(
        self, index: Index, partition: str, *, since: str = "", after: str = "", limit: int
    ) -> Sequence[Item]:
        """Return items in a partition of an index, ordered by ``sortKey``. Eventually consistent.

        Args:
            index: The index.
            partition: Partition key in the index.
            since: Only items with this ``sortKey`` or a higher one.
            after: Only items behind this ``sortKey``, in place of ``since``.
            limit: Maximum number of items. Only an empty result means that the partition has ended.
        """

    def put(self, item: Item, *, if_absent: bool = False) -> bool:
        """Write an item, and return True.

        With ``if_absent``, write nothing and return False if an item with the same key exists.

        Like :meth:`replace`, it also returns True if the client retried the request, and the stored
        item equals the new one: the first request had succeeded. So an item for which workers
        compete must contain something unique, such as the worker's id.
        """

    def replace(self, item: Item, attribute: str, expected: Value) -> bool:
        """Replace an item if an attribute has the expected value (compare and set).

        Return True if the item was replaced, else False.

        Args:
            item: The new item.
            attribute: Name of the attribute that is compared.
            expected: The value that the attribute must have. A missing item or attribute is never
                equal.
        """

    def delete(self, key: Key) -> None:
        """Delete an item. Does nothing if it is missing."""

    def commit(self, transaction: Transaction) -> None:
        """Write a transaction: all of its writes, or none. Idempotent by its token.

        Raises:
            Outrun: Another commit came first: the counter of commits has changed or is being
                changed.
            Throttled: DynamoDB has no capacity now.
        """
