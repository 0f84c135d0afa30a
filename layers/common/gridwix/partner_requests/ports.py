"""Ports: collaboration requests, and the inbox of submissions."""

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
        """All comments of a request, internal ones included.

        None if the gateway has no comments on requests.
        """


class SubmissionInbox(Protocol):
    """Store of accepted submissions: each stays until Trading Grid has it. Raises UpstreamError."""

    def list_submissions(self, stage: Stage, cursor: str | None, limit: int) -> SubmissionPage:
        """Return a page of the submissions of a stage, oldest first.

        A submission that cannot be read is a fault of its page. Held submissions with due rows are
        listed after all other held ones.

        Args:
            stage: OPEN or HELD.
            cursor: Cursor of the page; None for the first.
            limit: Maximum number of submissions.
        """

    def list_due_rows(self, cursor: str | None, limit: int) -> SubmissionPage:
        """Return a page of the submissions with due rows (to be published), oldest first.

        Args:
            cursor: Cursor of the page; None for the first.
            limit: Maximum number of submissions.
        """

    def clear_due_rows(self, submissions: Iterable[Submission]) -> None:
        """Record that the rows of these submissions are on the portal. Idempotent.

        The mark of a submission that has a later revision by now stays: the row of that revision is
        still due.
        """

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        """Current submissions, by id. A submission that is unknown or unreadable is left out."""

    def keep_order(
        self, submission_id: str, order: RequestOrder | FollowUp
    ) -> RequestOrder | FollowUp:
        """Store a submission's order unless it has one already; return the stored one. Idempotent.

        Raises Refused if the submission and its order are larger than the inbox can store.
        """

    def note_file_try(self, submission_id: str, tries: int, at: datetime | None) -> None:
        """Record number and time of the last try to fetch the files of an open submission; ``at``
        None removes the time.
        """

    def count_submission(self, submitter: str, hour: str, submission_id: str, limit: int) -> bool:
        """Count a submission against the submitter's rate limit. Idempotent for each submission.

        Args:
            submitter: Key of the submitter.
            hour: The hour in UTC, as ``YYYY-MM-DDTHH``.
            submission_id: The submission.
            limit: Maximum number of submissions in an hour.

        Returns:
            False if the submission exceeds the limit.
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
        """Move an open submission to HELD, for review by a person.

        Args:
            submission_id: The submission.
            reason: Why it is held.
            file_fault: The fault of a file that it is held for; "" if it is not held for one.
            detail: More than the reason says, without any value of the submission.
            row_due: Mark the submission's row as due in the same write.

        Returns:
            The held submission, or a fault if it is held now but cannot be read; None if it was not
            open any more.
        """

    def release_submission(self, submission_id: str, at: datetime) -> bool:
        """Move a held submission back to OPEN, to be delivered as it is; False if it is not held.

        ``at`` is the time of the operator's decision.
        """

    def remove_submission(self, submission_id: str) -> bool:
        """Remove the content of an open or held submission permanently; False if it is neither.

        The item stays as a tombstone: it deduplicates a second delivery of the submission, and has
        its row removed from the portal.
        """

    def settle_submission(self, submission_id: str, outcome: Outcome) -> Submission:
        """Move a submission to DELIVERED with its outcome, and delete its values and its order.

        The sender and the outcome are kept, and the row is marked as due in the same write. An
        outcome with a refusal does not replace an earlier one: a parallel run may have delivered
        what this run found refused. Returns the submission as it is stored.
        """


class EndingSubmissions(Protocol):
    """Counts held submissions that their time to live will soon remove, without further notice,
    although they still wait for a person's review.
    """

    def count_ending(self, now: float) -> int:
        """Return the number of held submissions that their time to live will remove within
        ``NOTICE`` of ``now`` (Unix seconds). Spam is not counted. Raises UpstreamError.
        """


class AwaitedFiles(Protocol):
    """Finds the files that open and held submissions still need."""

    def awaited(self, file_ids: Collection[str]) -> frozenset[str]:
        """Return those of these files that an open or held submission names.

        In doubt, a file counts as named. Raises UpstreamError.
        """
