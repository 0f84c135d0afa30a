"""Bus, cursors and refused items in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from gridwix.errors import Unavailable
from gridwix.models.cursors import FeedCursor
from gridwix.models.events import Change
from gridwix.models.wix import Refusal
from gridwix.publication.models import RowKey


@dataclass
class FakeBus:
    """Implements ``EventBus``. ``fails`` calls put the first half on the bus and then fail."""

    changes: list[Change] = field(default_factory=list)
    fails: int = 0

    def put(self, changes: Sequence[Change]) -> None:
        if self.fails:
            self.fails -= 1
            self.changes += changes[: len(changes) // 2]
            raise Unavailable(system="aws")
        self.changes += changes


@dataclass
class FakeCursors:
    """Implements ``CursorStore``."""

    stored: dict[str, FeedCursor] = field(default_factory=dict)
    confirmed: list[str] = field(default_factory=list)

    def read_cursor(self, name: str) -> FeedCursor:
        return self.stored.get(name, FeedCursor())

    def advance(self, name: str, cursor: FeedCursor) -> FeedCursor | None:
        if self.read_cursor(name).revision != cursor.revision:
            return None
        self.stored[name] = replace(cursor, revision=cursor.revision + 1)
        return self.stored[name]

    def confirm(self, name: str, cursor: FeedCursor) -> None:
        if self.read_cursor(name) == cursor:
            self.confirmed.append(name)


@dataclass
class FakeRefusedItems:
    """Implements ``RefusedItems``."""

    items: dict[RowKey, Refusal] = field(default_factory=dict)

    def add(self, refusals: Iterable[Refusal], *, function: str, at: float) -> None:
        for refusal in refusals:
            self.items[RowKey(refusal.collection, refusal.item_id)] = refusal

    def clear(self, keys: Collection[RowKey]) -> None:
        for key in keys:
            self.items.pop(key, None)


@dataclass
class FakeHandovers:
    """Implements ``Handovers``. ``fails`` calls fail; ``reads`` counts the keys that were read."""

    stored: dict[str, frozenset[str]] = field(default_factory=dict)
    fails: int = 0
    reads: int = 0

    def read_event_ids(self, keys: Collection[str]) -> Mapping[str, AbstractSet[str]]:
        self._fail()
        self.reads += len(keys)
        return {key: self.stored[key] for key in keys if key in self.stored}

    def record(self, events: Mapping[str, AbstractSet[str]]) -> None:
        self._fail()
        self.stored |= {key: frozenset(ids) for key, ids in events.items()}

    def _fail(self) -> None:
        if self.fails:
            self.fails -= 1
            raise Unavailable(system="aws")
