"""The gateway's table in memory, with DynamoDB's rules as far as the gateway relies on them.

A contract test runs the same calls against DynamoDB's stand-in (``test_dynamo_table.py``).
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

from gridwix_gateway.store.dynamodb import COUNTER
from gridwix_gateway.store.table import (
    MAX_ITEMS,
    Index,
    Item,
    Key,
    Outrun,
    Table,
    Transaction,
    Value,
)


class MemoryTable(Table):
    """A table.

    Args:
        clock: The server's clock.
        reveal: Called before each item of a commit becomes visible to queries. DynamoDB isolates a
            query from a transaction item by item only.
        lags: Whether the indexes show a commit only after :meth:`catch_up`.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        reveal: Callable[[], None] = lambda: None,
        lags: bool = False,
    ) -> None:
        self.items: dict[Key, Item] = {}
        self.commits = 0
        self._queried: dict[Key, Item] = {}
        self._indexed: dict[Key, Item] = {}
        self._late: list[Key] = []
        self._clock = clock
        self._reveal = reveal
        self._lags = lags
        self._tokens: set[str] = set()
        self._lock = threading.RLock()

    def get(self, key: Key) -> Item | None:
        return self.items.get(key)

    def get_many(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        found = {key: self.get(key) for key in keys}
        return {key: item for key, item in found.items() if item is not None}

    def get_with_time(self, key: Key) -> tuple[Item | None, datetime]:
        return self.get(key), self._clock().replace(microsecond=0)

    def query(
        self, pk: str, *, after: str = "", limit: int, backwards: bool = False
    ) -> Sequence[Item]:
        with self._lock:
            found = [item for key, item in self._queried.items() if key.pk == pk]
        ordered = sorted(found, key=lambda item: str(item["sk"]), reverse=backwards)
        return [
            item
            for item in ordered
            if not after or (str(item["sk"]) < after if backwards else str(item["sk"]) > after)
        ][:limit]

    def query_index(
        self, index: Index, partition: str, *, since: str = "", after: str = "", limit: int
    ) -> Sequence[Item]:
        name = f"{index}Key"
        with self._lock:
            found = [item for item in self._indexed.values() if item.get(name) == partition]
        ordered = sorted(found, key=lambda item: str(item["sortKey"]))
        return [
            item
            for item in ordered
            if (str(item["sortKey"]) > after if after else str(item["sortKey"]) >= since)
        ][:limit]

    def put(self, item: Item, *, if_absent: bool = False) -> bool:
        key = _key(item)
        with self._lock:
            if if_absent and key in self.items:
                return False
            self.items[key] = item
            self._show([key])
        return True

    def replace(self, item: Item, attribute: str, expected: Value) -> bool:
        key = _key(item)
        with self._lock:
            current = self.items.get(key)
            if current is None or current.get(attribute) != expected:
                return False
            self.items[key] = item
            self._show([key])
        return True

    def delete(self, key: Key) -> None:
        with self._lock:
            self.items.pop(key, None)
            self._show([key])

    def catch_up(self) -> None:
        """Show all commits in the indexes."""
        with self._lock:
            for key in self._late:
                _copy(key, self.items, self._indexed)
            self._late.clear()

    def commit(self, transaction: Transaction) -> None:
        with self._lock:
            if transaction.token in self._tokens:
                return
            step = transaction.step
            keys = [*map(_key, transaction.puts), *transaction.deletes, COUNTER]
            assert len(set(keys)) == len(keys) <= MAX_ITEMS, "DynamoDB refuses this transaction"
            counter = self.items.get(COUNTER)
            if (0 if counter is None else counter["commits"]) != step.expected:
                raise Outrun
            for item in (*transaction.puts, step.item):
                self.items[_key(item)] = item
            for key in transaction.deletes:
                self.items.pop(key, None)
            self._tokens.add(transaction.token)
            self.commits += 1
        self._show(keys)

    def _show(self, keys: Sequence[Key]) -> None:
        """Show items to queries one after the other, also if the caller is killed meanwhile."""
        hidden = [*keys]
        try:
            while len(hidden) > 1:
                _copy(hidden.pop(), self.items, self._queried)
                self._reveal()
        finally:
            for key in hidden:
                _copy(key, self.items, self._queried)
            self._late += keys
            if not self._lags:
                self.catch_up()


def _copy(key: Key, source: Mapping[Key, Item], target: dict[Key, Item]) -> None:
    if key in source:
        target[key] = source[key]
    else:
        target.pop(key, None)


def _key(item: Item) -> Key:
    return Key(str(item["pk"]), str(item["sk"]))
