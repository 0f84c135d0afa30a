"""Lists people at partners: linked members, and invited people with the state of their mail.

A member is linked to a partner if the member may act for the partner on the portal.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gridwix.models.ids import PartnerId, WixItemId
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.people.persons import Invitation, InvitationStatus, LinkedMember, PersonKey
from ops.people.announcing import Announcer, Invited
from ops.people.portal import PortalPeople


class Access(StrEnum):
    """A person's access to a partner on the portal.

    REMOVED: the person was linked to the partner, until another person ended the link. ENDED:
    gridwix has ended the link or the invitation, because the person has left.
    """

    LINKED = "linked"
    INVITED = "invited"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REMOVED = "removed"
    ENDED = "ended"


PENDING = frozenset({Access.INVITED, Access.EXPIRED})
"""States of access of invited people who have not accepted."""


class Mail(StrEnum):
    """State of the mail of an invitation.

    SENT: at least one message was sent. BOUNCED: Wix has seen that the address bounces. NOT_SENT:
    partner_messenger decided to send no message.
    """

    SENT = "sent"
    BOUNCED = "bounced"
    WAITING = "waiting"
    FAILED = "failed"
    NOT_SENT = "not_sent"


class BounceReader(Protocol):
    """Reader of Wix's reports of bounced messages. Raises UpstreamError and BudgetExhausted."""

    def find_bounced(self, emails: Collection[str]) -> Collection[str]:
        """Return the addresses, of those that are given, to which messages bounce."""


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A person at a partner, linked or invited, as a row of ``gridwix people list``.

    Texts that are unknown are "". ``mail`` is None for a person who was not invited by mail.
    """

    partner_id: PartnerId
    email: str = field(repr=False)
    name: str = field(repr=False)
    member_id: str
    role: str
    access: Access
    source: str
    since: datetime | None
    until: datetime | None = None
    mail: Mail | None = None


def list_people(
    found: PortalPeople,
    announcer: Announcer,
    bounces: BounceReader,
    now: datetime,
    *,
    pending: bool = False,
) -> Sequence[ListedPerson]:
    """Return the people of some partners, sorted by partner and address.

    Args:
        found: Links and invitations of the partners.
        announcer: Reads the state of the mails of invitations.
        bounces: Finds the addresses to which messages bounce.
        now: The current time.
        pending: Return only people who were invited and have not accepted.

    Raises:
        UpstreamError, BudgetExhausted: The outbox of messages, or contacts of Wix, cannot be read.
    """
    linked = [_linked_person(link) for link in found.links]
    invited = list(_invited_people(found, now))
    written_to = [one for one, access in invited if access is Access.INVITED and one.email]
    bounced = bounces.find_bounced({one.email for one in written_to})
    mails = {
        **_mails(announcer, written_to, now),
        **{one.id: Mail.BOUNCED for one in written_to if one.email in bounced},
    }
    people = [
        *linked,
        *(_invited_person(one, access, mails.get(one.id)) for one, access in invited),
    ]
    chosen = [one for one in people if not pending or one.access in PENDING]
    return sorted(chosen, key=lambda one: (one.partner_id, one.email, one.member_id))


def _invited_people(found: PortalPeople, now: datetime) -> Iterator[tuple[Invitation, Access]]:
    """Yield the invitations to list, each with the state of the invited person's access.

    These are the last invitation of each person who is not linked to the partner, and every
    invitation without an address.
    """
    linked = {PersonKey(one.partner_id, email) for one in found.links for email in one.emails}
    members = {(one.partner_id, one.member_id) for one in found.links}
    last: dict[object, Invitation] = {}
    for one in sorted(found.invitations, key=lambda each: each.round):
        key = PersonKey(one.partner_id, one.email)
        if (one.email and key in linked) or (one.partner_id, one.used_by) in members:
            continue
        last[key if one.email else one.id] = one
    for one in last.values():
        yield one, _access(one, now)


def _access(invitation: Invitation, now: datetime) -> Access:
    if invitation.ended_for:
        return Access.ENDED
    match invitation.status:
        case InvitationStatus.ACTIVE:
            return Access.INVITED if invitation.is_open(now) else Access.EXPIRED
        case InvitationStatus.USED:
            return Access.REMOVED
        case _:
            return Access.REVOKED


def _mails(
    announcer: Announcer, invitations: Iterable[Invitation], now: datetime
) -> Mapping[WixItemId, Mail]:
    invited = [Invited(one.id, one.partner_id) for one in invitations]
    return {
        identifier: mail_state(dispatches)
        for identifier, dispatches in announcer.messages(invited, now).items()
    }


def mail_state(dispatches: Iterable[Dispatch]) -> Mail:
    """Return the state of an invitation's mail, from its dispatches (entries in the outbox).

    SENT if a message was sent, although another one (a reminder) may wait. Otherwise FAILED if a
    message failed, or may have been sent. Otherwise WAITING if a message is still to be sent, or if
    there is no message yet beside the campaign's reason to write (EXPANDED). Otherwise NOT_SENT.
    """
    states = {one.state for one in dispatches}
    if DispatchState.SENT in states:
        return Mail.SENT
    if states & {DispatchState.FAILED, DispatchState.UNKNOWN}:
        return Mail.FAILED
    open_ones = states - {DispatchState.SUPPRESSED, DispatchState.EXPANDED}
    return Mail.WAITING if open_ones or states == {DispatchState.EXPANDED} else Mail.NOT_SENT


def _linked_person(link: LinkedMember) -> ListedPerson:
    return ListedPerson(
        link.partner_id,
        min(link.emails, default=""),
        link.name,
        link.member_id,
        link.role,
        Access.LINKED,
        link.source,
        link.since,
    )


def _invited_person(one: Invitation, access: Access, mail: Mail | None) -> ListedPerson:
    return ListedPerson(
        one.partner_id,
        one.email,
        one.name,
        one.used_by,
        one.role,
        access,
        one.source,
        one.ended_at if access is Access.ENDED else one.invited_at,
        one.expires_at,
        # An event that is not in the outbox yet waits on the bus, or was never put there.
        mail if mail or access is not Access.INVITED or not one.email else Mail.WAITING,
    )
