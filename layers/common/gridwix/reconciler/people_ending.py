"""Ends the access of people: removes links and revokes invitations, if the reason still holds.

A link is a member's permission to act for a partner. A message names the links and invitations; the
reason of each is checked again before anything is changed. These steps end a link, each of them
idempotent:

1. The end is stored, so that a retry completes it, and is added to the history of people.
2. The person's open invitations are revoked. The reason is recorded in the invitation from which
   the link was made, or in a new, revoked one. The code calls this invitation the notice.
3. The link, read marks and settings are removed, as ``gridwix unlink`` does.
4. An event is put on the bus, because of which the person gets a message.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from gridwix.models.ids import CompanyId, PartnerId, WixItemId
from gridwix.models.people_runs import (
    CountsByReason,
    EndedAccess,
    EndedRecord,
    EndReason,
    Leaver,
    PeoplePage,
    RowCounts,
    add_counts,
)
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS, PEOPLE_HISTORY
from gridwix.people.addresses import normal_email
from gridwix.people.history import RECONCILER, HistoryLine, add_lines, line_id
from gridwix.people.leaving import (
    NO_END_MARKS,
    PartnerPeople,
    SiteMember,
    access_event,
    active_rounds_of,
    end_marks,
    ended_invitation_row,
    invitation_end,
    link_end,
    notice_id,
    notice_of,
    open_invitations_of,
)
from gridwix.people.persons import Invitation, InvitationStatus, LinkedMember
from gridwix.people.unlinking import set_fields, unlink_member
from gridwix.ports import Clock, EventBus
from gridwix.reconciler.people_ports import PeopleRows
from gridwix.reconciler.people_range import PeopleReader
from gridwix.reconciler.people_records import PeopleRecords
from gridwix.reconciler.people_sources import CompanyReads, PeopleSources


@dataclass(frozen=True, slots=True)
class _Ending:
    """A link (a member's permission to act for a partner) or an invitation that is about to end.

    ``row`` is the stored record of the end, ``subject`` the link or the invitation, and
    ``invitations`` are all invitations to the same partner.
    """

    row: EndedAccess
    subject: LinkedMember | Invitation
    invitations: Sequence[Invitation]


class AccessEnder:
    """Ends links and invitations, after checking again that the reason still holds. Idempotent.

    A link is a member's permission to act for a partner.

    Args:
        rows: Reads and writes links and invitations.
        reader: Reads the links and invitations of a partner.
        sources: The site, Trading Grid and OpenText's directory.
        records: Stores which links and invitations are about to be ended.
        bus: Takes the events.
        company_id: The hub.
        clock: Returns the time in Unix seconds.
    """

    def __init__(
        self,
        *,
        rows: PeopleRows,
        reader: PeopleReader,
        sources: PeopleSources,
        records: PeopleRecords,
        bus: EventBus,
        company_id: CompanyId,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._reader = reader
        self._sources = sources
        self._records = records
        self._bus = bus
        self._company_id = company_id
        self._clock = clock

    def end_rows(self, page: PeoplePage, leavers: Sequence[Leaver]) -> CountsByReason:
        """End the access of people who have left: remove their links, revoke their invitations.

        A link is a member's permission to act for a partner. Each reason is checked again first: if
        it no longer holds, the person keeps the access. Returns the numbers of ended links and
        invitations by reason. Raises UpstreamError and BudgetExhausted: the SQS message with this
        part of the run (``page``) must be processed again.
        """
        people = {
            partner: self._reader.read_partner(partner)
            for partner in dict.fromkeys(one.partner_id for one in leavers)
        }
        earlier = {one.id: one for one in self._records.ended(page).rows}
        ending = {one.row.id: one for one in self._still_ending(page, leavers, people, earlier)}
        rows = {**earlier, **{identifier: one.row for identifier, one in ending.items()}}
        self._records.keep_ended(page, EndedRecord(rows=tuple(rows.values())))
        add_lines(self._rows, _history_lines(ending.values(), self._now()))
        ended: list[EndedAccess] = []
        for one in ending.values():
            self._end(one)
            ended.append(one.row)
        ended += [
            row
            for row in earlier.values()
            if row.id not in ending and self._complete(row, people[row.partner_id])
        ]
        events = [
            access_event(WixItemId(row.notice), row.partner_id, self._company_id, self._now())
            for row in ended
            if row.kind == "link" and row.notice
        ]
        if events:
            self._bus.put(events)
        return _counts(ended)

    def _still_ending(
        self,
        page: PeoplePage,
        leavers: Sequence[Leaver],
        people: Mapping[PartnerId, PartnerPeople],
        earlier: Mapping[WixItemId, EndedAccess],
    ) -> Iterator[_Ending]:
        """Yield those of the links and invitations in ``leavers`` that still have a reason to end.

        A link is a member's permission to act for a partner. The reason may have ceased: for
        example, the member is no longer blocked.
        """
        wanted = {one.id: one for one in leavers}
        members = self._sources.confirm_members(
            {
                link.member_id
                for found in people.values()
                for link in found.links
                if link.id in wanted and link.member_id
            }
        )
        former = self._sources.former_partners(people.keys())
        reads, now = CompanyReads(accept_empty=page.accept_shrink), self._now()
        blocked = self._sources.find_blocked(
            {
                one.email
                for found in people.values()
                for one in found.invitations
                if one.id in wanted and one.email
            }
        )
        for found in people.values():
            mine = with_login_addresses(found, members)
            facts = self._sources.facts_of(mine, members, former, blocked, reads)
            for link in mine.links:
                if link.id in wanted and link_end(link, facts) is wanted[link.id].reason:
                    yield _link_ending(
                        link, mine.invitations, wanted[link.id], earlier.get(link.id)
                    )
            for one in mine.invitations:
                if one.id in wanted and invitation_end(one, facts, now) is wanted[one.id].reason:
                    yield _invitation_ending(one, mine.invitations, wanted[one.id])

    def _end(self, ending: _Ending) -> None:
        now, subject = self._now(), ending.subject
        marks = end_marks(ending.row.reason, now)
        revoked = {"status": InvitationStatus.REVOKED.value, **marks}
        if isinstance(subject, Invitation):
            rounds = active_rounds_of(subject, ending.invitations)
            set_fields(self._rows, PARTNER_INVITATIONS, dict.fromkeys(rounds, revoked))
            return
        changes: dict[WixItemId, dict[str, Any]] = {
            one.id: dict(revoked)
            for one in open_invitations_of(subject, self._invitations_of(ending, subject), now)
        }
        notice = next((one for one in ending.invitations if one.id == ending.row.notice), None)
        if notice is not None:
            fields = changes.setdefault(notice.id, dict(marks))
            if not notice.email and subject.emails:
                # A code that was given by hand: only its link knows the person.
                fields |= {"email": min(subject.emails), "name": subject.name or None}
        elif subject.emails:
            self._rows.bulk_insert(
                PARTNER_INVITATIONS,
                [ended_invitation_row(subject, ending.invitations, ending.row.reason, now)],
            )
        set_fields(self._rows, PARTNER_INVITATIONS, changes)
        unlink_member(self._rows, subject.member_id, subject.partner_id)

    def _invitations_of(self, ending: _Ending, link: LinkedMember) -> Sequence[Invitation]:
        """Return the invitations among which some may have to be revoked when a link ends.

        These are all invitations to the partner. If the member is deleted or blocked, they are also
        the active invitations of the member's addresses to all other partners, since the member's
        access ends everywhere. A link is a member's permission to act for a partner.
        """
        if ending.row.reason not in (EndReason.MEMBER_DELETED, EndReason.MEMBER_BLOCKED):
            return ending.invitations
        elsewhere = [
            one
            for email in sorted(link.emails)
            for one in self._reader.read_active(email)
            if one.partner_id != link.partner_id
        ]
        return (*ending.invitations, *elsewhere)

    def _complete(self, row: EndedAccess, people: PartnerPeople) -> bool:
        """Complete the end of a link or invitation that an earlier attempt has begun.

        A link is a member's permission to act for a partner. The method is called for a row that
        this attempt does not end itself, because the link is gone already, or because the reason to
        end the row no longer holds. Data of a member that no invitation names is erased later by
        ``partner_messenger``.

        Returns:
            False if the access has not ended, because the reason ceased to hold before the link was
            removed or the invitation revoked. For a link, the record of the end in the invitation
            is then cleared, and the line in the history of people removed.
        """
        if row.kind == "invitation":
            return not any(
                one.id == row.id and one.status != InvitationStatus.REVOKED
                for one in people.invitations
            )
        link = next((one for one in people.links if one.id == row.id), None)
        if link is None:
            notice = next((one for one in people.invitations if one.id == row.notice), None)
            if notice is not None and notice.used_by:
                unlink_member(self._rows, notice.used_by, row.partner_id)
            return True
        if link.since != row.since:
            # The person has a new link by now.
            return True
        if row.notice:
            set_fields(self._rows, PARTNER_INVITATIONS, {WixItemId(row.notice): dict(NO_END_MARKS)})
        # The line of a later end of this link has the same id, and would not be added. Without a
        # time, the line may be about an earlier link of the same id, which did end.
        if link.since is not None:
            self._rows.remove_item(PEOPLE_HISTORY, _end_line_id(link))
        return False

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def with_login_addresses(people: PartnerPeople, members: Mapping[str, SiteMember]) -> PartnerPeople:
    """Return a partner's people, with the login address of each member added to the member's link.

    A link is a member's permission to act for the partner, and has the member's email addresses.
    """
    return replace(
        people,
        links=tuple(
            replace(link, emails=link.emails | _address(members.get(link.member_id)))
            for link in people.links
        ),
    )


def _address(member: SiteMember | None) -> frozenset[str]:
    address = None if member is None else normal_email(member.email)
    return frozenset() if address is None else frozenset({address})


def _link_ending(
    link: LinkedMember,
    invitations: Sequence[Invitation],
    leaver: Leaver,
    earlier: EndedAccess | None,
) -> _Ending:
    """Return the end of a member's link (permission to act for a partner), ready to be stored.

    It names the invitation in which the end is recorded. The message to the person is sent because
    of an event about that invitation, so a retry keeps the one that an earlier attempt has chosen:
    the person gets one message.
    """
    notice = notice_of(link, invitations)
    said = notice_id(link) if notice is None else notice.id
    if earlier is not None and earlier.since == link.since:
        said = WixItemId(earlier.notice)
    is_known = bool(link.emails or (notice is not None and notice.email))
    row = EndedAccess(
        id=link.id,
        partner_id=link.partner_id,
        kind="link",
        reason=leaver.reason,
        notice=said if is_known else "",
        since=link.since,
    )
    return _Ending(row, link, invitations)


def _invitation_ending(
    invitation: Invitation, invitations: Sequence[Invitation], leaver: Leaver
) -> _Ending:
    row = EndedAccess(
        id=invitation.id,
        partner_id=invitation.partner_id,
        kind="invitation",
        reason=leaver.reason,
    )
    return _Ending(row, invitation, invitations)


def _history_lines(endings: Iterable[_Ending], now: datetime) -> Mapping[WixItemId, HistoryLine]:
    """Return lines for the history of people, by the id of the line: one for each link that ends.

    A link is a member's permission to act for a partner. A retry makes the same ids, so that no
    line is added twice.
    """
    lines = {}
    for one in endings:
        link = one.subject
        if isinstance(link, LinkedMember):
            lines[_end_line_id(link)] = HistoryLine(
                link.partner_id,
                now,
                RECONCILER,
                "ended",
                min(link.emails, default=""),
                member_id=link.member_id,
                role_before=link.role,
            )
    return lines


def _end_line_id(link: LinkedMember) -> WixItemId:
    """Return the id of the line in the history of people about the end of a link."""
    since = "" if link.since is None else link.since.isoformat()
    return line_id("ended", f"{link.id}/{since}")


def _counts(ended: Sequence[EndedAccess]) -> CountsByReason:
    total: CountsByReason = {}
    for row in ended:
        one = RowCounts(links=1) if row.kind == "link" else RowCounts(invitations=1)
        total = add_counts(total, {row.reason: one})
    return total
