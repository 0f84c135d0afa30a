"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass

from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.records import Records
from gridwix_gateway.store.table import Table


def refuse_upload(_draft: Draft, _upload_id: str, /) -> None:
    """Refuse every upload: of a gateway without file storage."""
    raise Problem(
        "validation",
        "The request is not valid.",
        [FieldError("/attachments", "unknown", "there is no such upload")],
    )


def announce_nothing() -> None:
    """Announce no commit: of a gateway without webhooks and targets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Reads and commits, and what stands outside of the table.

    Args:
        table: The table.
        commits: Runs writes.
        records: Reads records.
        feed: Reads the feed.
        require_upload: Checks that an upload has arrived, given the draft and the upload's id.
            Raises Problem.
        announce_commit: Called after each commit with an event, so that deliveries begin at once.
            Best effort: what it misses is found by a schedule.
    """

    table: Table
    commits: Commits
    records: Records
    feed: Feed
    require_upload: Callable[[Draft, str], None] = refuse_upload
    announce_commit: Callable[[], None] = announce_nothing
