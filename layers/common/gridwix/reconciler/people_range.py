"""Reads links and invitations from the portal, some partners at a time, in order of partner ids.

A link is the permission of a site member to act for a partner, an invitation the offer of one. A
read never returns only a part of a partner's rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gridwix.models.ids import CollectionId, PartnerId
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS, PARTNER_LINKS
from gridwix.models.wix import DataItem
from gridwix.people.leaving import PartnerPeople
from gridwix.people.persons import Invitation, InvitationStatus
from gridwix.people.rows import read_invitation, read_link
from gridwix.publication.reconciled import ROWS_PER_QUERY, PortalRows

PARTNERS_PER_PAGE = 50
"""Maximum number of partners of one page: each may need a call to OpenText's directory."""

MAX_ROWS = 100_000
"""Maximum number of rows of one partner in one collection."""

_ACTIVE = {"status": InvitationStatus.ACTIVE.value}
_BY_PARTNER: Sequence[tuple[str, Literal["ASC", "DESC"]]] = (("partnerId", "ASC"), ("_id", "ASC"))
_BY_ID: Sequence[tuple[str, Literal["ASC", "DESC"]]] = (("_id", "ASC"),)


@dataclass(frozen=True, slots=True)
class RowRange:
    """Links and active invitations of some successive partners, as portal rows by partner id.

    A link is the permission of a site member to act for a partner. ``partner_ids`` are these
    partners, sorted. ``cursor`` is the last of them; None if no partner comes after it. ``links``
    and ``invitations`` may also have rows of later partners, which are to be ignored.
    """

    links: Mapping[PartnerId, Sequence[DataItem]]
    invitations: Mapping[PartnerId, Sequence[DataItem]]
    partner_ids: Sequence[PartnerId]
    cursor: str | None


class PeopleReader:
    """Reads links and invitations from the portal.

    A link is a member's permission to act for a partner. A row that cannot be read is left out: it
    neither ends nor grants access. All methods raise UpstreamError and BudgetExhausted.
    """

    def __init__(self, rows: PortalRows, partners_per_page: int = PARTNERS_PER_PAGE) -> None:
        self._rows = rows
        self._most = partners_per_page

    def read_range(self, after: str) -> RowRange:
        """Return the links and active invitations of the next partners after partner ``after``.

        A link is the permission of a site member to act for a partner. The result has at most
        ``partners_per_page`` partners, and mostly takes two calls to Wix.
        """
        links, links_end = self._first_partners(PARTNER_LINKS, {}, after)
        invitations, end = self._first_partners(PARTNER_INVITATIONS, _ACTIVE, after)
        last = min((one for one in (links_end, end) if one is not None), default=None)
        found = sorted(one for one in {*links, *invitations} if last is None or one <= last)
        if len(found) > self._most:
            found = found[: self._most]
            last = found[-1]
        return RowRange(links, invitations, found, last)

    def read_partner(self, partner_id: PartnerId) -> PartnerPeople:
        """Return all links of a partner, and all its invitations in any status.

        A link is the permission of a site member to act for the partner.
        """
        mine = {"partnerId": partner_id}
        return PartnerPeople(
            partner_id,
            tuple(map(read_link, self._all(PARTNER_LINKS, mine))),
            tuple(map(read_invitation, self._all(PARTNER_INVITATIONS, mine))),
        )

    def read_active(self, email: str) -> Sequence[Invitation]:
        """Return the active invitations to an email address, from all partners."""
        rows = self._all(PARTNER_INVITATIONS, {**_ACTIVE, "email": email})
        return [read_invitation(row) for row in rows]

    def _first_partners(
        self, collection: CollectionId, wanted: Mapping[str, Any], after: str
    ) -> tuple[Mapping[PartnerId, Sequence[DataItem]], str | None]:
        """Return the rows of the next partners after partner ``after``, by partner.

        Also returns the last of these partners, as a cursor: None if no partner comes after those
        returned.
        """
        page = self._rows.query_items(
            collection,
            filter={"partnerId": {"$gt": after}, **wanted},
            sort=_BY_PARTNER,
            limit=ROWS_PER_QUERY,
            offset=0,
        )
        found = _by_partner(page.items)
        if page.size < ROWS_PER_QUERY:
            return found, None
        if not found:
            raise page.faults[0]
        *others, cut = sorted(found)
        if others:
            # The page may have only some of the last partner's rows.
            return {one: found[one] for one in others}, others[-1]
        return {cut: self._all(collection, {"partnerId": cut, **wanted})}, cut

    def _all(self, collection: CollectionId, wanted: Mapping[str, Any]) -> Sequence[DataItem]:
        found: list[DataItem] = []
        for offset in range(0, MAX_ROWS, ROWS_PER_QUERY):
            page = self._rows.query_items(
                collection, filter=wanted, sort=_BY_ID, limit=ROWS_PER_QUERY, offset=offset
            )
            found += page.items
            if page.size < ROWS_PER_QUERY:
                break
        return found


def _by_partner(items: Iterable[DataItem]) -> dict[PartnerId, list[DataItem]]:
    found: defaultdict[PartnerId, list[DataItem]] = defaultdict(list)
    for item in items:
        partner = item.data.get("partnerId")
        if isinstance(partner, str) and partner:
            found[PartnerId(partner)].append(item)
    return dict(found)
