"""Makes the row of a submission as the form intake does, without writing it."""

from collections.abc import Sequence
from typing import Any, cast

from gridwix.configuration.everything import Configuration
from gridwix.form_intake.forms import locale_of, read_submission
from gridwix.form_intake.holding import SubmissionHolder
from gridwix.form_intake.states import Hold
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.partner_requests.projection import form_definition
from gridwix.partner_requests.submissions import HoldReason, Submission
from gridwix.publication.publisher import Projection, RowReport


class _Capture:
    """Takes the place of the publisher and the inbox: keeps projections, and writes nothing."""

    def __init__(self) -> None:
        self.projections: list[Projection] = []

    def publish(self, projections: Sequence[Projection]) -> RowReport:
        self.projections += projections
        return RowReport()

    def hold_submission(self, submission_id: str, reason: HoldReason, file_fault: str = "") -> None:
        """Nothing is held."""


def submission_projection(
    submission: Submission, configuration: Configuration
) -> Projection | None:
    """Return the row of a submission that has no request; None if it cannot be made.

    Args:
        submission: The submission, as the inbox has it.
        configuration: Forms and texts.
    """
    capture = _Capture()
    rows = SubmissionRows(cast(Any, capture), configuration)
    if submission.held_for is not None:
        holder = SubmissionHolder(cast(Any, capture), rows, configuration, lambda: 0.0)
        holder.hold(submission, _hold_of(submission, submission.held_for, configuration))
    if not capture.projections:
        outcome = submission.outcome
        rows.publish_submissions([submission], {submission.id: outcome} if outcome else {})
    return capture.projections[-1] if capture.projections else None


def _hold_of(submission: Submission, reason: HoldReason, configuration: Configuration) -> Hold:
    form = form_definition(submission.form, configuration.forms)
    if reason is not HoldReason.INVALID or form is None:
        return Hold(reason, file_fault=submission.file_fault)
    reading = read_submission(
        form[1], submission.values, locale=locale_of(submission), plain=submission.plain
    )
    return Hold(reason, reading.faults, submission.file_fault)
