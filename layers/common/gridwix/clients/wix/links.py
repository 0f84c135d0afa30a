"""The ``PartnerLinks`` collection: for which partners a member acts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import batched

from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import PartnerId
from gridwix.models.portal import PARTNER_LINKS

MEMBERS_PER_CALL = 100


class PartnerLinks:
    """Implements the port ``MemberLinks``. It is read anew each time, as a link that was taken away must count at once."""

    def __init__(self, wix: WixClient) -> None:
        self._wix = wix

    def partners_of(self, member_ids: Collection[str]) -> Mapping[str, frozenset[PartnerId]]:
        """As the port says."""
        found: defaultdict[str, set[PartnerId]] = defaultdict(set)
        for chunk in batched(sorted(set(member_ids)), MEMBERS_PER_CALL, strict=False):
            for page in self._wix.query_pages(PARTNER_LINKS, filter={"memberId": {"$in": list(chunk)}}, by="offset", sort=[("_id", "ASC")]):
                for item in page.items:
                    member_id, partner_id = item.data.get("memberId"), item.data.get("partnerId")
                    if isinstance(member_id, str) and isinstance(partner_id, str) and partner_id:
                        found[member_id].add(PartnerId(partner_id))
        return {member_id: frozenset(partners) for member_id, partners in found.items()}
