"""Computes the portal row of a submission as the form intake does, without writing it."""

from typing import Any, cast

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError
from gridwix.form_intake.states import submission_name
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.partner_requests.submissions import Submission
from gridwix.publication.publisher import Projection


def submission_projection(
    submission: Submission, configuration: Configuration
) -> Projection | None:
    """Return the portal row of a submission without a collaboration request in Trading Grid.

    The projection is the row as it should be, with the version of the submission. Returns None if
    the row cannot be computed.

    Args:
        submission: The submission, as the inbox has it.
        configuration: Forms and texts.
    """
    # It has no publisher: nothing is written.
    rows = SubmissionRows(cast(Any, None), configuration)
    try:
        with confine_to_record(submission_name(submission)):
            return rows.submission_projection(submission, None, Texts(configuration))
    except GridwixError:
        return None
