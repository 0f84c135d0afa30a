"""Limits of submissions in an hour. What is above one is held for review by a person.

A member counts under its member id alone, so nobody else can use up what a member may send. All
others are visitors: whatever address a visitor has typed, it also counts with all other visitors,
and with those who name the same partner.
"""

import hashlib

from gridwix.configuration.intake import Intake
from gridwix.form_intake.partner_lookup import KnownPartners
from gridwix.form_intake.states import ReadSubmission
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Reading, Submission


class SenderLimits:
    """Counts submissions. Idempotent: a repeated call counts a submission once."""

    def __init__(self, inbox: SubmissionInbox, limits: Intake) -> None:
        self._inbox = inbox
        self._limits = limits

    def sender_excess(self, submission: Submission, reading: Reading) -> HoldReason | None:
        """Count a submission of its sender, and of all visitors if it is one.

        Returns:
            The reason to hold it if it is above a limit, else None.

        Raises:
            UpstreamError: The inbox cannot count it.
        """
        own = self._limits.submissions_per_hour
        if submission.member_id:
            is_within = self._count(submission, f"member#{submission.member_id}", own)
            return None if is_within else HoldReason.TOO_MANY
        # Visitors without an address share one count.
        if not self._count(submission, f"visitor#{reading.email.casefold()}", own):
            return HoldReason.TOO_MANY
        if not self._count(submission, "visitors", self._limits.visitor_submissions_per_hour.site):
            return HoldReason.TOO_MANY_ON_SITE
        return None

    def hint_excess(self, read: ReadSubmission, known: KnownPartners) -> HoldReason | None:
        """Count a visitor's submission for each partner that its identifiers name.

        Returns:
            The reason to hold it if it is above the limit of one of them, else None. None for a
            member, and for what an operator has released.

        Raises:
            UpstreamError: The inbox cannot count it.
            RecordFault: The directory's answer for an identifier cannot be read.
        """
        submission = read.submission
        if submission.member_id or submission.released:
            return None
        most = self._limits.visitor_submissions_per_hour.partner
        named = sorted({one for one in known.identified_by(read).values() if one})
        if all(self._count(submission, f"partner#{partner}", most) for partner in named):
            return None
        return HoldReason.TOO_MANY_FOR_PARTNER

    def _count(self, submission: Submission, counted: str, most: int) -> bool:
        """Count a submission under a pseudonymous key; False if it is above the limit."""
        key = hashlib.blake2b(counted.encode(), digest_size=12).hexdigest()
        hour = f"{submission.received_at:%Y-%m-%dT%H}"
        return self._inbox.count_submission(key, hour, submission.id, most)
