"""Creates and updates the portal's collections from their definitions in ``portal/collections``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from gridwix.models.ids import CollectionId
from ops.errors import OpsError
from ops.paths import ROOT

FOLDER = ROOT / "portal/collections"

WRITABLE = frozenset({"id", "revision", "displayName", "displayField", "permissions", "plugins"})
"""Members of a definition that an update sends, apart from ``fields``. The others are read-only in
Wix.
"""


class CollectionStore(Protocol):
    """The part of the Wix client that collection definitions need."""

    def get_collection(self, collection: CollectionId) -> Mapping[str, Any] | None: ...
    def create_collection(self, definition: Mapping[str, Any]) -> Mapping[str, Any]: ...
    def update_collection(self, definition: Mapping[str, Any]) -> Mapping[str, Any]: ...


class Outcome(StrEnum):
    """Result for one collection, or in a dry run the result that would follow."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Ensured:
    """Result of ``ensure_collection``. ``restored`` are fields that the collection had lost: they
    are empty in every row.
    """

    collection: CollectionId
    outcome: Outcome
    restored: tuple[str, ...] = ()


def collection_definitions(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return the definitions, each the body of Wix's create-collection call.

    Raises:
        OpsError: A file is no definition, or its id differs from the file's name.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        definition = json.loads(path.read_text())
        if not isinstance(definition, dict) or definition.get("id") != path.stem:
            raise OpsError(f"{path.name} is no collection definition of the id {path.stem}")
        found.append(definition)
    return found


def ensure_collection(
    store: CollectionStore, wanted: Mapping[str, Any], *, dry_run: bool = False
) -> Ensured:
    """Create a collection, or update what differs from its definition. Idempotent.

    Fields beyond the definition stay, because an editor added them. Concurrent changes are not
    overwritten: Wix compares revisions.

    Args:
        store: The Wix client.
        wanted: The definition.
        dry_run: Return the outcome without writing.

    Raises:
        Conflict: The collection changed meanwhile.
    """
    collection = CollectionId(wanted["id"])
    existing = store.get_collection(collection)
    if existing is None:
        if not dry_run:
            store.create_collection(wanted)
        return Ensured(collection, Outcome.CREATED)
    current = {name: member for name, member in existing.items() if name in WRITABLE}
    # System fields are read-only in Wix, so the update leaves them out.
    current["fields"] = [
        field for field in existing.get("fields", []) if not field.get("systemField")
    ]
    merged = {
        **current,
        **wanted,
        "fields": _merged_fields(current["fields"], wanted.get("fields", [])),
    }
    if merged == current:
        return Ensured(collection, Outcome.UNCHANGED)
    missing, _ = field_faults(wanted, existing)
    if not dry_run:
        store.update_collection(merged)
    return Ensured(collection, Outcome.UPDATED, tuple(missing))


def field_faults(
    wanted: Mapping[str, Any], existing: Mapping[str, Any]
) -> tuple[list[str], dict[str, str]]:
    """Return the missing fields, and the fields of another type.

    Args:
        wanted: The definition.
        existing: The collection as Wix returns it.

    Returns:
        The keys of missing fields, and the definition's type by key for the fields whose type
            differs.
    """
    types = {str(field.get("key")): field.get("type") for field in existing.get("fields") or ()}
    fields = {str(field["key"]): str(field["type"]) for field in wanted.get("fields", [])}
    return [key for key in fields if key not in types], {
        key: kind for key, kind in fields.items() if key in types and types[key] != kind
    }


def _merged_fields(
    current: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    fields = {field["key"]: field for field in current}
    for field in wanted:
        fields[field["key"]] = {**fields.get(field["key"], {}), **field}
    return list(fields.values())
