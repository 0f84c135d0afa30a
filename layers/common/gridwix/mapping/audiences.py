"""Audiences of rows that only some partners may see. Pure."""

from collections.abc import Collection, Iterable, Mapping

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.partners import Partner

FORMER_PARTNER_STATUSES = frozenset({"terminated"})
"""Statuses of partners that are in no audience any more."""

MAX_AUDIENCE = 10_000
"""Maximum number of partners in the audience of one row, so that it stays below Wix's 500 KB."""

AUDIENCE_RECORD = "audience/partners"
"""Record that stands for all partners in the version vector of a restricted row. Its version is the
time of the last change of any partner, in milliseconds since 1970.
"""


def audience_partner_ids(
    wanted: Audience, partners: Iterable[Partner], regions: Mapping[str, Collection[str]]
) -> tuple[PartnerId, ...]:
    """Sorted ids of the partners in an audience: matched by id, by role, or by the region of the
    country.

    Deleted and former partners are left out. ``regions`` are the countries of each region.

    >>> base = {"deleted_at": None, "status": "active", "role": "supplier"}
    >>> one, two = (Partner.model_construct(id=i, country=i[:2], **base) for i in ("DE1", "US2"))
    >>> audience_partner_ids(Audience(regions=("eu",)), [one, two], {"eu": ["DE", "FR"]})
    ('DE1',)
    """
    # A region without countries in config/audiences.yaml matches no partner.
    countries = {country for region in wanted.regions for country in regions.get(region, ())}
    named, roles = set(wanted.partner_ids), set(wanted.roles)
    return tuple(
        sorted(
            partner.partner_id
            for partner in partners
            if partner.deleted_at is None
            and partner.status not in FORMER_PARTNER_STATUSES
            and (
                partner.partner_id in named
                or partner.role in roles
                or (partner.country or "") in countries
            )
        )
    )


def audience_version(partners: Iterable[Partner]) -> int:
    """Version of ``AUDIENCE_RECORD``. ``partners`` must be all partners of the hub.

    >>> audience_version([])
    1
    """
    return max((int(partner.updated_at.timestamp() * 1000) for partner in partners), default=1)
