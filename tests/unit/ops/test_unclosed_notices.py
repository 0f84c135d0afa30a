"""Notices that nobody closed, as ``gridwix doctor`` and ``gridwix reconcile`` name them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gridwix.models.listings import Listing
from ops.probes import describe_notices
from ops.unclosed_notices import MAX_NAMED, unclosed_notices, unclosed_sentence
from tests.factories import notice

NOW = datetime(2026, 3, 13, tzinfo=UTC)
OCTOBER: dict[str, Any] = {
    "kind": "maintenance",
    "status": "scheduled",
    "scheduledFor": "2025-10-05T03:00:00Z",
    "scheduledUntil": "2025-10-05T05:00:00Z",
}
AUGUST: dict[str, Any] = {**OCTOBER, "scheduledUntil": "2025-08-05T05:00:00Z"}


def test_unclosed_notices_are_in_order_of_their_ends() -> None:
    notices = [
        notice("ntc_1"),
        notice("ntc_2", **OCTOBER),
        notice("ntc_3", **AUGUST),
        notice("ntc_4", **{**OCTOBER, "status": "cancelled"}),
        notice("ntc_5", **{**OCTOBER, "scheduledUntil": "2026-10-05T05:00:00Z"}),
    ]

    assert unclosed_notices(notices, NOW) == ["ntc_3", "ntc_2"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "1 notice"),
        (
            OCTOBER,
            "1 notice. 1 notice should have ended and is not closed: ntc_1. Close it in Trading"
            " Grid, or set a later end",
        ),
    ],
)
def test_doctor_names_notices_that_nobody_closed(fields: dict[str, Any], told: str) -> None:
    assert describe_notices(Listing([notice(**fields)]), NOW) == told


def test_sentence_names_a_few_and_counts_the_others() -> None:
    said = unclosed_sentence([f"ntc_{number}" for number in range(MAX_NAMED + 5)])

    assert said.startswith("15 notices should have ended and are not closed: ntc_0, ")
    assert "ntc_9 and 5 more." in said
