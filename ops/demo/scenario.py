"""Results of demo scenarios: the steps that were seen (hops), and the checked promises (claims)."""

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
    """A promise of gridwix that the demo has checked. ``held`` is True if gridwix kept it."""

    promise: str
    held: bool


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """Result of a demo scenario, for the demo's output.

    ``hops`` are the steps that were seen, each with its time: the systems that a change passed, or
    the acts of people. ``claims`` are the promises of gridwix that were checked. ``notes`` are
    sentences for the person who watches the demo.
    """

    hops: Sequence[Hop]
    claims: Sequence[Claim]
    notes: Sequence[str] = ()


def wait_for_row(
    local: LocalEnvironment, collection: CollectionId, done: Callable[[Row], bool], what: str
) -> tuple[Row, float]:
    """Wait until a row of a collection fulfills a condition; return the row and the seconds waited.

    Args:
        local: The running environment.
        collection: The portal collection.
        done: Returns True for the row to wait for.
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
