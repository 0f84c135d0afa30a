"""JSON document of ``gridwix submissions``: form submissions that wait for delivery or review.

The delivery goes to Trading Grid. A submission that is held waits for a manual review.
"""

from datetime import UTC
from typing import Literal

from pydantic import AwareDatetime

from gridwix.errors import RecordFault
from gridwix.mapping.references import reference
from gridwix.partner_requests.submissions import HoldReason, Submission
from ops.json_output import JsonOutput

type Change = Literal["released", "held", "removed"]
"""Action of an operator on a submission."""


class SubmissionEntry(JsonOutput):
    """A submission of a portal form, without its content."""

    id: str
    reference: str
    form: str
    """"" for a submission that cannot be read"""
    accepted_at: AwareDatetime | None
    """none for a submission that cannot be read"""
    held_for: HoldReason | None
    file_fault: str | None
    ends_at: AwareDatetime | None
    """time at which the inbox deletes the submission"""
    detail: str | None
    """detail of the reason, such as an exception's class and the line that raised it"""


class SubmissionsOutput(JsonOutput):
    """Submissions that are held for review or wait for delivery, oldest first.

    If the command changes submissions, the document has only the ids of these submissions.
    """

    submissions: tuple[SubmissionEntry, ...]
    total: int
    """number of submissions that the filters match, on all pages"""
    page: int
    more: bool
    """there are more pages"""
    released: str | None
    """id of the submission that was queued for delivery, if it was a single one"""
    change: Change | None
    """change that was made to submissions: released, held or removed"""
    changed: tuple[str, ...]
    """ids of the submissions that were changed"""
    unchanged: tuple[str, ...]
    """ids of submissions that were not changed, since their stage does not allow the change"""


def submission_entry(submission: Submission) -> SubmissionEntry:
    """Return the entry for a form submission in the JSON document of ``gridwix submissions``."""
    return SubmissionEntry(
        id=submission.id,
        reference=reference(submission.id),
        form=submission.form,
        accepted_at=submission.received_at.astimezone(UTC),
        held_for=submission.held_for,
        file_fault=submission.file_fault or None,
        ends_at=submission.ends_at,
        detail=submission.held_detail or None,
    )


def unreadable_entry(fault: RecordFault) -> SubmissionEntry:
    """Return the entry of the JSON document for a form submission that cannot be read."""
    identifier = fault.record.partition("/")[2]
    return SubmissionEntry(
        id=identifier,
        reference=reference(identifier),
        form="",
        accepted_at=None,
        held_for=HoldReason.UNREADABLE,
        file_fault=None,
        detail=fault.reason,
        ends_at=None,
    )
