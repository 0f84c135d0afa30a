"""Removes files that members uploaded some days ago and that no open or held submission names.

``docs/adr/0078-limits-of-a-member-and-uploads-that-are-not-handed-in.md`` gives the reasons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gridwix.errors import Refused
from gridwix.models.files import UPLOAD_LABEL, UploadPage
from gridwix.models.reconciliation import RunRequest, UploadsPage
from gridwix.partner_requests.ports import AwaitedFiles
from gridwix.ports import Clock, FileRemover
from gridwix.publication.reconciled import Continuation

PAGES_PER_MESSAGE = 5
"""Maximum number of pages of the media library's list that one message reads."""

MAX_REMOVALS = 40
"""Maximum number of calls by which one message removes files: a refused call is repeated with parts
of its files, see ``_remove``."""


class OldUploads(FileRemover, Protocol):
    """Lists and removes the files that members have uploaded."""

    def uploads_before(self, before: float, cursor: str | None) -> UploadPage:
        """Return a page of the files that were uploaded before a time (Unix seconds), oldest first.

        Raises UpstreamError or BudgetExhausted.
        """


@dataclass(frozen=True, slots=True)
class UploadReport:
    """Result of one message of a run that removes old uploads of members from Wix.

    ``orphans`` are the old files that no open or held form submission names (held: waiting for
    review). ``removed`` is the number of them that were removed, ``refused`` the number that Wix
    did not remove. ``awaited`` is the number of old files that a submission names, and ``foreign``
    the number of old files without a label of gridwix: both stay.
    """

    dry_run: bool = False
    orphans: Sequence[str] = ()
    removed: int = 0
    refused: int = 0
    awaited: int = 0
    foreign: int = 0


class UploadSweep:
    """Removes uploads that are older than some days and that no open or held submission names.

    A file that belongs to an open or held submission stays, however old it is. The files are listed
    first, and the submissions read afterwards. A submission that arrives even later cannot name one
    of these files: the portal's backend takes no file that was uploaded more than two days ago.

    A run is a chain of queue messages, each with the cursor of the next pages of the list.
    Idempotent: a message can be repeated. A file that Wix does not remove, or that the list skips
    because files before it were removed meanwhile, is found by the next run.

    Args:
        uploads: Lists and removes the files that members have uploaded.
        awaited: Finds the files that open and held submissions name.
        continuation: Sends the run's next message to the reconciler's own queue.
        days: Age in days from which a file is removed.
        clock: Returns the time in Unix seconds.
    """

    def __init__(
        self,
        *,
        uploads: OldUploads,
        awaited: AwaitedFiles,
        continuation: Continuation,
        days: int,
        clock: Clock,
    ) -> None:
        self._uploads = uploads
        self._awaited = awaited
        self._continuation = continuation
        self._age = timedelta(days=days)
        self._clock = clock

    def first_page(self, request: RunRequest, *, run: str) -> UploadsPage:
        """Return the first message of a run that removes old uploads."""
        before = datetime.fromtimestamp(self._clock(), UTC) - self._age
        return UploadsPage(run=run, before=before, dry_run=request.dry_run)

    def handle(self, page: UploadsPage) -> UploadReport:
        """Remove the old uploads of members in one part of Wix's list that no submission names.

        ``page`` is the message with the cursor of this part. If the list goes on, the next message
        is sent to the reconciler's own queue. A dry run removes nothing. Raises UpstreamError or
        BudgetExhausted: the message must be repeated.
        """
        old: dict[str, bool] = {}
        cursor = page.cursor
        for _ in range(PAGES_PER_MESSAGE):
            listed = self._uploads.uploads_before(page.before.timestamp(), cursor)
            old |= {
                file.file_id: any(label.startswith(UPLOAD_LABEL) for label in file.labels)
                for file in listed.files
            }
            cursor = listed.cursor
            if cursor is None:
                break
        ours = [file_id for file_id, is_ours in old.items() if is_ours]
        # After the list: what arrives in between counts.
        awaited = self._awaited.awaited(ours) if ours else frozenset()
        orphans = tuple(file_id for file_id in ours if file_id not in awaited)
        refused = 0 if page.dry_run else self._remove(orphans)
        if cursor is not None:
            self._continuation.send(
                page.model_copy(update={"page": page.page + 1, "cursor": cursor})
            )
        return UploadReport(
            dry_run=page.dry_run,
            orphans=orphans,
            removed=0 if page.dry_run else len(orphans) - refused,
            refused=refused,
            awaited=len(awaited),
            foreign=len(old) - len(ours),
        )

    def _remove(self, file_ids: Sequence[str]) -> int:
        """Remove files from Wix, and return the number of files that were not removed.

        If Wix refuses a call, each half of its files is tried in a call of its own, so that one
        refused file does not prevent the removal of the others. Files that are left after
        ``MAX_REMOVALS`` calls are not removed.
        """
        parts, refused = [file_ids] if file_ids else [], 0
        for _ in range(MAX_REMOVALS):
            if not parts:
                break
            part = parts.pop()
            try:
                self._uploads.remove(part)
            except Refused:
                if len(part) == 1:
                    refused += 1
                else:
                    parts += [part[: len(part) // 2], part[len(part) // 2 :]]
        return refused + sum(map(len, parts))
