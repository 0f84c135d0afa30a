"""The port of the table, with the few operations of DynamoDB that the gateway uses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

type Value = str | int | bytes
type Item = Mapping[str, Value]
"""An item. It holds its key as ``pk`` and ``sk``."""

type Index = Literal["list", "partner"]
"""Indexes of records by ``(updatedAt, id)``: of a collection, and of a partner's in a collection.

Their partition keys are the attributes ``listKey`` and ``partnerKey``; both sort by ``sortKey``.
"""

MAX_ITEMS = 100
"""Items of a transaction (DynamoDB's limit)."""

MAX_BYTES = 3_500_000
"""Bytes of a transaction. DynamoDB allows 4 MB, attribute names and overhead included."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key of an item."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class CounterStep:
    """A condition on the counter's ``commits``, and the counter's new item.

    ``expected`` is the number of commits that the counter must have; 0 if there is no counter yet.
    """

    expected: int
    item: Item


@dataclass(frozen=True, slots=True)
class Transaction:
    """Writes that happen together or not at all.

    ``token`` makes a retry of the same transaction harmless for ten minutes (DynamoDB's
    ``ClientRequestToken``).
    """

    step: CounterStep
    puts: Sequence[Item] = ()
    deletes: Sequence[Key] = ()
    token: str = field(default="", compare=False)


class Outrun(Exception):
    """The counter has another number: another commit came first, or is under way."""


class Throttled(Exception):
    """DynamoDB has no capacity left for now."""


class Table(Protocol):
    """One DynamoDB table. Reads are strongly consistent, except those of an index."""

    def get(self, key: Key) -> Item | None:
        """Return an item, or None."""

    def get_with_time(self, key: Key) -> tuple[Item | None, datetime]:
        """Return an item and the server's time of the response, which no worker's clock shifts."""

    def get_many(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        """Return the items with these keys; those that are not there are left out.

        Each item is read by itself: two of them can be of different times.
        """

    def query(
        self, pk: str, *, after: str = "", limit: int, backwards: bool = False
    ) -> Sequence[Item]:
        """Return items of a partition by sort key.

        Args:
            pk: The partition.
            after: Only items behind this sort key; with ``backwards`` those before it. Empty for
                all.
            limit: Maximum number of items. Fewer do not mean that there are no more, but none at
                all does.
            backwards: Highest sort key first.
        """

    def query_index(
        self, index: Index, partition: str, *, since: str = "", after: str = "", limit: int
    ) -> Sequence[Item]:
        """Return items of an index's partition, ordered by ``sortKey``. Eventually consistent.

        Args:
            index: The index.
            partition: Its partition key.
            since: Only items with this ``sortKey`` or a higher one.
            after: Only items behind this ``sortKey``, in place of ``since``.
            limit: As for :meth:`query`.
        """

    def put(self, item: Item, *, if_absent: bool = False) -> bool:
        """Write an item. Return False if ``if_absent`` and there is one with its key.

        Like :meth:`replace`, it returns True if that one is its own: a client retries a request
        after a lost answer. So an item for which workers compete holds something unique.
        """

    def replace(self, item: Item, attribute: str, expected: Value) -> bool:
        """Write an item if the one with its key has this value in an attribute; else return False.

        Args:
            item: The new item.
            attribute: Name of the attribute that is compared.
            expected: The value that it must have. No item, or one without the attribute, has none.
        """

    def delete(self, key: Key) -> None:
        """Delete an item, if it is there."""

    def commit(self, transaction: Transaction) -> None:
        """Write a transaction.

        Raises:
            Outrun: The counter's condition does not hold, or another transaction is under way.
            Throttled: There is no capacity.
        """
