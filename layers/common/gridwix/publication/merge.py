"""Who decides what a field says when both sides may write it: a three-way merge, field by field.

``docs/adr/0007-each-field-has-an-owner.md`` gives the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

AGREED = "agreed"
"""The field of a row that holds what both sides agreed on last: the source's values at the last publication."""

CONFLICTS = "conflicts"
"""The field of a row that lists, for the people who edit the portal, what of the other side's was not taken."""


class Owner(StrEnum):
    """Whose word counts. A field of the portal follows Trading Grid until somebody edits it on the portal."""

    TRADING_GRID = "trading_grid"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that was not taken, because the field is the other side's."""

    field: str
    kept: Any
    refused: Any
    refused_from: str

    def on_row(self) -> dict[str, Any]:
        return {"field": self.field, "kept": self.kept, "refused": self.refused, "refusedFrom": self.refused_from}


@dataclass(frozen=True, slots=True)
class Merged:
    """``changes`` are the fields of the row that must be set, None for one that must go; without any the row is right. ``conflicts`` arose in this merge."""

    changes: Mapping[str, Any]
    conflicts: tuple[Conflict, ...]


def merge(source: Mapping[str, Any], row: Mapping[str, Any], owners: Mapping[str, Owner]) -> Merged:
    """What is to be done to a portal's row so that it agrees with the source.

    Only fields that have an owner, and the two above, are ever touched. A field of Trading Grid's takes the source's value, and an edit on the portal that is
    lost by that is a conflict. A field of the portal's takes the source's value as long as nobody has edited it, and keeps the portal's from then on; what the
    source says anew is a conflict then. Merging again changes nothing.
    """
    agreed = row.get(AGREED) if isinstance(row.get(AGREED), Mapping) else None
    conflicts: list[Conflict] = []
    wanted: dict[str, Any] = {}
    for field, owner in owners.items():
        new, shown = source.get(field), row.get(field)
        base = (agreed or {}).get(field)
        edited = agreed is not None and shown not in (base, new)
        if owner is Owner.TRADING_GRID:
            wanted[field] = new
            if edited:
                conflicts.append(Conflict(field, new, shown, "portal"))
        else:
            followed = agreed is None or shown == base
            wanted[field] = new if followed else shown
            if not followed and new not in (base, shown):
                conflicts.append(Conflict(field, shown, new, "trading_grid"))
    wanted[AGREED] = {field: source[field] for field in owners if source.get(field) is not None}
    listed = list(row.get(CONFLICTS) or ())
    fields = {conflict.field for conflict in conflicts}
    listed = [one for one in listed if isinstance(one, Mapping) and one.get("field") not in fields] + [conflict.on_row() for conflict in conflicts]
    wanted[CONFLICTS] = listed or None
    return Merged({field: value for field, value in wanted.items() if row.get(field) != value}, tuple(conflicts))
