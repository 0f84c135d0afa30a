"""The rows of one collection, made to be many: each is kept as its JSON, and read when asked for.

A row as a dict takes three times the memory, and the garbage collector visits each of them.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, override

import orjson

type Row = dict[str, Any]

KEPT_SECONDS = 120.0
"""Seconds for which the version before a write is kept, and so the greatest lag of a replica."""


class FieldIndex:
    """The values of one field: by row, and the rows of each text, also of one in a list."""

    __slots__ = ("field", "ids", "values")

    def __init__(self, field: str, rows: Iterable[tuple[str, Row]]) -> None:
        self.field = field
        self.values: dict[str, Any] = {}
        self.ids: dict[str, dict[str, None]] = {}
        for identifier, row in rows:
            self.put(identifier, row)

    def put(self, identifier: str, row: Row | None) -> None:
        """Take in a row that was written; None if it was removed."""
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
    """Rows by id, oldest first. ``texts`` is the JSON of each."""

    def __init__(self) -> None:
        self.texts: dict[str, bytes] = {}
        self._before: deque[tuple[float, str, bytes | None]] = deque()
        self._indexes: dict[str, FieldIndex] = {}
        self._sorted: list[str] = []
        self._added: dict[str, None] = {}
        self._removed: dict[str, None] = {}

    def read(self, identifier: str) -> Row | None:
        """One row; None if there is none."""
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
        """The values of a field. The first call reads all rows, each write updates it."""
        found = self._indexes.get(field)
        if found is None:
            rows = ((identifier, orjson.loads(text)) for identifier, text in self.texts.items())
            found = self._indexes[field] = FieldIndex(field, rows)
        return found

    def sorted_ids(self) -> list[str]:
        """All ids in ascending order. The list must not be changed."""
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
        """The ids within ``$gt``, ``$gte``, ``$lt`` and ``$lte``, in ascending order."""
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
        """The rows of which a replica has an older version, with that; None if it has none.

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
        """Note an id as added or removed, unless that takes back what was noted before."""
        if identifier in there:
            del there[identifier]
        else:
            here[identifier] = None


class StoredRows(Mapping[str, Row]):
    """A view of the rows of a store. Each access reads the row anew."""

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
