"""The demo's way to the first status of a compliance check."""

from itertools import pairwise

import pytest

from emulators.trading_grid.state_machines import TRANSITIONS as ENFORCED
from ops.demo.compliance_check import STATUSES, TRANSITIONS, shortest_path


@pytest.mark.parametrize(
    ("current", "steps"),
    [
        ("failed", []),
        ("pending", ["failed"]),
        ("not_started", ["pending", "failed"]),
        ("passed", ["expired", "pending", "failed"]),
    ],
)
def test_shortest_way_to_a_failed_check(current: str, steps: list[str]) -> None:
    assert shortest_path(current, "failed") == steps


def test_shortest_from_a_final_status_says_that_there_is_no_way() -> None:
    with pytest.raises(ValueError, match="from waived to failed"):
        shortest_path("waived", "failed")


def test_every_transition_of_the_story_is_one_that_trading_grid_allows() -> None:
    story = [
        *pairwise(STATUSES),
        *((status, to) for status, targets in TRANSITIONS.items() for to in targets),
    ]

    assert [
        (status, to) for status, to in story if to not in ENFORCED["compliance-checks"][status]
    ] == []
