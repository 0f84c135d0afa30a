"""A member or contact that was deleted on the site: ends its access, and removes its rows, at once.

The hourly comparison of people would end the access as well. What a person has left elsewhere is
removed by ``gridwix people forget``: it needs rights that no function has.
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
"""Links that are ended together: each takes about seven calls to Wix."""


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """Result of one event.

    ``ended`` counts links by reason, ``removed`` the rows of the member that are gone. ``exists``:
    the site still has the member, so nothing was done.
    """

    ended: CountsByReason = field(default_factory=dict)
    removed: int = 0
    exists: bool = False


class MemberRemoval:
    """Removes what the portal has of a member whom the site has deleted.

    Guaranteed: the site is asked for the member first, by its own id, so that a wrong or replayed
    event ends no access. Idempotent, even if it is interrupted at any point. Each person is told
    once that its access has ended.

    Args:
        rows: Links, invitations and data of members.
        sources: The site, Trading Grid and OpenText's directory.
        ender: Ends access.
        records: Stores what is about to be ended.
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
        """Do what an event asks for.

        Wix deletes the contact of a member only after the member, and a site has many contacts who
        never were members. So of a contact only the links are looked for, under its id, which may
        be the member's as well.

        Args:
            deleted: The event.
            run: Name of the message; the same one in a retry.
            begun: When the message was sent.

        Raises UpstreamError or BudgetExhausted: the message must be repeated.
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
