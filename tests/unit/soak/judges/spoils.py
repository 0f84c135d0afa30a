"""Ways to spoil the good world."""

from collections.abc import Callable
from typing import Any

from soak.judges import Message
from tests.unit.soak.judges.good_rows import FIRST
from tests.unit.soak.judges.good_world import (
    NOON,
    World,
)

type Spoil = Callable[[World], object]


def row_of(world: World, collection: str, identifier: str) -> dict[str, Any]:
    """A row of the world."""
    return world.rows[collection][identifier]


def set_fields(collection: str, identifier: str, **fields: Any) -> Spoil:
    """Let a row show other values."""
    return lambda world: row_of(world, collection, identifier).update(fields)


def lose_row(collection: str, identifier: str) -> Spoil:
    """Let a row be missing."""
    return lambda world: world.rows[collection].pop(identifier)


def repeat_entry(collection: str, identifier: str, field: str, place: int = 0) -> Spoil:
    """Show an entry of a list twice."""

    def spoil(world: World) -> None:
        entries = row_of(world, collection, identifier)[field]
        entries.append(entries[place])

    return spoil


def cut_list(collection: str, identifier: str, field: str) -> Spoil:
    """Leave out the first entry of a list."""
    return lambda world: row_of(world, collection, identifier)[field].pop(0)


def add_input(given: Any) -> Spoil:
    """Add an input."""
    return lambda world: world.inputs.append(given)


def add_write(collection: str, identifier: str, old: Any, new: Any) -> Spoil:
    """Add a write of a row."""
    return lambda world: world.writes.append((collection, identifier, old, new, NOON + 50))


def text_row(token: str, **fields: Any) -> dict[str, Any]:
    """A row of the first partner that shows a token."""
    return {"partnerId": FIRST, "subject": f"[[{token}]]", **fields}


def add_message(**changes: Any) -> Spoil:
    """Add a mail to the first partner's member that no event has asked for."""
    given = {
        "at": NOON + 60,
        "channel": "email",
        "recipient": "contact1",
        "identifier": "other",
        "campaign": "case-awaiting-partner",
        "words": "[[p1.c1.v3]]",
    }
    return lambda world: world.messages.append(Message(**{**given, **changes}))


def spoil_all(*spoils: Spoil) -> Spoil:
    """Spoil several things."""

    def spoil(world: World) -> None:
        for one in spoils:
            one(world)

    return spoil


def forget_inputs(kind: type) -> Spoil:
    """Leave out the inputs of a kind."""

    def spoil(world: World) -> None:
        world.inputs = [given for given in world.inputs if not isinstance(given, kind)]

    return spoil
