"""Stores the rows of one collection: each is kept as its JSON, and parsed when it is read.

A row as a dict takes three times the memory, and the garbage collector visits each of them.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, override

import orjson

type Row = dict[str, Any]

KEPT_SECONDS = 120.0
"""Seconds for which the former version of a row is kept: the maximum lag of a replica."""


class FieldIndex:
    """Index of one field: its value by row, and the rows of each text, also of a text in a list."""

    __slots__ = ("field", "ids", "values")

    def __init__(self, field: str, rows: Iterable[tuple[str, Row]]) -> None:
        self.field = field
        self.values: dict[str, Any] = {}
        self.ids: dict[str, dict[str, None]] = {}
        for identifier, row in rows:
            self.put(identifier, row)

    def put(self, identifier: str, row: Row | None) -> None:
        """Update the index after a write of a row; None if the row was removed."""
        value = None if row is None else row.get(self.field)
        known = self.values.get(identifier)
        if value is None:
            self.values.pop(identifier, None)
        else:
            self.values[identifier] = value
        if value == known:
            return
        for text in _texts(known):
            holders = self.ids[text]
            holders.pop(identifier, None)
            if not holders:
                del self.ids[text]
        for text in _texts(value):
            self.ids.setdefault(text, {})[identifier] = None


def _texts(value: Any) -> set[str] | tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else ()


class RowStore:
    """The rows of a collection by id, oldest first. ``texts`` is the JSON of each."""

    def __init__(self) -> None:
        self.texts: dict[str, bytes] = {}
        self._before: deque[tuple[float, str, bytes | None]] = deque()
        self._indexes: dict[str, FieldIndex] = {}
        self._sorted: list[str] = []
        self._added: dict[str, None] = {}
        self._removed: dict[str, None] = {}

    def read(self, identifier: str) -> Row | None:
        """Return one row; None if there is none."""
        text = self.texts.get(identifier)
        return None if text is None else orjson.loads(text)

    def write(self, identifier: str, text: bytes | None, row: Row | None, now: float) -> None:
        """Store a row.

        Args:
            identifier: Its id.
            text: Its JSON; None removes it.
            row: What ``text`` says.
            now: Unix seconds.
        """
        before = self._before
        before.append((now, identifier, self.texts.get(identifier)))
        while before[0][0] < now - KEPT_SECONDS:
            before.popleft()
        if text is None:
            if self.texts.pop(identifier, None) is not None:
                self._note(identifier, self._removed, self._added)
        else:
            if identifier not in self.texts:
                self._note(identifier, self._added, self._removed)
            self.texts[identifier] = text
        for index in self._indexes.values():
            index.put(identifier, row)

    def index(self, field: str) -> FieldIndex:
        """Return the index of a field. The first call reads all rows, each write updates it."""
        found = self._indexes.get(field)
        if found is None:
            rows = ((identifier, orjson.loads(text)) for identifier, text in self.texts.items())
            found = self._indexes[field] = FieldIndex(field, rows)
        return found

    def sorted_ids(self) -> list[str]:
        """Return all ids in ascending order. The list must not be changed."""
        if self._removed:
            removed = self._removed
            self._sorted = [one for one in self._sorted if one not in removed]
            self._removed = {}
        if self._added:
            self._sorted.extend(self._added)
            # Two runs that are in order take one merge.
            self._sorted.sort()
            self._added = {}
        return self._sorted

    def ids_between(self, limits: Mapping[str, Any]) -> list[str]:
        """Return the ids within ``$gt``, ``$gte``, ``$lt`` and ``$lte``, in ascending order."""
        ids = self.sorted_ids()
        start, end = 0, len(ids)
        for operator, limit in limits.items():
            match operator:
                case "$gt":
                    start = max(start, bisect_right(ids, limit))
                case "$gte":
                    start = max(start, bisect_left(ids, limit))
                case "$lt":
                    end = min(end, bisect_left(ids, limit))
                case "$lte":
                    end = min(end, bisect_right(ids, limit))
        return ids[start:end]

    def hidden_writes(self, now: float, lag: float) -> dict[str, bytes | None]:
        """Return the former versions of rows that a lagging replica still has; None for a row that
        it lacks.

        Args:
            now: Unix seconds.
            lag: Seconds by which the replica is behind.
        """
        found: dict[str, bytes | None] = {}
        for at, identifier, text in reversed(self._before):
            if at <= now - lag:
                break
            found[identifier] = text
        return found

    @staticmethod
    def _note(identifier: str, here: dict[str, None], there: dict[str, None]) -> None:
        """Add an id to the added or the removed ones, or take it out of the opposite ones if it is
        there.
        """
        if identifier in there:
            del there[identifier]
        else:
            here[identifier] = None


class StoredRows(Mapping[str, Row]):
    """A view of a store as a mapping of rows. Each access parses the row again."""

    def __init__(self, store: RowStore) -> None:
        self._store = store

    @override
    def __getitem__(self, identifier: str) -> Row:
        row: Row = orjson.loads(self._store.texts[identifier])
        return row

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._store.texts)

    @override
    def __len__(self) -> int:
        return len(self._store.texts)
