"""In-memory fakes of the messenger's ports, and a stage that runs the messenger over them."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, RecordFault, Unavailable
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId, PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import PARTNER_MESSAGES
from gridwix.partner_messenger.dispatches import (
    OPEN,
    Collected,
    Contact,
    Dispatch,
    DispatchState,
    Link,
    MemberMessage,
    PersonalRow,
)
from gridwix.partner_messenger.invitations import InvitationCodes, InvitationRow
from gridwix.partner_messenger.member_settings import MemberSettings
from gridwix.partner_messenger.messages import plain_text
from gridwix.partner_messenger.ports import (
    InvitationStore,
    MailPace,
    MemberChannel,
    MemberDirectory,
    Outbox,
)
from gridwix.partner_messenger.retention import RetentionReport
from gridwix.partner_messenger.service import MessengerReport, PartnerMessenger
from gridwix.people.codes import invitation_id
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, NOW, PRAIRIE_GOLD, change, check, partner
from tests.fakes.bell import FakeBell
from tests.fakes.portal import FakePortal
from tests.fakes.trading_grid import FakeTradingGrid

MAX_ENTRIES = 100
COMPANY = CompanyId("GC00700011NR")

PORTAL_URL = "https://portal.example/partners"
INVITING: dict[str, Any] = {
    "trigger": {"events": ["invitation.created"]},
    "channels": ["email", "inbox"],
    "texts": {
        "en": {"title": "Welcome", "body": "<p>{{ record.code }} {{ record.link }}</p>"},
        "de": {"title": "Willkommen", "body": "<p>{{ record.code }} {{ record.link }}</p>"},
    },
}
"""Settings of a campaign for invitations."""

AWAITING: dict[str, Any] = {
    "trigger": {"events": ["case.status_changed"], "when": {"status": ["awaiting_partner"]}}
}
TITLED = {"en": {"title": "{{ record.subject }}", "body": "<p>{{ record.subject }}</p>"}}
REMINDER: dict[str, Any] = {
    **AWAITING,
    "trigger": {**AWAITING["trigger"], "after_hours": [48]},
    "channels": ["portal", "email"],
    "texts": TITLED,
}


@dataclass
class FakeOutbox(Outbox):
    """Outbox in memory. ``stale`` are changed dispatches that the index of due ones still lists."""

    kept: dict[str, Dispatch] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    stale: list[Dispatch] = field(default_factory=list)
    lagging: bool = False
    told: dict[str, str] = field(default_factory=dict)

    def add_dispatches(self, dispatches: Sequence[Dispatch]) -> Sequence[Dispatch]:
        return [
            dispatch
            for dispatch in dispatches
            if self.kept.setdefault(dispatch.id, dispatch) is dispatch
        ]

    def add_to_digest(self, entry: Dispatch, digest: Dispatch) -> Collected:
        if entry.id in self.kept:
            return Collected.KNOWN
        known = self.kept.get(digest.id, replace(digest, revision=0))
        if known.state is not DispatchState.PLANNED or len(known.entries) >= MAX_ENTRIES:
            return Collected.CLOSED
        self.kept[digest.id] = replace(
            known, entries=known.entries | {entry.id}, revision=known.revision + 1
        )
        self.kept[entry.id] = replace(entry, state=DispatchState.COLLECTED, digest=digest.id)
        return Collected.ADDED

    def read_dispatches(self, ids: Collection[str]) -> Mapping[str, Dispatch]:
        return {identifier: self.kept[identifier] for identifier in ids if identifier in self.kept}

    def due_dispatches(self, until: datetime, limit: int) -> Sequence[Dispatch]:
        found = [
            dispatch
            for dispatch in self.kept.values()
            if dispatch.state in OPEN and dispatch.due_at <= until
        ]
        return sorted([*found, *self.stale], key=lambda dispatch: dispatch.due_at)[:limit]

    def claim_dispatch(self, dispatch: Dispatch, *, until: datetime) -> Dispatch | None:
        return self._replace_dispatch(
            dispatch, state=DispatchState.SENDING, due_at=until, attempts=dispatch.attempts + 1
        )

    def settle_dispatch(
        self,
        dispatch: Dispatch,
        state: DispatchState,
        *,
        reason: str = "",
        due_at: datetime | None = None,
    ) -> bool:
        return (
            self._replace_dispatch(
                dispatch, state=state, reason=reason, due_at=due_at or dispatch.due_at
            )
            is not None
        )

    def tell_once(self, key: str, dispatch_id: str) -> bool:
        return self.told.setdefault(key, dispatch_id) == dispatch_id

    def raise_watermark(self, key: str, version: int) -> None:
        self.versions[key] = max(version, self.versions.get(key, 0))

    def watermarks(self, keys: Collection[str]) -> Mapping[str, int]:
        return {key: self.versions[key] for key in keys if key in self.versions}

    def _replace_dispatch(self, before: Dispatch, **fields: Any) -> Dispatch | None:
        if self.kept[before.id].revision != before.revision:
            return None
        if self.lagging:
            self.stale = [*self.stale[-2:], before]
        self.kept[before.id] = replace(before, revision=before.revision + 1, **fields)
        return self.kept[before.id]


@dataclass
class FakePeople(MemberDirectory):
    """Members in memory.

    The next calls raise ``errors``, in order, unless one is None. ``unreadable`` names the members
    whose link, contact or settings cannot be read. ``personal`` are their own rows on the portal.
    """

    acting: list[Link] = field(default_factory=list)
    known: dict[str, Contact] = field(default_factory=dict)
    errors: list[GridwixError | None] = field(default_factory=list)
    unreadable: dict[str, Literal["link", "contact", "settings"]] = field(default_factory=dict)
    settings: dict[str, MemberSettings] = field(default_factory=dict)
    personal: list[PersonalRow] = field(default_factory=list)
    calls: int = 0

    def add_link(
        self, member: str, partner_id: str = PRAIRIE_GOLD, role: str = "edi", **fields: Any
    ) -> None:
        self.acting.append(Link(member, PartnerId(partner_id), role))
        self.known[member] = Contact(
            member, f"contact-{member}", **{"email": f"{member}@partner.example", **fields}
        )

    def remove_links(self, member: str) -> None:
        self.acting = [link for link in self.acting if link.member_id != member]

    def partner_links(self, partner_ids: Collection[PartnerId]) -> Listing[Link]:
        self._count_call()
        found = [link for link in self.acting if link.partner_id in partner_ids]
        faults = [
            RecordFault("PartnerLinks/?", "memberId is none", owner=link.partner_id)
            for link in found
            if self._is_unreadable(link.member_id, "link")
        ]
        return Listing(
            [link for link in found if not self._is_unreadable(link.member_id, "link")], faults
        )

    def member_contacts(self, member_ids: Collection[str]) -> Listing[Contact]:
        self._count_call()
        found = [self.known[member] for member in member_ids if member in self.known]
        faults = [
            RecordFault("contacts/?", "refused", owner=contact.member_id)
            for contact in found
            if self._is_unreadable(contact.member_id, "contact")
        ]
        return Listing(
            [contact for contact in found if not self._is_unreadable(contact.member_id, "contact")],
            faults,
        )

    def member_settings(self, member_ids: Collection[str]) -> Listing[tuple[str, MemberSettings]]:
        # A failed call is a fault of each member: see the port.
        self.calls += 1
        found = [
            (member, self.settings[member]) for member in member_ids if member in self.settings
        ]
        faults = [
            RecordFault("MemberSettings/?", "malformed", owner=member)
            for member in member_ids
            if self._is_unreadable(member, "settings")
        ]
        return Listing(
            [one for one in found if not self._is_unreadable(one[0], "settings")], faults
        )

    def address_contacts(self, emails: Collection[str]) -> Mapping[str, Contact]:
        self._count_call()
        return {
            contact.email: replace(contact, member_id="")
            for contact in self.known.values()
            if contact.email in emails
        }

    def personal_rows(self, prefix: str) -> Sequence[PersonalRow]:
        self._count_call()
        return [row for row in self.personal if row.id.startswith(prefix)]

    def existing_members(self, member_ids: Collection[str]) -> Collection[str]:
        self._count_call()
        return {member for member in member_ids if member in self.known}

    def member_links(self, member_ids: Collection[str]) -> Collection[tuple[str, str]]:
        self._count_call()
        return {
            (link.member_id, link.partner_id)
            for link in self.acting
            if link.member_id in member_ids
        }

    def _is_unreadable(self, member: str, what: str) -> bool:
        return self.unreadable.get(member) == what

    def _count_call(self) -> None:
        self.calls += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error


@dataclass
class FakeInvitations(InvitationStore):
    """Rows of invitations in memory. ``unreadable`` are ids of rows that cannot be read."""

    rows: dict[str, InvitationRow] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    errors: list[GridwixError] = field(default_factory=list)
    queries: int = 0
    searches: int = 0

    def invite(
        self, email: str = "ada@partner.example", partner_id: str = PRAIRIE_GOLD, **fields: Any
    ) -> InvitationRow:
        """Store the invitation of a person, who is invited to act as ``edi`` for two weeks."""
        identifier = invitation_id(PartnerId(partner_id), email, 1)
        invitation = InvitationRow(
            **{
                "id": identifier,
                "partner_id": PartnerId(partner_id),
                "role": "edi",
                "status": "active",
                "expires_at": NOW + timedelta(days=14),
                "email": email,
                **fields,
            }
        )
        self.rows[invitation.id] = invitation
        return invitation

    def set_row(self, invitation: InvitationRow, **fields: Any) -> None:
        self.rows[invitation.id] = replace(self.rows[invitation.id], **fields)

    def read_invitations(self, ids: Collection[WixItemId]) -> Listing[InvitationRow]:
        self.queries += 1
        if self.errors:
            raise self.errors.pop(0)
        known = [identifier for identifier in ids if identifier in self.rows]
        return Listing(
            [self.rows[one] for one in known if one not in self.unreadable],
            [
                RecordFault(f"invitations/{one}", "expiresAt is none", owner=one)
                for one in known
                if one in self.unreadable
            ],
        )

    def unannounced_invitations(self, now: datetime, limit: int) -> Sequence[InvitationRow]:
        self.searches += 1
        if self.errors:
            raise self.errors.pop(0)
        waiting = [
            one
            for one in self.rows.values()
            if one.is_announced and not one.code_hash and one.expires_at > now
        ]
        return [one for one in waiting if one.id not in self.unreadable][:limit]

    def store_code_hash(self, invitation_id: WixItemId, code_hash: str) -> None:
        self.rows[invitation_id] = replace(self.rows[invitation_id], code_hash=code_hash)

    def store_code_hashes(self, hashes: Mapping[WixItemId, str]) -> None:
        if hashes and self.errors:
            raise self.errors.pop(0)
        for identifier, code_hash in hashes.items():
            self.store_code_hash(identifier, code_hash)


@dataclass
class FakePace(MailPace):
    """Pace of emails. The next calls are refused for ``waits``, in order; 0 grants."""

    waits: list[float] = field(default_factory=list)
    taken: int = 0

    def take(self) -> float:
        wait = self.waits.pop(0) if self.waits else 0.0
        self.taken += wait == 0
        return wait


KEY = "a key of the stack"


@dataclass
class Lost:
    """A lost response; ``done`` is True if the request was carried out."""

    done: bool


@dataclass
class FakeInbox(MemberChannel):
    """Inbox without an idempotency key: a message that is sent twice is there twice."""

    messages: list[tuple[str, str]] = field(default_factory=list)
    errors: list[Lost | GridwixError] = field(default_factory=list)

    is_idempotent = False

    def can_reach(self, contact: Contact) -> bool:
        return bool(contact.contact_id)

    def send_message(self, message: MemberMessage) -> None:
        error = self.errors.pop(0) if self.errors else None
        if isinstance(error, GridwixError):
            raise error
        if error is None or error.done:
            self.messages.append((message.contact_id, plain_text(message.text)))
        if error is not None:
            raise Unavailable(system="wix", ambiguous=True)


@dataclass
class FakeMails(MemberChannel):
    """Email automation that deduplicates by id.

    ``calls`` holds each call, ``mails`` one mail per id.
    """

    calls: list[MemberMessage] = field(default_factory=list)
    errors: list[Lost | GridwixError] = field(default_factory=list)

    is_idempotent = True

    def can_reach(self, contact: Contact) -> bool:
        return bool(contact.email) and contact.deliverability != "BOUNCED"

    def send_message(self, message: MemberMessage) -> None:
        error = self.errors.pop(0) if self.errors else None
        if isinstance(error, GridwixError):
            raise error
        if error is None or error.done:
            self.calls.append(message)
        if error is not None:
            raise Unavailable(system="wix", ambiguous=True)

    @property
    def mails(self) -> list[MemberMessage]:
        return list({mail.id: mail for mail in self.calls}.values())


def campaigns(**overrides: Mapping[str, Any]) -> Configuration:
    """The project's configuration with these campaigns instead of its own.

    Each has a default for every member that a test does not set.
    """
    base: dict[str, Any] = {
        "name": "A test",
        "kind": "transactional",
        "trigger": {"events": ["compliance.status_changed"], "when": {"status": ["passed"]}},
        "channels": ["portal"],
        "texts": {
            "en": {
                "title": "Done: {{ record.title }}",
                "body": "<p>{{ partner.name }}: {{ record.title }}</p>",
            }
        },
    }
    made = {key.replace("_", "-"): {**base, **members} for key, members in overrides.items()}
    whole = configuration().model_dump(mode="json", by_alias=True)
    return Configuration.model_validate({**whole, "campaigns": made})


@dataclass
class Stage:
    """A messenger and its fakes at ``NOW``, a morning in Chicago.

    Prairie Gold's check is passed, and Dana acts for it. Katrin acts for Baltic.
    """

    configuration: Configuration
    now: datetime = NOW
    source: FakeTradingGrid = field(default_factory=FakeTradingGrid)
    portal: FakePortal = field(default_factory=FakePortal)
    people: FakePeople = field(default_factory=FakePeople)
    inbox: FakeInbox = field(default_factory=FakeInbox)
    mails: FakeMails = field(default_factory=FakeMails)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    bell: FakeBell = field(default_factory=FakeBell)
    invitations: FakeInvitations = field(default_factory=FakeInvitations)
    pace: FakePace = field(default_factory=FakePace)
    key: str = KEY

    def __post_init__(self) -> None:
        self.source.put(
            partner(country="US"),
            partner(BALTIC, name="Baltic Home Textiles", country="EE"),
            check(status="passed"),
        )
        self.people.add_link("dana")
        self.people.add_link("katrin", BALTIC)

    def messenger(self, port: Callable[[Any], Any] = lambda port: port) -> PartnerMessenger:
        """A worker. ``port`` wraps each port that it gets."""
        return PartnerMessenger(
            source=port(self.source),
            directory=port(self.people),
            outbox=port(self.outbox),
            portal=port(self.portal),
            channels={"inbox": port(self.inbox), "email": port(self.mails)},
            invitations=port(self.invitations),
            codes=InvitationCodes(lambda: {"invitationKey": self.key}, PORTAL_URL),
            pace=port(self.pace),
            enrollments=None,
            configuration=self.configuration,
            company_id=COMPANY,
            clock=self.clock,
            bell=port(self.bell),
        )

    def clock(self) -> float:
        return self.now.timestamp()

    def run(self, *changes: Change) -> MessengerReport:
        return self.messenger().process_changes(changes, NO_DEADLINE)

    def run_after(self, **time: float) -> MessengerReport:
        """Move the clock, and run without changes."""
        self.now += timedelta(**time)
        return self.run()

    def run_schedule(self, **time: float) -> MessengerReport:
        """Move the clock, and run the schedule."""
        self.now += timedelta(**time)
        return self.messenger().process_changes([], NO_DEADLINE, scheduled=True)

    def run_retention_after(self, **time: float) -> RetentionReport:
        """Move the clock, and run the schedule with its retention."""
        self.now += timedelta(**time)
        return self.messenger().process_changes([], NO_DEADLINE, scheduled=True).retention

    def run_at(self, moment: str) -> MessengerReport:
        self.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        return self.run()

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        return [
            item.data
            for (collection, _), item in self.portal.rows.items()
            if collection == PARTNER_MESSAGES
        ]

    def state_counts(self, channel: str | None) -> Counter[str]:
        """Number of dispatches of a channel (None: occasions) by ``state`` or ``state:reason``."""
        found = [one for one in self.outbox.kept.values() if one.channel == channel]
        return Counter(
            f"{one.state}:{one.reason}" if one.reason else str(one.state) for one in found
        )


def check_passed(event_id: str = "evt_1", **fields: Any) -> Change:
    """Event of a compliance check that has passed."""
    return change(event_id, **{"status": {"before": "failed", "after": "passed"}, **fields})


def invited(invitation: InvitationRow, event_id: str = "", **fields: Any) -> Change:
    """Event of a new invitation."""
    return change(
        event_id or f"invitation-{invitation.id}",
        type="invitation.created",
        subject=invitation.record,
        partnerId=invitation.partner_id,
        version=None,
        status={},
        changed=(),
        via="poll",
        **fields,
    )


def case_moved(event_id: str, version: int, status: str = "awaiting_partner", **fields: Any) -> Any:
    """Event of a case that changed its status."""
    return change(
        event_id,
        type="case.status_changed",
        subject="cases/case_1",
        version=version,
        status={"after": status},
        **fields,
    )
