"""JSON documents of ``gridwix people``.

``gridwix people forget`` prints the document of ``gridwix erase`` instead.
"""

from collections.abc import Mapping

from pydantic import AwareDatetime

from ops.json_output import JsonOutput


class BadRow(JsonOutput):
    """A row of the imported file with a fault, so that no person is read from the row."""

    line: int
    column: str | None
    """column at fault; null for the row as a whole"""
    reason: str


class PlannedPerson(JsonOutput):
    """A person whom an import of people invites, changes or refuses."""

    partner: str
    email: str
    role: str
    before: tuple[str, ...]
    """roles that the person has now, if they change"""
    round: int | None
    """number of the person's invitation, counted from the first; null if the person is not
    invited"""
    reason: str | None
    """why the person is refused"""


class DirectoryCounts(JsonOutput):
    """Numbers of partners and users in OpenText's directory that were read or left out."""

    partners: int
    """number of partners with users that were read"""
    unread: Mapping[str, int]
    """number of partners with unreadable users, by the code of the error; they are left
    unchanged"""
    left_out: Mapping[str, int]
    """number of users who are not imported, by the reason"""


class PeoplePlanOutput(JsonOutput):
    """Changes that an import of people would make."""

    new: tuple[PlannedPerson, ...]
    changed: tuple[PlannedPerson, ...]
    unchanged: int
    leaving: tuple[PlannedPerson, ...]
    """people of the portal who are no longer in the directory; an import ends no access"""
    refused: tuple[PlannedPerson, ...]
    unannounced: int
    """number of people who are invited already, and for whom no mail was triggered yet"""


class FailedPerson(JsonOutput):
    """A person who was not stored on the portal, because Wix refused the row."""

    partner: str
    email: str
    code: str


class PeopleOutcomeOutput(JsonOutput):
    """Result of an import of people: numbers of changes, and failures."""

    invited: int
    changed: int
    announced: int
    failures: tuple[FailedPerson, ...]


class PeopleImportOutput(JsonOutput):
    """Result of an import of people, or of a reminder to people who are invited.

    ``plan`` is null if bad rows stopped the command, ``outcome`` if nothing was done.
    """

    ignored_columns: tuple[str, ...]
    bad_rows: tuple[BadRow, ...]
    directory: DirectoryCounts | None
    """null for an import from a file"""
    plan: PeoplePlanOutput | None
    outcome: PeopleOutcomeOutput | None


class PersonEntry(JsonOutput):
    """A person at a partner, who has access to the portal or an invitation, or had it.

    Editors of the Wix site can change the stored rows, so most values are not checked.
    """

    partner: str
    email: str | None
    """null for an invitation code that was given by hand"""
    name: str | None
    member: str | None
    role: str
    access: str
    """linked, invited, expired, revoked, removed (a person has ended it), or ended (gridwix has
    ended it)"""
    source: str | None
    """origin of the invitation: file, directory, portal or hub"""
    since: AwareDatetime | None
    """time at which the access or the invitation began, or ended"""
    until: AwareDatetime | None
    """time until which the invitation can be accepted"""
    mail: str | None
    """state of the invitation's mail: sent, bounced, waiting, failed, or not_sent (the messenger
    had a reason)"""


class PeopleListOutput(JsonOutput):
    """The people of partners, with their access to the portal."""

    people: tuple[PersonEntry, ...]


class HistoryEntry(JsonOutput):
    """One change of a person's access to a partner on the portal.

    Editors of the Wix site can change the stored rows, so the values are not checked.
    """

    partner: str
    at: AwareDatetime | None
    actor: str
    """who made the change: hub, gridwix, or the id of a member"""
    act: str
    """kind of the change: invited, sent_again, withdrawn, accepted, linked, role_changed, removed,
    ended by gridwix, or restored: the change before would have left no administrator"""
    email: str | None
    """address of the person; null if it is not known, such as for a code that was given by hand"""
    member: str | None
    role_before: str | None
    role_after: str | None


class PeopleHistoryOutput(JsonOutput):
    """All changes of the access of a partner's people, oldest first."""

    lines: tuple[HistoryEntry, ...]


class LeaverCounts(JsonOutput):
    """Number of links and number of open invitations, such as those that were compared or ended.

    A link is the permission of a member of the site to act for a partner.
    """

    links: int
    invitations: int


class UnusedCounts(JsonOutput):
    """Numbers of invitations that were not accepted."""

    expired: int
    expiring: int
    """number that expire within three days"""
    bounced: int
    """number of open invitations with an address that bounces"""
    unknown: int
    """number of open invitations for which Wix has not reported whether the address bounces"""


class UnusedInvitations(UnusedCounts):
    """Numbers of invitations to one partner that were not accepted."""

    partner: str


class PeopleReconcileOutput(JsonOutput):
    """Result of the comparison that ends the portal access of people who have left.

    The links (permissions of members to act for a partner) and open invitations are compared with
    the site's members, the partners and OpenText's directory. Access ends for one of these reasons:
    the member was deleted (``member_deleted``) or blocked (``member_blocked``), the partner has
    left (``partner``), or the directory no longer lists an active user (``directory``).
    """

    run: str
    dry_run: bool
    compared: LeaverCounts
    found: Mapping[str, LeaverCounts]
    """links and invitations that are to end, by reason"""
    waiting: int
    """number of the found ones that are missing in the directory for the first time: only a later
    comparison ends them"""
    ended: Mapping[str, LeaverCounts]
    """links and invitations that this comparison ended, by reason"""
    stopped: tuple[str, ...]
    """reasons for which too many links would end, so that none has ended"""
    companies_unread: int
    """number of companies with unreadable users, or that list none; they are left unchanged"""
    ids: tuple[str, ...]
    """ids of the first rows of ``found``"""
    unused: UnusedCounts
    """invitations that were not accepted"""
    unused_of: tuple[UnusedInvitations, ...]
    """the first partners with invitations that were not accepted"""
