"""Holds submissions for manual review, and decides how long one waits before it is held."""

from dataclasses import replace
from datetime import timedelta

from gridwix.errors import Conflict, GridwixError, NotFound, RecordFault, Refused
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.states import Hold, record_name
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Stage, Submission
from gridwix.ports import Clock

MAX_WAIT = timedelta(hours=4)
"""Longest time for which a submission waits for a record of Trading Grid that cannot be read or is
not found; then it is held. A release by an operator starts the time again."""


class SubmissionHolder:
    """Moves submissions to the HELD stage of the inbox. Idempotent."""

    def __init__(
        self,
        inbox: SubmissionInbox,
        rows: SubmissionRows,
        clock: Clock,
    ) -> None:
        self._inbox = inbox
        self._rows = rows
        self._clock = clock

    def hold(self, submission: Submission, hold: Hold) -> IntakeReport:
        """Hold a submission. Its row is due if it says so (``SubmissionRows.shows_hold``). Raises
        UpstreamError if the inbox cannot be written."""
        held = replace(
            submission, stage=Stage.HELD, held_for=hold.reason, file_fault=hold.file_fault
        )
        stored = self._inbox.hold_submission(
            submission.id, hold.reason, hold.file_fault, row_due=self._rows.shows_hold(held)
        )
        # A parallel run that has moved it on meanwhile has seen to its row.
        moved = {submission.id: stored} if stored is not None and stored.row_due else {}
        return IntakeReport(held={submission.id: hold.reason}, moved=moved)

    def hold_refused(self, submission: Submission, error: GridwixError) -> IntakeReport:
        """Hold a submission that Trading Grid refused with ``error``. Raises UpstreamError."""
        return self.hold(submission, Hold(HoldReason.REFUSED)) + IntakeReport(refusals=(error,))

    def hold_unreadable(self, submission_id: str, fault: RecordFault) -> IntakeReport:
        """Hold a submission of which nothing but the id can be read. It has no row. Raises
        UpstreamError."""
        self._inbox.hold_submission(submission_id, HoldReason.UNREADABLE)
        return IntakeReport(held={submission_id: HoldReason.UNREADABLE}, record_faults=(fault,))

    def hold_or_retry(self, submission: Submission, fault: RecordFault) -> IntakeReport:
        """Hold a submission at once if it is at fault itself. If another record is, retry it in
        later runs for up to ``MAX_WAIT``, then hold it. Raises UpstreamError."""
        if fault.record == record_name(submission) or self._has_waited(submission):
            return self.hold(submission, Hold(HoldReason.UNREADABLE)) + IntakeReport(
                record_faults=(fault,)
            )
        return IntakeReport(failures={submission.id: fault}, record_faults=(fault,))

    def is_final(self, submission: Submission, error: GridwixError) -> bool:
        """Return True if a retry is of no use: Trading Grid refused the request, or the record is
        not found or in conflict (404, 409), which may pass, after ``MAX_WAIT``."""
        may_pass = isinstance(error, NotFound | Conflict) and error.system == "trading_grid"
        return isinstance(error, Refused) or (may_pass and self._has_waited(submission))

    def _has_waited(self, submission: Submission) -> bool:
        since = submission.released_at or submission.received_at
        return self._clock() - since.timestamp() > MAX_WAIT.total_seconds()
