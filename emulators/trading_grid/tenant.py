"""One emulated Trading Grid tenant: the state of all parts of the emulator."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulators.common.blobs import Blobs
from emulators.common.clock import Clock
from emulators.common.faults import FaultPlan
from emulators.common.journal import Journal
from emulators.common.store import open_database
from emulators.trading_grid.auth import Auth, Credentials
from emulators.trading_grid.community import Community
from emulators.trading_grid.directory import Directory
from emulators.trading_grid.documents import Library
from emulators.trading_grid.generator import add_partners
from emulators.trading_grid.lens import Lens
from emulators.trading_grid.library_control import seed_documents
from emulators.trading_grid.seed import HUB, HUB_NAME, seed_sample_world
from emulators.trading_grid.store import SCHEMA, Store
from emulators.trading_grid.uploads import Uploads
from emulators.trading_grid.webhooks import Webhooks


@dataclass
class Tenant:
    """The state of the emulated tenant, shared by all routes.

    ``overridden_records`` maps the name of a record (``cases/case_1``) to the JSON value that is
    returned in place of the record. ``community_at`` is the address of another gateway that serves
    the hub's records, or None if this emulator serves them.
    """

    clock: Clock
    faults: FaultPlan
    journal: Journal
    store: Store
    auth: Auth
    directory: Directory
    community: Community
    lens: Lens
    webhooks: Webhooks
    blobs: Blobs
    uploads: Uploads
    library: Library
    overridden_records: dict[str, Any] = field(default_factory=dict)
    community_at: str | None = None


def new_tenant(
    *,
    state: Path | None = None,
    partners: int = 0,
    retry_scale: float = 1.0,
    patience: float = 1.0,
    seed: int = 1,
) -> Tenant:
    """Return a tenant with the sample world (a fictional hub) and ``partners`` generated partners.

    Args:
        state: The SQLite file; an existing file is opened. None keeps the state in memory.
        partners: The number of generated partners.
        retry_scale: Multiplies the delays between the attempts of a webhook.
        patience: Multiplies the timeout of a webhook.
        seed: Seed of the generated partners.
    """
    clock, faults = Clock(), FaultPlan()
    store = Store(open_database(state, SCHEMA))
    auth = Auth(Credentials(), clock)
    webhooks = Webhooks(store, clock, faults, retry_scale, patience)
    community = Community(store, clock, HUB, webhooks.queue_deliveries)
    blobs = Blobs(None if state is None else state.with_suffix(".blobs"))
    uploads = Uploads(community, blobs, faults)
    library = Library(community, blobs, uploads)
    if store.count("partners") == 0:
        with store.transaction():
            program = seed_sample_world(community)
            seed_documents(library)
            add_partners(community, program, partners, seed)
    directory, lens = Directory(store, auth, HUB, HUB_NAME), Lens(store, clock, auth)
    return Tenant(
        clock,
        faults,
        Journal(),
        store,
        auth,
        directory,
        community,
        lens,
        webhooks,
        blobs,
        uploads,
        library,
    )
