"""Form submissions from the portal: stage, parsed content, matched partner and outcome. Pure."""

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
    """Stage of a form submission.

    OPEN: to be delivered to Trading Grid. HELD: waits for a review by a person. DELIVERED: Trading
    Grid has it. REMOVED: an operator removed it; a tombstone is kept, which deduplicates a second
    delivery.
    """

    OPEN = "open"
    HELD = "held"
    DELIVERED = "delivered"
    REMOVED = "removed"


class HoldReason(StrEnum):
    """Reason for which a submission is held for review by a person.

    REFUSED: Trading Grid refused the submission. All other reasons apply before the submission is
    sent to Trading Grid. NOT_THEIRS: the record that it is about belongs to none of the member's
    partners. NOT_ALLOWED: the member's role at the partner does not allow it. UNREADABLE: the
    submission or its order (the stored call to Trading Grid) cannot be read, or the record that it
    is about could not be read for hours. FAILED: gridwix raised an exception when it processed the
    submission. TOO_LARGE: its answers and its order are larger than an item of the inbox. OPERATOR:
    a person held it. Above a rate limit of submissions in an hour: TOO_MANY (of one sender),
    TOO_MANY_ON_SITE (of all visitors), TOO_MANY_FOR_PARTNER (of visitors who name one partner).
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
    """Number of days for which submissions are kept in the inbox, the store of submissions.

    A held submission, which waits for a person's review, still has its content, even if it is spam.
    So it is kept for a shorter time: ``held_days`` after it was held, or released again. A
    delivered or removed submission, which has no content any more, is kept for ``submission_days``.
    """

    held_days: int
    submission_days: int

    def held_until(self, now: float) -> int:
        """Return until when to keep a submission that is held or released at ``now``.

        Both times are in Unix seconds.
        """
        return int(now) + self.held_days * 86_400

    def delivered_until(self, now: float) -> int:
        """Return until when to keep a submission that is delivered or removed at ``now``.

        Both times are in Unix seconds.
        """
        return int(now) + self.submission_days * 86_400


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of delivering a submission to Trading Grid.

    ``record`` (``collection/id``) is the record that was created from the submission, or that the
    submission changed; ``number`` is the record's number for people. ``refusal`` is the reason why
    the record's state did not allow the submission; "" if it was carried out. ``request`` is the
    created request, None for a follow-up. ``note`` tells the sender which part of the submission
    could not be used, "" if all was used; ``note_sentence`` is the same note for translation.
    """

    record: str
    number: str | None = None
    refusal: Refusal | Literal[""] = ""
    request: CollaborationRequest | None = None
    note: str = ""
    note_sentence: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A form submission as it was accepted, with the state of its delivery to Trading Grid.

    ``values`` and ``order`` hold personal data, so they stay out of ``repr``. A held submission
    waits for a person's review.

    Attributes:
        form: Key of the form, or id of a Wix form.
        member_id: The logged-in member who sent it; None for a visitor.
        partner_id: The partner that the sender claims to act for.
        values: Values by Wix's key of the form field (its target); a number is the decimal text
            that was sent.
        file_fault: The file fault because of which the submission is held
            (``gridwix.models.files.FileFault``); "" for any other reason.
        held_detail: More than the reason says, such as an exception's class and the line that
            raised it, without any value; may be "".
        released: An operator has reviewed the held submission and released it, at ``released_at``.
        order: The call to Trading Grid. It is stored before the first attempt, so that every retry
            makes the same call.
        order_fault: Why the stored order cannot be read; "" if it can, or if there is none.
        file_tries: Number of tries to fetch its files, the last one begun at ``file_tried_at``.
        outcome: Result of the delivery, without ``Outcome.request``; None before the delivery.
        locale: BCP 47 tag of the language of the values; ``und`` if a program wrote them (decimal
            point, ISO dates), None if it is unknown.
        plain: Keys (targets) of values that were JSON numbers, which always come from a program.
        revision: Number of times that it was held, released, removed or delivered. A row of a lower
            revision never replaces one of a higher.
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
    """Parsed content of a submission. Personal data stays out of ``repr``.

    Attributes:
        answers: Values by field of the form; money and other decimals are texts.
        subject: Data about the record that the submission is about, under these keys: case,
            request, enrollment, step, document, base_version, comment, accepted (``True``,
            ``False``). A key without a value is left out.
        trapped: The honeypot field, which people do not see, was filled in.
        faults: Invalid fields. A fault repeats no value, except an ambiguous number or date.
        doubts: Invalid identifiers that are optional. They do not identify the sender, and the
            submission is not held because of them.
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
    """An invalid field of a form: its name and ``label``, and a ``text`` that follows the label."""

    field: str
    label: str
    text: str
    sentence: Sentence

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """A page of form submissions, oldest first. ``cursor`` reads the next page; None on the last.

    ``faults`` has one entry for each stored submission of the page that cannot be read.
    """

    submissions: tuple[Submission, ...]
    cursor: str | None
    faults: tuple[RecordFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The partner to which a submission was assigned, with the evidence.

    ``by`` is the evidence. ``member``: the sender is a member of the site with a link (permission)
    to act for the partner. In the three other cases ``partner_id`` is None, and the hub's staff
    decide. ``hint``: identifiers in the submission name a partner, which proves nothing.
    ``unclear``: the sender acts for partners, but it is not clear to which of them the submission
    belongs. "": nothing points to a partner.
    """

    partner_id: PartnerId | None
    by: Literal["member", "hint", "unclear", ""]
