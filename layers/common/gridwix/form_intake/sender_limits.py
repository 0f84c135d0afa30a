"""Rate limits of submissions in an hour. A submission above a limit is held for manual review.

The submissions of a member count under the member's id alone, so no other sender can use up the
limit of a member. All other senders are visitors: regardless of the address that a visitor has
typed, the submission also counts against a limit of all visitors, and against a limit of all
visitors who name the same partner.
"""

import hashlib

from gridwix.configuration.intake import Intake
from gridwix.form_intake.partner_lookup import KnownPartners
from gridwix.form_intake.states import ReadSubmission
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Reading, Submission


class SenderLimits:
    """Counts submissions against hourly rate limits.

    Idempotent: a repeated call counts a submission once.
    """

    def __init__(self, inbox: SubmissionInbox, limits: Intake) -> None:
        self._inbox = inbox
        self._limits = limits

    def sender_excess(self, submission: Submission, reading: Reading) -> HoldReason | None:
        """Count a submission against the limit of its sender.

        The submission of a visitor also counts against the limit of all visitors together.

        Returns:
            The reason to hold the submission if it is above a limit, else None.

        Raises:
            UpstreamError: The inbox cannot count the submission.
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
        """Count a visitor's submission against the limit of each partner that it names.

        Returns:
            The reason to hold the submission if it is above the limit of one partner, else None.
            Always None for a member's submission, and for a submission that an operator has
            released.

        Raises:
            UpstreamError: The inbox cannot count the submission.
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
        """Count a submission in its hour of acceptance; return False if it is above the limit.

        ``counted`` names the counter, such as ``member#`` and a member's id; only a hash of it is
        stored (pseudonymous). ``most`` is the limit of the hour.
        """
        key = hashlib.blake2b(counted.encode(), digest_size=12).hexdigest()
        hour = f"{submission.received_at:%Y-%m-%dT%H}"
        return self._inbox.count_submission(key, hour, submission.id, most)
