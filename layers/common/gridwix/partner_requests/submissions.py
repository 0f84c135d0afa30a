"""What partners send from the portal, on its way to Trading Grid."""

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
    """Where a submission stands. OPEN: it is to be delivered. HELD: a person has to look at it first. DELIVERED: Trading Grid has it."""

    OPEN = "open"
    HELD = "held"
    DELIVERED = "delivered"


class HoldReason(StrEnum):
    """Why a person has to look at a submission. REFUSED: Trading Grid will not have it; the others, before it reaches Trading Grid. NOT_THEIRS: it is about
    something that is none of the member's partners'. UNREADABLE: it, or for hours the record that it is about, cannot be read."""

    HONEYPOT = "honeypot"
    TOO_MANY = "too_many"
    ATTACHMENTS = "attachments"
    INVALID = "invalid"
    UNKNOWN_FORM = "unknown_form"
    NOT_THEIRS = "not_theirs"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission in Trading Grid. ``record`` (``collection/id``) is what it made, or what it is about, ``number`` its number for people.
    ``refusal``: why it cannot be done as things are; "" if it was done. ``request`` is the one that was made. ``note`` tells the sender what of the submission
    could not be used, "" if all could, and ``note_sentence`` the same for other languages."""

    record: str
    number: str | None = None
    refusal: Refusal | Literal[""] = ""
    request: CollaborationRequest | None = None
    note: str = ""
    note_sentence: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission as it was accepted.

    ``form`` is the form's key, or the id of a Wix form. ``values`` are by target, numbers as their own decimal text. ``member_id`` is the logged-in member who
    sent it, None for a visitor; ``partner_id`` the partner that it says it acts for. ``released``: an operator has looked at it, at ``released_at``.
    ``order`` is what Trading Grid was asked for, or is going to be: it is written before the first attempt, so that every attempt asks for the same. They
    hold personal data, so they stay out of ``repr``. ``outcome`` is there when the submission is delivered, without its request. ``locale`` is the BCP 47 tag
    of the language in which the values were written, ``und`` if a program wrote them (decimal point, ISO dates), None if nobody knows it; ``plain`` are the
    targets whose values were JSON numbers, which are a program's in any case. ``file_fault`` (see ``gridwix.models.files.FileFault``) says which fault of a
    file it is held for, "" if it is for none.
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
    released: bool = False
    released_at: datetime | None = None
    order: RequestOrder | FollowUp | None = field(default=None, repr=False)
    outcome: Outcome | None = None
    locale: str | None = None
    plain: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """A submission, read by its form's definition. ``answers`` are by field; money and other decimals are texts. ``subject`` is what it is about, by meaning:
    case, request, enrollment, step, document, base_version, comment, accepted (``True``, ``False``). ``faults`` say what is wrong with which field. They repeat
    no value, but for a number or a date that can be two: so they stay out of ``repr``. ``doubts`` are said of identifiers that nobody has to give: they do
    not name the sender, and hold nothing up."""

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
    """What is wrong with the answer to a question, which is known by its ``field`` and shown by its ``label``. ``text`` follows the label."""

    field: str
    label: str
    text: str
    sentence: Sentence

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """Some of the submissions that wait, in the order in which they came, and where the next begin; None after the last. ``faults`` are stored ones that cannot
    be read."""

    submissions: tuple[Submission, ...]
    cursor: str | None
    faults: tuple[RecordFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Whose submission it is. ``by`` says what told: the ``member``'s own link, or an identifier; "" for nobody. Only a member's is sure."""

    partner_id: PartnerId | None
    by: str
