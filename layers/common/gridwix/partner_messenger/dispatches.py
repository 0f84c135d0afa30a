"""Dispatches (planned messages) and their states; members' contacts; rendered texts. Pure data."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gridwix.configuration.campaigns import Channel
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.partner_messenger.invitations import invitation_id_of


class DispatchState(StrEnum):
    """State of a dispatch (planned message) in the outbox, the table of planned and sent messages.

    | state | meaning |
    |---|---|
    | PLANNED | due at some time, for the first time or for a retry |
    | SENDING | claimed by a worker, which sends it or has died |
    | COLLECTED | entry of a digest, which combines the messages of a day |
    | EXPANDED | an occasion (reason to write) for which dispatches are planned |
    | SENT | sent |
    | SUPPRESSED | not to be sent, see :class:`Suppression` |
    | FAILED | cannot be sent |
    | UNKNOWN | may have been sent; never sent again |
    """

    PLANNED = "planned"
    SENDING = "sending"
    COLLECTED = "collected"
    EXPANDED = "expanded"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    FAILED = "failed"
    UNKNOWN = "unknown"


OPEN = frozenset({DispatchState.PLANNED, DispatchState.SENDING})
"""States of a dispatch that still needs work."""


class Suppression(StrEnum):
    """Reason for which a dispatch (planned message) is not sent.

    | reason | meaning |
    |---|---|
    | REASON_GONE | the record no longer meets the campaign's condition; the invitation was used or
      revoked, or has expired |
    | OVERTAKEN | a newer event about the record started the wait of a reminder again, so the newer
      reminder is sent instead |
    | NOT_THEIRS | the record does not belong to the partner, or no longer |
    | TOO_OLD | older than the campaign's ``max_age_hours`` |
    | PAUSED | the campaign is paused or removed |
    | NO_CONSENT | a marketing message, and the contact is not subscribed |
    | NO_MEMBER | no member in the campaign's roles acts for the partner, or may see the record |
    | TURNED_OFF | the member has turned off such messages on this channel |
    | NO_ADDRESS | no email address, or one that bounces |
    | ALREADY_TOLD | the member acts for several partners, and got the message for another one |
    """

    REASON_GONE = "reason_gone"
    OVERTAKEN = "overtaken"
    NOT_THEIRS = "not_theirs"
    TOO_OLD = "too_old"
    PAUSED = "paused"
    NO_CONSENT = "no_consent"
    NO_MEMBER = "no_member"
    TURNED_OFF = "turned_off"
    NO_ADDRESS = "no_address"
    ALREADY_TOLD = "already_told"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One planned message to a partner; without a ``channel``, an occasion (a reason to write).

    An occasion is a campaign's reason to write to a partner; its messages are not planned yet. Once
    due, the occasion is expanded into messages: one per channel, and one per member (``recipient``)
    on the channels inbox and email. A message about an invitation has no ``recipient``: it is for
    the person who is invited. ``id`` is derived from campaign, occasion, partner, channel and
    recipient: the key by which dispatches are deduplicated.

    ``subject`` is ``collection/id`` of the record, or ``enrollments/id/steps/key``. ``version`` is
    the record's version when the occasion was planned. ``since`` is the time from which the
    dispatch's age is counted. ``entries`` are the ids of the messages that a digest combines;
    ``digest`` is the id of the digest that includes this dispatch, or "". ``revision`` increases
    with each stored change (optimistic locking).
    """

    id: str
    campaign: str
    occasion: str
    subject: str
    partner_id: PartnerId
    since: datetime
    due_at: datetime
    channel: Channel | None = None
    recipient: str = ""
    version: int = 0
    entries: frozenset[str] = frozenset()
    digest: str = ""
    state: DispatchState = DispatchState.PLANNED
    reason: str = ""
    attempts: int = 0
    revision: int = 1

    @property
    def record(self) -> str:
        """``collection/id`` of the record that the dispatch is about."""
        return "/".join(self.subject.split("/", 2)[:2])

    @property
    def invitation_id(self) -> WixItemId | None:
        """Id of the invitation that the dispatch is about; None if it is about another record."""
        return invitation_id_of(self.record)

    @property
    def step(self) -> str:
        """Key of the onboarding step that the dispatch is about; "" if it is about no step."""
        return subject_step_key(self.subject)


def subject_step_key(subject: str) -> str:
    """Key of the onboarding step that an event's subject names; "" for a subject that is no step.

    >>> subject_step_key("enrollments/enr_1/steps/edi_testing")
    'edi_testing'
    >>> subject_step_key("enrollments/enr_1")
    ''
    """
    parts = subject.split("/")
    return parts[3] if len(parts) == 4 and parts[2] == "steps" else ""


class Collected(StrEnum):
    """Result of adding a message to a digest, which combines the messages of a day.

    ADDED: stored now. KNOWN: a duplicate, stored before. CLOSED: the digest was sent or is full.
    """

    ADDED = "added"
    KNOWN = "known"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Link:
    """Permission of a member to act for a partner, in a role."""

    member_id: str
    partner_id: PartnerId
    role: str


@dataclass(frozen=True, slots=True)
class PersonalRow:
    """Portal row with a member's own data, such as settings or read marks.

    ``partner_id`` is "" for a row of settings, which belong to no partner.
    """

    collection: CollectionId
    id: WixItemId
    member_id: str
    partner_id: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Address data of a person, from the person's Wix contact if there is one.

    ``subscription`` and ``deliverability`` are Wix's enum values. ``member_id`` is "" for a person
    who is invited and no member yet. ``contact_id`` is "" for a person without a Wix contact.
    """

    member_id: str
    contact_id: str
    email: str = field(default="", repr=False)
    locale: str = ""
    subscription: str = "NOT_SET"
    deliverability: str = "NOT_SET"


@dataclass(frozen=True, slots=True)
class Text:
    """A rendered text of a message. ``title`` is plain text, ``body`` is sanitized HTML."""

    title: str = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MemberMessage:
    """A rendered message to one person. ``id`` is the idempotency key, also of all its retries.

    ``contact_id`` is "" for an invited person without a Wix contact.
    """

    id: str
    campaign: str
    kind: str
    contact_id: str
    email: str = field(repr=False)
    locale: str
    text: Text = field(repr=False)
