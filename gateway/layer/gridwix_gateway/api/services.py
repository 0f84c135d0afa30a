"""Dependencies of the API's routes: table, commits, event feed, bucket."""

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
    """Do nothing: default of ``Services.announce_commit`` if there are no webhooks or targets."""


def fed_by_no_source() -> frozenset[str]:
    """Return an empty set: the default of ``Services.fed_collections`` if there are no sources."""
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Dependencies of the API's routes.

    Args:
        table: The DynamoDB table.
        commits: Runs writes.
        records: Reads records.
        feed: Reads the event feed.
        content: The bucket of uploads and documents.
        check_webhook_url: Raises Problem for a URL to which the gateway sends no webhooks.
        announce_commit: Called after each commit with an event, so that deliveries begin at once.
            If it fails, a schedule starts the deliveries later.
        fed_collections: Returns the collections that a declared source fills on a schedule.
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
        """Check that an uploaded attachment has arrived and is intact, and copy its bytes.

        The copy is where no client can write. Raises Problem ``validation`` if the check fails.
        """
        Uploads(self.table, self.content).receive(upload_id, ATTACHMENTS)
        received_upload(draft, upload_id, ATTACHMENTS)
