"""Results of demo scenarios: the hops of a change that were seen, and the claims that were
checked.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridwix.models.ids import CollectionId
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment

type Row = Mapping[str, Any]
"""A portal row by field name, ``_id`` included."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A guarantee of gridwix, and the result of its check."""

    promise: str
    held: bool


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """The hops of a demo scenario, its claims, and sentences for the viewer."""

    hops: Sequence[Hop]
    claims: Sequence[Claim]
    notes: Sequence[str] = ()


def wait_for_row(
    local: LocalEnvironment, collection: CollectionId, done: Callable[[Row], bool], what: str
) -> tuple[Row, float]:
    """Wait until some row of a collection fulfills ``done``; return the row and the seconds that
    this took.

    Args:
        local: The running environment.
        collection: The collection.
        done: The condition.
        what: Name of the row, for the error.

    Raises:
        OpsError: There was no such row. The message names ``what``.
    """
    begun = time.monotonic()

    def matching() -> list[Row]:
        return [
            item.data
            for page in local.connections.wix.query_pages(collection)
            for item in page.items
            if done({"_id": item.id, **item.data})
        ]

    found = local.wait_for(matching, what)
    return found[0], time.monotonic() - begun
