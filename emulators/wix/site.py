"""One emulated Wix site: the state of all parts of the emulator."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from emulators.common.clock import Clock
from emulators.common.faults import FaultPlan
from emulators.common.journal import Journal
from emulators.common.store import open_database
from emulators.wix import data_events
from emulators.wix.auth import USER, Auth, Identity
from emulators.wix.automations import Automations
from emulators.wix.batch import Batch
from emulators.wix.collections import Collections
from emulators.wix.contacts import Contacts
from emulators.wix.events import Events
from emulators.wix.forms import Forms
from emulators.wix.ghosts import Ghosts
from emulators.wix.inbox import Inbox
from emulators.wix.indexes import Indexes
from emulators.wix.media.manager import Media, new_media
from emulators.wix.members import Members
from emulators.wix.outgoing import Outgoing
from emulators.wix.quota import (
    READS_PER_MINUTE,
    REQUESTS_PER_MINUTE,
    WRITES_PER_MINUTE,
    Quota,
    Quotas,
)
from emulators.wix.refusals import Refusals
from emulators.wix.signing import Signer
from emulators.wix.submissions import Submissions
from emulators.wix.tables import REPLICA_LAG, Tables
from emulators.wix.webhooks import Webhooks
from emulators.wix.wire import Data


@dataclass
class Site:
    """The state of one site, shared by all routes. Used by one event loop."""

    clock: Clock
    auth: Auth
    tables: Tables
    collections: Collections
    indexes: Indexes
    forms: Forms
    submissions: Submissions
    contacts: Contacts
    members: Members
    media: Media
    inbox: Inbox
    signer: Signer
    webhooks: Webhooks
    events: Events
    automations: Automations
    outgoing: Outgoing
    refusals: Refusals
    quotas: Quotas
    ghosts: Ghosts
    faults: FaultPlan
    journal: Journal
    cms_installed: bool = True

    def new_batch(self, collection: str, by: Data = USER) -> Batch:
        """Return an empty batch for one call's writes to a collection; ``by`` is the caller.

        Raises WixError if there is no such collection.
        """
        self.collections.get(collection)
        then = (
            partial(data_events.publish_item_events, self.events, by)
            if data_events.is_wanted(self.events)
            else None
        )
        return Batch(collection, self.tables, self.indexes, self.refusals, self.clock, then)

    def drop_items(self, collection: str) -> None:
        """Delete all items of a collection and their history, but not its definition."""
        self.tables.drop_table(collection)
        self.indexes.invalidate(collection)


def new_site(
    *,
    state: Path | None = None,
    reads_per_minute: int = READS_PER_MINUTE,
    writes_per_minute: int = WRITES_PER_MINUTE,
    requests_per_minute: int = REQUESTS_PER_MINUTE,
    replica_lag: float = REPLICA_LAG,
    identity: Identity | None = None,
    webhook_scale: float = 1.0,
    patience: float = 1.0,
) -> Site:
    """Return a site, with the state in a file or in memory.

    Args:
        state: The SQLite file; the bytes of media files are in a folder beside it. None keeps the
            state in memory.
        reads_per_minute: The site's quota of Wix Data reads.
        writes_per_minute: The site's quota of Wix Data writes.
        requests_per_minute: The site's limit of all REST calls together.
        replica_lag: Seconds by which reads from the replica are behind.
        identity: The site's ids and credentials; None for the default ones.
        webhook_scale: Multiplies the delays between the attempts of a webhook.
        patience: Multiplies the timeout of responses to the site's own calls.
    """
    clock, faults, outgoing = Clock(), FaultPlan(), Outgoing(patience)
    limits = {
        Quota.READS: reads_per_minute,
        Quota.WRITES: writes_per_minute,
        Quota.REQUESTS: requests_per_minute,
    }
    identity = identity or Identity()
    connection = open_database(state, "")
    tables = Tables(connection, clock, replica_lag)
    signer = Signer(connection, identity.app_id, in_memory=state is None)
    webhooks = Webhooks(connection, faults, outgoing, signer, webhook_scale)
    events = Events(webhooks, identity, clock)
    automations = Automations(outgoing, clock)
    forms, contacts = Forms(tables, clock, events), Contacts(tables, clock, events)
    members = Members(tables, clock, contacts, events)
    return Site(
        clock=clock,
        auth=Auth(identity, clock),
        tables=tables,
        collections=Collections(tables, clock),
        indexes=Indexes(tables),
        forms=forms,
        submissions=Submissions(tables, clock, forms, events, automations.call_subscribers),
        contacts=contacts,
        members=members,
        media=new_media(
            tables,
            clock,
            faults,
            events,
            outgoing,
            identity,
            None if state is None else state.with_suffix(".blobs"),
        ),
        inbox=Inbox(tables, clock, contacts, members),
        signer=signer,
        webhooks=webhooks,
        events=events,
        automations=automations,
        outgoing=outgoing,
        refusals=Refusals(),
        quotas=Quotas(limits, clock),
        ghosts=Ghosts(clock),
        faults=faults,
        journal=Journal(),
    )
