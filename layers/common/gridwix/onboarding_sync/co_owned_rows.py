"""Writes portal rows that portal editors write, too, by a three-way merge.

The rules of the merge are in ``gridwix.publication.merge``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem, Refusal
from gridwix.onboarding_sync.ports import SharedCollections
from gridwix.publication.merge import AGREED, MergeConflict, MergeResult, Owner, merge_fields
from gridwix.publication.ports import PortalCollections


class CoOwnedRows(PortalCollections):
    """Saves portal rows that portal editors write, too, by merging field by field.

    A row that does not exist is inserted. Of a row that exists, only the fields that differ are
    set, so an edit of any other field is never lost. If an editor changes a merged field between
    the read and the write, the edit is overwritten, and is not listed as a conflict. A row that
    cannot be read or merged is reported as refused, and stays as it is.

    Args:
        collections: The portal's collections.
        owners: For each collection, the side (Trading Grid or portal) that owns each merged field.
    """

    def __init__(
        self, collections: SharedCollections, owners: Mapping[CollectionId, Mapping[str, Owner]]
    ) -> None:
        self._collections = collections
        self._owners = owners
        self._conflicts: list[tuple[WixItemId, MergeConflict]] = []

    def drain_conflicts(self) -> list[tuple[WixItemId, MergeConflict]]:
        """Return the merge conflicts since the last call, oldest first, and clear the list."""
        drained, self._conflicts = self._conflicts, []
        return drained

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Merge items into their portal rows, in up to three Wix calls. Idempotent.

        If a later call fails, the earlier ones have been carried out. Conflicts of the merge are
        collected for :meth:`drain_conflicts`.
        """
        owners = self._owners[collection]
        rows = self._collections.items(collection, [item.id for item in items])
        merged: dict[WixItemId, MergeResult] = {}
        refused: list[Refusal] = []
        for item in items:
            try:
                merged[item.id] = self._merge_row(collection, item, rows.get(item.id, {}), owners)
            except RecordFault as fault:
                refused.append(Refusal(collection, item.id, fault.code, fault.reason))
        fresh = [
            DataItem(item.id, {**item.data, AGREED: merged[item.id].changes[AGREED]})
            for item in items
            if item.id in merged and item.id not in rows
        ]
        patches = {
            identifier: one.changes
            for identifier, one in merged.items()
            if identifier in rows and one.changes
        }
        if fresh:
            refused += self._collections.bulk_save(collection, fresh).refused
        if patches:
            refused += self._collections.bulk_set(collection, patches).refused
        failed = {refusal.item_id for refusal in refused}
        self._conflicts += [
            (identifier, conflict)
            for identifier, one in merged.items()
            if identifier not in failed
            for conflict in one.conflicts
        ]
        return BulkOutcome(frozenset(merged) - failed, tuple(refused))

    def _merge_row(
        self,
        collection: CollectionId,
        item: DataItem,
        row: Mapping[str, Any] | RecordFault,
        owners: Mapping[str, Owner],
    ) -> MergeResult:
        if isinstance(row, RecordFault):
            raise row
        with confine_to_record(f"{collection}/{item.id}"):
            return merge_fields(item.data, row, owners)

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        return self._collections.bulk_remove(collection, ids)
