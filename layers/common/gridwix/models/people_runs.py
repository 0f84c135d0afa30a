"""Messages and results of the comparison of people: who is to lose access to the portal, and why.

A run is a chain of :class:`PeoplePage`. Nothing here has a name or an address of a person: rows are
named by their ids.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from gridwix.models.events import PortalEvent, TolerantModel
from gridwix.models.ids import PartnerId, WixItemId

MAX_PEOPLE_PAGES = 100_000
"""Maximum number of pages of one phase: an endless chain of messages is a fault."""

MAX_NAMED_PEOPLE = 1000
"""Maximum number of rows of one kind that a report names. The counts cover all rows."""

MAX_UNUSED_PAGES = 100
"""Maximum number of pages of partners with unused invitations that a report names."""


class EndReason(StrEnum):
    """Reason for which access ends, the most certain first.

    MEMBER_DELETED: the site has the member no longer. MEMBER_BLOCKED: the member is blocked there.
    PARTNER: the partner is deleted, or has a status that ends access. DIRECTORY: OpenText's
    directory has the user no longer, or as inactive.
    """

    MEMBER_DELETED = "member_deleted"
    MEMBER_BLOCKED = "member_blocked"
    PARTNER = "partner"
    DIRECTORY = "directory"


class PersonDeleted(TolerantModel):
    """Message of the bus that the site has deleted a member or a contact. It has its id alone."""

    mode: Literal["removal"] = "removal"
    detail: PortalEvent

    @property
    def is_contact(self) -> bool:
        """True for a contact, which need not have been a member."""
        return self.detail.subject.startswith("contacts/")

    @property
    def person_id(self) -> str:
        """The id of the member, or of the contact."""
        return self.detail.subject.partition("/")[2]


class RowCounts(TolerantModel):
    """Numbers of links and of open invitations."""

    links: int = Field(default=0, ge=0)
    invitations: int = Field(default=0, ge=0)

    def __add__(self, other: "RowCounts") -> "RowCounts":
        return RowCounts(
            links=self.links + other.links, invitations=self.invitations + other.invitations
        )


type CountsByReason = Mapping[EndReason, RowCounts]


def add_counts(one: CountsByReason, other: CountsByReason) -> CountsByReason:
    """Return the sums, by reason.

    >>> reason = EndReason.PARTNER
    >>> add_counts({reason: RowCounts(links=1)}, {reason: RowCounts(links=2)})[reason].links
    3
    """
    return {
        reason: one.get(reason, RowCounts()) + other.get(reason, RowCounts())
        for reason in EndReason
        if reason in one or reason in other
    }


class InvitationCounts(TolerantModel):
    """Numbers of unused invitations: ``expired``, ``expiring`` soon, ``bounced`` for open ones with
    a bouncing address, and ``unknown`` for open ones of which Wix has not said it.
    """

    expired: int = Field(default=0, ge=0)
    expiring: int = Field(default=0, ge=0)
    bounced: int = Field(default=0, ge=0)
    unknown: int = Field(default=0, ge=0)

    def __add__(self, other: "InvitationCounts") -> "InvitationCounts":
        return InvitationCounts(
            expired=self.expired + other.expired,
            expiring=self.expiring + other.expiring,
            bounced=self.bounced + other.bounced,
            unknown=self.unknown + other.unknown,
        )


class PartnerInvitations(TolerantModel):
    """Numbers of unused invitations to a partner."""

    partner_id: PartnerId
    counts: InvitationCounts


class Leaver(TolerantModel):
    """A link or an open invitation that is to end.

    ``is_due`` is false for a user who is missing in the directory for the first time.
    """

    id: WixItemId
    partner_id: PartnerId
    kind: Literal["link", "invitation"]
    reason: EndReason
    is_due: bool = True


class Looks(TolerantModel):
    """Rows with a user that was missing in the last complete comparison, and the begin of the run
    that missed it first.
    """

    run: str = ""
    missing: Mapping[WixItemId, datetime] = Field(default_factory=dict)


class EndedAccess(TolerantModel):
    """A row that is being ended. Stored before anything is done, so that a retry completes it.

    ``notice`` is the invitation that says so to its person, "" if the address is unknown.
    ``since`` is when the link was made: one with another time is another link.
    """

    id: WixItemId
    partner_id: PartnerId
    kind: Literal["link", "invitation"]
    reason: EndReason
    notice: str = ""
    since: datetime | None = None


class EndedRecord(TolerantModel):
    """Rows that one message ends."""

    rows: tuple[EndedAccess, ...] = ()


class CompanyCounts(TolerantModel):
    """Companies with users to read: ``read``, ``unread`` for an error, and ``empty``, which count
    as unread.
    """

    read: int = Field(default=0, ge=0)
    unread: int = Field(default=0, ge=0)
    empty: int = Field(default=0, ge=0)

    def __add__(self, other: "CompanyCounts") -> "CompanyCounts":
        return CompanyCounts(
            read=self.read + other.read,
            unread=self.unread + other.unread,
            empty=self.empty + other.empty,
        )


class LeaversRecord(TolerantModel):
    """Findings of one page of the comparison, on which a retry goes on without comparing again.

    ``held`` are rows that were missing in the directory before, at companies that could not be read
    now. ``total`` counts the compared rows. ``cursor`` is the last partner; None for the last page.
    ``unused_of`` are partners with unused invitations. ``done`` is true once the next page is under
    way.
    """

    leavers: tuple[Leaver, ...] = ()
    held: tuple[WixItemId, ...] = ()
    total: RowCounts = RowCounts()
    companies: CompanyCounts = CompanyCounts()
    unused_of: tuple[PartnerInvitations, ...] = ()
    cursor: str | None = None
    done: bool = False


class PeoplePhase(StrEnum):
    """Phase of a comparison of people."""

    COMPARE = "compare"
    DECIDE = "decide"
    END = "end"


class PeoplePage(TolerantModel):
    """Message for one page of a comparison of people.

    ``cursor`` is the partner after which the page begins. ``total`` counts the rows that were
    compared, ``found`` those that are to end, due or not, and ``waiting`` those that are not due.
    ``pages`` are the numbers of pages with findings, ``unused_pages`` those of the first pages with
    unused invitations that need attention. ``stopped`` are the reasons for which the guard lets
    nothing end. In the phase END, ``place`` is the place in ``pages`` and ``offset`` the number of
    its rows that were handled.
    """

    mode: Literal["people"] = "people"
    run: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    begun: datetime
    phase: PeoplePhase = PeoplePhase.COMPARE
    page: int = Field(default=0, ge=0, le=MAX_PEOPLE_PAGES)
    cursor: str = ""
    total: RowCounts = RowCounts()
    found: CountsByReason = Field(default_factory=dict)
    waiting: int = Field(default=0, ge=0)
    companies: CompanyCounts = CompanyCounts()
    pages: tuple[int, ...] = ()
    unused: InvitationCounts = InvitationCounts()
    unused_pages: tuple[int, ...] = ()
    stopped: tuple[EndReason, ...] = ()
    place: int = Field(default=0, ge=0)
    offset: int = Field(default=0, ge=0)
    ended: CountsByReason = Field(default_factory=dict)
    dry_run: bool = False
    accept_shrink: bool = False


class PeopleReport(TolerantModel):
    """Report of a comparison of people: ids and counts, no content.

    ``total`` counts the links and open invitations that were compared, ``found`` those that are to
    end, by reason, ``waiting`` those of them that are missing in the directory for the first time,
    and ``ended`` those that were ended. ``stopped`` are the reasons for which the guard let nothing
    end. ``ids`` are the first rows that were found. ``unused`` counts unused invitations, and
    ``unused_of`` are the first partners with invitations that need attention.
    """

    run: str
    begun: datetime
    finished: datetime
    dry_run: bool
    total: RowCounts
    found: CountsByReason
    waiting: int
    ended: CountsByReason
    companies: CompanyCounts
    stopped: tuple[EndReason, ...]
    ids: tuple[WixItemId, ...] = ()
    unused: InvitationCounts = InvitationCounts()
    unused_of: tuple[PartnerInvitations, ...] = ()
