"""The ``PartnerLinks`` collection: the partners that a member acts for."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from itertools import batched

from gridwix.clients.json_values import safe_field_name
from gridwix.clients.wix.client import WixClient
from gridwix.errors import RecordFault
from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import PARTNER_LINKS

MEMBERS_PER_CALL = 100


class PartnerLinks:
    """Implements the port ``gridwix.form_intake.ports.MemberLinks``.

    Nothing is cached: a removed link must take effect at once. A link without a member or a partner
    is left out and passed to ``note``.
    """

    def __init__(
        self, wix: WixClient, *, note: Callable[[RecordFault], None] = lambda _: None
    ) -> None:
        self._wix = wix
        self._note = note

    def partners_of(self, member_ids: Collection[str]) -> Mapping[str, frozenset[PartnerId]]:
        """The partners of each member; members without any are left out.

        Raises UpstreamError and BudgetExhausted.
        """
        found: defaultdict[str, set[PartnerId]] = defaultdict(set)
        for chunk in batched(sorted(set(member_ids)), MEMBERS_PER_CALL, strict=False):
            for page in self._wix.query_pages(
                PARTNER_LINKS,
                filter={"memberId": {"$in": list(chunk)}},
                by="offset",
                sort=[("_id", "ASC")],
            ):
                for item in page.items:
                    member_id, partner_id = item.data.get("memberId"), item.data.get("partnerId")
                    if isinstance(member_id, str) and isinstance(partner_id, str) and partner_id:
                        found[member_id].add(PartnerId(partner_id))
                    else:
                        self._note(
                            RecordFault(
                                f"{PARTNER_LINKS}/{safe_field_name(item.id)}",
                                "memberId or partnerId is none",
                            )
                        )
        return {member_id: frozenset(partners) for member_id, partners in found.items()}
