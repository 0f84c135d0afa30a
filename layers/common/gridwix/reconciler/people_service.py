"""Compares the people who have access to the portal with the systems that know if they have left.

These are the Wix site, Trading Grid and OpenText's directory. A run is a chain of messages (pages),
as a full comparison is. It looks at all links (permissions of members to act for a partner) and
open invitations, some partners at a time. Only when it has seen all of them does it end the access
of people who have left, unless these are suspiciously many.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gridwix.configuration.people import Leaving
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.people_runs import (
    MAX_NAMED_PEOPLE,
    MAX_UNUSED_PAGES,
    CompanyCounts,
    CountsByReason,
    EndReason,
    InvitationCounts,
    Leaver,
    LeaversRecord,
    Looks,
    PartnerInvitations,
    PeoplePage,
    PeoplePhase,
    PeopleReport,
    RowCounts,
    add_counts,
)
from gridwix.models.reconciliation import RunRequest
from gridwix.people.leaving import (
    PartnerFacts,
    PartnerPeople,
    find_leavers,
    open_addresses,
    stopped_reasons,
)
from gridwix.people.persons import Invitation
from gridwix.people.rows import read_invitation, read_link
from gridwix.people.unused import count_unused, unused_invitations
from gridwix.ports import Clock
from gridwix.publication.reconciled import Continuation
from gridwix.reconciler.people_ending import AccessEnder, with_login_addresses
from gridwix.reconciler.people_range import PeopleReader, RowRange
from gridwix.reconciler.people_records import PeopleRecords
from gridwix.reconciler.people_sources import CompanyReads, PeopleSources

ENDS_PER_MESSAGE = 10
"""Maximum number of rows that one message ends: each takes about seven calls to Wix."""

RECORDS_PER_MESSAGE = 100
"""Maximum number of pages of findings in which one message searches for rows to end."""

DIRECTORY_SECONDS = 40.0
"""Seconds after which a page reads no further company from the directory."""


@dataclass(frozen=True, slots=True)
class PeoplePageReport:
    """Result of one message (page) of the comparison that ends the access of people who have left.

    ``compared`` counts the links (permissions of members to act for a partner) and open invitations
    that the page has checked, ``ended`` the ended ones by reason. ``companies`` counts the
    companies for which users had to be read from OpenText's directory. ``report`` is the report on
    the whole run on its last page, else None. ``repeated``: the page was complete before, so
    nothing was done.
    """

    compared: RowCounts = field(default_factory=RowCounts)
    ended: CountsByReason = field(default_factory=dict)
    companies: CompanyCounts = field(default_factory=CompanyCounts)
    report: PeopleReport | None = None
    repeated: bool = False


class PeopleReconciler:
    """Ends the access of people who have left.

    Guaranteed: no access ends before all links (permissions of members to act for a partner) and
    open invitations were compared; a source that cannot be read ends no access; the share of links
    and invitations that one run may end is limited, see
    :func:`~gridwix.people.leaving.stopped_reasons`; a user has to be missing in the directory in
    two successive comparisons; each reason is checked again before access ends; a page (the work of
    one message) is idempotent: it can be repeated any number of times, also after a crash at any
    point; a dry run changes nothing.

    Args:
        reader: Reads links and invitations.
        sources: The site, Trading Grid and OpenText's directory.
        ender: Ends access.
        records: Stores findings, missing users and reports.
        continuation: Sends the message for the next page.
        settings: Rules of the configuration: when access ends, and how much at once.
        clock: Returns the time in Unix seconds.
    """

    def __init__(
        self,
        *,
        reader: PeopleReader,
        sources: PeopleSources,
        ender: AccessEnder,
        records: PeopleRecords,
        continuation: Continuation,
        settings: Leaving,
        clock: Clock,
    ) -> None:
        self._reader = reader
        self._sources = sources
        self._ender = ender
        self._records = records
        self._continuation = continuation
        self._settings = settings
        self._clock = clock

    def first_page(self, request: RunRequest, *, run: str, begun: datetime) -> PeoplePage:
        """Return the first message (page) of a run that ends the access of people who have left.

        ``run`` is the name of the run, ``begun`` the time at which it was requested.
        """
        return PeoplePage(
            run=run, begun=begun, dry_run=request.dry_run, accept_shrink=request.accept_shrink
        )

    def handle(self, page: PeoplePage) -> PeoplePageReport:
        """Process one message (page) of a run that ends the access of people who have left.

        Unless the page is the last one, the next message is sent. Returns the counts of the page,
        and on the last page the report on the run. Raises UpstreamError or BudgetExhausted: the
        message must be repeated.
        """
        match page.phase:
            case PeoplePhase.COMPARE:
                return self._compare(page)
            case PeoplePhase.DECIDE:
                return self._decide(page)
            case PeoplePhase.END:
                return self._end(page)

    def _compare(self, page: PeoplePage) -> PeoplePageReport:
        earlier = self._records.leavers(page, page.page)
        if earlier is not None and earlier.done:
            return PeoplePageReport(repeated=True)
        record = earlier or self._compare_range(page, self._reader.read_range(page.cursor))
        # A retry compares nothing again: an attempt whose next page is under way, but whose end was
        # not stored, may have led to new looks, by which rows would not be due any more.
        self._records.keep_leavers(page, record)
        self._continuation.send(_page_after(page, record))
        self._records.keep_leavers(page, record.model_copy(update={"done": True}))
        return PeoplePageReport(compared=record.total, companies=record.companies)

    def _compare_range(self, page: PeoplePage, rows: RowRange) -> LeaversRecord:
        started = self._clock()
        members = self._sources.find_members(
            {
                member
                for partner in rows.partner_ids
                for item in rows.links.get(partner, ())
                if isinstance(member := item.data.get("memberId"), str) and member
            }
        )
        former = self._sources.former_partners(rows.partner_ids)
        everybody = {one: _people(rows, one) for one in rows.partner_ids}
        now = self._now()
        blocked = self._sources.find_blocked(
            {email for people in everybody.values() for email in open_addresses(people, now)}
        )
        looks, reads = self._records.looks(), CompanyReads(accept_empty=page.accept_shrink)
        leavers: list[Leaver] = []
        held: list[WixItemId] = []
        unused: dict[PartnerId, Sequence[Invitation]] = {}
        total, cursor = RowCounts(), rows.cursor
        for place, partner in enumerate(rows.partner_ids):
            if place and self._clock() - started > DIRECTORY_SECONDS:
                cursor = rows.partner_ids[place - 1]
                break
            people = with_login_addresses(everybody[partner], members)
            facts = self._sources.facts_of(people, members, former, blocked, reads)
            found = [
                one.model_copy(update={"is_due": self._is_due(page, one, looks)})
                for one in find_leavers(people, facts, now)
            ]
            leavers += found
            held += _held(people, facts, found, looks)
            leaving = {one.id for one in found}
            unused[partner] = [one for one in unused_invitations(people) if one.id not in leaving]
            total += RowCounts(
                links=len(people.links),
                invitations=sum(1 for one in people.invitations if one.is_open(now)),
            )
        return LeaversRecord(
            leavers=tuple(leavers),
            held=tuple(held),
            total=total,
            companies=reads.counts,
            unused_of=self._count_unused(unused, now),
            cursor=cursor,
        )

    def _count_unused(
        self, invitations: Mapping[PartnerId, Sequence[Invitation]], now: datetime
    ) -> Sequence[PartnerInvitations]:
        """Return each partner's numbers of unused invitations: expired, about to expire, bouncing.

        ``invitations`` are the unused ones: those that no person has accepted. Open invitations
        count as unknown if Wix does not say which addresses bounce. A partner without any of these
        is left out.
        """
        bounced = self._sources.bounced_addresses(
            {one.email for some in invitations.values() for one in some if one.is_open(now)} - {""}
        )
        counts = {
            partner: count_unused(some, bounced, now) for partner, some in invitations.items()
        }
        return tuple(
            PartnerInvitations(partner_id=partner, counts=found)
            for partner, found in counts.items()
            if found != InvitationCounts()
        )

    def _is_due(self, page: PeoplePage, leaver: Leaver, looks: Looks) -> bool:
        """Return True if the access that a link or invitation grants is to end in this run.

        A user who is missing in OpenText's directory loses access only if an earlier comparison did
        not find the user either (``looks``), long enough ago, or if an operator has confirmed it.
        """
        if leaver.reason is not EndReason.DIRECTORY or page.accept_shrink:
            return True
        first = looks.missing.get(leaver.id)
        gap = timedelta(minutes=self._settings.second_look_minutes)
        return first is not None and page.begun - first >= gap

    def _decide(self, page: PeoplePage) -> PeoplePageReport:
        stopped = (
            ()
            if page.accept_shrink
            else stopped_reasons(
                page.found,
                page.total,
                most_share=self._settings.most_share,
                least=self._settings.least,
            )
        )
        decided = page.model_copy(update={"phase": PeoplePhase.END, "stopped": stopped})
        if page.dry_run:
            return self._finish(decided)
        self._records.keep_looks(self._new_looks(decided))
        self._continuation.send(decided)
        return PeoplePageReport()

    def _new_looks(self, page: PeoplePage) -> Looks:
        """Return the links and invitations that a later run has to check in the directory again.

        This run did not find their user in OpenText's directory, or could not read the directory
        after an earlier run did not find the user. Each has the begin of the first run that did not
        find the user. The result is empty if so many users are missing that this run must not end
        access for this reason.
        """
        if EndReason.DIRECTORY in page.stopped:
            return Looks(run=page.run)
        before = self._records.looks().missing
        missing: dict[WixItemId, datetime] = {}
        for record in self._findings(page, page.pages):
            missing |= {one: before[one] for one in record.held if one in before}
            missing |= {
                one.id: before.get(one.id, page.begun)
                for one in record.leavers
                if one.reason is EndReason.DIRECTORY and not one.is_due
            }
        return Looks(run=page.run, missing=missing)

    def _end(self, page: PeoplePage) -> PeoplePageReport:
        place, offset = page.place, page.offset
        for _ in range(RECORDS_PER_MESSAGE):
            if place == len(page.pages):
                return self._finish(page)
            due = self._due_rows(page, page.pages[place])
            if offset < len(due):
                here = page.model_copy(update={"place": place, "offset": offset})
                ended = self._ender.end_rows(here, due[offset : offset + ENDS_PER_MESSAGE])
                following = {
                    "offset": offset + ENDS_PER_MESSAGE,
                    "ended": add_counts(page.ended, ended),
                }
                self._continuation.send(here.model_copy(update=following))
                return PeoplePageReport(ended=ended)
            place, offset = place + 1, 0
        self._continuation.send(page.model_copy(update={"place": place, "offset": offset}))
        return PeoplePageReport()

    def _due_rows(self, page: PeoplePage, number: int) -> Sequence[Leaver]:
        record = self._records.leavers(page, number)
        return [
            one
            for one in (() if record is None else record.leavers)
            if one.is_due and one.reason not in page.stopped
        ]

    def _findings(self, page: PeoplePage, numbers: Sequence[int]) -> Iterator[LeaversRecord]:
        for number in numbers:
            record = self._records.leavers(page, number)
            if record is not None:
                yield record

    def _finish(self, page: PeoplePage) -> PeoplePageReport:
        ids: list[WixItemId] = []
        for record in self._findings(page, page.pages):
            ids += [one.id for one in record.leavers]
            if len(ids) >= MAX_NAMED_PEOPLE:
                break
        unused_of = [
            one for record in self._findings(page, page.unused_pages) for one in record.unused_of
        ]
        report = PeopleReport(
            run=page.run,
            begun=page.begun,
            finished=self._now(),
            dry_run=page.dry_run,
            total=page.total,
            found=page.found,
            waiting=page.waiting,
            ended=page.ended,
            companies=page.companies,
            stopped=page.stopped,
            ids=tuple(ids[:MAX_NAMED_PEOPLE]),
            unused=page.unused,
            unused_of=tuple(unused_of[:MAX_NAMED_PEOPLE]),
        )
        self._records.keep_report(page, report)
        return PeoplePageReport(report=report)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _people(rows: RowRange, partner: PartnerId) -> PartnerPeople:
    return PartnerPeople(
        partner,
        tuple(map(read_link, rows.links.get(partner, ()))),
        tuple(map(read_invitation, rows.invitations.get(partner, ()))),
    )


def _held(
    people: PartnerPeople, facts: PartnerFacts, found: Sequence[Leaver], looks: Looks
) -> Sequence[WixItemId]:
    """Return the rows of users who were missing in an earlier run and cannot be checked now.

    The users of the partner's company could not be read from OpenText's directory in this run. The
    rows stay listed as missing. The result is empty if the users could be read.
    """
    if facts.users is not None:
        return ()
    leaving = {one.id for one in found}
    ids = [*(link.id for link in people.links), *(one.id for one in people.invitations)]
    return [one for one in ids if one in looks.missing and one not in leaving]


def _page_after(page: PeoplePage, record: LeaversRecord) -> PeoplePage:
    counts: Mapping[EndReason, RowCounts] = {}
    for one in record.leavers:
        row = RowCounts(links=1) if one.kind == "link" else RowCounts(invitations=1)
        counts = add_counts(counts, {one.reason: row})
    has_findings = bool(record.leavers or record.held)
    update = {
        "phase": PeoplePhase.DECIDE if record.cursor is None else PeoplePhase.COMPARE,
        "page": page.page + 1,
        "cursor": record.cursor or "",
        "total": page.total + record.total,
        "found": add_counts(page.found, counts),
        "waiting": page.waiting + sum(1 for one in record.leavers if not one.is_due),
        "companies": page.companies + record.companies,
        "pages": (*page.pages, page.page) if has_findings else page.pages,
        "unused": sum((one.counts for one in record.unused_of), page.unused),
        "unused_pages": (*page.unused_pages, *([page.page] if record.unused_of else ()))[
            :MAX_UNUSED_PAGES
        ],
    }
    return page.model_copy(update=update)
