"""Makes the rows of submissions in ``PartnerRequests``, and publishes them on the portal.

The first row of a submission has the reference that the sender has got, such as GX-7K3M-92QF. Once
Trading Grid has the request that the submission becomes, the row also has the number of this
request. A row depends only on the submission in the inbox and on its request, if any, so every run
makes the same row.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gridwix.errors import GridwixError
from gridwix.form_intake.forms import locale_of, read_form_values
from gridwix.form_intake.isolation import concerns_all
from gridwix.form_intake.projection import (
    faults_message,
    follow_up_row,
    held_refusal,
    held_row,
    request_refusal,
)
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.states import submission_name
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import PartnerText, Texts
from gridwix.mapping.wix_items import data_item
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.partner_requests.projection import chosen_partner, form_definition
from gridwix.partner_requests.rows import RequestRows, request_row_key
from gridwix.partner_requests.submissions import HoldReason, Stage, Submission
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import Projection, RowReport, Verdict

type ReadRequest = tuple[CollaborationRequest, Sequence[Comment] | None]
"""A request with its comments; None if the gateway has none on requests."""

ALWAYS_SHOWN = frozenset(
    {HoldReason.REFUSED, HoldReason.UNREADABLE, HoldReason.FAILED, HoldReason.TOO_LARGE}
)
"""Reasons of a hold that are no fault of the sender: the row still says that the submission was
received."""

SHOWN_ON_THE_PAGE = frozenset({HoldReason.TOO_MANY, HoldReason.ATTACHMENTS})
"""Reasons for which the row of what a member has sent from the portal's page still says that it was
received: the page has said so, too.
"""

ROWS = "submissions/rows"
"""Record name in the RecordFault of rows that are read or written in bulk, before it is known which
one is at fault."""


@dataclass(frozen=True, slots=True)
class PublishedRows:
    """Result of publishing rows of submissions.

    ``settled`` has the ids of the submissions with nothing left to publish: Wix has their rows, or
    has refused them.
    """

    report: IntakeReport
    settled: frozenset[str] = frozenset()


class SubmissionRows(RequestRows):
    """Publishes the rows of submissions on the portal. An unchanged row costs no call to Wix."""

    def publish_submissions(
        self,
        submissions: Sequence[Submission],
        requests: Mapping[str, ReadRequest],
    ) -> PublishedRows:
        """Publish the rows of submissions on the portal.

        Never raises: the errors are in ``not_shown``. If a row cannot be made or written, all other
        rows are written. ``gridwix.form_intake.due_rows`` publishes the failed row later; its
        submission is not sent to Trading Grid again.

        Args:
            submissions: The submissions to publish, as the inbox has them.
            requests: The requests that were created from the submissions, by submission id.
        """
        texts = Texts(self._configuration)
        projections: list[Projection] = []
        errors: dict[RowKey, GridwixError] = {}
        for submission in submissions:
            try:
                with confine_to_record(submission_name(submission)):
                    projections.append(
                        self.submission_projection(submission, requests.get(submission.id), texts)
                    )
            except GridwixError as error:
                errors[request_row_key(submission.id)] = error
        published = self._publish_isolated(projections)
        # One failed call defers many rows with the same error, which is reported once.
        reasons = dict.fromkeys({**errors, **published.reasons}.values())
        # A refused row is stored with Wix's reason. Trying it every minute would use up calls.
        done = (Verdict.WRITTEN, Verdict.UNCHANGED, Verdict.REFUSED)
        return PublishedRows(
            IntakeReport(
                unknown=texts.unknown,
                rows=Counter(published.verdicts.values()),
                not_shown=tuple(reasons),
            ),
            frozenset(
                one.id
                for one in submissions
                if published.verdicts.get(request_row_key(one.id)) in done
            ),
        )

    def _publish_isolated(self, projections: Sequence[Projection]) -> RowReport:
        """Write rows in bulk, and return the report.

        If that raises an error of single rows, write each row alone, so that only those at fault
        are deferred.
        """
        try:
            with confine_to_record(ROWS):
                return self._publisher.publish(projections)
        except GridwixError as error:
            if len(projections) > 1 and not concerns_all(error):
                return RowReport.total(self._publish_isolated([one]) for one in projections)
            return RowReport.of_deferred(dict.fromkeys((one.key for one in projections), error))

    def submission_projection(
        self, submission: Submission, request: ReadRequest | None, texts: Texts
    ) -> Projection:
        """Make the portal row of a submission, with the row's version vector.

        The version vector has the version of the record that the row is made from: the
        collaboration request that was created from the submission or, without one, the submission
        itself.

        Args:
            submission: The submission, as the inbox has it.
            request: The request that was created from the submission, if any.
            texts: Configured texts and labels.
        """
        if submission.stage is Stage.REMOVED:
            # An operator has removed it: the portal shows it no longer.
            return Projection(
                request_row_key(submission.id), _versions(submission), None, submission.id
            )
        form = form_definition(submission.form, self._configuration.forms)
        fault = self._held_message(submission, texts)
        if form is not None and fault:
            row = held_row(submission, form[0], form[1], fault, texts)
        elif form is None or form[1].action == "request":
            projection = self.request_projection(
                submission,
                request[0] if request else None,
                submission.id,
                texts,
                request[1] if request else (),
            )
            # Without a request the row has no version but the submission's.
            return projection if request else replace(projection, versions=_versions(submission))
        else:
            row = follow_up_row(submission, form[0], form[1], submission.outcome, texts)
        return Projection(
            request_row_key(submission.id),
            _versions(submission),
            data_item(submission.id, row),
            submission.id,
        )

    def shows_hold(self, submission: Submission) -> bool:
        """Return True if the portal row of a held submission has to be published.

        A held submission waits for manual review. Its row is published in three cases. The row
        tells a member what to correct. It says "received" if the hold is no fault of the sender. It
        also says "received" if a submission from the portal's page exceeded the rate limit or has a
        file that a person has to look at.

        False in all other cases: the reason of the hold would help a spammer, or the sender is a
        visitor, who sees no row.
        """
        if submission.held_for in ALWAYS_SHOWN:
            return True
        if submission.held_for in SHOWN_ON_THE_PAGE and chosen_partner(submission) is not None:
            return True
        form = form_definition(submission.form, self._configuration.forms)
        if form is None or not submission.member_id:
            return False
        return (form[1].action != "request" and held_refusal(submission) is not None) or (
            self._held_message(submission, Texts(self._configuration)) is not None
        )

    def has_request(self, submission: Submission) -> bool:
        """Return True if a submission's row shows the collaboration request created from it."""
        form = form_definition(submission.form, self._configuration.forms)
        return (
            (form is None or form[1].action == "request")
            and submission.outcome is not None
            and submission.outcome.record.startswith(f"{CollaborationRequest.COLLECTION}/")
        )

    def _held_message(self, submission: Submission, texts: Texts) -> PartnerText | None:
        """Return the message that tells the sender why a held submission is not possible.

        The submission's portal row has this message and the status "not possible". The message is
        about invalid answers of a member or, for a new request, about a file at fault or a role
        that does not allow the request. None if the submission is not held, or is held for another
        reason.
        """
        form = form_definition(submission.form, self._configuration.forms)
        if form is None:
            return None
        key, definition = form
        if definition.action == "request" and (refused := request_refusal(submission)):
            return texts.partner_text(f"refusal.{refused}")
        if submission.held_for is not HoldReason.INVALID or not submission.member_id:
            return None
        reading = read_form_values(
            definition, submission.values, locale=locale_of(submission), plain=submission.plain
        )
        return faults_message(key, reading.faults, texts)


def _versions(submission: Submission) -> Versions:
    """Return the version vector of a row that is made from a submission alone.

    Its version is the submission's revision plus 1, so a late retry with an older revision never
    replaces the row of a newer one. If the submission has an outcome, the version is in ``live``:
    each later row must have it, too. Before that, it is in ``settled``: a later row, made from the
    collaboration request instead, may leave it out.
    """
    # 1 is the version of every row with an outcome that was written before there were revisions.
    version = {submission_name(submission): submission.revision + 1}
    return Versions(live=version) if submission.outcome is not None else Versions(settled=version)
