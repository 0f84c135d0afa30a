"""Resolves audiences: finds the partners that may see a row which is not for all partners. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple

from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.partners import Partner

FORMER_PARTNER_STATUSES = frozenset({"terminated"})
"""Statuses of partners that are in no audience any more."""

MAX_AUDIENCE = 10_000
"""Number of partners in an audience up to which their ids certainly fit into a row, beside its
texts. An audience is never cut: a row is refused if its audience alone is too large, and stored as
a refused item.
"""

AUDIENCE_MEMBERS = frozenset({"country", "deletedAt", "role", "status"})
"""Members of a partner, as named in events, on which audiences depend."""

PARTNER_EVENTS = frozenset({"partner.created", "partner.updated", "partner.status_changed"})
"""Types of the changes of a partner."""

AUDIENCE_RECORD = "audience/partners"
"""Pseudo-record that stands for all partners in the version vector of a row with an audience. Its
version is the time of the last change of any partner, in milliseconds since 1970.
"""


class PartnerKind(NamedTuple):
    """Role and country of a partner. Audiences select partners by these, or by their ids."""

    role: str
    country: str | None


@dataclass(frozen=True, slots=True)
class ResolvedAudiences[Key]:
    """The partners that are in each of several audiences.

    ``partner_ids`` has the sorted ids of the partners, by the key that the caller gave to the
    audience. ``version`` is the time of the last change of any partner, in milliseconds since 1970.
    A row with an audience depends on all partners: the row's version vector (the versions of the
    records that it is made from) has this one version for all of them, under ``AUDIENCE_RECORD``.
    """

    partner_ids: Mapping[Key, tuple[PartnerId, ...]] = field(default_factory=dict)
    version: int = 1


def resolve_audiences[Key](
    wanted: Mapping[Key, Audience],
    partners: Iterable[tuple[PartnerId, PartnerKind | None]],
    version: int,
    regions: Mapping[str, Collection[str]],
) -> ResolvedAudiences[Key]:
    """Return the partners in each audience, from one pass over all partners of the hub.

    The cost per partner does not depend on the number of audiences: partners are grouped by role
    and country first.

    Args:
        wanted: The audiences, each under a key of the caller's.
        partners: Each partner of the hub once, with its role and country; None for a deleted or
            terminated partner.
        version: Time of the last change of any partner (:func:`version_at`).
        regions: The countries of each region.
    """
    kind_tests = {key: _kind_test(audience, regions) for key, audience in wanted.items()}
    named = {one for audience in wanted.values() for one in audience.partner_ids}

    # A hub has few roles and countries.
    @cache
    def keys_of_kind(kind: PartnerKind) -> Set[Key]:
        return {key for key, is_of_kind in kind_tests.items() if is_of_kind(*kind)}

    groups, kinds_of_named = _group_partners(partners, keys_of_kind, named)

    def members(key: Key, audience: Audience) -> Iterable[PartnerId]:
        for kind, partner_ids in groups.items():
            if key in keys_of_kind(kind):
                yield from partner_ids
        for partner_id in set(audience.partner_ids):
            named_kind = kinds_of_named.get(partner_id)
            if named_kind is not None and key not in keys_of_kind(named_kind):
                yield partner_id

    return ResolvedAudiences(
        {key: tuple(sorted(members(key, audience))) for key, audience in wanted.items()}, version
    )


def _group_partners(
    partners: Iterable[tuple[PartnerId, PartnerKind | None]],
    is_wanted: Callable[[PartnerKind], object],
    named: Collection[PartnerId],
) -> tuple[Mapping[PartnerKind, Sequence[PartnerId]], Mapping[PartnerId, PartnerKind]]:
    """Return the partners of each wanted kind (role and country), and the kinds of those named."""
    groups: defaultdict[PartnerKind, list[PartnerId]] = defaultdict(list)
    kinds_of_named: dict[PartnerId, PartnerKind] = {}
    for partner_id, kind in partners:
        if kind is not None:
            if is_wanted(kind):
                groups[kind].append(partner_id)
            if partner_id in named:
                kinds_of_named[partner_id] = kind
    return groups, kinds_of_named


def version_at(moment: datetime) -> int:
    """Return the version of ``AUDIENCE_RECORD`` for the time of the last change of any partner.

    A row with an audience depends on all partners. The row's version vector (the versions of the
    records that it is made from) has this one version for all of them: the time in milliseconds
    since 1970, at least 1.

    >>> version_at(datetime.fromisoformat("1970-01-01T00:00:02Z"))
    2000
    """
    return max(1, int(moment.timestamp() * 1000))


def partner_kind(partner: Partner) -> PartnerKind | None:
    """Return role and country of a partner; None for a deleted or terminated partner.

    >>> partner_kind(Partner.model_construct(role="supplier", country="DE", status="active"))
    PartnerKind(role='supplier', country='DE')
    >>> partner_kind(Partner.model_construct(role="supplier", country="DE", status="terminated"))
    """
    return _shared_kind(partner.role, partner.country) if is_current(partner) else None


# So that the partners of a large hub share a few tuples.
@lru_cache(maxsize=4096)
def _shared_kind(role: str, country: str | None) -> PartnerKind:
    return PartnerKind(role, country)


def may_change_audiences(change: Change) -> bool:
    """Tell whether a change may bring a partner into an audience, or out of one.

    An audience selects partners by members such as role and country (``AUDIENCE_MEMBERS``). So an
    update of a partner may do it only if it names one of these as changed, or names no members at
    all.

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
    """Tell whether a partner can be in an audience: it is neither deleted nor terminated.

    >>> [is_current(Partner.model_construct(status=one)) for one in ("suspended", "terminated")]
    [True, False]
    """
    return partner.deleted_at is None and partner.status not in FORMER_PARTNER_STATUSES


def audience_test(
    wanted: Audience, regions: Mapping[str, Collection[str]]
) -> Callable[[Partner], bool]:
    """Return a predicate that tells whether a partner is in an audience.

    It matches by id, by role, or by the region of the country. Deleted and terminated partners are
    in no audience.

    >>> base = {"deleted_at": None, "status": "active", "role": "supplier"}
    >>> one, two = (Partner.model_construct(id=i, country=i[:2], **base) for i in ("DE1", "US2"))
    >>> is_member = audience_test(Audience(regions=("eu",)), {"eu": ["DE", "FR"]})
    >>> is_member(one), is_member(two)
    (True, False)

    Args:
        wanted: The audience.
        regions: The countries of each region.
    """
    is_of_kind, named = _kind_test(wanted, regions), set(wanted.partner_ids)

    def is_member(partner: Partner) -> bool:
        return is_current(partner) and (
            partner.partner_id in named or is_of_kind(partner.role, partner.country)
        )

    return is_member


def _kind_test(
    wanted: Audience, regions: Mapping[str, Collection[str]]
) -> Callable[[str, str | None], bool]:
    """Return a predicate on role and country: True if all partners with these are in an audience.

    Partners that the audience names by id are not considered.
    """
    # A region without countries in config/audiences.yaml matches no partner.
    countries = {country for region in wanted.regions for country in regions.get(region, ())}
    roles = set(wanted.roles)
    return lambda role, country: wanted.all or role in roles or (country or "") in countries
