"""Ports of the comparison of people, which ends the access of portal users who have left.

The comparison is a regular run. It checks the portal's members and open invitations against the Wix
site, Trading Grid and OpenText's directory.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from gridwix.models.ids import CollectionId, CompanyId, PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.people.leaving import SiteMember
from gridwix.people.unlinking import LinkRows
from gridwix.publication.reconciled import PortalRows


class PeopleRows(PortalRows, LinkRows, Protocol):
    """Reads and writes portal rows with links, invitations and data of members.

    Raises UpstreamError or BudgetExhausted.
    """

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert rows. A row that exists already is refused (WDE0074) and stays as it is."""


class MemberReader(Protocol):
    """Reads members of the site. Raises UpstreamError or BudgetExhausted."""

    def find_members(self, ids: Collection[str]) -> Mapping[str, SiteMember]:
        """Return the members with these ids that a query of the site finds, by id.

        One call per hundred ids. Eventually consistent: a member that the query does not find may
        exist.
        """

    def find_blocked(self, emails: Collection[str]) -> Collection[str]:
        """Return those of the given email addresses with which a blocked member logs in.

        Addresses are in normal form. One call per hundred addresses.
        """

    def read_member(self, member_id: str) -> SiteMember | None:
        """Return one member; None if the site has none with this id."""


class BounceReader(Protocol):
    """Reads Wix's reports of bounced emails. Raises UpstreamError or BudgetExhausted."""

    def find_bounced(self, emails: Collection[str]) -> Collection[str]:
        """Return those of the given email addresses for which Wix reports bounced emails.

        Addresses are in normal form. One call per hundred addresses.
        """


class PartnerStatuses(Protocol):
    """Reads partners of the hub from Trading Grid, with their status. Raises UpstreamError."""

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        """Return the partners with these ids that Trading Grid has, tombstones included."""


class CompanyUser(Protocol):
    """A user of a company in OpenText's directory."""

    @property
    def user_id(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def is_inactive(self) -> bool: ...


class UserDirectory(Protocol):
    """Reads the users of companies in OpenText's directory."""

    def company_users(self, company_id: CompanyId) -> Sequence[CompanyUser]:
        """Return all users of a company, never only a part of them.

        Raises UpstreamError, also if the list is not complete.
        """
