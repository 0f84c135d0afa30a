"""States of a submission within a run of the form intake. Frozen; each step returns the next state.

::

    Submission ──read──> ReadSubmission ──order──> ReadyOrder ──deliver──> IntakeReport
         │                     │                       │
         └─────────────────────┴────── Hold ───────────┘

An order is the call to Trading Grid that delivers the submission; it is stored before it is made.

A submission with files waits as ``PendingFiles`` until all submissions without files are delivered.

A submission with an order that an earlier run stored goes from ``Submission`` to ``ReadyOrder``.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridwix.configuration.forms import FormDefinition
from gridwix.mapping.texts import PartnerText
from gridwix.partner_requests.orders import FollowUp, RequestOrder
from gridwix.partner_requests.submissions import FieldFault, HoldReason, Reading, Submission

if TYPE_CHECKING:
    from gridwix.form_intake.partner_lookup import KnownPartners


@dataclass(frozen=True, slots=True)
class Hold:
    """The decision that a person has to review a submission before it is delivered.

    Attributes:
        reason: Reason of the review, for the metric and the operator.
        faults: Answers that do not fit their questions, for the member.
        file_fault: The fault of a file (``gridwix.models.files.FileFault``), "" if no file is
            at fault.
        detail: More about the reason, for the operator. It has no value of the submission.
    """

    reason: HoldReason
    faults: tuple[FieldFault, ...] = field(default=(), repr=False)
    file_fault: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReadSubmission:
    """A parsed submission that may be delivered. Its call to Trading Grid is not stored yet.

    Attributes:
        submission: The submission as it was accepted.
        form_key: Key of the submission's form in ``config/forms/``.
        definition: Definition of the form.
        reading: The answers, parsed by the definition.
        note: Message to the sender about identifiers that were ignored; None if none was
            ignored.
    """

    submission: Submission
    form_key: str
    definition: FormDefinition
    reading: Reading
    note: PartnerText | None = None

    @property
    def has_files(self) -> bool:
        """True if the submission has files that must be copied to Trading Grid before delivery."""
        return bool(self.reading.files) and self.definition.action in (
            "request",
            "document_version",
        )


@dataclass(frozen=True, slots=True)
class ReadyOrder:
    """A submission with its order: the stored call to Trading Grid that delivers it.

    Attributes:
        submission: The submission as it was accepted.
        order: The call, as stored in the inbox before the first attempt.
        note: Message to the sender about identifiers that were ignored; None if none was
            ignored.
    """

    submission: Submission
    order: RequestOrder | FollowUp
    note: PartnerText | None = None

    @property
    def lane(self) -> str:
        """Key of the lane of the order: the partner's id, or the submission's id without a partner.

        Orders of a lane are delivered in sequence; lanes run in parallel.
        """
        return self.order.partner_id or self.submission.id


@dataclass(frozen=True, slots=True)
class PendingFiles:
    """A submission with files. They are copied after all submissions without files are delivered.

    Attributes:
        read: The parsed submission.
        known: The partners of the senders, for all submissions that were read together.
    """

    read: ReadSubmission
    known: "KnownPartners"


def submission_name(submission: Submission) -> str:
    """Return the name of a submission's record in a RecordFault: ``submissions/<id>``."""
    return f"submissions/{submission.id}"
