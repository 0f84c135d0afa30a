"""The inputs that the systems around gridwix have accepted: all that the judges may know of the
workload.

Each input is reported once, when it was accepted: a record when it is in Trading Grid, a submission
when the webhook has answered 2xx. Times are Unix seconds of virtual time.

Every text that the traffic makes holds a token, ``[[p17.c4.v3]]``: partner 17 (0 for what belongs
to no partner alone), its case 4, revision 3 of the text. The revision counts the traffic's changes
of the text; it is not the version of the record, which also grows when the functions change it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

TOKEN = re.compile(r"\[\[p(\d+)\.([a-z]+)(\d+)\.v(\d+)\]\]")
"""Pattern of a token: partner number, kind of record (:data:`KINDS`), record number, revision."""

KINDS: Mapping[str, str] = {
    "p": "partners",
    "e": "enrollments",
    "k": "compliance-checks",
    "c": "cases",
    "n": "service-notices",
    "d": "documents",
    "g": "onboarding-programs",
    "x": "internal comment, or internal text of a record: never leaves Trading Grid",
    "m": "public comment",
    "s": "submission",
    "f": "uploaded file",
    "b": "bytes of a document's version",
    "r": "bytes of a restricted document: never leave Trading Grid",
    "t": "transaction",
    "u": "member",
    "q": "collaboration-requests",
}
"""Kind of record that the letter of a token stands for."""


def token(partner: int, kind: str, number: int, revision: int) -> str:
    """Return the token of a text.

    >>> token(17, "c", 4, 3)
    '[[p17.c4.v3]]'
    """
    return f"[[p{partner}.{kind}{number}.v{revision}]]"


@dataclass(frozen=True, slots=True)
class RecordChanged:
    """A record was created or changed in Trading Grid; deleted, if its document has ``deletedAt``.

    ``document`` is the current record, and belongs to the model: do not keep or change it.
    ``token`` is in its texts that go to the portal. ``readable`` is False for a malformed record:
    the functions must report it, and it must not hold up others.
    """

    at: float
    collection: str
    id: str
    partner_id: str | None
    version: int
    document: Mapping[str, Any] = field(repr=False)
    event_ids: tuple[str, ...]
    token: str
    readable: bool = True


@dataclass(frozen=True, slots=True)
class CommentAdded:
    """A person of the hub has commented on a case (``cases``) or on a request
    (``collaboration-requests``).

    ``visibility``: public, internal. ``version`` is the record's.
    """

    at: float
    collection: str
    record_id: str
    partner_id: str
    comment_id: str
    visibility: str
    token: str
    version: int
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionAdded:
    """A document got a new approved version, which is the current one. ``token`` is in its bytes.

    ``restricted``: the bytes must never reach the portal. ``sound``: False if the bytes are not of
    the type that the name claims, so that they must not be shown: the former version stays.
    """

    at: float
    document_id: str
    partner_id: str | None
    number: int
    file_name: str
    sha256: str
    size: int
    token: str
    restricted: bool
    sound: bool = True


@dataclass(frozen=True, slots=True)
class VersionDecided:
    """The hub has approved or rejected a partner's version of a document. An approved one is the
    current version from now on.
    """

    at: float
    document_id: str
    partner_id: str | None
    number: int
    approved: bool


@dataclass(frozen=True, slots=True)
class TransactionShown:
    """Lens shows a transaction of a partner.

    ``exception`` is its exception ("" if it has none): delivery_failed, validation_error,
    acknowledgment_rejected, acknowledgment_overdue. ``over``: an exception that was shown before is
    over.
    """

    at: float
    transaction_id: str
    correlation_id: str
    partner_id: str
    document_type: str
    exception: str
    over: bool
    token: str


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """A member of the site can act for a partner in a role.

    ``locale`` is its contact's ("" if Wix knows none). ``consents``: True if it may get mail.
    """

    at: float
    member_id: str
    contact_id: str
    partner_id: str
    role: str
    email: str
    locale: str
    consents: bool


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """A member's address, locale or consent changed; the given ones hold from now on."""

    at: float
    member_id: str
    email: str
    locale: str
    consents: bool


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """A member got another role at a partner."""

    at: float
    member_id: str
    partner_id: str
    role: str


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """A member has chosen a setting: a row of ``MemberSettings``. An empty value is the default."""

    at: float
    member_id: str
    setting: str
    value: str


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """A member no longer acts for a partner. ``deleted``: the member was deleted on the site,
    too.
    """

    at: float
    member_id: str
    partner_id: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class FileReady:
    """A member has uploaded a file to the site. ``token`` is in its bytes."""

    at: float
    file_id: str
    member_id: str
    partner_id: str
    file_name: str
    sha256: str
    size: int
    token: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A member's submission from the portal.

    ``action`` is what it becomes: request, case_comment, case_resolution, request_comment,
    step_submission, document_version. ``target`` is the id of the case, request, enrollment or
    document ("" for a new request); ``step`` the key of a step. ``token`` is in its texts.
    ``accepted`` is the answer to a resolution. ``files`` are the ids of uploaded files.
    """

    id: str
    form: str
    action: str
    member_id: str
    partner_id: str
    target: str
    token: str
    step: str = ""
    accepted: bool | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmissionAccepted:
    """The webhook answered a submission with 2xx: it must get to Trading Grid exactly once.

    A submission that was sent twice, by a double click, is reported twice, and is one.
    """

    at: float
    submission: Submission


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The sender of a submission got no answer, or a 5xx, and has given up for now: the webhook may
    have accepted it.

    It must get to Trading Grid once or not at all. :class:`SubmissionAccepted` may follow.
    """

    at: float
    submission: Submission


@dataclass(frozen=True, slots=True)
class SubmissionRefused:
    """The webhook refused a submission (4xx): it must have no effect."""

    at: float
    submission: Submission
    status: int


type Input = (
    RecordChanged
    | CommentAdded
    | VersionAdded
    | VersionDecided
    | TransactionShown
    | MemberJoined
    | MemberChanged
    | RoleChanged
    | SettingChanged
    | MemberLeft
    | FileReady
    | SubmissionAccepted
    | Uncertain
    | SubmissionRefused
)


class Observer(Protocol):
    """Port of the judges: gets each input when it has been accepted, in the order of time."""

    def accept(self, given: Input) -> None:
        """Record an accepted input."""


class Observers:
    """Passes each input on to several observers.

    Args:
        observers: Those who get it, in this order.
    """

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def accept(self, given: Input) -> None:
        """Pass an input on to all observers."""
        for observer in self._observers:
            observer.accept(given)
