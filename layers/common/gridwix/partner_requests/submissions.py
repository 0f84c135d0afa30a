"""Submissions that partners send from the portal: their stages, reading and outcome. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from gridwix.configuration.intake import Refusal
from gridwix.errors import RecordFault
from gridwix.models.files import AttachedFile
from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.models.texts import Sentence
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.partner_requests.orders import FollowUp, RequestOrder


class Stage(StrEnum):
    """Stage of a submission.

    OPEN: to be delivered. HELD: waits for a review by a person. DELIVERED: Trading Grid has it.
    REMOVED: an operator removed it; a tombstone is kept, which deduplicates a second delivery.
    """

    OPEN = "open"
    HELD = "held"
    DELIVERED = "delivered"
    REMOVED = "removed"


class HoldReason(StrEnum):
    """Reason for which a submission is held for review by a person.

    REFUSED: Trading Grid refused it. All others apply before it is sent there. NOT_THEIRS: its
    subject belongs to none of the member's partners. NOT_ALLOWED: the member's role at the partner
    does not allow it. UNREADABLE: the submission or its order cannot be read, or its subject could
    not be read for hours. FAILED: a step raised an exception on it. TOO_LARGE: its answers and its
    order are larger than an item of the inbox. OPERATOR: a person held it. Above a rate limit of
    submissions in an hour: TOO_MANY (of one sender), TOO_MANY_ON_SITE (of all visitors),
    TOO_MANY_FOR_PARTNER (of visitors who name one partner).
    """

    HONEYPOT = "honeypot"
    TOO_MANY = "too_many"
    TOO_MANY_ON_SITE = "too_many_on_site"
    TOO_MANY_FOR_PARTNER = "too_many_for_partner"
    ATTACHMENTS = "attachments"
    INVALID = "invalid"
    UNKNOWN_FORM = "unknown_form"
    NOT_THEIRS = "not_theirs"
    NOT_ALLOWED = "not_allowed"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    FAILED = "failed"
    TOO_LARGE = "too_large"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class SubmissionRetention:
    """Retention periods of submissions in the inbox.

    A held submission has its content, spam included, so it is kept for a shorter time:
    ``held_days`` after it was held, or released again. A delivered or removed submission, which has
    no content any more, is kept for ``submission_days``.
    """

    held_days: int
    submission_days: int

    def held_until(self, now: float) -> int:
        """Return when the retention of a submission ends that is held or released at a time.

        Both times are in Unix seconds.
        """
        return int(now) + self.held_days * 86_400

    def delivered_until(self, now: float) -> int:
        """Return when the retention of a submission ends that is delivered or removed at a time.

        Both times are in Unix seconds.
        """
        return int(now) + self.submission_days * 86_400


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a submission in Trading Grid.

    ``record`` (``collection/id``) is the record that was created from the submission, or that it
    changed; ``number`` is the record's number for people. ``refusal`` is the reason why the
    record's state did not allow the submission; "" if it was carried out. ``request`` is the
    created request. ``note`` tells the sender which part of the submission could not be used, "" if
    all was used; ``note_sentence`` is the same note for translation.
    """

    record: str
    number: str | None = None
    refusal: Refusal | Literal[""] = ""
    request: CollaborationRequest | None = None
    note: str = ""
    note_sentence: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission as it was accepted.

    ``values`` and ``order`` hold personal data, so they stay out of ``repr``.

    Attributes:
        form: Key of the form, or id of a Wix form.
        member_id: The logged-in member who sent it; None for a visitor.
        partner_id: The partner that the sender claims to act for.
        values: Values by target; numbers are in their own decimal text.
        file_fault: The fault of a file that it is held for (``gridwix.models.files.FileFault``); ""
            if it is not held for one.
        held_detail: More than the reason says, such as an exception's class and the line that
            raised it, without any value; may be "".
        released: An operator has reviewed it, at ``released_at``.
        order: The call to Trading Grid. It is stored before the first attempt, so that every retry
            makes the same call.
        order_fault: Why the stored order cannot be read; "" if it can, or if there is none.
        file_tries: Number of tries to fetch its files, the last one begun at ``file_tried_at``.
        outcome: The outcome once it is delivered, without its request.
        locale: BCP 47 tag of the language of the values; ``und`` if a program wrote them (decimal
            point, ISO dates), None if it is unknown.
        plain: Targets with values that were JSON numbers, which always come from a program.
        revision: Number of times that it was held, released or delivered. A row of a lower revision
            never replaces one of a higher.
        row_due: Its row on the portal may not show this revision yet.
        ends_at: Time from which its time to live removes it; None if it has none.
    """

    id: str
    form: str
    received_at: datetime
    submitted_at: datetime
    member_id: str | None = None
    partner_id: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    stage: Stage = Stage.OPEN
    held_for: HoldReason | None = None
    file_fault: str = ""
    held_detail: str = ""
    released: bool = False
    released_at: datetime | None = None
    order: RequestOrder | FollowUp | None = field(default=None, repr=False)
    order_fault: str = ""
    file_tries: int = 0
    file_tried_at: datetime | None = None
    outcome: Outcome | None = None
    locale: str | None = None
    plain: frozenset[str] = frozenset()
    revision: int = 0
    row_due: bool = False
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A submission, parsed by its form's definition. Personal data stays out of ``repr``.

    Attributes:
        answers: Values by field; money and other decimals are texts.
        subject: Subject of the submission, by meaning: case, request, enrollment, step, document,
            base_version, comment, accepted (``True``, ``False``).
        trapped: The honeypot field was filled in.
        faults: Invalid fields. A fault repeats no value, except an ambiguous number or date.
        doubts: Invalid identifiers that are optional. They do not identify the sender, and do not
            hold the submission.
    """

    answers: Mapping[str, Any] = field(repr=False)
    name: str = field(repr=False)
    email: str = field(repr=False)
    company: str = field(repr=False)
    identifiers: Mapping[IdentifierScheme, str]
    subject: Mapping[str, str] = field(repr=False)
    files: tuple["AttachedFile", ...]
    trapped: bool
    faults: tuple["FieldFault", ...] = field(repr=False)
    doubts: tuple["FieldFault", ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """An invalid field: name, ``label`` on the form, and a ``text`` that follows the label."""

    field: str
    label: str
    text: str
    sentence: Sentence

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """A page of submissions, oldest first. ``cursor`` is the next page's; None after the last.

    ``faults`` are stored submissions that cannot be read.
    """

    submissions: tuple[Submission, ...]
    cursor: str | None
    faults: tuple[RecordFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The partner that a submission was matched to.

    ``by`` is the evidence. With ``member``, the sender's own link gives the partner. All others are
    without a partner, for the hub's staff: ``hint`` if identifiers in the submission name a partner
    (which proves nothing), ``unclear`` if the sender acts for partners, but not clearly for one to
    which the submission belongs, "" if nothing points to a partner.
    """

    partner_id: PartnerId | None
    by: Literal["member", "hint", "unclear", ""]
