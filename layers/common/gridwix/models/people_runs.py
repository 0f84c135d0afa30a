"""Messages and results of the comparison of people, which ends the portal access of leavers.

The comparison of people is a scheduled run. It checks links (members' permissions to act for a
partner) and open invitations against the members of the Wix site, the partners in Trading Grid and
the users in OpenText's directory. A run is a chain of messages of the class :class:`PeoplePage`.

Nothing here contains a person's name or address: portal rows are named by their ids.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from gridwix.models.events import PortalEvent, TolerantModel
from gridwix.models.ids import PartnerId, WixItemId

MAX_PEOPLE_PAGES = 100_000
"""Maximum number of pages of one phase: a longer chain of messages would be a fault."""

MAX_NAMED_PEOPLE = 1000
"""Maximum number of rows of one kind that a report names. The counts cover all rows."""

MAX_UNUSED_PAGES = 100
"""Maximum number of pages of partners with unused invitations that a report names."""


class EndReason(StrEnum):
    """Reason why a person's access to the portal ends, the most certain first.

    MEMBER_DELETED: the Wix site no longer has the member. MEMBER_BLOCKED: the member is blocked on
    the site. PARTNER: the partner is deleted, or has a status that ends access. DIRECTORY:
    OpenText's directory no longer lists the user, or lists the user as inactive.
    """

    MEMBER_DELETED = "member_deleted"
    MEMBER_BLOCKED = "member_blocked"
    PARTNER = "partner"
    DIRECTORY = "directory"


class PersonDeleted(TolerantModel):
    """Bus message that the Wix site has deleted a member or a contact. It holds only the id."""

    mode: Literal["removal"] = "removal"
    detail: PortalEvent

    @property
    def is_contact(self) -> bool:
        """True if a contact was deleted, false if a member was.

        A contact need not have been a member.
        """
        return self.detail.subject.startswith("contacts/")

    @property
    def person_id(self) -> str:
        """The Wix id of the deleted member or contact."""
        return self.detail.subject.partition("/")[2]


class RowCounts(TolerantModel):
    """Number of partner links and number of open invitations.

    A link is a member's permission to act for a partner.
    """

    links: int = Field(default=0, ge=0)
    invitations: int = Field(default=0, ge=0)

    def __add__(self, other: "RowCounts") -> "RowCounts":
        return RowCounts(
            links=self.links + other.links, invitations=self.invitations + other.invitations
        )


type CountsByReason = Mapping[EndReason, RowCounts]


def add_counts(one: CountsByReason, other: CountsByReason) -> CountsByReason:
    """Add up two counts of rows by reason.

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
    """Numbers of unused invitations that need attention, by state.

    ``expired``: no longer valid. ``expiring``: open, and expires soon. ``bounced``: open, and the
    email address bounces. ``unknown``: open, and Wix did not respond whether the email address
    bounces.
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
    """A partner's unused invitations that need attention: the partner's id, and counts by state."""

    partner_id: PartnerId
    counts: InvitationCounts


class Leaver(TolerantModel):
    """A partner link or open invitation that is to be ended, with the reason.

    ``is_due`` is false if this run is the first that does not find the user in OpenText's
    directory. Such a row ends only if a later run does not find the user either.
    """

    id: WixItemId
    partner_id: PartnerId
    kind: Literal["link", "invitation"]
    reason: EndReason
    is_due: bool = True


class Looks(TolerantModel):
    """Links and invitations of users that OpenText's directory did not list at the last comparison.

    A link is a member's permission to act for a partner. Access ends only if a second comparison of
    people (a scheduled run) does not find the user either. ``missing`` maps the id of each link or
    invitation to the start of the first run that did not find the user. ``run`` is the id of the
    last complete run.
    """

    run: str = ""
    missing: Mapping[WixItemId, datetime] = Field(default_factory=dict)


class EndedAccess(TolerantModel):
    """A partner link or invitation that is being ended (write-ahead record).

    It is stored before anything is changed, so that a retry completes the change.

    ``notice`` is the id of the invitation through which the person is notified, "" if the person's
    address is unknown. ``since`` is the time when the link was made: a link of the same id with
    another time is a new one, and stays.
    """

    id: WixItemId
    partner_id: PartnerId
    kind: Literal["link", "invitation"]
    reason: EndReason
    notice: str = ""
    since: datetime | None = None


class EndedRecord(TolerantModel):
    """Write-ahead record of the links and invitations that one :class:`PeoplePage` message ends.

    To end a link (a member's permission to act for a partner) is to remove it; an invitation is
    revoked. The record is stored first, so that a retry of the message completes the ends
    of all links and invitations in ``rows``.
    """

    rows: tuple[EndedAccess, ...] = ()


class CompanyCounts(TolerantModel):
    """Numbers of companies for which a comparison of people needed users from OpenText's directory.

    The comparison of people is a scheduled run that ends the portal access of people who have left.
    ``read``: the users were read. ``unread``: the users were not read, because of an error, or
    because the directory had not responded for several companies in a row. ``empty``: the directory
    returned no users, which counts as not read, because a company has at least one.
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
    """Checkpoint of one page of a comparison of people: a retry does not compare again.

    The comparison of people is a scheduled run that ends the portal access of people who have left.
    It compares rows, which are links (members' permissions to act for a partner) and open
    invitations. ``leavers`` are rows that are to be ended. ``held`` are rows that :class:`Looks`
    lists as missing in OpenText's directory and that this run could not check, because the users of
    the company could not be read; :class:`Looks` keeps them. ``total`` counts the compared rows.
    ``cursor`` is the last partner of the page; None for the last page. ``unused_of`` are the
    partners with unused invitations that need attention. ``done`` is true once the message for the
    next page is sent.
    """

    leavers: tuple[Leaver, ...] = ()
    held: tuple[WixItemId, ...] = ()
    total: RowCounts = RowCounts()
    companies: CompanyCounts = CompanyCounts()
    unused_of: tuple[PartnerInvitations, ...] = ()
    cursor: str | None = None
    done: bool = False


class PeoplePhase(StrEnum):
    """Phase of a comparison of people: compare all links and invitations, decide, then end access.

    The comparison of people is a scheduled run that ends the portal access of people who have left.
    DECIDE adds up the rows that would lose access, by reason (:class:`EndReason`), the most certain
    reason first. A reason with which the sum exceeds the safety limit is stopped: the run ends no
    access for this reason.
    """

    COMPARE = "compare"
    DECIDE = "decide"
    END = "end"


class PeoplePage(TolerantModel):
    """Message for one page of a comparison of people, with the results so far.

    The comparison of people is a scheduled run that ends the portal access of people who have left.
    It compares rows, which are links (members' permissions to act for a partner) and open
    invitations. ``cursor`` is the partner after which the page begins. ``total`` counts the
    compared rows, ``found`` counts by reason the rows that are to be ended, and ``waiting`` counts
    those of the found rows that a second run has to confirm first. ``pages`` are the numbers of the
    pages with found or held rows (:class:`LeaversRecord`), ``unused_pages`` the numbers of the
    first pages with unused invitations that need attention. ``stopped`` are the reasons for which
    this run ends no access, because too many rows would lose it. In the phase END, ``place`` is the
    index in ``pages`` of the page with the rows that are being ended, and ``offset`` the number of
    rows of that page that are already handled.
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
    """Report of a comparison of people: ids and counts, no names or addresses.

    The comparison of people is a scheduled run that ends the portal access of people who have left.
    It checks rows, which are links (members' permissions to act for a partner) and open
    invitations, against the Wix site, Trading Grid and OpenText's directory. ``total`` counts the
    compared rows, ``found`` counts by reason the rows that are to be ended, ``waiting`` counts
    those of the found rows that a second run has to confirm first, and ``ended`` counts by reason
    the rows that were ended. ``stopped`` are the reasons for which the run ended no access, because
    too many rows would have lost it. ``ids`` are the ids of the first found rows. ``unused`` counts
    unused invitations that need attention, and ``unused_of`` are the first partners with such
    invitations.
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
