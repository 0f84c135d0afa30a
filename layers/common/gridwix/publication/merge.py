"""Three-way merge of a row that Trading Grid and portal editors both write, field by field. Pure.

``docs/adr/0007-each-field-has-an-owner.md`` gives the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

AGREED = "agreed"
"""Field of a row that holds the merge base: the source's values at the last publication."""

CONFLICTS = "conflicts"
"""Field of a row that lists its conflicts (values that the merge did not take), for editors."""


class Owner(StrEnum):
    """The side that owns a field of a row: Trading Grid, or the editors of the portal.

    If both sides have changed the field, the value of the owner wins. A field that the portal owns
    takes the values of Trading Grid until an editor changes the field on the portal.
    """

    TRADING_GRID = "trading_grid"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """A merge conflict: a value that was not taken, because the other side owns the field.

    ``refused_from`` is the side that it came from: ``portal`` or ``trading_grid``.
    """

    field: str
    kept: Any
    refused: Any
    refused_from: str

    def as_row_value(self) -> dict[str, Any]:
        """Return the conflict as an entry of the row's field ``CONFLICTS``, for portal editors.

        In a conflict, Trading Grid and an editor have changed the same field. The entry has both
        values.
        """
        return {
            "field": self.field,
            "kept": self.kept,
            "refused": self.refused,
            "refusedFrom": self.refused_from,
        }


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The result of merging the source's values into a row of the portal.

    ``changes`` are the fields of the row to set, with None for a field to remove. If there are
    none, the row is up to date. ``conflicts`` are the values that this merge did not take.
    """

    changes: Mapping[str, Any]
    conflicts: tuple[MergeConflict, ...]


def merge_fields(
    source: Mapping[str, Any], row: Mapping[str, Any], owners: Mapping[str, Owner]
) -> MergeResult:
    """Merge the source's values into a row of the portal. Idempotent.

    Besides the fields in ``owners``, only two fields are set: ``AGREED`` (the merge base: the
    values that were last published) and ``CONFLICTS`` (values that were not taken). A field that
    Trading Grid owns takes the source's value; an edit on the portal that is lost by that is a
    conflict. A field that the portal owns takes the source's value until it is edited on the
    portal. From then on it keeps the portal's value, and another value of the source is a conflict.

    Args:
        source: Values of Trading Grid, by field.
        row: Values on the portal, by field; empty for a row that does not exist.
        owners: The owner of each field.

    >>> row = {"title": "Mine", "agreed": {"title": "Old"}}
    >>> merge_fields({"title": "New"}, row, {"title": Owner.PORTAL}).conflicts
    (MergeConflict(field='title', kept='Mine', refused='New', refused_from='trading_grid'),)
    """
    agreed = row.get(AGREED) if isinstance(row.get(AGREED), Mapping) else None
    conflicts: list[MergeConflict] = []
    wanted: dict[str, Any] = {}
    for field, owner in owners.items():
        new, shown = source.get(field), row.get(field)
        base = (agreed or {}).get(field)
        # Without a merge base the row was never published, so nothing on it counts as an edit.
        edited = agreed is not None and shown not in (base, new)
        if owner is Owner.TRADING_GRID:
            wanted[field] = new
            if edited:
                conflicts.append(MergeConflict(field, new, shown, "portal"))
        else:
            followed = agreed is None or shown == base
            wanted[field] = new if followed else shown
            if not followed and new not in (base, shown):
                conflicts.append(MergeConflict(field, shown, new, "trading_grid"))
    wanted[AGREED] = {field: source[field] for field in owners if source.get(field) is not None}
    listed = list(row.get(CONFLICTS) or ())
    fields = {conflict.field for conflict in conflicts}
    listed = [
        one for one in listed if isinstance(one, Mapping) and one.get("field") not in fields
    ] + [conflict.as_row_value() for conflict in conflicts]
    wanted[CONFLICTS] = listed or None
    return MergeResult(
        {field: value for field, value in wanted.items() if row.get(field) != value},
        tuple(conflicts),
    )
