"""Publishes due rows: portal rows of delivered or held submissions that may be out of date.

A due row is retried until Wix has stored or refused it. Each transition of a submission marks its
row as due in the same write (an outbox), and the mark is removed only once Wix has stored or
refused the row. If a worker is killed in between, if the call budget or Wix puts off a write, or if
an answer is lost, the mark stays, and the scheduled run reads it.
"""

from collections.abc import Mapping, Sequence

from gridwix.errors import GridwixError, SourceBehind
from gridwix.form_intake.isolation import concerns_all
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.states import submission_name
from gridwix.form_intake.submission_rows import ROWS, ReadRequest, SubmissionRows
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.deadline import Deadline
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.partner_requests.ports import RequestReader, SubmissionInbox
from gridwix.partner_requests.rows import read_comments
from gridwix.partner_requests.submissions import Stage, Submission

PAGE = 100
"""Maximum number of due rows that are read and published together."""


class DueRows:
    """Publishes the portal rows of submissions, and retries failed rows in later runs.

    A row is retried until the portal shows the newest state of its submission, or Wix refuses the
    row.

    Args:
        inbox: The submissions. A submission has a mark if its row is due, that is, to be published.
        rows: Makes and writes the rows.
        requests: Reads the collaboration requests that were created from submissions.
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
        """Publish the portal rows of submissions in bulk.

        A submission is marked in the inbox as long as its row has to be published (the row is due).
        Once Wix has stored or refused the row, the mark is removed. Never raises a GridwixError:
        the errors of rows that could not be written are in ``not_shown`` of the report.

        Args:
            submissions: The submissions, as the inbox has them.
            requests: The collaboration requests that were created from the submissions, by
                submission id.
        """
        published = self._rows.publish_submissions(submissions, requests)
        shown = [one for one in submissions if one.row_due and one.id in published.settled]
        return published.report + self._clear_marks(shown)

    def _clear_marks(self, submissions: Sequence[Submission]) -> IntakeReport:
        """Remove the mark "row due" from submissions with rows that Wix has stored or refused.

        If that fails, the mark stays, and a later run publishes the row again.
        """
        errors: list[GridwixError] = []
        for submission in submissions:
            try:
                with confine_to_record(submission_name(submission)):
                    self._inbox.clear_due_rows([submission])
            except GridwixError as error:
                errors.append(error)
                if concerns_all(error):
                    break
        return IntakeReport(not_shown=tuple(errors))

    def publish_due(self, deadline: Deadline) -> IntakeReport:
        """Publish the portal rows that earlier runs could not write, page by page.

        Stops when the deadline is near, or when the portal or Trading Grid fails. Never raises a
        GridwixError: the errors are in ``not_shown`` of the report.
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
        """Publish due rows: portal rows of submissions that could not be written before.

        A row shows the collaboration request that was created from its submission. If that request
        cannot be read now, the row stays due for a later run.
        """
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
        """Read the collaboration request that was created from a submission, with its comments.

        Raises GridwixError.
        """
        assert submission.outcome is not None
        with confine_to_record(submission_name(submission)):
            request = self._requests.record(submission.outcome.record)
            if not isinstance(request, CollaborationRequest):
                raise SourceBehind
            return request, read_comments(self._requests, request)
