"""Changes a list of keys or tokens in a secret. Pure.

A new entry comes first, and old entries stay until the new one works.
"""

from collections.abc import Sequence
from typing import Any

from ops.secrets.forms import Field, value_fault


def add_entry(entries: Sequence[Any], new: str) -> list[Any]:
    """Return a copy of the list with ``new`` put first; an equal copy if it contains ``new``.

    The order matters. The first usable entry alone signs the URLs of form automations. The first
    five sign the messages that make open pages reload (rings).

    >>> add_entry(["old"], "new"), add_entry(["old"], "old")
    (['new', 'old'], ['old'])
    """
    return list(entries) if new in entries else [new, *entries]


def usable_places(form: Field, entries: Sequence[Any]) -> list[int]:
    """Return the positions, counted from 1, of the entries of a secret's list that can be used.

    An entry cannot be used if its format is wrong. An entry that repeats an earlier one is left
    out.
    """
    return [
        place
        for place, entry in enumerate(entries, 1)
        if not value_fault(form, entry) and entry not in entries[: place - 1]
    ]
