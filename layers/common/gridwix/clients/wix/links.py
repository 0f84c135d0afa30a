"""Reads the ``PartnerLinks`` collection: the partners for which each member may act."""

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
    """Reads the links of site members: for which partners a member may act, and in which role.

    Implements the port ``gridwix.form_intake.ports.MemberLinks``. Links are not cached, so that a
    removed link or a changed role takes effect at once. A link without a member or a partner is
    left out, and passed to ``note`` as a fault.
    """

    def __init__(
        self, wix: WixClient, *, note: Callable[[RecordFault], None] = lambda _: None
    ) -> None:
        self._wix = wix
        self._note = note

    def partners_of(self, member_ids: Collection[str]) -> Mapping[str, Mapping[PartnerId, str]]:
        """Return, for each member, the partners for which it may act, with its role at each.

        The role is "" if the link has none. A member without partners is left out. If a member has
        several links to one partner, the first by ``_id`` counts, as on the portal. Raises
        UpstreamError if a call fails, BudgetExhausted if the call budget is used up.
        """
        found: defaultdict[str, dict[PartnerId, str]] = defaultdict(dict)
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
                        role = item.data.get("role")
                        found[member_id].setdefault(
                            PartnerId(partner_id), role if isinstance(role, str) else ""
                        )
                    else:
                        self._note(
                            RecordFault(
                                f"{PARTNER_LINKS}/{safe_field_name(item.id)}",
                                "memberId or partnerId is none",
                            )
                        )
        return dict(found)
