"""Who may see what is meant for some partners and not for all."""

from collections.abc import Collection, Iterable, Mapping

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.partners import Partner

FORMER_PARTNER_STATUSES = frozenset({"terminated"})
"""Statuses of partners that nothing is for any longer."""

MAX_AUDIENCE = 10_000
"""Most partners that one row can be restricted to, so that it stays below Wix's 500 KB."""

AUDIENCE_RECORD = "audience/partners"
"""The record of a restricted row's version vector that stands for all partners: its version is when one of them last changed, in milliseconds."""


def audience_partner_ids(wanted: Audience, partners: Iterable[Partner], regions: Mapping[str, Collection[str]]) -> tuple[PartnerId, ...]:
    """The partners of a restricted audience, in order: those named by id, by role, or by the region of their country."""
    countries = {country for region in wanted.regions for country in regions.get(region, ())}
    named, roles = set(wanted.partner_ids), set(wanted.roles)
    return tuple(
        sorted(
            partner.partner_id
            for partner in partners
            if partner.deleted_at is None
            and partner.status not in FORMER_PARTNER_STATUSES
            and (partner.partner_id in named or partner.role in roles or (partner.country or "") in countries)
        )
    )


def audience_version(partners: Iterable[Partner]) -> int:
    """The version of ``AUDIENCE_RECORD``; ``partners`` are all there are."""
    return max((int(partner.updated_at.timestamp() * 1000) for partner in partners), default=1)
