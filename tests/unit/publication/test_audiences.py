"""Audiences: read from the fields by which the portal's backend finds rows, and kept small."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_ACTIVITY,
    PARTNER_DOCUMENTS,
    PARTNER_MESSAGES,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from gridwix.models.portal.sections import SECTION_OF
from gridwix.models.wix import DataItem
from gridwix.publication.audiences import (
    ALL_PARTNERS,
    MAX_PARTNERS,
    NOBODY,
    Audience,
    affected_audience,
    audience_json,
    audience_of,
    parse_audience,
    row_audience,
)

names = st.lists(st.text(min_size=1, max_size=12), max_size=12)


@pytest.mark.parametrize(
    ("collection", "data", "audience"),
    [
        (PARTNER_STATUS, {"partnerId": "GC1"}, {"GC1"}),
        (ONBOARDING_PROGRESS, {"partnerId": "GC1"}, {"GC1"}),
        (OPEN_ISSUES, {"partnerId": "GC1"}, {"GC1"}),
        (PARTNER_MESSAGES, {"partnerId": "GC1", "roles": ["edi"]}, {"GC1"}),
        (PARTNER_ACTIVITY, {"partnerId": "GC1"}, {"GC1"}),
        (PARTNER_REQUESTS, {"partnerId": "GC1", "memberId": "m"}, {"GC1"}),
        # Until a submission is matched to a partner, no partner's page finds its row.
        (PARTNER_REQUESTS, {"memberId": "m"}, set()),
        (SERVICE_NOTICES, {"forEverybody": True, "partnerIds": ()}, {"everybody"}),
        (SERVICE_NOTICES, {"forEverybody": False, "partnerIds": ("GC1", "GC2")}, {"GC1", "GC2"}),
        (SERVICE_NOTICES, {"forEverybody": False, "partnerIds": ()}, set()),
        # Its owner is no reader: the portal finds a document by partnerIds.
        (
            PARTNER_DOCUMENTS,
            {"partnerId": "GC1", "forEverybody": False, "partnerIds": ("GC2",)},
            {"GC2"},
        ),
        (PARTNER_DOCUMENTS, {"partnerId": "", "forEverybody": True}, {"everybody"}),
        (ONBOARDING_STEPS, {"programId": "p"}, {"everybody"}),
    ],
)
def test_audience_of_a_row_is_who_the_portal_shows_it_to(
    collection: CollectionId, data: dict[str, Any], audience: set[str]
) -> None:
    item = DataItem(WixItemId("row"), data)

    assert row_audience(collection, item) == audience
    assert row_audience(collection, None) == NOBODY


def test_every_section_has_rows_whose_audience_is_tested() -> None:
    (cases,) = (
        mark.args[1] for mark in test_audience_of_a_row_is_who_the_portal_shows_it_to.pytestmark
    )

    assert {case[0] for case in cases} == SECTION_OF.keys()


@given(names, names)
def test_audience_of_a_change_has_all_who_saw_the_row_and_all_who_see_it(
    before: list[str], after: list[str]
) -> None:
    affected = affected_audience(audience_of(before), audience_of(after), removed=False)

    assert affected == ALL_PARTNERS or {*before, *after} <= affected
    assert len(affected) <= MAX_PARTNERS
    assert parse_audience(audience_json(affected)) == affected


@pytest.mark.parametrize(
    ("removed", "audience"), [(True, ALL_PARTNERS), (False, frozenset({"GC1"}))]
)
def test_change_of_a_row_from_before_audiences_were_kept_reaches_everybody_only_if_it_is_removed(
    removed: bool, audience: Audience
) -> None:
    after = NOBODY if removed else frozenset({"GC1"})

    assert affected_audience(None, after, removed=removed) == audience
