"""The comparison of rows, and the guard against mass deletes."""

from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.clients.wix.codec import decode, encode
from gridwix.mapping.wix_items import data_item
from gridwix.models.ids import WixItemId
from gridwix.models.reconciliation import GuardReason, RowVerdict
from gridwix.models.wix import DataItem
from gridwix.publication.drift import (
    DeleteGuard,
    compare_rows,
    judge_row,
    mark_lost_files,
    row_fingerprint,
)
from gridwix.status_publisher.projection import PartnerRecords, status_row
from tests.factories import NOW, case, check, enrollment, partner, texts

FIELDS = frozenset({"a", "b"})
ROW = WixItemId("row")


def item(**data: Any) -> DataItem:
    return DataItem(ROW, data)


@pytest.mark.parametrize(
    ("projected", "given_back"),
    [
        ({"a": NOW.replace(microsecond=123456)}, {"a": NOW.replace(microsecond=123000)}),
        ({"a": NOW}, {"a": NOW.astimezone(timezone(timedelta(hours=2)))}),
        ({"a": 57}, {"a": 57.0}),
        ({"a": 1}, {"a": 1, "b": None}),
        ({"a": 1}, {"a": 1, "_owner": "site", "_updatedDate": NOW}),
        ({"a": 1}, {"a": 1, "editorsOwn": "x"}),
        ({"a": ({"due": NOW, "x": 1},)}, {"a": [{"x": 1.0, "due": NOW, "y": None}]}),
    ],
    ids=[
        "milliseconds",
        "zone",
        "whole number",
        "no value",
        "Wix's fields",
        "an editor's field",
        "nested",
    ],
)
def test_fingerprint_of_a_row_as_projected_and_as_wix_gives_it_back_is_the_same(
    projected: dict[str, Any], given_back: dict[str, Any]
) -> None:
    assert row_fingerprint(item(**projected), FIELDS) == row_fingerprint(item(**given_back), FIELDS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {}),
        ({"a": 1}, {"a": 1, "b": 0}),
        ({"a": NOW}, {"a": NOW + timedelta(milliseconds=1)}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": "1"}, {"a": 1}),
    ],
    ids=["value", "vanished", "added", "a millisecond", "order", "type"],
)
def test_fingerprint_of_rows_that_differ_in_a_published_field_differs(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert row_fingerprint(item(**one), FIELDS) != row_fingerprint(item(**other), FIELDS)


def test_fingerprint_of_a_real_row_survives_the_way_to_wix_and_back() -> None:
    late = NOW.replace(microsecond=987654)
    row = status_row(
        PartnerRecords(
            partner(updatedAt=late), [enrollment()], [check(dueOn="2026-04-01")], [case(dueAt=late)]
        ),
        texts(),
    )
    assert row is not None
    projected = data_item("p1", row)

    given_back = DataItem(projected.id, decode(encode(projected.data)))

    fields = frozenset(projected.data)
    assert row_fingerprint(given_back, fields) == row_fingerprint(projected, fields)


@given(st.dictionaries(st.sampled_from("ab"), st.datetimes(timezones=st.just(UTC))))
def test_fingerprint_of_any_moment_survives_the_way_to_wix_and_back(data: dict[str, Any]) -> None:
    assert row_fingerprint(DataItem(ROW, decode(encode(data))), FIELDS) == row_fingerprint(
        item(**data), FIELDS
    )


def test_compare_gives_one_verdict_to_each_row_that_is_expected_or_shown() -> None:
    def named(identifier: str, value: int) -> tuple[WixItemId, DataItem]:
        return WixItemId(identifier), DataItem(WixItemId(identifier), {"a": value})

    expected: dict[WixItemId, DataItem | None] = dict(
        [named("equal", 1), named("drifted", 1), named("missing", 1), named("busy", 1)]
    )
    expected |= {WixItemId("deleted"): None, WixItemId("gone"): None}
    shown = dict(
        [
            named("equal", 1),
            named("drifted", 2),
            named("busy", 2),
            named("deleted", 1),
            named("foreign", 1),
        ]
    )

    verdicts = compare_rows(
        expected, shown, {WixItemId("busy")}, lambda wanted, found: judge_row(wanted, found, FIELDS)
    )

    assert verdicts == {
        "equal": RowVerdict.EQUAL,
        "drifted": RowVerdict.DRIFTED,
        "missing": RowVerdict.MISSING,
        "busy": RowVerdict.UNSETTLED,
        "deleted": RowVerdict.EXTRA,
        "gone": RowVerdict.EQUAL,
        "foreign": RowVerdict.EXTRA,
    }


def test_lost_file_is_named_of_a_row_that_is_equal_and_of_no_other() -> None:
    verdicts = {
        WixItemId(verdict.value): verdict
        for verdict in RowVerdict
        if verdict is not RowVerdict.LOST
    }

    found = mark_lost_files(verdicts | {WixItemId("there"): RowVerdict.EQUAL}, set(verdicts))

    assert found == verdicts | {
        WixItemId("equal"): RowVerdict.LOST,
        WixItemId("there"): RowVerdict.EQUAL,
    }


@pytest.mark.parametrize(
    ("lost", "shown", "reason"),
    [
        (0, 0, None),
        (10, 10, None),
        (11, 54, GuardReason.FILES_LOST),
        (11, 55, None),
        (200, 1000, None),
        (600, 1000, GuardReason.FILES_LOST),
    ],
)
def test_guard_lets_the_files_of_a_fifth_and_ten_rows_be_copied_anew_and_no_more(
    lost: int, shown: int, reason: GuardReason | None
) -> None:
    assert DeleteGuard(share=0.2, allowed=10).copy_guard_reason(lost=lost, shown=shown) is reason


@pytest.mark.parametrize(
    ("listed", "before", "extra", "shown", "reason"),
    [
        (400, 1000, 600, 1000, GuardReason.SHRUNK),
        (799, 1000, 0, 1000, GuardReason.SHRUNK),
        (800, 1000, 200, 1000, None),
        (1000, 1000, 201, 1000, GuardReason.TOO_MANY),
        (1000, None, 201, 1000, GuardReason.TOO_MANY),
        (0, None, 5000, 5000, GuardReason.TOO_MANY),
        (2, 12, 10, 12, None),
        (1, 12, 11, 12, GuardReason.SHRUNK),
        (1, None, 11, 12, GuardReason.TOO_MANY),
        (2000, 1000, 0, 1000, None),
    ],
)
def test_guard_lets_a_fifth_and_ten_rows_go_and_no_more(
    listed: int, before: int | None, extra: int, shown: int, reason: GuardReason | None
) -> None:
    guard = DeleteGuard(share=0.2, allowed=10)

    assert (
        guard.removal_guard_reason(listed=listed, before=before, extra=extra, shown=shown) is reason
    )
