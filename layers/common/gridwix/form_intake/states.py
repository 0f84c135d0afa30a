"""States of a submission within an intake run. Frozen; each step returns the next state.

::

    Submission ──read──> ReadSubmission ──order──> ReadyOrder ──deliver──> IntakeReport
         │                     │                       │
         └─────────────────────┴────── Hold ───────────┘

A submission with files waits as ``PendingFiles`` until all those without files are delivered.

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
        reason: Why, for the metric and the operator.
        faults: Answers that do not fit their questions, for the member.
        file_fault: The fault of a file (``gridwix.models.files.FileFault``), "" if no file is
            at fault.
        detail: More than the reason says, for the operator; has no value of the submission.
    """

    reason: HoldReason
    faults: tuple[FieldFault, ...] = field(default=(), repr=False)
    file_fault: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReadSubmission:
    """A parsed submission that may be delivered and has no order yet.

    Attributes:
        submission: The submission as it was accepted.
        form_key: Key of its form in ``config/forms/``.
        definition: Definition of its form.
        reading: Its answers, parsed by the definition.
        note: Message to the sender about identifiers that were ignored; None if none was.
    """

    submission: Submission
    form_key: str
    definition: FormDefinition
    reading: Reading
    note: PartnerText | None = None

    @property
    def has_files(self) -> bool:
        """True if the submission's order needs files that are not copied yet."""
        return bool(self.reading.files) and self.definition.action in (
            "request",
            "document_version",
        )


@dataclass(frozen=True, slots=True)
class ReadyOrder:
    """A submission with its stored order for Trading Grid.

    Attributes:
        submission: The submission as it was accepted.
        order: The order, as stored in the inbox before the first attempt.
        note: Message to the sender about identifiers that were ignored; None if none was.
    """

    submission: Submission
    order: RequestOrder | FollowUp
    note: PartnerText | None = None

    @property
    def lane(self) -> str:
        """Key of the lane in which the order is delivered: the id of the partner, or of the
        submission if it has no partner.

        Orders of a lane are delivered in sequence; lanes run in parallel.
        """
        return self.order.partner_id or self.submission.id


@dataclass(frozen=True, slots=True)
class PendingFiles:
    """A submission with files. They are copied after all submissions without files are delivered.

    Attributes:
        read: The parsed submission.
        known: The partners of the senders of all submissions of its page.
    """

    read: ReadSubmission
    known: "KnownPartners"


def record_name(submission: Submission) -> str:
    """The record name of a submission in a RecordFault: ``submissions/<id>``."""
    return f"submissions/{submission.id}"
