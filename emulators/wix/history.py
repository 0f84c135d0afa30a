"""The history of a data item for a web page: the fields that each write changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emulators.wix.wire import Data

ACTIONS = {
    "INSERT": "added",
    "UPDATE": "replaced",
    "PATCH": "patched",
    "REMOVE": "removed",
    "TRUNCATE": "removed with all others",
}


@dataclass(frozen=True, slots=True)
class Change:
    """The value of one field before and after a write. A value is None if the field is missing."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One write in an item's history, with its changes. ``at`` is in Unix seconds."""

    at: float
    action: str
    changes: tuple[Change, ...]


def history_steps(writes: Sequence[Data]) -> list[Step]:
    """Return the history of one item, newest write first. ``writes`` are oldest first."""
    found: list[Step] = []
    before: Data = {}
    for write in writes:
        after: Data = write["data"] or {}
        names = [name for name in {**before, **after} if not name.startswith("_")]
        changes = tuple(
            Change(name, before.get(name), after.get(name))
            for name in names
            if before.get(name) != after.get(name)
        )
        found.append(Step(write["at"], ACTIONS[write["action"]], changes))
        before = after
    return found[::-1]
