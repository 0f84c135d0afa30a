"""Changes of a list in a secret: a new entry first, old ones until the new one works. Pure."""

from collections.abc import Sequence
from typing import Any

from ops.secrets.forms import Field, value_fault


def add_entry(entries: Sequence[Any], new: str) -> list[Any]:
    """Return the list with a new entry at its beginning; unchanged if it is there already.

    The first ones sign rings, and the first of all signs the addresses of form automations.

    >>> add_entry(["old"], "new"), add_entry(["old"], "old")
    (['new', 'old'], ['old'])
    """
    return list(entries) if new in entries else [new, *entries]


def usable_places(form: Field, entries: Sequence[Any]) -> list[int]:
    """Return the places of the entries that can be used and repeat no other, counted from 1."""
    return [
        place
        for place, entry in enumerate(entries, 1)
        if not value_fault(form, entry) and entry not in entries[: place - 1]
    ]
