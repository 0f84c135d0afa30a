"""One site: its parts, its quota, and the rules by which it refuses single items."""

import asyncio
import fnmatch
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulators.kit.clock import Clock
from emulators.kit.faults import FaultPlan
from emulators.kit.journal import Journal
from emulators.kit.store import connect
from emulators.wix.auth import Auth, Identity
from emulators.wix.collections import Collections
from emulators.wix.errors import WixError
from emulators.wix.items import Items


@dataclass(frozen=True, slots=True)
class Refusal:
    """Items of a collection that Wix refuses inside a 200 answer, until the rule is taken away: those whose id fits ``ids`` (a pattern such as ``row*7``)."""

    collection: str
    ids: str
    code: str = "WDE0080"
    description: str = "Validation failed"


class Quota:
    """Requests per minute of the clock, as Wix counts: a bulk call is one request. Over it the rest of the minute fails."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._minute, self._used = 0, 0

    def take(self) -> None:
        minute = int(self._clock.now().timestamp() // 60)
        if minute != self._minute:
            self._minute, self._used = minute, 0
        self._used += 1
        if self._used > self.per_minute:
            raise WixError("WDE0014", "The requests per minute quota is exceeded")


@dataclass
class Site:
    """Everything that the routes work on."""

    clock: Clock
    auth: Auth
    collections: Collections
    items: Items
    quota: Quota
    faults: FaultPlan
    journal: Journal
    refusals: list[Refusal] = field(default_factory=list)
    cms_installed: bool = True
    late: set[asyncio.Task[None]] = field(default_factory=set)

    def refusal(self, collection: str, identifier: str) -> Refusal | None:
        """The standing rule that an item falls under."""
        return next((rule for rule in self.refusals if rule.collection == collection and fnmatch.fnmatchcase(identifier, rule.ids)), None)

    def carry_out_later(self, seconds: float, work: Callable[[], Any]) -> None:
        """Do the work although nobody waits for it any more."""

        async def later() -> None:
            await asyncio.sleep(seconds)
            work()

        task = asyncio.get_running_loop().create_task(later())
        self.late.add(task)
        task.add_done_callback(self.late.discard)


def new_site(*, state: Path | None = None, requests_per_minute: int = 3000, replica_lag: float = 0.3, identity: Identity | None = None) -> Site:
    """A site whose state is in ``state``, or in memory."""
    clock = Clock()
    connection = connect(state, "")
    return Site(
        clock=clock,
        auth=Auth(identity or Identity(), clock),
        collections=Collections(connection, clock),
        items=Items(connection, clock, replica_lag),
        quota=Quota(requests_per_minute, clock),
        faults=FaultPlan(),
        journal=Journal(),
    )
