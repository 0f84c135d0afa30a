"""Reads people from the site, Trading Grid and OpenText's directory, in few calls."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.configuration.people import Leaving
from gridwix.errors import Throttled, Unavailable, UpstreamError
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.people_runs import CompanyCounts
from gridwix.people.addresses import normal_email
from gridwix.people.leaving import (
    CompanyUsers,
    PartnerFacts,
    PartnerPeople,
    SiteMember,
    is_from_directory,
)
from gridwix.people.persons import Invitation, LinkedMember
from gridwix.reconciler.people_ports import (
    BounceReader,
    CompanyUser,
    MemberReader,
    PartnerStatuses,
    UserDirectory,
)

MAX_SILENT = 5
"""Number of companies in a row without an answer from the directory, after which a page reads no
further company (circuit breaker)."""


@dataclass
class CompanyReads:
    """Counts of the companies for which one message had to read users from OpenText's directory.

    The message, a part of a reconciler run, checks the people of some partners, each of which is a
    company in the directory. ``accept_empty`` is true if an empty list of users is accepted, and
    not taken for a fault. ``counts`` are the numbers of companies by result. ``silent`` is the
    number of companies in a row for which the directory did not respond.
    """

    accept_empty: bool = False
    counts: CompanyCounts = field(default_factory=CompanyCounts)
    silent: int = 0


class PeopleSources:
    """Reads members, partners, users and bouncing addresses, to find people who have left.

    Methods raise UpstreamError and BudgetExhausted, except for errors of OpenText's directory: if
    the users of a company cannot be read, no user of that company loses access.
    """

    def __init__(
        self,
        members: MemberReader,
        partners: PartnerStatuses,
        directory: UserDirectory,
        bounces: BounceReader,
        settings: Leaving,
    ) -> None:
        self._members = members
        self._partners = partners
        self._directory = directory
        self._bounces = bounces
        self._statuses = frozenset(settings.statuses)

    def find_members(self, ids: Collection[str]) -> Mapping[str, SiteMember]:
        """Return the members with these ids that a query of the site finds; the query may lag."""
        return self._members.find_members(ids) if ids else {}

    def find_blocked(self, emails: Collection[str]) -> Collection[str]:
        """Return those of the given email addresses with which a blocked member logs in."""
        return self._members.find_blocked(emails) if emails else frozenset()

    def confirm_members(self, ids: Collection[str]) -> Mapping[str, SiteMember]:
        """Return those of the given members that exist, by id.

        The query of the site may lag, so each member that it does not find is read singly.
        """
        found = dict(self.find_members(ids))
        for missing in sorted(set(ids) - found.keys()):
            member = self._members.read_member(missing)
            if member is not None:
                found[missing] = member
        return found

    def bounced_addresses(self, emails: Collection[str]) -> Collection[str] | None:
        """Return those of the given email addresses that bounce; None if Wix does not respond.

        No access depends on the result, so an error does not stop the search for people who have
        left.
        """
        try:
            return self._bounces.find_bounced(emails) if emails else frozenset()
        except UpstreamError:
            return None

    def former_partners(self, ids: Collection[PartnerId]) -> Collection[PartnerId]:
        """Return those of the given partners that are deleted, or have a status that ends access.

        A partner that Trading Grid does not return, or that cannot be read, is not one of them.
        """
        if not ids:
            return frozenset()
        return frozenset(
            partner.partner_id
            for partner in self._partners.partners(ids).records
            if partner.deleted_at is not None or partner.status in self._statuses
        )

    def read_users(self, people: PartnerPeople, reads: CompanyReads) -> CompanyUsers | None:
        """Return the users of a partner's company in the directory; None if unneeded or unknown.

        They are read from OpenText's directory. They are needed if a link (the permission of a
        member to act for the partner) or an invitation was made for such a user. They are unknown
        if they cannot be read, if the list is empty and ``reads`` does not accept this, or after
        several companies in a row without a response (circuit breaker).
        """
        rows: list[LinkedMember | Invitation] = [*people.links, *people.invitations]
        if not any(map(is_from_directory, rows)):
            return None
        if reads.silent >= MAX_SILENT:
            reads.counts += CompanyCounts(unread=1)
            return None
        try:
            users = self._directory.company_users(CompanyId(people.partner_id))
        except UpstreamError as error:
            is_silent = isinstance(error, Throttled | Unavailable)
            reads.silent = reads.silent + 1 if is_silent else 0
            reads.counts += CompanyCounts(unread=1)
            return None
        reads.silent = 0
        if not users and not reads.accept_empty:
            # A company has at least an administrator, so nobody is no answer.
            reads.counts += CompanyCounts(empty=1)
            return None
        reads.counts += CompanyCounts(read=1)
        return _company_users(users)

    def facts_of(
        self,
        people: PartnerPeople,
        members: Mapping[str, SiteMember],
        former: Collection[PartnerId],
        blocked: Collection[str],
        reads: CompanyReads,
    ) -> PartnerFacts:
        """Return the facts that decide which people of a partner lose access.

        The users of the partner's company are read from OpenText's directory, if the partner is not
        a former one.
        """
        has_left = people.partner_id in former
        # Of a partner that has left, everybody's access ends anyway.
        users = None if has_left else self.read_users(people, reads)
        return PartnerFacts(has_left, members, users, blocked)


def _company_users(users: Sequence[CompanyUser]) -> CompanyUsers:
    present = [user for user in users if not user.is_inactive]
    return CompanyUsers(
        frozenset(user.user_id for user in present if user.user_id),
        frozenset(_addresses(user.email for user in present)),
    )


def _addresses(texts: Iterable[str]) -> Iterable[str]:
    return (address for text in texts if (address := normal_email(text)) is not None)
