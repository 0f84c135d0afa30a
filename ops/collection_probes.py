"""Probes (checks of ``gridwix doctor``) that compare the portal's collections with ``portal/``.

They compare fields, permissions and indexes. Each call to Wix counts against the site's quota, so
the probes make few calls: one for the definitions of all collections, one that counts items, and
one for each collection that has indexes.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from gridwix.errors import GridwixError
from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import PARTNER_STATUS, PEOPLE_HISTORY
from ops import indexes
from ops.collections import collection_definitions, field_faults
from ops.indexes import ExistingIndex, Index
from ops.probes import Probe, SharedRead, format_count

ADMIN_ONLY = {"insert": "ADMIN", "update": "ADMIN", "remove": "ADMIN", "read": "ADMIN"}
"""Permissions of every collection: only administrators have access."""


CONSEQUENCES: Mapping[str, str] = {
    PEOPLE_HISTORY: "no access ends by itself, and nobody can be invited or get another role"
}
"""Consequence of a missing collection, where the collection's name does not tell it."""


class CollectionReader(Protocol):
    """The calls of the Wix client with which the collection probes read."""

    def list_collections(self) -> Any: ...
    def get_collection(self, collection: CollectionId) -> Mapping[str, Any] | None: ...
    def list_indexes(self, collection: CollectionId) -> Sequence[Mapping[str, Any]]: ...
    def count_items(self, collection: CollectionId) -> int: ...


def collection_probes(wix: CollectionReader) -> list[Probe]:
    """Return the probes of the portal's collections: one for each collection, and one for items.

    The probe of a collection compares its definition and its indexes. The probe of items tries
    whether items can be read.
    """
    wanted_indexes = indexes.index_definitions()
    listed = SharedRead(lambda: {str(one.get("id")): one for one in wix.list_collections()})
    return [
        (
            "Wix",
            "items",
            lambda: format_count(wix.count_items(PARTNER_STATUS), "partner") + " on the portal",
        ),
        *(
            (
                "Wix",
                f"collection {wanted['id']}",
                partial(
                    _listed_state,
                    wix,
                    listed,
                    wanted,
                    wanted_indexes.get(CollectionId(wanted["id"]), ()),
                ),
            )
            for wanted in collection_definitions()
        ),
    ]


def _listed_state(
    wix: CollectionReader,
    listed: SharedRead[dict[str, Mapping[str, Any]]],
    wanted: Mapping[str, Any],
    wanted_indexes: Sequence[Index],
) -> str:
    if definition_faults(wanted, listed().get(wanted["id"])):
        # The list of collections may be seconds behind a change, so the collection is read again.
        return collection_state(wix, wanted, wanted_indexes)
    return _index_state(wix, wanted, wanted_indexes)


def collection_state(
    wix: CollectionReader, wanted: Mapping[str, Any], wanted_indexes: Sequence[Index] = ()
) -> str:
    """Compare a collection in Wix with ``portal/``; return a short description if it matches.

    Args:
        wix: Reads the collection.
        wanted: The collection's definition in ``portal/collections``.
        wanted_indexes: The collection's indexes in ``portal/indexes.json``.

    Raises:
        GridwixError: The collection, a field or an index is missing or different, or others than
            administrators have access.
    """
    if faults := definition_faults(wanted, wix.get_collection(CollectionId(wanted["id"]))):
        raise GridwixError(f"{'; '.join(faults)}; `gridwix setup` repairs it")
    return _index_state(wix, wanted, wanted_indexes)


def definition_faults(wanted: Mapping[str, Any], existing: Mapping[str, Any] | None) -> list[str]:
    """Return how a collection differs from its definition, one short phrase per difference.

    Fields that the definition does not have are no difference: an editor of the site added them.
    ``existing`` is None if Wix does not have the collection.
    """
    if existing is None:
        consequence = CONSEQUENCES.get(wanted["id"])
        return ["it does not exist" + (f", so {consequence}" if consequence else "")]
    missing, retyped = field_faults(wanted, existing)
    said = (
        [f"{format_count(len(missing), 'field')} missing: {', '.join(missing)}"] if missing else []
    )
    said += [f"field {key} has another type than {kind}" for key, kind in retyped.items()]
    if existing.get("permissions") != ADMIN_ONLY:
        said.append("others than administrators have access")
    return said


def _index_state(
    wix: CollectionReader, wanted: Mapping[str, Any], wanted_indexes: Sequence[Index]
) -> str:
    found = f"{format_count(len(wanted['fields']), 'field')}, administrators only"
    if not wanted_indexes:
        return found
    if wrong := indexes.index_faults(
        wanted_indexes,
        [ExistingIndex.read(each) for each in wix.list_indexes(CollectionId(wanted["id"]))],
    ):
        raise GridwixError(f"{'; '.join(wrong)}; `gridwix setup` creates it again")
    return f"{found}, {format_count(len(wanted_indexes), 'index', 'indexes')}"
