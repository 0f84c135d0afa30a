"""Bringing the portal's collections to their definitions in ``portal/collections``."""

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
"""Members of a definition that an update carries beside ``fields``; the others are Wix's own."""


class CollectionStore(Protocol):
    """The part of the Wix client that definitions need."""

    def get_collection(self, collection: CollectionId) -> Mapping[str, Any] | None: ...
    def create_collection(self, definition: Mapping[str, Any]) -> Mapping[str, Any]: ...
    def update_collection(self, definition: Mapping[str, Any]) -> Mapping[str, Any]: ...


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Ensured:
    """``restored`` are fields that an existing collection had lost: they are empty in every row."""

    collection: CollectionId
    outcome: Outcome
    restored: tuple[str, ...] = ()


def collection_definitions(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """The definitions, each the body of Wix's create-collection call. Raises OpsError naming a file that is none."""
    found = []
    for path in sorted(folder.glob("*.json")):
        definition = json.loads(path.read_text())
        if not isinstance(definition, dict) or definition.get("id") != path.stem:
            raise OpsError(f"{path.name} is no collection definition of the id {path.stem}")
        found.append(definition)
    return found


def ensure_collection(store: CollectionStore, wanted: Mapping[str, Any], *, dry_run: bool = False) -> Ensured:
    """Create the collection, or change what differs from its definition, unless it is a dry run: that only says what would be done.

    Fields that it has beyond the definition stay: somebody added them on the site. What has changed there meanwhile is not overwritten: Wix compares revisions,
    and refuses (Conflict).
    """
    collection = CollectionId(wanted["id"])
    existing = store.get_collection(collection)
    if existing is None:
        if not dry_run:
            store.create_collection(wanted)
        return Ensured(collection, Outcome.CREATED)
    current = {name: member for name, member in existing.items() if name in WRITABLE}
    current["fields"] = [field for field in existing.get("fields", []) if not field.get("systemField")]
    merged = {**current, **wanted, "fields": _merged_fields(current["fields"], wanted.get("fields", []))}
    if merged == current:
        return Ensured(collection, Outcome.UNCHANGED)
    missing, _ = field_faults(wanted, existing)
    if not dry_run:
        store.update_collection(merged)
    return Ensured(collection, Outcome.UPDATED, tuple(missing))


def field_faults(wanted: Mapping[str, Any], existing: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The keys of the definition's fields that a collection lacks, and those of another type than the definition's, with the definition's type."""
    types = {str(field.get("key")): field.get("type") for field in existing.get("fields") or ()}
    fields = {str(field["key"]): str(field["type"]) for field in wanted.get("fields", [])}
    return [key for key in fields if key not in types], {key: kind for key, kind in fields.items() if key in types and types[key] != kind}


def _merged_fields(current: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    fields = {field["key"]: field for field in current}
    for field in wanted:
        fields[field["key"]] = {**fields.get(field["key"], {}), **field}
    return list(fields.values())
