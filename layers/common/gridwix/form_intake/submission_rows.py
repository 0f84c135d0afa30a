"""The rows of what partners have sent: a reference at once, the number when there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gridwix.errors import GridwixError
from gridwix.form_intake.projection import file_refusal, follow_up_row, held_row
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import PartnerText, Texts
from gridwix.mapping.wix_items import data_item
from gridwix.partner_requests.projection import definition_of
from gridwix.partner_requests.rows import RequestRows, row_key
from gridwix.partner_requests.submissions import Outcome, Submission
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import Versions
from gridwix.publication.publisher import Projection, Verdict


class SubmissionRows(RequestRows):
    """Projects submissions, and what became of them, to the portal."""

    def show(self, submissions: Sequence[Submission], outcomes: Mapping[str, Outcome], faults: Mapping[str, PartnerText] | None = None) -> ChangeReport:
        """Bring the rows of these submissions up to date, with what became of them (by submission) already. ``faults`` say, by submission, why one is held.

        A row that could not be written comes with the request's own event; one of a submission that waits, when it is looked at again.
        """
        report, texts = ChangeReport(), Texts(self._configuration)
        projections = []
        for submission in submissions:
            try:
                with confine_to_record(f"submissions/{submission.id}"):
                    projections.append(self._shown(submission, outcomes.get(submission.id), (faults or {}).get(submission.id), texts))
            except GridwixError as error:
                report.put([row_key(submission.id)], Verdict.DEFERRED, error)
        report.add(self._publisher.publish(projections))
        report.unknown += texts.unknown
        return report

    def _shown(self, submission: Submission, outcome: Outcome | None, fault: PartnerText | None, texts: Texts) -> Projection:
        form = definition_of(submission.form, self._configuration.forms)
        if form is not None and form[1].action == "request" and (refused := file_refusal(submission)):
            fault = texts.partner_text(f"refusal.{refused}")
        if form is not None and fault:
            row = held_row(submission, form[0], form[1], fault, texts)
            return Projection(row_key(submission.id), Versions(), data_item(submission.id, row), submission.id)
        if form is None or form[1].action == "request":
            settled = replace(submission, outcome=outcome) if outcome else submission
            return self.projection(settled, outcome.request if outcome else None, submission.id, texts)
        row = follow_up_row(submission, form[0], form[1], outcome, texts)
        # A row that says what became of it is newer than one that does not.
        versions = Versions(live={f"submissions/{submission.id}": 1} if outcome else {})
        return Projection(row_key(submission.id), versions, data_item(submission.id, row), submission.id)
