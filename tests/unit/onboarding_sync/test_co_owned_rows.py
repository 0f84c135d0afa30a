"""Rows that people edit as well: one that cannot be read or merged is refused by its name, and
stays as it is.
"""

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import ONBOARDING_STEPS
from gridwix.models.wix import DataItem
from gridwix.onboarding_sync import co_owned_rows
from gridwix.onboarding_sync.co_owned_rows import CoOwnedRows
from gridwix.publication.merge import Owner, merge_fields
from tests.fakes.portal import FakePortal

OWNERS = {ONBOARDING_STEPS: {"title": Owner.TRADING_GRID, "copy": Owner.PORTAL}}


def item(identifier: str) -> DataItem:
    return DataItem(WixItemId(identifier), {"title": f"Step {identifier}"})


class Portal(FakePortal):
    """One row is there and cannot be read."""

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Any]:
        return {
            **super().items(collection, ids),
            WixItemId("two"): RecordFault("OnboardingSteps/two", "it is no data item"),
        }


def test_row_that_cannot_be_read_is_refused_and_not_replaced_and_its_neighbours_are_written() -> (
    None
):
    portal = Portal()

    outcome = CoOwnedRows(portal, OWNERS).bulk_save(
        ONBOARDING_STEPS, [item("one"), item("two"), item("three")]
    )

    assert outcome.written == {"one", "three"}
    assert [
        (refusal.item_id, refusal.code, refusal.description) for refusal in outcome.refused
    ] == [("two", "record_fault", "it is no data item")]
    assert {identifier for _, identifier in portal.rows} == {"one", "three"}


def test_row_that_cannot_be_merged_is_refused_and_its_neighbours_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    portal = FakePortal()

    def breaks(wanted: Mapping[str, Any], *rest: Any) -> Any:
        if wanted["title"] == "Step two":
            raise ValueError("Dana Whitfield")
        return merge_fields(wanted, *rest)

    monkeypatch.setattr(co_owned_rows, "merge_fields", breaks)

    outcome = CoOwnedRows(portal, OWNERS).bulk_save(
        ONBOARDING_STEPS, [item("one"), item("two"), item("three")]
    )

    assert outcome.written == {"one", "three"}
    assert [(refusal.item_id, refusal.code) for refusal in outcome.refused] == [
        ("two", "record_fault")
    ]
    assert "Dana" not in str(outcome.refused)
