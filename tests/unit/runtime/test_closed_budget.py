"""A call budget that is used up is remembered, so that the next batch reads nothing."""

import pytest

from gridwix.errors import BudgetExhausted, SourceBehind
from gridwix.runtime.closed_budget import LONGEST, ClosedBudget

NOW = 1_780_000_000.0


def test_budget_when_it_granted_no_call_stays_closed_for_the_rest_of_the_wait() -> None:
    closed = ClosedBudget()
    closed.note([SourceBehind(), BudgetExhausted(wait=30.0), BudgetExhausted(wait=12.0)], NOW)

    with pytest.raises(BudgetExhausted) as error:
        closed.require_open(NOW + 10.0)

    assert error.value.wait == pytest.approx(20.0)
    closed.require_open(NOW + 30.0)


@pytest.mark.parametrize(
    "errors", [[], [SourceBehind(wait=30.0)], [BudgetExhausted(wait=0.3)], [BudgetExhausted()]]
)
def test_budget_when_nothing_says_that_it_is_closed_for_long_is_open(
    errors: list[SourceBehind | BudgetExhausted],
) -> None:
    closed = ClosedBudget()
    closed.note(errors, NOW)

    closed.require_open(NOW)


def test_budget_when_it_is_closed_for_an_hour_is_asked_again_after_a_minute() -> None:
    closed = ClosedBudget()
    closed.note([BudgetExhausted(wait=3_600.0)], NOW)

    closed.require_open(NOW + LONGEST)


def test_budget_when_the_clock_goes_back_is_open() -> None:
    closed = ClosedBudget()
    closed.note([BudgetExhausted(wait=30.0)], NOW)

    closed.require_open(NOW - 300.0)


def test_budget_when_a_closed_one_is_noted_again_does_not_stay_closed_for_longer() -> None:
    closed = ClosedBudget()
    closed.note([BudgetExhausted(wait=30.0)], NOW)
    with pytest.raises(BudgetExhausted) as error:
        closed.require_open(NOW + 10.0)

    closed.note([error.value], NOW + 10.0)

    closed.require_open(NOW + 30.0)
