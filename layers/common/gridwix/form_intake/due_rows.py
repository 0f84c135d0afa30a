"""Rows that are still to be written: of submissions that were delivered or held, with a row that
the portal may not show yet.

Each transition of a submission marks its row as due in the same write, and the mark is taken away
only after the row is on the portal. A worker that is killed in between, a write that the call
budget or Wix puts off, and an answer that is lost leave the mark, and the scheduled run reads it.
"""

from collections.abc import Mapping, Sequence

from gridwix.errors import GridwixError, SourceBehind
from gridwix.form_intake.isolation import concerns_all
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.states import record_name
from gridwix.form_intake.submission_rows import ROWS, ReadRequest, SubmissionRows
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.deadline import Deadline
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.partner_requests.ports import RequestReader, SubmissionInbox
from gridwix.partner_requests.rows import read_comments
from gridwix.partner_requests.submissions import Stage, Submission

PAGE = 100
"""Due rows that are published together."""


class DueRows:
    """Publishes the rows of submissions until the portal shows each one's newest state.

    Args:
        inbox: Has the marks.
        rows: Makes and writes the rows.
        requests: Reads the requests that submissions have made.
    """

    def __init__(
        self, inbox: SubmissionInbox, rows: SubmissionRows, requests: RequestReader
    ) -> None:
        self._inbox = inbox
        self._rows = rows
        self._requests = requests

    def publish_rows(
        self, submissions: Sequence[Submission], requests: Mapping[str, ReadRequest]
    ) -> IntakeReport:
        """Publish rows in bulk, and take the marks from those that the portal shows.

        Never raises a GridwixError: the errors are in ``not_shown``.

        Args:
            submissions: The submissions, as the inbox has them.
            requests: The requests that they have made, by submission id.
        """
        published = self._rows.publish_submissions(submissions, requests)
        shown = [one for one in submissions if one.row_due and one.id in published.settled]
        return published.report + self._clear_marks(shown)

    def _clear_marks(self, submissions: Sequence[Submission]) -> IntakeReport:
        """Clear the due mark of each submission that has its row on the portal; what fails stays
        marked.
        """
        errors: list[GridwixError] = []
        for submission in submissions:
            try:
                with confine_to_record(record_name(submission)):
                    self._inbox.clear_due_rows([submission])
            except GridwixError as error:
                errors.append(error)
                if concerns_all(error):
                    break
        return IntakeReport(not_shown=tuple(errors))

    def publish_due(self, deadline: Deadline) -> IntakeReport:
        """Publish the rows that earlier runs have left, page by page, until the deadline is near
        or the portal or Trading Grid fails. Never raises a GridwixError.
        """
        report = IntakeReport()
        cursor: str | None = None
        while not deadline.is_near():
            try:
                with confine_to_record(ROWS):
                    page = self._inbox.list_due_rows(cursor, PAGE)
            except GridwixError as error:
                return report + IntakeReport(not_shown=(error,))
            done = IntakeReport(record_faults=page.faults)
            if page.submissions:
                done += self._publish_page(page.submissions, deadline)
            report += done
            cursor = page.cursor
            if cursor is None or any(map(concerns_all, done.not_shown)):
                break
        return report

    def _publish_page(self, submissions: Sequence[Submission], deadline: Deadline) -> IntakeReport:
        """Publish a page of due rows. One with a request that cannot be read now stays due."""
        requests: dict[str, ReadRequest] = {}
        errors: list[GridwixError] = []
        due: list[Submission] = []
        for submission in submissions:
            if submission.stage is not Stage.REMOVED and self._rows.has_request(submission):
                if deadline.is_near() or any(map(concerns_all, errors)):
                    continue
                try:
                    requests[submission.id] = self._read_request(submission)
                except GridwixError as error:
                    errors.append(error)
                    continue
            due.append(submission)
        return self.publish_rows(due, requests) + IntakeReport(not_shown=tuple(errors))

    def _read_request(self, submission: Submission) -> ReadRequest:
        """Read the request of a submission, as it is now. Raises GridwixError."""
        assert submission.outcome is not None
        with confine_to_record(record_name(submission)):
            request = self._requests.record(submission.outcome.record)
            if not isinstance(request, CollaborationRequest):
                raise SourceBehind
            return request, read_comments(self._requests, request)
