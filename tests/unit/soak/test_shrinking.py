"""A failing schedule is shrunk to the steps that it needs."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from soak.schedules.shrinking import shrink_steps


@given(st.integers(1, 80), st.data())
def test_schedule_when_shrunk_holds_the_needed_steps_alone(
    length: int, data: st.DataObject
) -> None:
    needed = data.draw(st.sets(st.integers(0, length - 1), max_size=5))

    shrunk = shrink_steps(range(length), lambda some: needed <= set(some), most=10_000)

    assert shrunk == sorted(needed)


def test_schedule_when_one_of_two_causes_is_enough_holds_one_of_them() -> None:
    shrunk = shrink_steps(range(30), lambda some: 3 in some or 20 in some, most=1000)

    assert shrunk in ([3], [20])


def test_shrinking_when_its_tries_are_used_up_returns_what_still_fails() -> None:
    tries: list[Sequence[int]] = []

    def fails(some: Sequence[int]) -> bool:
        tries.append(some)
        return {1, 50} <= set(some)

    shrunk = shrink_steps(range(100), fails, most=9)

    assert len(tries) == 9
    assert {1, 50} <= set(shrunk)
