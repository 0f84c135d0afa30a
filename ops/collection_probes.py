"""Probes of the portal's collections: their fields, permissions and indexes against ``portal/collections`` and ``portal/indexes.json``.

They are frugal, since every call counts against the site's quota: all definitions in one call, and one more for each collection that has indexes.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from gridwix.errors import GridwixError
from gridwix.models.ids import CollectionId
from gridwix.models.portal import PARTNER_STATUS
from ops import indexes
from ops.collections import collection_definitions, field_faults
from ops.indexes import ExistingIndex, Index
from ops.probes import Once, Probe, format_count

ADMIN_ONLY = {"insert": "ADMIN", "update": "ADMIN", "remove": "ADMIN", "read": "ADMIN"}


class CollectionReader(Protocol):
    """The part of the Wix client that looking at collections needs."""

    def list_collections(self) -> Any: ...
    def get_collection(self, collection: CollectionId) -> Mapping[str, Any] | None: ...
    def list_indexes(self, collection: CollectionId) -> Sequence[Mapping[str, Any]]: ...
    def count_items(self, collection: CollectionId) -> int: ...


def collection_probes(wix: CollectionReader) -> list[Probe]:
    """One probe for each collection, and one for reading items."""
    wanted_indexes = indexes.index_definitions()
    listed = Once(lambda: {str(one.get("id")): one for one in wix.list_collections()})
    return [
        ("Wix", "items", lambda: format_count(wix.count_items(PARTNER_STATUS), "partner") + " on the portal"),
        *(
            ("Wix", f"collection {wanted['id']}", partial(_listed_state, wix, listed, wanted, wanted_indexes.get(CollectionId(wanted["id"]), ())))
            for wanted in collection_definitions()
        ),
    ]


def _listed_state(wix: CollectionReader, listed: Once[dict[str, Mapping[str, Any]]], wanted: Mapping[str, Any], wanted_indexes: Sequence[Index]) -> str:
    if definition_faults(wanted, listed().get(wanted["id"])):
        # A list may lag by some seconds behind what was changed.
        return collection_state(wix, wanted, wanted_indexes)
    return _index_state(wix, wanted, wanted_indexes)


def collection_state(wix: CollectionReader, wanted: Mapping[str, Any], wanted_indexes: Sequence[Index] = ()) -> str:
    """What a collection is like, once it is sure that it has the wanted fields, that only administrators can get at it, and that the wanted indexes stand.

    Raises GridwixError.
    """
    if faults := definition_faults(wanted, wix.get_collection(CollectionId(wanted["id"]))):
        raise GridwixError(f"{'; '.join(faults)}; `gridwix setup` puts it right")
    return _index_state(wix, wanted, wanted_indexes)


def definition_faults(wanted: Mapping[str, Any], existing: Mapping[str, Any] | None) -> list[str]:
    """The differences between a collection and its definition that matter, each in a few words. Fields beyond the definition are somebody else's."""
    if existing is None:
        return ["it does not exist"]
    missing, retyped = field_faults(wanted, existing)
    said = [f"{format_count(len(missing), 'field')} missing: {', '.join(missing)}"] if missing else []
    said += [f"field {key} is of another type than {kind}" for key, kind in retyped.items()]
    if existing.get("permissions") != ADMIN_ONLY:
        said.append("others than administrators may get at it")
    return said


def _index_state(wix: CollectionReader, wanted: Mapping[str, Any], wanted_indexes: Sequence[Index]) -> str:
    found = f"{format_count(len(wanted['fields']), 'field')}, administrators only"
    if not wanted_indexes:
        return found
    if wrong := indexes.index_faults(wanted_indexes, [ExistingIndex.read(each) for each in wix.list_indexes(CollectionId(wanted["id"]))]):
        raise GridwixError(f"{'; '.join(wrong)}; `gridwix setup` makes it anew")
    return f"{found}, {format_count(len(wanted_indexes), 'index', 'indexes')}"
