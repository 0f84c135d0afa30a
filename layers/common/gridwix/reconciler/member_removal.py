"""Ends the access of a member or contact that the site has deleted, and removes its rows, at once.

The hourly comparison of people (with the site, Trading Grid and OpenText's directory) would end the
access as well. A person's data outside the portal is removed by ``gridwix people forget``, which
needs rights that no function has.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gridwix.models.people_runs import (
    CountsByReason,
    EndReason,
    Leaver,
    LeaversRecord,
    PeoplePage,
    PeoplePhase,
    PersonDeleted,
    add_counts,
)
from gridwix.models.portal.collection_ids import PARTNER_LINKS
from gridwix.people.member_rows import erase_member_rows
from gridwix.people.rows import read_link
from gridwix.reconciler.people_ending import AccessEnder
from gridwix.reconciler.people_ports import PeopleRows
from gridwix.reconciler.people_records import PeopleRecords
from gridwix.reconciler.people_sources import PeopleSources

LINKS_AT_ONCE = 10
"""Maximum number of links that are ended together: each takes about seven calls to Wix."""


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """Result of handling the event that a member or contact was deleted.

    ``ended`` counts the links (permissions to act for a partner) that were ended, by reason.
    ``removed`` counts the removed rows of the member. ``exists`` is true if the site still has the
    member, so that nothing was done.
    """

    ended: CountsByReason = field(default_factory=dict)
    removed: int = 0
    exists: bool = False


class MemberRemoval:
    """Removes the rows of a member whom the site has deleted, and ends the member's access.

    Guaranteed: the site is asked for the member first, by id, so that a wrong or replayed event
    ends no access. Idempotent, even if it is interrupted at any point. Each person gets exactly one
    message that its access has ended.

    Args:
        rows: Links, invitations and data of members.
        sources: The site, Trading Grid and OpenText's directory.
        ender: Ends access.
        records: Stores which links are about to be ended.
    """

    def __init__(
        self,
        *,
        rows: PeopleRows,
        sources: PeopleSources,
        ender: AccessEnder,
        records: PeopleRecords,
    ) -> None:
        self._rows = rows
        self._sources = sources
        self._ender = ender
        self._records = records

    def handle(self, deleted: PersonDeleted, *, run: str, begun: datetime) -> RemovalReport:
        """Handle the event that a member or contact was deleted on the site.

        A contact need not have been a member. So if a contact was deleted, nothing is done unless a
        link (a member's permission to act for a partner) has the contact's id as the id of its
        member.

        Args:
            deleted: The event.
            run: Name of the run; the same one in a retry of the message.
            begun: When the message was sent.

        Raises UpstreamError or BudgetExhausted: the SQS message must be processed again.
        """
        page = PeoplePage(run=run, begun=begun, phase=PeoplePhase.END)
        record = self._records.leavers(page, 0)
        if record is None:
            record = LeaversRecord(leavers=tuple(self._links_of(deleted.person_id)))
            if deleted.is_contact and not record.leavers:
                return RemovalReport()
            if self._sources.confirm_members({deleted.person_id}):
                return RemovalReport(exists=True)
            # A retry finds here the links that an earlier attempt has removed already.
            self._records.keep_leavers(page, record)
        ended: CountsByReason = {}
        for offset in range(0, len(record.leavers), LINKS_AT_ONCE):
            some = record.leavers[offset : offset + LINKS_AT_ONCE]
            ended = add_counts(
                ended, self._ender.end_rows(page.model_copy(update={"offset": offset}), some)
            )
        return RemovalReport(ended, erase_member_rows(self._rows, deleted.person_id))

    def _links_of(self, member_id: str) -> Sequence[Leaver]:
        links = map(read_link, self._rows.items_where(PARTNER_LINKS, "memberId", member_id))
        return [
            Leaver(
                id=link.id,
                partner_id=link.partner_id,
                kind="link",
                reason=EndReason.MEMBER_DELETED,
            )
            for link in links
        ]
