"""Holds submissions for manual review, and decides how long a submission is retried before that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gridwix.errors import (
    FileRefused,
    FileUnreachable,
    GridwixError,
    InvalidEvent,
    NotFound,
    RecordFault,
    Refused,
    UpstreamConflict,
)
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.states import Hold, submission_name
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.files import FileFault
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Stage, Submission
from gridwix.ports import Clock

MAX_WAIT = timedelta(hours=4)
"""Longest time for which a submission waits for a record of Trading Grid that cannot be read, is
not found or conflicts. After it, the submission is held for manual review. An operator's release
starts the time again."""

MAX_FILE_TRIES = 8
"""Number of tries to fetch the files of a submission, which take about two hours. After them, the
submission is held for manual review."""

MAX_FILE_WAIT = timedelta(hours=1)
"""Upper bound of the exponential backoff between two tries to fetch the files of a submission. It
begins with a minute and doubles with each try."""

INBOX = "aws"
"""``system`` of errors that the inbox of submissions (DynamoDB) raises itself."""


class SubmissionHolder:
    """Holds submissions for manual review: moves them to the HELD stage of the inbox. Idempotent.

    If a submission cannot be held because of its own data, nothing is raised: the report has it as
    a failure, and the next run tries again.
    """

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
        """Hold a submission for manual review.

        If its portal row has to change with that (``SubmissionRows.shows_hold``), the same write
        marks the row as due (to be published). Raises UpstreamError if the inbox cannot be written
        now.
        """
        try:
            with confine_to_record(submission_name(submission)):
                return self._hold(submission, hold)
        except RecordFault as fault:
            return IntakeReport(failures={submission.id: fault}, record_faults=(fault,))
        except Refused as error:
            refused = RecordFault(submission_name(submission), error.code)
            return IntakeReport(failures={submission.id: error}, record_faults=(refused,))

    def _hold(self, submission: Submission, hold: Hold) -> IntakeReport:
        detail = _detail_of(submission, hold)
        held = replace(
            submission,
            stage=Stage.HELD,
            held_for=hold.reason,
            file_fault=hold.file_fault,
            held_detail=detail,
        )
        stored = self._inbox.hold_submission(
            submission.id,
            hold.reason,
            hold.file_fault,
            detail=detail,
            row_due=self._shows_hold(held),
        )
        # A parallel run that has moved it on meanwhile has seen to its row.
        moved = {submission.id: stored} if isinstance(stored, Submission) and stored.row_due else {}
        return IntakeReport(held={submission.id: hold.reason}, moved=moved)

    def _shows_hold(self, held: Submission) -> bool:
        try:
            with confine_to_record(submission_name(held)):
                return self._rows.shows_hold(held)
        except RecordFault:
            # Whatever is wrong with it, it is held, and its row is tried for itself.
            return True

    def hold_failed(self, submission: Submission, error: GridwixError) -> IntakeReport:
        """Hold a submission for manual review after an error that no retry mends.

        After any other error, the submission stays open for a retry.

        Args:
            submission: The submission.
            error: The error that any step of its delivery has raised.

        Raises:
            UpstreamError: The inbox cannot be written now.
        """
        try:
            with confine_to_record(submission_name(submission)):
                return self._hold_or_wait(submission, error)
        except RecordFault as fault:
            return IntakeReport(failures={submission.id: fault}, record_faults=(fault,))

    def _hold_or_wait(self, submission: Submission, error: GridwixError) -> IntakeReport:
        match error:
            case FileRefused():
                return self.hold(
                    submission, Hold(HoldReason.ATTACHMENTS, file_fault=str(error.fault))
                )
            case FileUnreachable():
                return self._wait_for_files(submission, error)
            case RecordFault():
                return self._hold_or_retry(submission, error)
            case InvalidEvent():
                return self.hold(submission, Hold(HoldReason.FAILED, detail=error.code))
            case Refused(system=system) if system == INBOX:
                return self.hold(
                    submission, Hold(HoldReason.TOO_LARGE, detail=error.vendor_code)
                ) + IntakeReport(refusals=(error,))
            case Refused():
                return self._hold_refused(submission, error)
            case NotFound() | UpstreamConflict() if self._is_final(submission, error):
                return self._hold_refused(submission, error)
            case _:
                return IntakeReport(failures={submission.id: error})

    def wait_for_lookup(self, submission: Submission, error: GridwixError) -> IntakeReport:
        """Leave a submission open for a retry, as the partner lookup has failed for a whole page.

        A page is the submissions that are read and looked up together. After a RecordFault, it is
        not known which of them is at fault, so each is held for manual review once it has waited
        for ``MAX_WAIT``. Raises UpstreamError if the inbox cannot be written now.
        """
        if isinstance(error, RecordFault):
            return self._hold_or_retry(submission, RecordFault("submissions/lookup", error.reason))
        return IntakeReport(failures={submission.id: error})

    def hold_unreadable(self, submission_id: str, fault: RecordFault) -> IntakeReport:
        """Hold a submission for manual review if nothing but its id can be read.

        It gets no row on the portal. Raises UpstreamError if the inbox cannot be written now.
        """
        try:
            with confine_to_record(fault.record):
                self._inbox.hold_submission(
                    submission_id, HoldReason.UNREADABLE, detail=fault.reason
                )
        except (RecordFault, Refused) as error:
            return IntakeReport(failures={submission_id: error}, record_faults=(fault,))
        return IntakeReport(held={submission_id: HoldReason.UNREADABLE}, record_faults=(fault,))

    def awaits_files(self, submission: Submission) -> bool:
        """Return True while the backoff after a failed fetch of a submission's files lasts.

        The next try to fetch the files is not due then. The backoff also ends when an operator
        releases the submission for delivery.
        """
        tried = submission.file_tried_at
        if tried is None:
            return False
        minutes = 2 ** min(max(submission.file_tries, 1) - 1, 20)
        wait = min(timedelta(minutes=minutes), MAX_FILE_WAIT)
        # A time of the far future is none that a worker has written.
        return 0 <= self._clock() - tried.timestamp() < wait.total_seconds()

    def begin_file_try(self, submission: Submission) -> IntakeReport | None:
        """Count a try to fetch the files of a submission before the try begins.

        So a try that kills the worker counts as well.

        Returns:
            None if the try may begin. If there were ``MAX_FILE_TRIES`` already, this call holds the
            submission for manual review, and returns the report of that. After an operator has
            released the submission for delivery, one more try may begin.

        Raises:
            UpstreamError: The inbox cannot be written now.
        """
        if submission.file_tries >= MAX_FILE_TRIES and not submission.released:
            return self._hold_unreachable(submission)
        now = datetime.fromtimestamp(self._clock(), UTC)
        self._inbox.note_file_try(submission.id, submission.file_tries + 1, now)
        return None

    def take_back_file_try(self, submission: Submission) -> None:
        """Undo the count of a failed try to fetch a submission's files.

        Call it if the try failed for a reason other than the files. Raises UpstreamError if the
        inbox cannot be written now.
        """
        self._inbox.note_file_try(submission.id, submission.file_tries, submission.file_tried_at)

    def _wait_for_files(self, submission: Submission, error: FileUnreachable) -> IntakeReport:
        if submission.file_tries + 1 >= MAX_FILE_TRIES:
            return self._hold_unreachable(submission)
        return IntakeReport(files_awaited={submission.id: error})

    def _hold_unreachable(self, submission: Submission) -> IntakeReport:
        return self.hold(
            submission, Hold(HoldReason.ATTACHMENTS, file_fault=str(FileFault.UNREACHABLE))
        )

    def _hold_or_retry(self, submission: Submission, fault: RecordFault) -> IntakeReport:
        """Hold a submission for manual review at once if the fault is in the submission itself.

        If another record is at fault, later runs retry the submission for up to ``MAX_WAIT``; then
        it is held.
        """
        is_own = fault.record == submission_name(submission)
        if is_own or self.has_waited(submission):
            reason = HoldReason.FAILED if is_own else HoldReason.UNREADABLE
            return self.hold(submission, Hold(reason, detail=fault.reason)) + IntakeReport(
                record_faults=(fault,)
            )
        return IntakeReport(failures={submission.id: fault}, record_faults=(fault,))

    def _hold_refused(self, submission: Submission, error: GridwixError) -> IntakeReport:
        detail = getattr(error, "vendor_code", "") or error.code
        return self.hold(submission, Hold(HoldReason.REFUSED, detail=detail)) + IntakeReport(
            refusals=(error,)
        )

    def _is_final(self, submission: Submission, error: NotFound | UpstreamConflict) -> bool:
        """Return True if a submission with this error of Trading Grid is not retried any more.

        The error is that a record is not found, or a conflict. A submission with such an error is
        retried until ``MAX_WAIT`` has passed since it arrived, or since an operator released it for
        delivery.
        """
        return error.system == "trading_grid" and self.has_waited(submission)

    def has_waited(self, submission: Submission) -> bool:
        """Return True if more than ``MAX_WAIT`` has passed since a submission arrived.

        The time starts again when an operator releases the submission for delivery.
        """
        since = submission.released_at or submission.received_at
        return self._clock() - since.timestamp() > MAX_WAIT.total_seconds()


def _detail_of(submission: Submission, hold: Hold) -> str:
    """Return the detail of a hold for the operator, which is shown beside the hold's reason.

    It says so if an operator has released the submission before and it is held again.
    """
    if not submission.released:
        return hold.detail
    return f"released, and held again: {hold.detail or hold.reason.value}"
