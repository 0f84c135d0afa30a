"""Changes of a list of keys or tokens in a secret: a new entry comes first, old ones stay until the
new one works. Pure.
"""

from collections.abc import Sequence
from typing import Any

from ops.secrets.forms import Field, value_fault


def add_entry(entries: Sequence[Any], new: str) -> list[Any]:
    """Return a copy of the list with ``new`` put first; an equal copy if it contains ``new``.

    The order matters: messages to open pages (rings) are signed with the first entries, the
    URLs of form automations with the very first.

    >>> add_entry(["old"], "new"), add_entry(["old"], "old")
    (['new', 'old'], ['old'])
    """
    return list(entries) if new in entries else [new, *entries]


def usable_places(form: Field, entries: Sequence[Any]) -> list[int]:
    """Return the places, counted from 1, of the entries that can be used and are no repetition of
    an earlier one.
    """
    return [
        place
        for place, entry in enumerate(entries, 1)
        if not value_fault(form, entry) and entry not in entries[: place - 1]
    ]
