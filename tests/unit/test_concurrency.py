"""Bounded concurrency: order, bounds, errors, and no thread for a single input."""

from collections.abc import Iterator
from threading import Barrier, Lock, get_ident

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.concurrency import map_in_order

pytestmark = pytest.mark.threads


@given(st.lists(st.integers(), max_size=30), st.integers(1, 5))
def test_results_are_in_the_order_of_the_inputs(inputs: list[int], workers: int) -> None:
    assert list(map_in_order(str, inputs, workers=workers)) == [str(each) for each in inputs]


def test_single_input_runs_in_the_callers_thread() -> None:
    assert list(map_in_order(lambda _: get_ident(), ["one"], workers=4)) == [get_ident()]


def test_one_worker_runs_in_the_callers_thread() -> None:
    threads = set(map_in_order(lambda _: get_ident(), range(5), workers=1))

    assert threads == {get_ident()}


def test_as_many_calls_run_at_once_as_there_are_workers() -> None:
    # Passes only if three calls meet: with fewer at once the barrier would never open.
    barrier = Barrier(3)

    met = list(map_in_order(lambda _: barrier.wait() >= 0, range(9), workers=3))

    assert met == [True] * 9


@given(st.integers(1, 5), st.integers(0, 40))
def test_calls_and_taken_inputs_are_bounded(workers: int, count: int) -> None:
    lock, taken, running, most = Lock(), 0, 0, 0

    def inputs() -> Iterator[int]:
        nonlocal taken
        for number in range(count):
            taken += 1
            yield number

    def run(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1
        return number

    for done in map_in_order(run, inputs(), workers=workers):
        # Two are looked at to tell whether a thread is needed.
        assert taken <= done + max(workers + 1, 2)
    assert most <= workers


def test_first_error_in_order_is_raised_and_no_further_input_is_taken() -> None:
    taken: list[int] = []

    def inputs() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    def run(number: int) -> int:
        if number >= 3:
            raise ValueError(f"input {number}")
        return number

    results = map_in_order(run, inputs(), workers=2)

    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="input 3"):
        next(results)
    assert max(taken) <= 5


def test_error_of_the_inputs_is_raised_after_the_running_calls_have_ended() -> None:
    done: list[int] = []

    def inputs() -> Iterator[int]:
        yield from range(3)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        list(map_in_order(done.append, inputs(), workers=4))

    assert sorted(done) == [0, 1, 2]
