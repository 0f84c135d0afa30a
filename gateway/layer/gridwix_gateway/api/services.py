"""Dependencies of the API's routes: table, commits, feed, bucket."""

from collections.abc import Callable
from dataclasses import dataclass

from gridwix_gateway.content.ports import ContentStore
from gridwix_gateway.content.uploads import Uploads, received_upload
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.records import Records
from gridwix_gateway.store.table import Table

ATTACHMENTS = "/attachments"
"""JSON pointer of the attachments of a collaboration request."""


def announce_nothing() -> None:
    """Do nothing: default of ``Services.announce_commit``, without webhooks and targets."""


def fed_by_no_source() -> frozenset[str]:
    """Return no collection: default of ``Services.fed_collections``, without sources."""
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Dependencies of the API's routes: the table, and everything outside of it.

    Args:
        table: The table.
        commits: Runs writes.
        records: Reads records.
        feed: Reads the feed.
        content: The bucket of uploads and documents.
        check_webhook_url: Raises Problem for a URL to which the gateway sends no webhooks.
        announce_commit: Called after each commit with an event, so that deliveries begin at once.
            Best effort: what it misses is found by a schedule.
        fed_collections: Returns the collections that a declared source feeds by itself.
    """

    table: Table
    commits: Commits
    records: Records
    feed: Feed
    content: ContentStore
    check_webhook_url: Callable[[str], None]
    announce_commit: Callable[[], None] = announce_nothing
    fed_collections: Callable[[], frozenset[str]] = fed_by_no_source

    def require_upload(self, draft: Draft, upload_id: str) -> None:
        """Check that an attached upload has arrived and is intact, and keep its bytes.

        Raises Problem ``validation`` otherwise.
        """
        Uploads(self.table, self.content).receive(upload_id, ATTACHMENTS)
        received_upload(draft, upload_id, ATTACHMENTS)
