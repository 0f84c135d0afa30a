"""The ``PartnerLinks`` collection: for which partners a member acts."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from itertools import batched

from gridwix.clients.http import field_name
from gridwix.clients.wix.client import WixClient
from gridwix.errors import RecordFault
from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import PARTNER_LINKS

MEMBERS_PER_CALL = 100


class PartnerLinks:
    """Implements the port ``MemberLinks``. It is read anew each time, as a link that was taken away must count at once.

    A link that names no member or no partner is no link: it is handed to ``note``.
    """

    def __init__(self, wix: WixClient, *, note: Callable[[RecordFault], None] = lambda _: None) -> None:
        self._wix = wix
        self._note = note

    def partners_of(self, member_ids: Collection[str]) -> Mapping[str, frozenset[PartnerId]]:
        """As the port says."""
        found: defaultdict[str, set[PartnerId]] = defaultdict(set)
        for chunk in batched(sorted(set(member_ids)), MEMBERS_PER_CALL, strict=False):
            for page in self._wix.query_pages(PARTNER_LINKS, filter={"memberId": {"$in": list(chunk)}}, by="offset", sort=[("_id", "ASC")]):
                for item in page.items:
                    member_id, partner_id = item.data.get("memberId"), item.data.get("partnerId")
                    if isinstance(member_id, str) and isinstance(partner_id, str) and partner_id:
                        found[member_id].add(PartnerId(partner_id))
                    else:
                        self._note(RecordFault(f"{PARTNER_LINKS}/{field_name(item.id)}", "memberId or partnerId is none"))
        return {member_id: frozenset(partners) for member_id, partners in found.items()}
