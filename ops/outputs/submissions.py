"""``gridwix submissions --json``."""

from datetime import UTC

from pydantic import AwareDatetime

from gridwix.mapping.references import reference
from gridwix.partner_requests.submissions import HoldReason, Submission
from ops.json_output import JsonOutput


class SubmissionEntry(JsonOutput):
    """A submission, without its content."""

    id: str
    reference: str
    form: str
    accepted_at: AwareDatetime
    held_for: HoldReason | None
    file_fault: str | None
    ends_at: AwareDatetime | None
    """time from which the inbox no longer keeps it"""


class SubmissionsOutput(JsonOutput):
    """Submissions that are held or wait, oldest first, or the one that was released."""

    submissions: tuple[SubmissionEntry, ...]
    more: bool
    """there are more"""
    released: str | None
    """id of the submission that ``--release`` queued for delivery"""


def submission_entry(submission: Submission) -> SubmissionEntry:
    """Return a submission as a part of the document."""
    return SubmissionEntry(
        id=submission.id,
        reference=reference(submission.id),
        form=submission.form,
        accepted_at=submission.received_at.astimezone(UTC),
        held_for=submission.held_for,
        file_fault=submission.file_fault or None,
        ends_at=submission.ends_at,
    )
