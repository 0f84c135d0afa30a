"""Audiences are resolved in one pass over all partners."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from gridwix.mapping.audiences import (
    AUDIENCE_MEMBERS,
    PARTNER_EVENTS,
    PartnerKind,
    audience_test,
    may_change_audiences,
    partner_kind,
    resolve_audiences,
)
from gridwix.mapping.cloud_events import KNOWN_TYPES
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.partners import Partner
from tests.factories import NOW, change, partner

REGIONS = {"EU": ["DE", "LV"]}


def kinds(*partners: Partner) -> Iterator[tuple[PartnerId, PartnerKind | None]]:
    return ((one.partner_id, partner_kind(one)) for one in partners)


def test_audiences_when_they_are_resolved_then_each_has_its_partners_sorted() -> None:
    found = resolve_audiences(
        {"eu": Audience(regions=("EU",)), "carriers": Audience(roles=("carrier",))},
        kinds(
            partner("GC3", country="LV"),
            partner("GC1", country="DE", role="carrier"),
            partner("GC2", country="US"),
            partner("GC4", country="DE", status="terminated"),
            partner("GC5", country="DE", deletedAt=NOW),
        ),
        7,
        REGIONS,
    )

    assert found.partner_ids == {"eu": ("GC1", "GC3"), "carriers": ("GC1",)}
    assert found.version == 7


class RecordingPartner:
    """A partner that records which of its members are read."""

    def __init__(self, one: Partner) -> None:
        self.read: set[str] = set()
        self._partner = one

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self._partner, name)


def test_members_that_may_change_audiences_are_those_that_an_audience_reads() -> None:
    """A partner that is in no audience has each of its members read."""
    recorded: Any = RecordingPartner(partner("GC1", country="US", role="carrier"))

    audience_test(Audience(partner_ids=("GC2",), roles=("supplier",), regions=("EU",)), REGIONS)(
        recorded
    )

    # Its id never changes.
    wire = {to_camel(name) for name in recorded.read - {"partner_id"}}
    assert wire == AUDIENCE_MEMBERS
    assert wire <= {field.alias for field in Partner.model_fields.values()}


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({"type": "partner.created", "changed": ["name"]}, True),
        ({"type": "partner.status_changed", "changed": []}, True),
        ({"type": "partner.updated", "changed": []}, True),
        ({"type": "partner.updated", "changed": ["name", "transactionTypes"]}, False),
        *(
            ({"type": "partner.updated", "changed": ["name", member]}, True)
            for member in sorted(AUDIENCE_MEMBERS)
        ),
        ({"type": "partner.resync_requested"}, False),
        ({"type": "case.updated", "changed": ["status"]}, False),
    ],
)
def test_change_may_change_audiences_unless_it_names_only_other_members(
    fields: dict[str, Any], may: bool
) -> None:
    assert may_change_audiences(change("evt_1", subject="partners/GC1", **fields)) is may


def test_partner_events_are_all_types_of_a_partner() -> None:
    assert {one for one in KNOWN_TYPES if one.startswith("partner.")} == PARTNER_EVENTS


PARTNERS = st.builds(
    partner,
    st.sampled_from(["GC1", "GC2", "GC3"]),
    country=st.sampled_from([None, "", "DE", "LV", "US"]),
    role=st.sampled_from(["supplier", "carrier"]),
    status=st.sampled_from(["active", "terminated"]),
    deletedAt=st.sampled_from([None, NOW]),
)
AUDIENCES = st.builds(
    Audience,
    all=st.booleans(),
    partner_ids=st.sets(st.sampled_from(["GC1", "GC2", "GC9"])).map(tuple),
    roles=st.sets(st.sampled_from(["supplier", "3pl"])).map(tuple),
    regions=st.sets(st.sampled_from(["EU", "unknown"])).map(tuple),
)


@given(st.lists(PARTNERS, unique_by=lambda one: one.id), st.lists(AUDIENCES, max_size=5))
def test_audiences_that_are_resolved_together_are_those_of_each_test(
    partners: list[Partner], audiences: list[Audience]
) -> None:
    found = resolve_audiences(dict(enumerate(audiences)), kinds(*partners), 1, REGIONS)

    for number, audience in enumerate(audiences):
        is_member = audience_test(audience, REGIONS)
        members = sorted(one.partner_id for one in partners if is_member(one))
        assert found.partner_ids[number] == tuple(members)


def test_partners_of_one_role_and_country_are_compared_with_all_audiences_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[tuple[str, str | None]] = []

    def kind_test(*_: object) -> Callable[[str, str | None], bool]:
        def is_of_kind(role: str, country: str | None) -> bool:
            compared.append((role, country))
            return True

        return is_of_kind

    monkeypatch.setattr("gridwix.mapping.audiences._kind_test", kind_test)

    found = resolve_audiences(
        {number: Audience() for number in range(3)},
        kinds(*(partner(f"GC{number}", country="DE") for number in range(20))),
        1,
        REGIONS,
    )

    assert [len(partner_ids) for partner_ids in found.partner_ids.values()] == [20, 20, 20]
    assert compared == [("supplier", "DE")] * 3
