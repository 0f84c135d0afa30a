"""Rules for the end of access to the portal: which links and invitations end, and why. Pure.

The rules also limit how many end in one run. A link (a member's permission to act for a partner)
ends if its member was deleted or blocked on the site, if its partner has left, or if it came from
OpenText's directory and its user is no longer there. An open invitation ends for the same reasons
except deletion: the site does not say whether an address was a member's. A fact that could not be
read ends no access.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gridwix.models.events import Change
from gridwix.models.ids import CompanyId, PartnerId, WixItemId
from gridwix.models.people_runs import CountsByReason, EndReason, Leaver, RowCounts
from gridwix.models.wix import DataItem
from gridwix.people.persons import Invitation, InvitationStatus, LinkedMember, Source

ACCESS_ENDED = "access.ended"
"""``DetailType`` of the event that the access of a person has ended. Its subject is
``invitations/`` and the id of the invitation in which the end is recorded.
"""


@dataclass(frozen=True, slots=True)
class SiteMember:
    """A member of the Wix site: whether the member is blocked, and the login address."""

    is_blocked: bool = False
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CompanyUsers:
    """Active users of a company in OpenText's directory: their ids and normalized addresses."""

    ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = field(default=frozenset(), repr=False)

    def have(self, user_id: str, emails: Collection[str]) -> bool:
        """Return True if the company has a user with this id or one of these email addresses.

        Addresses count as well because a user may have got a new id.
        """
        return user_id in self.ids or not self.addresses.isdisjoint(emails)


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """Facts about a partner that decide which of its people lose access to the portal.

    ``has_left``: the partner is deleted, or has a status that ends access. ``members`` has the
    members that still exist on the Wix site, by member id; a member who may act for the partner and
    is missing here was deleted. ``users`` are the active users of the partner's company in
    OpenText's directory; None if they were not read. ``blocked`` are email addresses of members who
    are blocked on the site; an open invitation to such an address ends.
    """

    has_left: bool
    members: Mapping[str, SiteMember]
    users: CompanyUsers | None
    blocked: Collection[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class PartnerPeople:
    """People at a partner: the links (permissions) of members, and the invitations."""

    partner_id: PartnerId
    links: tuple[LinkedMember, ...] = ()
    invitations: tuple[Invitation, ...] = ()


def is_from_directory(row: LinkedMember | Invitation) -> bool:
    """Return True if a link or invitation was made for a user in OpenText's directory."""
    return row.source == Source.DIRECTORY and bool(row.user_id)


def link_end(link: LinkedMember, facts: PartnerFacts) -> EndReason | None:
    """Return the reason for which a member's permission for a partner ends; None if it stays.

    A link without a member id stays.
    """
    if not link.member_id:
        return None
    member = facts.members.get(link.member_id)
    if member is None:
        return EndReason.MEMBER_DELETED
    if member.is_blocked:
        return EndReason.MEMBER_BLOCKED
    return _partner_end(link, link.emails, facts)


def invitation_end(invitation: Invitation, facts: PartnerFacts, now: datetime) -> EndReason | None:
    """Return the reason for which an open invitation ends; None if it stays or is not open."""
    if not invitation.is_open(now):
        return None
    if invitation.email in facts.blocked:
        return EndReason.MEMBER_BLOCKED
    return _partner_end(invitation, {invitation.email} - {""}, facts)


def find_leavers(people: PartnerPeople, facts: PartnerFacts, now: datetime) -> Iterator[Leaver]:
    """Yield each link or open invitation that has to end, of one partner, with the reason.

    A link is a member's permission to act for the partner. It ends, for example, if ``facts`` say
    that the member was deleted. Each link or invitation is yielded once at most.
    """
    for link in people.links:
        if (reason := link_end(link, facts)) is not None:
            yield Leaver(id=link.id, partner_id=people.partner_id, kind="link", reason=reason)
    for one in people.invitations:
        if (reason := invitation_end(one, facts, now)) is not None:
            yield Leaver(id=one.id, partner_id=people.partner_id, kind="invitation", reason=reason)


def stopped_reasons(
    found: CountsByReason, total: RowCounts, *, most_share: float, least: int
) -> tuple[EndReason, ...]:
    """Return the reasons for which this run ends no access, because too many people would lose it.

    This guards against wrong data. Links (permissions of members to act for a partner) and open
    invitations that are to end are added up reason by reason, from the most certain reason to the
    least certain. A reason is stopped as a whole if it would raise the sum above the limit.

    Args:
        found: Number of links and invitations that are to end, by reason.
        total: Number of all links and open invitations that were compared.
        most_share: Largest share, 0 to 1, of the links, and of the invitations, that may end.
        least: Number of links, and of invitations, that may always end.
    """
    most = RowCounts(
        links=max(least, int(most_share * total.links)),
        invitations=max(least, int(most_share * total.invitations)),
    )
    passed, stopped = RowCounts(), []
    for reason in EndReason:
        after = passed + found.get(reason, RowCounts())
        if after != passed and (after.links > most.links or after.invitations > most.invitations):
            stopped.append(reason)
        else:
            passed = after
    return tuple(stopped)


def notice_of(link: LinkedMember, invitations: Sequence[Invitation]) -> Invitation | None:
    """Return the invitation in which to record that a member's access to a partner has ended.

    It is the invitation that gave the access, which ``link`` (the permission to act for the
    partner) names. If ``invitations`` do not have it, it is the last one that the member has used,
    else the last one to an address of the member; invitations that already record an earlier end
    are passed over. None if there is no such invitation.
    """
    ranked = [
        ((one.id == link.invitation_id, one.used_by == link.member_id, one.round, one.id), one)
        for one in invitations
        if one.id == link.invitation_id
        or (not one.ended_for and (one.used_by == link.member_id or one.email in link.emails))
    ]
    return max(ranked, key=lambda found: found[0])[1] if ranked else None


def open_invitations_of(
    link: LinkedMember, invitations: Sequence[Invitation], now: datetime
) -> Sequence[Invitation]:
    """Return the open invitations of a person who is linked to a partner.

    These invitations have to end together with the link (permission to act for the partner), since
    accepting one of them would restore the link.
    """
    return [
        one
        for one in invitations
        if one.is_open(now)
        and (
            (one.email and one.email in link.emails)
            or (one.user_id and one.user_id == link.user_id)
        )
    ]


def active_rounds_of(
    invitation: Invitation, invitations: Sequence[Invitation]
) -> Sequence[WixItemId]:
    """Return the ids of an invitation and of all other active invitations of the same person.

    Expired ones are included if their status is still active. The caller revokes them all, because
    one that stays active would list the person as invited.
    """
    others = [
        one.id
        for one in invitations
        if one.status == InvitationStatus.ACTIVE
        and one.email
        and one.email == invitation.email
        and one.id != invitation.id
    ]
    return [invitation.id, *others]


def open_addresses(people: PartnerPeople, now: datetime) -> Collection[str]:
    """Return the email addresses of a partner's open invitations."""
    return {one.email for one in people.invitations if one.email and one.is_open(now)}


def end_marks(reason: EndReason, now: datetime) -> Mapping[str, Any]:
    """Return fields to set in an invitation: they record that gridwix ended the access, and why."""
    return {"endedAt": now, "endedFor": reason.value}


NO_END_MARKS: Mapping[str, Any] = {"endedAt": None, "endedFor": None}
"""Fields of an invitation that clear ``end_marks``: the access has not ended after all."""


def notice_id(link: LinkedMember) -> WixItemId:
    """Return the id of the row that records the end of a link for which there is no invitation.

    A link is a member's permission to act for a partner. Its end is normally recorded in the
    invitation from which the link was made.
    """
    since = "" if link.since is None else link.since.isoformat()
    return WixItemId(hashlib.sha256(f"access/{link.id}/{since}".encode()).hexdigest()[:40])


def ended_invitation_row(
    link: LinkedMember, invitations: Sequence[Invitation], reason: EndReason, now: datetime
) -> DataItem:
    """Return a portal row that records the end of a member's access if no invitation can do so.

    The row is itself an invitation, but one with the status revoked, which cannot be accepted.

    Args:
        link: The member's permission to act for the partner. It has at least one email address.
        invitations: All invitations to the partner. The new row gets the next number (round) among
            those to the same address.
        reason: Why the access ends.
        now: The current time.
    """
    email = min(link.emails)
    fields = {
        "partnerId": link.partner_id,
        "role": link.role,
        "status": InvitationStatus.REVOKED.value,
        "expiresAt": now,
        "email": email,
        "name": link.name,
        "source": link.source or Source.HUB.value,
        "userId": link.user_id,
        "usedBy": link.member_id,
        "round": max((one.round for one in invitations if one.email == email), default=0) + 1,
        **end_marks(reason, now),
    }
    return DataItem(notice_id(link), {name: value for name, value in fields.items() if value != ""})


def access_event(
    notice: WixItemId, partner_id: PartnerId, company_id: CompanyId, now: datetime
) -> Change:
    """Return the bus event which reports that a person's access has ended.

    It contains only ids. Idempotent: the id of the event is always the same, so the event is
    deduplicated however often it is put on the bus.

    Args:
        notice: ``_id`` of the invitation row in which the end is recorded.
        partner_id: The invitation's partner.
        company_id: The hub.
        now: The current time.
    """
    return Change(
        event_id=f"access-ended-{notice}",
        type=ACCESS_ENDED,
        subject=f"invitations/{notice}",
        occurred_at=now,
        company_id=company_id,
        partner_id=partner_id,
        via="poll",
    )


def _partner_end(
    row: LinkedMember | Invitation, emails: Collection[str], facts: PartnerFacts
) -> EndReason | None:
    if facts.has_left:
        return EndReason.PARTNER
    if (
        is_from_directory(row)
        and facts.users is not None
        and not facts.users.have(row.user_id, emails)
    ):
        return EndReason.DIRECTORY
    return None
