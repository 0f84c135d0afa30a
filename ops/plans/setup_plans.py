"""Plans of setups: collections and indexes that would be created, updated or removed."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol, override

from gridwix.errors import NotFound
from gridwix.models.ids import CollectionId
from ops.collections import (
    CollectionStore,
    Ensured,
    Outcome,
    Update,
    collection_definitions,
    plan_collection,
    send_update,
)
from ops.indexes import (
    ExistingIndex,
    Index,
    IndexBuilder,
    IndexStore,
    index_definitions,
    plan_changes,
)
from ops.indexes import Outcome as IndexOutcome
from ops.plans.application import Outcome as Applied
from ops.plans.application import PlanKind
from ops.plans.header import new_header
from ops.plans.models import CollectionChange, IndexChange, SetupPlan
from ops.restoring import CoOwnedRows, Loss, find_losses, forget_agreement
from ops.stack import Stack


class SiteStore(CollectionStore, IndexStore, CoOwnedRows, Protocol):
    """The part of the Wix client that a setup of collections and indexes needs."""


class SetupPlans(PlanKind[SetupPlan]):
    """Makes plans of setups, and makes exactly the changes of a plan.

    Plans are made by comparing the collections and indexes of the Wix site with their definitions
    in this working copy of the repository.

    Args:
        stack: The deployed stack.
        store: The Wix client.
        published: True if the stack has published rows before
            (:func:`ops.restoring.has_published`).
        patience: Seconds to wait for Wix to build indexes.
        report: Receives a sentence on progress, and the numbers of made and of all changes.
    """

    def __init__(
        self,
        stack: Stack,
        store: SiteStore,
        *,
        published: bool,
        patience: float,
        report: Callable[[str, int, int], None] = lambda *_: None,
    ) -> None:
        self._stack = stack
        self._store = store
        self._published = published
        self._patience = patience
        self._report = report

    def make(self) -> SetupPlan:
        """Return a plan of the changes that make the Wix site match the definitions in ``portal``.

        These are the definitions of collections and indexes in this working copy of the repository.
        Changes nothing. Raises UpstreamError if the site cannot be read.
        """
        changes: list[CollectionChange | IndexChange] = []
        indexes = index_definitions()
        ensured: list[Ensured] = []
        for wanted in collection_definitions():
            update = self._read_update(wanted)
            ensured.append(update.ensured)
            if update.definition is not None:
                changes.append(collection_change(update))
            collection = update.ensured.collection
            changes += self._read_index_changes(collection, indexes.get(collection, ()))
        losses = find_losses(ensured, published=self._published)
        return SetupPlan(
            **new_header(self._stack), losses=tuple(map(str, losses)), changes=tuple(changes)
        ).seal()

    @override
    def remake(self, plan: SetupPlan) -> SetupPlan:
        return self.make()

    @override
    def carry_out(self, plan: SetupPlan, pending: Collection[str]) -> Applied:
        left: list[str] = []
        builder = IndexBuilder(self._store, patience=self._patience)
        indexes = index_definitions()
        todo = [change for change in plan.changes if change.name in pending]
        made = 0
        for wanted in collection_definitions():
            collection = CollectionId(wanted["id"])
            mine = [change for change in todo if change.collection == collection]
            for change in mine:
                if isinstance(change, CollectionChange):
                    left += self._change_collection(change, wanted)
            planned = [change for change in mine if isinstance(change, IndexChange)]
            if planned:
                left += self._change_indexes(
                    builder, collection, planned, indexes.get(collection, ())
                )
            made += len(mine)
            self._report("Changing collections and indexes", made, len(todo))
        left += [
            f"index {index.name} of {index.collection}: {index.outcome} {index.why}".rstrip()
            for index in builder.wait_until_built()
        ]
        self._forget_lost_fields(plan)
        notes = [f"Empty is: {'; '.join(plan.losses)}"] if plan.losses else []
        if any(loss.is_refillable for loss in planned_losses(plan, published=self._published)):
            notes.append("`gridwix reconcile` fills it from Trading Grid")
        return Applied(max(0, len(todo) - len(left)), left, notes)

    def _change_collection(self, change: CollectionChange, wanted: Mapping[str, Any]) -> list[str]:
        """Make the planned change of a collection, if a fresh comparison gives the same change.

        Return an empty list if the change was made, else a list with the reason.
        """
        update = self._read_update(wanted)
        if update.definition is None or collection_change(update) != change:
            return [f"{change.name}: it changed in the moment before"]
        # Wix compares revisions, so what changes now is not overwritten either.
        send_update(self._store, update)
        return []

    def _change_indexes(
        self,
        builder: IndexBuilder,
        collection: CollectionId,
        planned: Sequence[IndexChange],
        wanted: Sequence[Index],
    ) -> list[str]:
        now = [one.without_history for one in self._read_index_changes(collection, wanted)]
        if now != [change.without_history for change in planned]:
            return [
                f"{change.name}: the indexes of {collection} are not as planned"
                for change in planned
            ]
        return [
            f"index {index.name} of {collection}: {index.outcome} {index.why}".rstrip()
            for index in builder.start_building(collection, wanted)
            if index.outcome is IndexOutcome.FAILED
        ]

    def _forget_lost_fields(self, plan: SetupPlan) -> None:
        # All of the plan: an interrupted application may have created a field, and gone no further.
        for loss in planned_losses(plan, published=self._published):
            forget_agreement(self._store, loss)

    def _read_update(self, wanted: Mapping[str, Any]) -> Update:
        return plan_collection(wanted, self._store.get_collection(CollectionId(wanted["id"])))

    def _read_index_changes(
        self, collection: CollectionId, wanted: Sequence[Index]
    ) -> Iterator[IndexChange]:
        try:
            existing = [ExistingIndex.read(one) for one in self._store.list_indexes(collection)]
        except NotFound:
            existing = []
        todo = plan_changes(wanted, existing)
        present = {one.index.name for one in existing}
        for index in todo.create:
            yield IndexChange(
                collection=collection,
                index=index.name,
                action="replace" if index.name in present else "create",
                fields=tuple(f"{path} {order}" for path, order in index.fields),
                unique=index.unique,
            )
        created = {index.name for index in todo.create}
        for name in todo.drop:
            if name not in created:
                yield IndexChange(collection=collection, index=name, action="remove")


def collection_change(update: Update) -> CollectionChange:
    """Return the entry of a plan for an update of a collection.

    The entry has a hash of the definition that the update sends to Wix, not the definition itself.
    """
    ensured = update.ensured
    canonical = json.dumps(update.definition, sort_keys=True)
    return CollectionChange(
        collection=ensured.collection,
        action="create" if ensured.outcome is Outcome.CREATED else "update",
        added=ensured.restored,
        changed=ensured.changed,
        members=ensured.members,
        revision=update.revision,
        definition=hashlib.sha256(canonical.encode()).hexdigest(),
    )


def planned_losses(plan: SetupPlan, *, published: bool) -> list[Loss]:
    """Return the fields and collections that were lost on the site, and that a plan creates empty.

    A field counts as lost if the plan adds it to an existing collection.

    Args:
        plan: The plan.
        published: True if the stack has published rows before. A collection that the plan creates
            then counts as lost.
    """
    return find_losses(
        [
            Ensured(
                change.collection,
                Outcome.CREATED if change.action == "create" else Outcome.UPDATED,
                change.added,
            )
            for change in plan.changes
            if isinstance(change, CollectionChange)
        ],
        published=published,
    )
