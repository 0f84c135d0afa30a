"""What every story of the demo is made of: what happened, hop by hop, and what gridwix promises about it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridwix.models.ids import CollectionId
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment

type Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that gridwix promises, and whether it held."""

    promise: str
    held: bool


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What happened to a row of the portal, and whether it is what is promised."""

    hops: Sequence[Hop]
    claims: Sequence[Claim]


def wait_for_row(local: LocalEnvironment, collection: CollectionId, done: Callable[[Row], bool], what: str) -> tuple[Row, float]:
    """The first row of a collection that is so, as soon as there is one, and the seconds that took. Raises OpsError naming ``what``."""
    begun = time.monotonic()

    def matching() -> list[Row]:
        return [item.data for page in local.connections.wix.query_pages(collection) for item in page.items if done({"_id": item.id, **item.data})]

    found = local.wait_for(matching, what)
    return found[0], time.monotonic() - begun
