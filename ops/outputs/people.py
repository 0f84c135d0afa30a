"""Documents of ``gridwix people`` with ``--json``; ``forget`` has that of ``gridwix erase``."""

from collections.abc import Mapping

from pydantic import AwareDatetime

from ops.json_output import JsonOutput


class BadRow(JsonOutput):
    """A row of the file that is not understood."""

    line: int
    column: str | None
    """null: the row as a whole"""
    reason: str


class PlannedPerson(JsonOutput):
    """A person of the plan."""

    partner: str
    email: str
    role: str
    before: tuple[str, ...]
    """roles that it has, if they change"""
    round: int | None
    """how often it is invited then, if it is"""
    reason: str | None
    """why it is refused"""


class DirectoryCounts(JsonOutput):
    """Counts of a reading of OpenText's directory."""

    partners: int
    """partners with users that were read"""
    unread: Mapping[str, int]
    """partners with unreadable users, by the code of the error; they are left unchanged"""
    left_out: Mapping[str, int]
    """users who are not imported, by the reason"""


class PeoplePlanOutput(JsonOutput):
    """Changes of the import."""

    new: tuple[PlannedPerson, ...]
    changed: tuple[PlannedPerson, ...]
    unchanged: int
    leaving: tuple[PlannedPerson, ...]
    """people of the directory who are no longer there; an import ends no access"""
    refused: tuple[PlannedPerson, ...]
    unannounced: int
    """people who are invited already, and have no mail yet"""


class FailedPerson(JsonOutput):
    """A person with a row that Wix has refused."""

    partner: str
    email: str
    code: str


class PeopleOutcomeOutput(JsonOutput):
    """Result of the import."""

    invited: int
    changed: int
    announced: int
    failures: tuple[FailedPerson, ...]


class PeopleImportOutput(JsonOutput):
    """An import, or a reminder.

    ``plan`` is null if bad rows stopped it, ``outcome`` if nothing was done.
    """

    ignored_columns: tuple[str, ...]
    bad_rows: tuple[BadRow, ...]
    directory: DirectoryCounts | None
    """null for a file"""
    plan: PeoplePlanOutput | None
    outcome: PeopleOutcomeOutput | None


class PersonEntry(JsonOutput):
    """A person at a partner. Site editors can change the rows, so most members are texts."""

    partner: str
    email: str | None
    """null for a code that was given by hand"""
    name: str | None
    member: str | None
    role: str
    access: str
    """linked, invited, expired, revoked, removed (a person has ended it), or ended (by itself)"""
    source: str | None
    """file, directory, portal or hub"""
    since: AwareDatetime | None
    """since when it is linked or invited, or has ended"""
    until: AwareDatetime | None
    """until when the invitation can be accepted"""
    mail: str | None
    """sent, bounced, waiting, failed, or not_sent: the messenger had a reason"""


class PeopleListOutput(JsonOutput):
    """The people of partners."""

    people: tuple[PersonEntry, ...]


class HistoryEntry(JsonOutput):
    """An act. Site editors can change the rows."""

    partner: str
    at: AwareDatetime | None
    actor: str
    """hub, gridwix, or the id of a member"""
    act: str
    """invited, sent_again, withdrawn, accepted, linked, role_changed, removed, ended by itself, or
    restored: the act before would have left no administrator"""
    email: str | None
    """of the person; null if it is not known, as of a code that was given by hand"""
    member: str | None
    role_before: str | None
    role_after: str | None


class PeopleHistoryOutput(JsonOutput):
    """The history of a partner's people, oldest first."""

    lines: tuple[HistoryEntry, ...]


class LeaverCounts(JsonOutput):
    """Numbers of links and of open invitations."""

    links: int
    invitations: int


class UnusedCounts(JsonOutput):
    """Numbers of unused invitations."""

    expired: int
    expiring: int
    """those that expire within three days"""
    bounced: int
    """open ones with a bouncing address"""
    unknown: int
    """open ones of which Wix has not said whether the address bounces"""


class UnusedInvitations(UnusedCounts):
    """Numbers of unused invitations to a partner."""

    partner: str


class PeopleReconcileOutput(JsonOutput):
    """A comparison of people.

    Reasons are ``member_deleted``, ``member_blocked``, ``partner`` and ``directory``.
    """

    run: str
    dry_run: bool
    compared: LeaverCounts
    found: Mapping[str, LeaverCounts]
    """rows that are to end, by reason"""
    waiting: int
    """those of them that are missing in the directory for the first time"""
    ended: Mapping[str, LeaverCounts]
    """rows that were ended, by reason"""
    stopped: tuple[str, ...]
    """reasons for which too many would end, so that none has"""
    companies_unread: int
    """companies with unreadable users, or that list none; they are left unchanged"""
    ids: tuple[str, ...]
    """the first rows that were found"""
    unused: UnusedCounts
    """invitations that were not accepted"""
    unused_of: tuple[UnusedInvitations, ...]
    """the first partners that have some"""
