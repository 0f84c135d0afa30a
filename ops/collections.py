"""Creates and updates the portal's collections from their definitions in ``portal/collections``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from gridwix.models.ids import CollectionId
from ops.errors import OpsError
from ops.paths import ROOT

FOLDER = ROOT / "portal/collections"

WRITABLE = frozenset({"id", "revision", "displayName", "displayField", "permissions", "plugins"})
"""Members of a definition, apart from ``fields``, that an update sends. The others are read-only in
Wix.
"""


class CollectionStore(Protocol):
    """The calls of the Wix client that read, create and update collections."""

    def get_collection(self, collection: CollectionId) -> Mapping[str, Any] | None: ...
    def create_collection(self, definition: Mapping[str, Any]) -> Mapping[str, Any]: ...
    def update_collection(self, definition: Mapping[str, Any]) -> Mapping[str, Any]: ...


class Outcome(StrEnum):
    """Kind of change that one collection needs, or that ``ensure_collection`` made to it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Ensured:
    """Changes that ``ensure_collection`` made to one collection, or that a plan would make.

    ``restored`` has the keys of the fields that the collection had lost: they are created again,
    and are empty in every row. ``changed`` has the names of the changed properties of each other
    field, by the field's key. ``members`` has the names of the changed properties of the collection
    itself, such as ``permissions``.
    """

    collection: CollectionId
    outcome: Outcome
    restored: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """Planned request to Wix that makes one collection match its definition.

    ``definition`` is the body of the request; None if nothing differs, so that there is no request.
    ``revision`` is the revision of the existing collection, for optimistic locking; None if the
    collection does not exist yet. ``ensured`` is the result to report once the request is sent.
    """

    ensured: Ensured
    definition: Mapping[str, Any] | None = None
    revision: str | None = None


def collection_definitions(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return the collection definitions in ``portal/collections``, in the order of file names.

    Each definition is the body of Wix's create-collection call.

    Raises:
        OpsError: A file is no collection definition, or the definition's id differs from the file's
            name.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        definition = json.loads(path.read_text())
        if not isinstance(definition, dict) or definition.get("id") != path.stem:
            raise OpsError(
                f"{path.name} is no collection definition of the id {path.stem}",
                "correct its id, or the name of the file",
            )
        found.append(definition)
    return found


def plan_collection(wanted: Mapping[str, Any], existing: Mapping[str, Any] | None) -> Update:
    """Return the update that makes a collection match its definition. Pure.

    Fields that the definition does not have stay, because an editor of the site added them.

    Args:
        wanted: The definition.
        existing: The collection as Wix returns it; None if it does not exist.

    >>> plan_collection({"id": "A", "fields": []}, {"id": "A", "fields": []}).ensured.outcome
    <Outcome.UNCHANGED: 'unchanged'>
    """
    collection = CollectionId(wanted["id"])
    if existing is None:
        return Update(Ensured(collection, Outcome.CREATED), wanted)
    revision = None if existing.get("revision") is None else str(existing["revision"])
    current = {name: member for name, member in existing.items() if name in WRITABLE}
    # System fields are read-only in Wix, so the update leaves them out.
    current["fields"] = [one for one in existing.get("fields", []) if not one.get("systemField")]
    merged = {
        **current,
        **wanted,
        "fields": _merged_fields(current["fields"], wanted.get("fields", [])),
    }
    if merged == current:
        return Update(Ensured(collection, Outcome.UNCHANGED), revision=revision)
    missing, _ = field_faults(wanted, existing)
    ensured = Ensured(
        collection,
        Outcome.UPDATED,
        tuple(missing),
        _changed_fields(current["fields"], merged["fields"]),
        tuple(
            sorted(
                name for name in merged if name != "fields" and merged[name] != current.get(name)
            )
        ),
    )
    return Update(ensured, merged, revision)


def ensure_collection(store: CollectionStore, wanted: Mapping[str, Any]) -> Ensured:
    """Create a collection, or update what differs from its definition. Idempotent.

    Fields that the definition does not have stay, because an editor of the site added them. A
    change that another user or process makes at the same time is not overwritten: Wix compares
    revisions.

    Args:
        store: The Wix client.
        wanted: The definition.

    Raises:
        UpstreamConflict: Another user or process changed the collection after it was read.
    """
    update = plan_collection(wanted, store.get_collection(CollectionId(wanted["id"])))
    send_update(store, update)
    return update.ensured


def send_update(store: CollectionStore, update: Update) -> None:
    """Send a planned update of a collection to Wix; send nothing if nothing differs.

    Raises UpstreamConflict if another user or process changed the collection after it was read.
    """
    if update.definition is None:
        return
    if update.ensured.outcome is Outcome.CREATED:
        store.create_collection(update.definition)
    else:
        store.update_collection(update.definition)


def field_faults(
    wanted: Mapping[str, Any], existing: Mapping[str, Any]
) -> tuple[list[str], dict[str, str]]:
    """Compare the fields of a collection with its definition: missing fields, and wrong types.

    Args:
        wanted: The definition.
        existing: The collection as Wix returns it.

    Returns:
        The keys of missing fields, and the definition's type by key for the fields of another type.
    """
    types = {str(one.get("key")): one.get("type") for one in existing.get("fields") or ()}
    fields = {str(one["key"]): str(one["type"]) for one in wanted.get("fields", [])}
    return [key for key in fields if key not in types], {
        key: kind for key, kind in fields.items() if key in types and types[key] != kind
    }


def _merged_fields(
    current: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    fields = {one["key"]: one for one in current}
    for one in wanted:
        fields[one["key"]] = {**fields.get(one["key"], {}), **one}
    return list(fields.values())


def _changed_fields(
    current: Sequence[Mapping[str, Any]], merged: Sequence[Mapping[str, Any]]
) -> Mapping[str, tuple[str, ...]]:
    """Return the properties that a merge changes in each existing field, by the field's key.

    Fields that do not change are left out.
    """
    before = {str(one["key"]): one for one in current}
    return {
        key: members
        for one in merged
        if (key := str(one["key"])) in before
        and (members := tuple(sorted(name for name in one if one[name] != before[key].get(name))))
    }
