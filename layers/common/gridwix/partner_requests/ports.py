"""Ports for collaboration requests, and for the inbox: the store of form submissions."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from gridwix.errors import RecordFault
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.comments import Comment
from gridwix.partner_requests.orders import FollowUp, RequestOrder
from gridwix.partner_requests.submissions import (
    HoldReason,
    Outcome,
    Stage,
    Submission,
    SubmissionPage,
)
from gridwix.ports import RecordReader

NOTICE = timedelta(days=14)
"""Time before its removal from which a held submission counts as ending: longer than a holiday."""


class RequestReader(RecordReader, Protocol):
    """Reads current collaboration requests. Raises :class:`gridwix.errors.UpstreamError`."""

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        """Return all comments of a collaboration request, internal ones included.

        Returns None if the request does not exist, or if this gateway does not offer comments on
        requests.
        """


class SubmissionInbox(Protocol):
    """Store of accepted form submissions: each stays until Trading Grid has it.

    All methods raise UpstreamError.
    """

    def list_submissions(self, stage: Stage, cursor: str | None, limit: int) -> SubmissionPage:
        """Return a page of the submissions in a stage, oldest first.

        A submission that cannot be read is among the page's ``faults``. Held submissions with
        portal rows that have yet to be written are listed after all other held ones.

        Args:
            stage: OPEN or HELD.
            cursor: Cursor of the page; None for the first.
            limit: Maximum number of submissions.
        """

    def list_due_rows(self, cursor: str | None, limit: int) -> SubmissionPage:
        """Return a page of the submissions with portal rows that have to be written, oldest first.

        Args:
            cursor: Cursor of the page; None for the first.
            limit: Maximum number of submissions.
        """

    def clear_due_rows(self, submissions: Iterable[Submission]) -> None:
        """Clear the flag ``row_due`` of submissions that have their rows on the portal. Idempotent.

        The flag of a submission that has a later revision by now is not cleared, because the row of
        that revision is not on the portal yet.
        """

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        """Return the current submissions, by id. An unknown or unreadable one is left out."""

    def keep_order(
        self, submission_id: str, order: RequestOrder | FollowUp
    ) -> RequestOrder | FollowUp:
        """Store a submission's order unless it has one, and return the stored order. Idempotent.

        An order is the call to Trading Grid that delivers the submission. Raises Refused if the
        submission and its order are larger than the inbox can store.
        """

    def note_file_try(self, submission_id: str, tries: int, at: datetime | None) -> None:
        """Record how often gridwix tried to fetch the files of an open submission, and when last.

        ``at`` is the time of the last try; None removes the time.
        """

    def count_submission(self, submitter: str, hour: str, submission_id: str, limit: int) -> bool:
        """Count a submission against the submitter's rate limit. Idempotent for each submission.

        Args:
            submitter: Key of the submitter.
            hour: The hour in UTC, as ``YYYY-MM-DDTHH``.
            submission_id: The submission.
            limit: Maximum number of submissions in an hour.

        Returns:
            True if the submission is within the limit; False if it exceeds the limit.
        """

    def hold_submission(
        self,
        submission_id: str,
        reason: HoldReason,
        file_fault: str = "",
        *,
        detail: str = "",
        row_due: bool = False,
    ) -> Submission | RecordFault | None:
        """Move an open submission to the stage HELD, for review by a person.

        Args:
            submission_id: The submission.
            reason: Why the submission is held.
            file_fault: The file fault because of which the submission is held; "" for any other
                reason.
            detail: More than the reason says, without any value of the submission.
            row_due: Record in the same write that the submission's portal row has to be written.

        Returns:
            The held submission; a fault if it is held now but cannot be read; None if the
            submission was not open any more.
        """

    def release_submission(self, submission_id: str, at: datetime) -> bool:
        """Move a held submission back to OPEN, so that it is delivered as it is.

        Returns False if the submission is not held. ``at`` is the time of the operator's decision.
        """

    def remove_submission(self, submission_id: str) -> bool:
        """Remove the content of an open or held submission permanently.

        Returns False if the submission is neither open nor held. The item stays as a tombstone: it
        deduplicates a second delivery of the submission, and causes the removal of the submission's
        row from the portal.
        """

    def settle_submission(self, submission_id: str, outcome: Outcome) -> Submission:
        """Move a submission to DELIVERED with its outcome, and delete its values and its order.

        The order is the stored call to Trading Grid that delivers the submission. The same write
        records that the submission's portal row has to be written. The sender and the outcome are
        kept. An outcome with a refusal does not replace an earlier outcome: a parallel run may have
        delivered what this run found refused. Returns the submission as it is stored.
        """


class EndingSubmissions(Protocol):
    """Counts submissions that wait for a person's review and will soon be removed without one.

    Their time to live removes these held submissions.
    """

    def count_ending(self, now: float) -> int:
        """Return the number of held submissions that expire soon, at the end of their time to live.

        A held submission waits for a person's review. Soon means within ``NOTICE`` of ``now`` (Unix
        seconds). Spam is not counted. Raises UpstreamError.
        """


class AwaitedFiles(Protocol):
    """Finds the uploaded files that open and held submissions still need."""

    def awaited(self, file_ids: Collection[str]) -> frozenset[str]:
        """Return those of these file ids that occur in an open or held submission.

        In doubt, a file counts as needed. Raises UpstreamError.
        """
