"""What is needed of requests and of the inbox of submissions."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from gridwix.models.listings import Listing
from gridwix.models.trading_grid.comments import Comment
from gridwix.partner_requests.orders import FollowUp, RequestOrder
from gridwix.partner_requests.submissions import HoldReason, Outcome, Stage, Submission, SubmissionPage
from gridwix.ports import RecordReader


class RequestReader(RecordReader, Protocol):
    """Collaboration requests as they stand. Raises :class:`gridwix.errors.UpstreamError`."""

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        """The comments of a request, internal ones included; None from a gateway that has no comments on requests."""


class SubmissionInbox(Protocol):
    """What was accepted from the portal: nothing leaves it before Trading Grid has it. Raises :class:`gridwix.errors.UpstreamError`."""

    def waiting(self, stage: Stage, cursor: str | None, limit: int) -> SubmissionPage:
        """Submissions that wait in a stage (OPEN or HELD), oldest first. One that cannot be read is a fault of its page."""

    def read(self, ids: Collection[str]) -> Mapping[str, Submission]:
        """These submissions, as of now; one that is not known, or cannot be read, is left out."""

    def keep_order(self, submission_id: str, order: RequestOrder | FollowUp) -> RequestOrder | FollowUp:
        """Keep what Trading Grid is going to be asked for, unless something is kept already; what is kept is returned."""

    def count(self, submitter: str, hour: str, submission_id: str, limit: int) -> bool:
        """Count a submission, however often it is counted once, among a submitter's of an hour; False if it is beyond the limit."""

    def hold(self, submission_id: str, reason: HoldReason, file_fault: str = "") -> None:
        """Have an open submission wait for a person."""

    def release(self, submission_id: str, at: datetime) -> bool:
        """Have a held submission delivered as it is; False if it is not held. ``at`` is when an operator has decided so."""

    def settle(self, submission_id: str, outcome: Outcome) -> None:
        """It is done, or cannot be: what was written is forgotten, who wrote it and what became of it is remembered."""
