"""Audiences are resolved in one pass over the pages of all partners."""

from collections.abc import Iterator
from datetime import timedelta

from gridwix.mapping.audiences import resolve_audiences
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.partners import Partner
from tests.factories import NOW, partner

REGIONS = {"EU": ["DE", "LV"]}


def pages(*partners: Partner) -> Iterator[Listing[Partner]]:
    return (Listing([one]) for one in partners)


def test_audiences_when_they_are_resolved_then_each_has_its_partners_sorted() -> None:
    found = resolve_audiences(
        {"eu": Audience(regions=("EU",)), "carriers": Audience(roles=("carrier",))},
        pages(
            partner("GC3", country="LV"),
            partner("GC1", country="DE", role="carrier"),
            partner("GC2", country="US"),
            partner("GC4", country="DE", status="terminated"),
            partner("GC5", country="DE", deletedAt=NOW),
        ),
        REGIONS,
    )

    assert found.partner_ids == {"eu": ("GC1", "GC3"), "carriers": ("GC1",)}


def test_partner_that_comes_twice_when_it_left_the_audience_meanwhile_then_it_is_not_in_it() -> (
    None
):
    found = resolve_audiences(
        {"eu": Audience(regions=("EU",))},
        pages(
            partner("GC1", country="DE"),
            partner("GC2", country="US"),
            partner("GC1", version=2, country="US"),
            partner("GC2", version=2, country="LV"),
            partner("GC2", version=1, country="US"),
        ),
        REGIONS,
    )

    assert found.partner_ids == {"eu": ("GC2",)}


def test_version_of_audiences_when_any_partner_changed_then_it_is_the_time_of_the_last_change() -> (
    None
):
    later = NOW + timedelta(seconds=1)

    found = resolve_audiences(
        {"eu": Audience(regions=("EU",))},
        pages(partner("GC1", country="US", updatedAt=later), partner("GC2", updatedAt=NOW)),
        REGIONS,
    )

    assert found.version == int(later.timestamp() * 1000)
