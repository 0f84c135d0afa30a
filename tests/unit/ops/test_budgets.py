"""Calls that the command takes from the site's budget.

They count, and they leave the functions their share.
"""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.mapping.call_rate import SECOND, CallRate, RateState
from gridwix.runtime.settings import WixSettings
from ops import budgets
from ops.budgets import UnlimitedBudget, WaitingBudget, reserving_budget, shared_budget
from tests.fakes.aws import OneAtATime, as_client, create_table

NOW = 1_795_000_000.0


def settings(table: str, calls_per_minute: int = 180, burst: int = 60) -> WixSettings:
    return WixSettings.from_environment(
        {
            "WIX_BASE_URL": "https://www.wixapis.com",
            "WIX_SITE_ID": "site",
            "WIX_CREDENTIALS_SECRET": "secret",
            "WIX_CALLS_PER_MINUTE": str(calls_per_minute),
            "WIX_CALL_BURST": str(burst),
            "BUDGET_TABLE": table,
        }
    )


@pytest.fixture
def both(tables: OneAtATime) -> tuple[Any, Any, list[float]]:
    """The functions' budget and the spare one over one table, at a time that can be set."""
    now = [NOW]
    aws = cast("Any", SimpleNamespace(dynamodb=as_client(tables)))
    found = settings(create_table(tables, "site"))
    return (
        shared_budget(aws, found, clock=lambda: now[0]),
        reserving_budget(aws, found, clock=lambda: now[0]),
        now,
    )


def take_all(budget: DynamoDBCallBudget) -> int:
    """Count the calls that a budget grants one by one until it refuses."""
    taken = 0
    while budget.take() == 0.0:
        taken += 1
    return taken


def test_spare_calls_leave_the_functions_half_of_what_may_come_at_once(
    both: tuple[Any, Any, list[float]],
) -> None:
    shared, spare, _ = both

    taken, left = take_all(spare), take_all(shared)

    assert (taken, left) == (30, 30)


def test_spare_calls_are_refused_while_the_functions_are_in_a_rush_and_return_with_a_full_bucket(
    both: tuple[Any, Any, list[float]],
) -> None:
    shared, spare, now = both
    assert shared.take(60) == 0.0

    wait = spare.take()
    now[0] += wait

    assert wait == pytest.approx(15.5, abs=0.1)
    assert spare.take() == 0.0


@given(st.integers(2, 400), st.integers(1, 400))
def test_spare_budget_never_takes_more_than_its_share_whatever_the_setting(
    burst: int, more: int
) -> None:
    calls_per_minute = burst + more
    left = max(1, burst - round(burst * budgets.RESERVED_SHARE))
    spare, shared = CallRate(more + left, left), CallRate(calls_per_minute, burst)
    state, now = RateState(), int(NOW * SECOND)

    while (decision := spare.take(state, now=now)).wait == 0:
        state = decision.state

    assert spare.cost == shared.cost
    rest = burst - left
    assert rest == 0 or shared.take(state, now=now, calls=rest).wait == 0


def test_somebody_patient_waits_for_calls_that_cannot_be_had_at_once() -> None:
    waits, slept = [2.5, 0.5, 0.0], list[float]()

    class Empty(UnlimitedBudget):
        def take(self, calls: int = 1) -> float:
            assert calls == 3
            return waits.pop(0)

    assert (WaitingBudget(Empty(), slept.append).take(3), slept) == (0.0, [2.5, 0.5])


def test_somebody_patient_says_that_it_waits_once_and_not_after_its_time() -> None:
    said, now = list[str](), [0.0]

    class Slow(UnlimitedBudget):
        def take(self, calls: int = 1) -> float:
            return 4.0

    patient = WaitingBudget(
        Slow(),
        lambda wait: now.__setitem__(0, now[0] + wait),
        report=said.append,
        until=9.0,
        clock=lambda: now[0],
    )

    assert patient.take() == 4.0
    assert now == [8.0]
    assert len(said) == 1
