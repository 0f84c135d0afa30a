"""Rows of submissions in ``PartnerRequests``: a reference at once, the number when there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gridwix.errors import GridwixError
from gridwix.form_intake.projection import file_refusal, follow_up_row, held_row
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.states import record_name
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import PartnerText, Texts
from gridwix.mapping.wix_items import data_item
from gridwix.partner_requests.projection import form_definition
from gridwix.partner_requests.rows import RequestRows, row_key
from gridwix.partner_requests.submissions import Outcome, Submission
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import Projection


class SubmissionRows(RequestRows):
    """Publishes the rows of submissions on the portal. Unchanged rows make no Wix call."""

    def publish_submissions(
        self,
        submissions: Sequence[Submission],
        outcomes: Mapping[str, Outcome],
        faults: Mapping[str, PartnerText] | None = None,
    ) -> IntakeReport:
        """Publish rows. Never raises a GridwixError: the errors are in ``not_shown``.

        A row that could not be written is no reason to ask Trading Grid again. It is published with
        the event of the created request, or with the next run while the submission waits.

        Args:
            submissions: The submissions whose rows are published.
            outcomes: Outcomes in Trading Grid, by submission id; none for one that waits.
            faults: Message about invalid answers, by submission id.
        """
        texts = Texts(self._configuration)
        projections: list[Projection] = []
        errors: dict[RowKey, GridwixError] = {}
        for submission in submissions:
            try:
                with confine_to_record(record_name(submission)):
                    projections.append(
                        self._projection_of(
                            submission,
                            outcomes.get(submission.id),
                            (faults or {}).get(submission.id),
                            texts,
                        )
                    )
            except GridwixError as error:
                errors[row_key(submission.id)] = error
        try:
            published = self._publisher.publish(projections)
        except GridwixError as error:
            return IntakeReport(not_shown=(error,))
        # One failed call defers many rows with the same error, which is reported once.
        reasons = dict.fromkeys({**errors, **published.reasons}.values())
        return IntakeReport(unknown=texts.unknown, not_shown=tuple(reasons))

    def _projection_of(
        self,
        submission: Submission,
        outcome: Outcome | None,
        fault: PartnerText | None,
        texts: Texts,
    ) -> Projection:
        form = form_definition(submission.form, self._configuration.forms)
        if (
            form is not None
            and form[1].action == "request"
            and (refused := file_refusal(submission))
        ):
            fault = texts.partner_text(f"refusal.{refused}")
        if form is not None and fault:
            row = held_row(submission, form[0], form[1], fault, texts)
            return Projection(
                row_key(submission.id), Versions(), data_item(submission.id, row), submission.id
            )
        if form is None or form[1].action == "request":
            settled = replace(submission, outcome=outcome) if outcome else submission
            return self.request_projection(
                settled, outcome.request if outcome else None, submission.id, texts
            )
        row = follow_up_row(submission, form[0], form[1], outcome, texts)
        # A row with an outcome is newer than one without: a late retry must not replace it.
        versions = Versions(live={record_name(submission): 1} if outcome else {})
        return Projection(
            row_key(submission.id), versions, data_item(submission.id, row), submission.id
        )
