"""A portal in memory: it records each write in order, and has faults. Its writes are atomic."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from gridwix.errors import GridwixError, NotFound, Refused, Unavailable
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import EXISTING_ITEM, BulkOutcome, DataItem, Refusal

type Row = tuple[CollectionId, WixItemId]


@dataclass
class Trouble:
    """Fault of one call.

    ``lands`` None loses the write; "now" applies it although the caller gets ``error``; "later"
    applies it when ``land`` is called.
    """

    error: GridwixError
    lands: str | None = None


def lost_answer(*, lands: str | None) -> Trouble:
    return Trouble(Unavailable(system="wix", ambiguous=True), lands)


@dataclass
class FakePortal:
    """Implements ``PortalCollections``, ``SharedCollections`` and ``DatedCollections``.

    ``refuse`` says which item Wix refuses inside a 200; ``spoilt`` which item makes it refuse the
    whole call.
    """

    rows: dict[Row, DataItem] = field(default_factory=dict)
    writes: list[tuple[Row, DataItem | None]] = field(default_factory=list)
    calls: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    refuse: Callable[[WixItemId], bool] = lambda _: False
    spoilt: Callable[[WixItemId], bool] = lambda _: False
    underway: list[tuple[CollectionId, Sequence[WixItemId], Sequence[DataItem], bool]] = field(
        default_factory=list
    )
    lock: Lock = field(default_factory=Lock)

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        return self._call(collection, [item.id for item in items], items)

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        return self._call(collection, [item.id for item in items], items, keep=True)

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        return self._call(collection, ids, [])

    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome:
        items = []
        for identifier, fields in changes.items():
            data = {**self.rows[collection, identifier].data, **fields}
            items.append(
                DataItem(
                    identifier, {name: value for name, value in data.items() if value is not None}
                )
            )
        return self._call(collection, list(changes), items)

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any]]:
        self.calls += 1
        return {
            identifier: self.rows[collection, identifier].data
            for identifier in ids
            if (collection, identifier) in self.rows
        }

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        self.calls += 1
        return [
            item
            for (found, _), item in self.rows.items()
            if found == collection and item.data.get(field) == value
        ]

    def items_before(
        self,
        collection: CollectionId,
        field: str,
        moment: datetime,
        *,
        fields: Sequence[str],
        skip: int = 0,
    ) -> Sequence[DataItem]:
        self.calls += 1
        dated = sorted(
            (
                item
                for (found, _), item in self.rows.items()
                if found == collection and field in item.data and item.data[field] < moment
            ),
            key=lambda item: (item.data[field], item.id),
        )
        return [
            DataItem(item.id, {name: item.data[name] for name in fields if name in item.data})
            for item in dated[skip : skip + 1000]
        ]

    def edit(self, collection: CollectionId, identifier: str, **fields: Any) -> None:
        """Edit the portal by hand."""
        row = (collection, WixItemId(identifier))
        self.rows[row] = DataItem(row[1], {**self.rows[row].data, **fields})

    def land(self) -> None:
        """Apply the writes whose callers have timed out."""
        for collection, ids, items, keep in self.underway:
            self._apply(collection, ids, items, keep=keep)
        self.underway.clear()

    def _call(
        self,
        collection: CollectionId,
        ids: Sequence[WixItemId],
        items: Sequence[DataItem],
        *,
        keep: bool = False,
    ) -> BulkOutcome:
        with self.lock:
            return self._carry_out(collection, ids, items, keep=keep)

    def _carry_out(
        self,
        collection: CollectionId,
        ids: Sequence[WixItemId],
        items: Sequence[DataItem],
        *,
        keep: bool,
    ) -> BulkOutcome:
        self.calls += 1
        if len(set(ids)) != len(ids) or not 0 < len(ids) <= 1000:
            raise NotFound("a bulk call has 1 to 1000 items, each once", system="wix", status=400)
        if self.troubles:
            trouble = self.troubles.pop(0)
            if trouble.lands == "now":
                self._apply(collection, ids, items, keep=keep)
            elif trouble.lands == "later":
                self.underway.append((collection, ids, items, keep))
            raise trouble.error
        if any(self.spoilt(identifier) for identifier in ids):
            raise Refused(system="wix", status=400, vendor_code="WDE0134")
        return self._apply(collection, ids, items, keep=keep)

    def _apply(
        self,
        collection: CollectionId,
        ids: Sequence[WixItemId],
        items: Sequence[DataItem],
        *,
        keep: bool,
    ) -> BulkOutcome:
        """Carry a call out. ``keep``: an item that exists stays as it is, and is refused."""
        saved = {item.id: item for item in items}
        refused = {identifier: "WDE0080" for identifier in ids if self.refuse(identifier)}
        if keep:
            existing = [one for one in ids if (collection, one) in self.rows]
            refused |= dict.fromkeys(existing, EXISTING_ITEM)
        for identifier in ids:
            if identifier in refused:
                continue
            row, item = (collection, identifier), saved.get(identifier)
            self.writes.append((row, item))
            if item is None:
                self.rows.pop(row, None)
            else:
                self.rows[row] = item
        written = frozenset(ids) - frozenset(refused)
        return BulkOutcome(
            written,
            tuple(
                Refusal(collection, identifier, code, "refused by the test")
                for identifier, code in refused.items()
            ),
        )

    def history(self, row: Row) -> Iterator[DataItem | None]:
        return (item for written, item in self.writes if written == row)

    def fallen_versions(self) -> list[str]:
        """Return a sentence for each write with an older version than one before it.

        Records say in a text of theirs which version they are: ``ID@VERSION``.
        """
        shown: dict[Row, dict[str, int]] = defaultdict(dict)
        fallen: list[str] = []
        for row, item in self.writes:
            for record, version in _versions_shown(item.data if item else {}).items():
                earlier = shown[row].get(record, 0)
                if version < earlier:
                    fallen.append(f"{record} went back from {earlier} to {version}")
                shown[row][record] = version
        return fallen


def _versions_shown(data: Mapping[str, Any]) -> dict[str, int]:
    return {record: int(version) for record, version in re.findall(r"(\w+)@(\d+)", repr(data))}
