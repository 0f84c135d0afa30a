"""Audiences of rows that only some partners may see. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.partners import Partner

FORMER_PARTNER_STATUSES = frozenset({"terminated"})
"""Statuses of partners that are in no audience any more."""

MAX_AUDIENCE = 10_000
"""Number of partners in the audience of one row up to which it certainly fits beside its texts. An
audience is never cut: a row that is too large by its audience alone is refused, and stored as a
refused item.
"""

AUDIENCE_MEMBERS = frozenset({"country", "deletedAt", "role", "status"})
"""Members of a partner, as events name them, on which audiences depend."""

PARTNER_EVENTS = frozenset({"partner.created", "partner.updated", "partner.status_changed"})
"""Types of the changes of a partner."""

AUDIENCE_RECORD = "audience/partners"
"""Record that stands for all partners in the version vector of a restricted row. Its version is the
time of the last change of any partner, in milliseconds since 1970.
"""


@dataclass(frozen=True, slots=True)
class ResolvedAudiences[Key]:
    """The partners in some audiences.

    ``partner_ids`` are sorted, by audience. ``version`` is that of ``AUDIENCE_RECORD``.
    """

    partner_ids: Mapping[Key, tuple[PartnerId, ...]] = field(default_factory=dict)
    version: int = 1


def resolve_audiences[Key](
    wanted: Mapping[Key, Audience],
    pages: Iterable[Listing[Partner]],
    regions: Mapping[str, Collection[str]],
) -> ResolvedAudiences[Key]:
    """Resolve audiences in one pass over all partners of the hub, which are not kept.

    A partner that cannot be read is in no audience. Of a partner that comes twice, because it
    changed while the list was read, the newer version counts.

    Args:
        wanted: The audiences, each under a key of the caller's.
        pages: All partners of the hub, tombstones included.
        regions: The countries of each region.
    """
    tests = {key: audience_test(audience, regions) for key, audience in wanted.items()}
    members: dict[Key, dict[PartnerId, int]] = {key: {} for key in wanted}
    newest = 1
    for page in pages:
        for partner in page.records:
            newest = max(newest, int(partner.updated_at.timestamp() * 1000))
            for key, is_member in tests.items():
                known = members[key].get(partner.partner_id, 0)
                if partner.version < known:
                    continue
                if is_member(partner):
                    members[key][partner.partner_id] = partner.version
                elif known:
                    del members[key][partner.partner_id]
    return ResolvedAudiences({key: tuple(sorted(found)) for key, found in members.items()}, newest)


def may_change_audiences(change: Change) -> bool:
    """Tell whether a change may bring a partner into an audience, or out of one.

    An update of other members than ``AUDIENCE_MEMBERS`` cannot. One that names no members may.

    >>> update = {"type": "partner.updated", "subject": "partners/GC1"}
    >>> may_change_audiences(Change.model_construct(**update, changed=("name",)))
    False
    >>> may_change_audiences(Change.model_construct(**update, changed=("name", "country")))
    True
    """
    if change.type not in PARTNER_EVENTS:
        return False
    return (
        change.type != "partner.updated"
        or not change.changed
        or not AUDIENCE_MEMBERS.isdisjoint(change.changed)
    )


def is_current(partner: Partner) -> bool:
    """Tell whether a partner can be in an audience: it is neither deleted nor terminated."""
    return partner.deleted_at is None and partner.status not in FORMER_PARTNER_STATUSES


def audience_test(
    wanted: Audience, regions: Mapping[str, Collection[str]]
) -> Callable[[Partner], bool]:
    """Return what tells whether a partner is in an audience: matched by id, by role, or by the
    region of its country. Deleted and former partners are in none.

    >>> base = {"deleted_at": None, "status": "active", "role": "supplier"}
    >>> one, two = (Partner.model_construct(id=i, country=i[:2], **base) for i in ("DE1", "US2"))
    >>> is_member = audience_test(Audience(regions=("eu",)), {"eu": ["DE", "FR"]})
    >>> is_member(one), is_member(two)
    (True, False)

    Args:
        wanted: The audience.
        regions: The countries of each region.
    """
    if wanted.all:
        return is_current
    # A region without countries in config/audiences.yaml matches no partner.
    countries = {country for region in wanted.regions for country in regions.get(region, ())}
    named, roles = set(wanted.partner_ids), set(wanted.roles)

    def is_member(partner: Partner) -> bool:
        return is_current(partner) and (
            partner.partner_id in named
            or partner.role in roles
            or (partner.country or "") in countries
        )

    return is_member
