"""One site and all of its parts."""

from dataclasses import dataclass
from pathlib import Path

from emulators.kit.clock import Clock
from emulators.kit.faults import FaultPlan
from emulators.kit.journal import Journal
from emulators.kit.store import connect
from emulators.wix.auth import Auth, Identity
from emulators.wix.batch import Batch
from emulators.wix.collections import Collections
from emulators.wix.ghosts import Ghosts
from emulators.wix.indexes import Indexes
from emulators.wix.quota import Quota
from emulators.wix.refusals import Refusals
from emulators.wix.tables import Tables


@dataclass
class Site:
    """Everything that the routes work on. One event loop uses it."""

    clock: Clock
    auth: Auth
    tables: Tables
    collections: Collections
    indexes: Indexes
    refusals: Refusals
    quota: Quota
    ghosts: Ghosts
    faults: FaultPlan
    journal: Journal
    cms_installed: bool = True

    def batch(self, collection: str) -> Batch:
        """For one call's writes to a collection. Raises WixError if there is none of that id."""
        self.collections.get(collection)
        return Batch(collection, self.tables, self.indexes, self.refusals, self.clock)

    def forget_items(self, collection: str) -> None:
        """Drop a collection's items and their history, but not its definition."""
        self.tables.forget(collection)
        self.indexes.refresh(collection)


def new_site(*, state: Path | None = None, requests_per_minute: int = 3000, replica_lag: float = 0.3, identity: Identity | None = None) -> Site:
    """A site whose state is in the file ``state``, or in memory."""
    clock = Clock()
    tables = Tables(connect(state, ""), clock, replica_lag)
    return Site(
        clock=clock,
        auth=Auth(identity or Identity(), clock),
        tables=tables,
        collections=Collections(tables, clock),
        indexes=Indexes(tables),
        refusals=Refusals(),
        quota=Quota(requests_per_minute, clock),
        ghosts=Ghosts(clock),
        faults=FaultPlan(),
        journal=Journal(),
    )
