"""What is to be said to partners, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gridwix.configuration.campaigns import Channel
from gridwix.models.ids import PartnerId


class DispatchState(StrEnum):
    """PLANNED: it is due at some time. SENDING: a worker has it, or died with it. COLLECTED: it is part of a digest. EXPANDED: its dispatches were planned.
    SUPPRESSED: it is not to be sent. FAILED: it cannot be sent. UNKNOWN: nobody can say whether it was sent, and it is not sent again."""

    PLANNED = "planned"
    SENDING = "sending"
    COLLECTED = "collected"
    EXPANDED = "expanded"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    FAILED = "failed"
    UNKNOWN = "unknown"


OPEN = frozenset({DispatchState.PLANNED, DispatchState.SENDING})
"""The states of what is still to be worked off."""


class Suppression(StrEnum):
    """Why a dispatch is not sent. REASON_GONE: what it was about is no longer so. OVERTAKEN: the record has moved on and come back, so that its time runs anew.
    NOT_THEIRS: the record is not, or no longer, the partner's."""

    REASON_GONE = "reason_gone"
    OVERTAKEN = "overtaken"
    NOT_THEIRS = "not_theirs"
    TOO_OLD = "too_old"
    PAUSED = "paused"
    NO_CONSENT = "no_consent"
    NO_MEMBER = "no_member"
    NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One thing to say to one partner about one occasion.

    Without a ``channel`` it is the occasion itself, of which the dispatches are planned when it is due: one for each channel, and for each member where the
    channel reaches one (``recipient``). Its ``id`` is made from campaign, occasion, partner, channel and recipient, and so there is only one of each.
    ``subject`` is what it is about; ``version`` that of the record when the occasion was planned. ``since`` is from when its age counts. ``entries`` are the
    dispatches that a digest collects, and ``digest`` is the digest that one is part of. ``revision`` grows with every change of the record.
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
        """``collection/id`` of what it is about."""
        return "/".join(self.subject.split("/", 2)[:2])

    @property
    def step(self) -> str:
        """The key of the onboarding step that it is about; "" if it is about none."""
        parts = self.subject.split("/")
        return parts[3] if len(parts) == 4 and parts[2] == "steps" else ""


class Collected(StrEnum):
    """What became of an entry: it was ADDED, it is KNOWN from before, or the digest is CLOSED (or full) and takes none any more."""

    ADDED = "added"
    KNOWN = "known"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Link:
    """That a member acts for a partner, and in which role."""

    member_id: str
    partner_id: PartnerId
    role: str


@dataclass(frozen=True, slots=True)
class Person:
    """The contact behind a member. ``subscription`` and ``deliverability`` are Wix's words about the e-mail address."""

    member_id: str
    contact_id: str
    email: str = field(default="", repr=False)
    locale: str = ""
    subscription: str = "NOT_SET"
    deliverability: str = "NOT_SET"


@dataclass(frozen=True, slots=True)
class Text:
    """A rendered text: ``title`` is plain, ``body`` is HTML that has been cleaned."""

    title: str = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """What the site's automation is told to send. ``id`` is the same at every attempt, so that a receiver that looks at it sends once."""

    id: str
    campaign: str
    kind: str
    contact_id: str
    email: str = field(repr=False)
    locale: str
    text: Text = field(repr=False)
