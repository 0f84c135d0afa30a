"""Reads the portal's partners and their people from Wix, in few calls.

Each method raises UpstreamError and BudgetExhausted, and RecordFault for a row that cannot be read.
It does not skip such a row: if a member's permission to act for a partner (link) were overlooked,
the member would be invited again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.query import Sort
from gridwix.clients.wix.site import WixSite
from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS, PARTNER_LINKS, PARTNER_STATUS
from gridwix.models.wix import DataItem, Page
from gridwix.partner_messenger.members import PER_CALL
from gridwix.people.persons import Invitation, LinkedMember
from gridwix.people.rows import read_invitation, read_link
from ops.erasure.people import SitePeople

IMPORTED_STATUSES = ("onboarding", "active")
"""Statuses of the partners with people to import from the directory."""

PARTNERS_PER_QUERY = 100

BY_ID: Sequence[Sort] = (("_id", "ASC"),)
"""Sort order of paged queries: by id, so that no row is skipped while others are added."""

MEMBERS_PER_QUERY = PER_CALL - 1
"""Number of members to query at once: one less than a page, so that one page always has all of
them.
"""


@dataclass(frozen=True, slots=True)
class PortalPeople:
    """The people of some partners on the portal: members with a link to a partner, and invitations.

    A link is the permission of a member of the site to act for a partner.
    """

    links: tuple[LinkedMember, ...]
    invitations: tuple[Invitation, ...]


class PeoplePortal:
    """Reads the portal's rows about people, and the members of the Wix site."""

    def __init__(self, wix: WixClient, site: WixSite) -> None:
        self._wix = wix
        self._people = SitePeople(site)

    def known_partners(self, partner_ids: Collection[PartnerId]) -> Collection[PartnerId]:
        """Return those of the given partners that have a row on the portal."""
        return self._statuses(partner_ids).keys()

    def closed_partners(
        self, partner_ids: Collection[PartnerId], statuses: Collection[str]
    ) -> Collection[PartnerId]:
        """Return those of the given partners that have one of the statuses on the portal."""
        found = self._statuses(partner_ids)
        return frozenset(one for one, status in found.items() if status in statuses)

    def _statuses(self, partner_ids: Collection[PartnerId]) -> Mapping[PartnerId, object]:
        """Return the status of each of the given partners that has a row on the portal."""
        return {
            PartnerId(str(row.data.get("partnerId"))): row.data.get("status")
            for some in _chunks(partner_ids)
            for row in _rows(
                self._wix.query_pages(
                    PARTNER_STATUS,
                    filter={"partnerId": {"$in": some}},
                    by="offset",
                    sort=BY_ID,
                    fields=["partnerId", "status"],
                )
            )
        }

    def partners_to_import(self) -> Sequence[PartnerId]:
        """Return the ids of the partners that are onboarding or active, sorted.

        Reads the rows of all partners.
        """
        rows = _rows(
            self._wix.query_pages(
                PARTNER_STATUS, by="offset", sort=BY_ID, fields=["partnerId", "status"]
            )
        )
        found = {
            str(row.data["partnerId"])
            for row in rows
            if row.data.get("status") in IMPORTED_STATUSES and row.data.get("partnerId")
        }
        return [PartnerId(one) for one in sorted(found)]

    def people_of(
        self,
        partner_ids: Collection[PartnerId] | None,
        report: Callable[[str], None] = lambda _: None,
    ) -> PortalPeople:
        """Return the links of members to the given partners, and the invitations to these partners.

        A link is the permission of a member of the site to act for a partner. Each link has the
        member's login address.

        Args:
            partner_ids: Ids of the partners; None for all partners.
            report: Receives the name of each step before it begins.
        """
        report("Reading links")
        links = list(self._links(partner_ids))
        report("Reading members")
        members = (str(one.data["memberId"]) for one in links if one.data.get("memberId"))
        addresses = self.login_addresses(members)
        report("Reading invitations")
        return PortalPeople(
            tuple(
                read_link(one, addresses.get(str(one.data.get("memberId")), ())) for one in links
            ),
            tuple(map(read_invitation, self._invitations(partner_ids))),
        )

    def login_addresses(self, member_ids: Iterable[str]) -> Mapping[str, Collection[str]]:
        """Return the login address of each member that exists, by member id.

        Each value is a collection with one address.
        """
        found: dict[str, Collection[str]] = {}
        for some in batched(sorted(set(member_ids)), MEMBERS_PER_QUERY, strict=False):
            for member in self._people.members("id", some):
                if login := member.get("loginEmail"):
                    found[str(member["id"])] = (str(login),)
        return found

    def _links(self, partner_ids: Collection[PartnerId] | None) -> Iterator[DataItem]:
        if partner_ids is None:
            yield from _rows(self._wix.query_pages(PARTNER_LINKS, by="offset", sort=BY_ID))
            return
        for some in _chunks(partner_ids):
            yield from _rows(
                self._wix.query_pages(
                    PARTNER_LINKS, filter={"partnerId": {"$in": some}}, by="offset", sort=BY_ID
                )
            )

    def _invitations(self, partner_ids: Collection[PartnerId] | None) -> Iterator[DataItem]:
        if partner_ids is None:
            yield from _rows(self._wix.query_pages(PARTNER_INVITATIONS, by="offset", sort=BY_ID))
            return
        for some in _chunks(partner_ids):
            yield from _rows(
                self._wix.query_pages(
                    PARTNER_INVITATIONS,
                    filter={"partnerId": {"$in": some}},
                    by="offset",
                    sort=BY_ID,
                )
            )


def _chunks(partner_ids: Collection[PartnerId]) -> Iterator[list[PartnerId]]:
    for some in batched(sorted(set(partner_ids)), PARTNERS_PER_QUERY, strict=False):
        yield list(some)


def _rows(pages: Iterable[Page]) -> Iterator[DataItem]:
    for page in pages:
        if page.faults:
            raise page.faults[0]
        yield from page.items
