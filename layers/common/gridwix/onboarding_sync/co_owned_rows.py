"""Writing to collections whose rows have two writers: only what is ours is touched. The rules are those of ``gridwix.publication.merge``."""

from collections.abc import Mapping, Sequence
from typing import Any

from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem, Refusal
from gridwix.onboarding_sync.ports import SharedCollections
from gridwix.publication.merge import AGREED, Conflict, Merged, Owner, merge


class CoOwnedRows:
    """Implements ``PortalCollections`` for rows that people on the portal edit as well: a save merges field by field. A row that cannot be read or merged is
    refused by its name and stays as it is.

    A row that is not there is inserted. Of one that is there only the fields that differ are set, so that no other field can be lost, however late an edit
    comes in between; an edit of one of *our* fields that falls between reading and writing is overwritten without being listed. ``conflicts`` collects what was
    not taken.
    """

    def __init__(self, collections: SharedCollections, owners: Mapping[CollectionId, Mapping[str, Owner]]) -> None:
        self._collections = collections
        self._owners = owners
        self.conflicts: list[tuple[WixItemId, Conflict]] = []

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """As the port says. Of two or three calls a later one may fail after an earlier one was carried out; saved again, nothing is done twice."""
        owners = self._owners[collection]
        rows = self._collections.items(collection, [item.id for item in items])
        merged: dict[WixItemId, Merged] = {}
        refused: list[Refusal] = []
        for item in items:
            try:
                merged[item.id] = self._merged(collection, item, rows.get(item.id, {}), owners)
            except RecordFault as fault:
                refused.append(Refusal(collection, item.id, fault.code, fault.reason))
        fresh = [DataItem(item.id, {**item.data, AGREED: merged[item.id].changes[AGREED]}) for item in items if item.id in merged and item.id not in rows]
        patches = {identifier: one.changes for identifier, one in merged.items() if identifier in rows and one.changes}
        if fresh:
            refused += self._collections.bulk_save(collection, fresh).refused
        if patches:
            refused += self._collections.bulk_set(collection, patches).refused
        failed = {refusal.item_id for refusal in refused}
        self.conflicts += [(identifier, conflict) for identifier, one in merged.items() if identifier not in failed for conflict in one.conflicts]
        return BulkOutcome(frozenset(merged) - failed, tuple(refused))

    def _merged(self, collection: CollectionId, item: DataItem, row: Mapping[str, Any] | RecordFault, owners: Mapping[str, Owner]) -> Merged:
        if isinstance(row, RecordFault):
            raise row
        with confine_to_record(f"{collection}/{item.id}"):
            return merge(item.data, row, owners)

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        """As the port says."""
        return self._collections.bulk_remove(collection, ids)
