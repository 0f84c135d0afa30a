"""Ids and content hashes of data items."""

import re
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.wix_items import content_hash, data_item, item_id
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.partner_status import NextStep, NextStepKind, PartnerStatusRow
from gridwix.models.wix import DataItem


@given(st.text(min_size=1))
def test_item_id_of_any_key_is_safe_and_always_the_same(key: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,50}", item_id(key))
    assert item_id(key) == item_id(key)


@given(st.text(min_size=1), st.text(min_size=1))
def test_item_id_of_different_keys_differs(one: str, other: str) -> None:
    assert (item_id(one) == item_id(other)) is (one == other)


def test_data_item_of_a_row_keeps_times_and_writes_dates_as_text() -> None:
    at = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)
    step = NextStep(
        kind=NextStepKind.CASE, text="Answer", due_on=date(2026, 3, 20), reference="cases/case_1"
    )
    row = PartnerStatusRow(
        partner_id=PartnerId("GC07"),
        partner_name="Prairie",
        status="active",
        headline="Hello",
        next_steps=(step,),
        updated_at=at,
    )

    item = data_item("GC07", row)

    assert item.data["updatedAt"] == at
    assert item.data["nextSteps"] == [
        {"kind": "case", "text": "Answer", "dueOn": "2026-03-20", "reference": "cases/case_1"}
    ]
    assert "onboardingPercent" not in item.data


def test_content_hash_changes_with_any_member() -> None:
    one = DataItem(WixItemId("a"), {"x": 1, "y": ["b"]})

    assert content_hash(one) == content_hash(DataItem(WixItemId("other"), {"y": ["b"], "x": 1}))
    assert content_hash(one) != content_hash(DataItem(WixItemId("a"), {"x": 1, "y": ["c"]}))


def test_content_hash_of_what_json_cannot_hold_is_still_a_hash() -> None:
    item = DataItem(WixItemId("a"), {"x": "\ud800", "n": 2**70})

    assert re.fullmatch("[0-9a-f]{32}", content_hash(item))
