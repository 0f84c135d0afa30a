"""Ports: collaboration requests, and the inbox of submissions."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

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


class RequestReader(RecordReader, Protocol):
    """Current collaboration requests. Raises :class:`gridwix.errors.UpstreamError`."""

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        """All comments of a request, internal ones included.

        None if the gateway has no comments on requests.
        """


class SubmissionInbox(Protocol):
    """Store of accepted submissions: each stays until Trading Grid has it. Raises UpstreamError."""

    def list_submissions(self, stage: Stage, cursor: str | None, limit: int) -> SubmissionPage:
        """Return a page of the submissions of a stage, oldest first.

        A submission that cannot be read is a fault of its page.

        Args:
            stage: OPEN or HELD.
            cursor: Cursor of the page; None for the first.
            limit: Maximum number of submissions.
        """

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        """Current submissions, by id. One that is unknown, or cannot be read, is left out."""

    def keep_order(
        self, submission_id: str, order: RequestOrder | FollowUp
    ) -> RequestOrder | FollowUp:
        """Store a submission's order unless it has one; return the stored order. Idempotent."""

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

    def hold_submission(self, submission_id: str, reason: HoldReason, file_fault: str = "") -> None:
        """Move an open submission to HELD, for review by a person.

        ``file_fault`` is the fault of a file that it is held for; "" if it is not held for one.
        """

    def release_submission(self, submission_id: str, at: datetime) -> bool:
        """Move a held submission back to OPEN, to be delivered as it is; False if it is not held.

        ``at`` is the time of the operator's decision.
        """

    def settle_submission(self, submission_id: str, outcome: Outcome) -> None:
        """Move a submission to DELIVERED with its outcome, and delete its values and its order.

        The sender and the outcome are kept.
        """
