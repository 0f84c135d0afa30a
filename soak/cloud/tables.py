"""A model of DynamoDB's tables with their global secondary indexes and, for stale reads, their
former items.

An item is stored packed, so a million of them fit into memory, and nothing that a caller holds is
part of the table.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Any, NamedTuple, Protocol
from zlib import crc32

from soak.cloud.attribute_values import Attribute, Item, Packed, invalid, number_of, pack, unpack
from soak.cloud.indexes import Index, Key, Place, key_value

REMEMBERED = 10_000
"""Maximum number of writes that a table keeps the former items of, for stale reads."""

_OLDEST_EXPIRATION = 5 * 365 * 24 * 3600


class IndexSchema(Protocol):
    """Schema of a global secondary index. ``projection`` is ``ALL`` or ``KEYS_ONLY``."""

    @property
    def name(self) -> str: ...
    @property
    def partition(self) -> str: ...
    @property
    def sort(self) -> str | None: ...
    @property
    def projection(self) -> str: ...


class TableSchema(Protocol):
    """Schema of a table. ``types`` are those of all key attributes (S, N or B)."""

    @property
    def name(self) -> str: ...
    @property
    def partition(self) -> str: ...
    @property
    def sort(self) -> str | None: ...
    @property
    def types(self) -> Mapping[str, str]: ...
    @property
    def indexes(self) -> Mapping[str, IndexSchema]: ...
    @property
    def ttl(self) -> str | None: ...


class Change(NamedTuple):
    """A write to a table that has passed all checks, so that it cannot be refused any more.
    ``item`` None deletes.
    """

    key: Key
    item: Mapping[str, Attribute] | None
    packed: Packed | None
    places: tuple[Place | None, ...]


class Table:
    """A DynamoDB table with its indexes.

    Args:
        schema: Its keys, indexes and time-to-live attribute.
        clock: Current virtual time.
        lag: Seconds by which a stale read is behind.
    """

    def __init__(self, schema: TableSchema, clock: Callable[[], float], lag: float) -> None:
        self.schema = schema
        self.kept = True
        """False for a table without storage: writes are checked, and then dropped."""
        self.keys = tuple(name for name in (schema.partition, schema.sort) if name)
        self._key_names = frozenset(self.keys)
        self.items: dict[Key, Packed] = {}
        self.indexes = {one.name: self._index(one) for one in schema.indexes.values()}
        self._own = Index("", schema.partition, schema.sort, schema.types)
        self._sorted = (*((self._own,) if schema.sort else ()), *self.indexes.values())
        self._clock = clock
        self._lag = lag
        self._recent: deque[tuple[float, Key, Packed | None]] = deque(maxlen=REMEMBERED)
        self._expirations: list[tuple[int, int, Key]] = []
        self._pushed = 0
        self._scanned: list[tuple[int, Key]] | None = None

    def _index(self, schema: IndexSchema) -> Index:
        if schema.projection not in {"ALL", "KEYS_ONLY"}:
            raise ValueError(f"the projection {schema.projection} is not known here")
        keys = [schema.partition, *([schema.sort] if schema.sort else []), *self.keys]
        attributes = None if schema.projection == "ALL" else tuple(dict.fromkeys(keys))
        types = self.schema.types
        return Index(schema.name, schema.partition, schema.sort, types, attributes)

    def key_of(self, item: Mapping[str, Attribute]) -> Key:
        """Return the key of an item. Raises Refusal if it has none, or one that cannot be used."""
        schema = self.schema
        for name in self.keys:
            if name not in item:
                raise invalid(
                    f"One or more parameter values were invalid: Missing the key {name} in the item"
                )
        partition = key_value(item, schema.partition, schema.types, "partition")
        if schema.sort is None:
            return partition
        return partition, key_value(item, schema.sort, schema.types, "sort")

    def exact_key(self, key: Mapping[str, Attribute]) -> Key:
        """Return the key of a request's ``Key``, which has no other attributes. Raises Refusal."""
        if key.keys() != self._key_names:
            raise invalid("The provided key element does not match the schema")
        return self.key_of(key)

    def get(self, key: Key) -> Item | None:
        """Return the item of a key; None if there is none."""
        packed = self.items.get(key)
        return None if packed is None else unpack(packed)

    def stale_item(self, key: Key) -> Item | None:
        """Return the item of a key as a lagging replica still has it."""
        packed = self.replaced().get(key, self.items.get(key))
        return None if packed is None else unpack(packed)

    def replaced(self) -> dict[Key, Packed | None]:
        """Return the former items of keys that were written within the lag; None for a key that had
        no item.
        """
        since = self._clock() - self._lag
        found: dict[Key, Packed | None] = {}
        for moment, key, packed in self._recent:
            if moment > since and key not in found:
                found[key] = packed
        return found

    def put(self, key: Key, item: Mapping[str, Attribute]) -> Change:
        """Check the write of a whole item under its key; return it, not carried out yet. Raises
        Refusal.
        """
        places = self._places(key, item) if self._sorted and self.kept else ()
        return Change(key, item, pack(item), places)

    def remove(self, key: Key) -> Change:
        """Return the deletion of an item, not carried out yet. The item need not exist."""
        return Change(key, None, None, (None,) * len(self._sorted))

    def commit(self, change: Change) -> None:
        """Carry out a checked change."""
        if not self.kept:
            return
        key, item, packed, places = change
        before = self.items.get(key)
        if before is None and packed is None:
            return
        self._recent.append((self._clock(), key, before))
        if self._sorted:
            old = self._places(key, unpack(before)) if before is not None else (None,) * len(places)
            for index, left, entered in zip(self._sorted, old, places, strict=True):
                index.move(left, entered)
        if packed is None:
            del self.items[key]
        else:
            self.items[key] = packed
        if (before is None) != (packed is None):
            self._scanned = None
        if item is not None and (expiration := self._expiration(item)) is not None:
            self._pushed += 1
            heappush(self._expirations, (expiration, self._pushed, key))

    def own_index(self) -> Index:
        """The table itself as an index, to query a partition. It must have a sort key."""
        return self._own

    def scan_order(self) -> list[tuple[int, Key]]:
        """Return all keys in the order of a scan, which is that of the partition keys' hashes."""
        if self._scanned is None:
            self._scanned = sorted((scan_hash(self.partition_of(key)), key) for key in self.items)
        return self._scanned

    def partition_of(self, key: Key) -> Any:
        """Return the value of the partition key in a key."""
        return key[0] if self.schema.sort else key

    def expire(self, now: float) -> int:
        """Delete the items with an expired time to live. Returns their number."""
        deleted = 0
        while self._expirations and self._expirations[0][0] <= now:
            key = heappop(self._expirations)[2]
            item = self.get(key)
            expiration = None if item is None else self._expiration(item)
            if expiration is not None and now - _OLDEST_EXPIRATION < expiration <= now:
                self.commit(self.remove(key))
                deleted += 1
        return deleted

    def all_items(self) -> Iterator[Item]:
        """Yield all items, in the order of their first writes."""
        return map(unpack, list(self.items.values()))

    def _places(self, key: Key, item: Mapping[str, Attribute]) -> tuple[Place | None, ...]:
        return tuple([index.place(key, item) for index in self._sorted])

    def _expiration(self, item: Mapping[str, Attribute]) -> int | None:
        name = self.schema.ttl
        if name is None or (attribute := item.get(name)) is None or "N" not in attribute:
            return None
        return int(number_of(attribute["N"]))


def scan_hash(partition: Any) -> int:
    """Return the hash that places a partition in a scan: unrelated to the order of keys, and always
    the same.
    """
    return crc32(str(partition).encode())
