"""Waits follow progress: how slow a machine is does not matter, and a standstill is told."""

from collections.abc import Callable, Hashable, Iterator
from itertools import count, cycle

import httpx
import pytest

from gridwix.clients.http import new_client
from ops.errors import OpsError
from ops.waiting import LOOK, POLL, STANDSTILL, Standstill, wait_for


class Machine:
    """Its time passes while somebody sleeps, or by ``seconds`` for each question."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.now = 1_000.0
        self.seconds = seconds
        self.naps: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds

    def after(self, seconds: float) -> Callable[[], bool]:
        """Return a condition that holds once so much time has passed from now."""
        then = self.now + seconds

        def passed() -> bool:
            self.now += self.seconds
            return self.now >= then

        return passed

    def wait(
        self,
        ask: Callable[[], bool],
        progress: Callable[[], Hashable] | None = None,
        standstill: float = 60.0,
    ) -> bool:
        return wait_for(
            ask,
            "the queue to be empty",
            progress=progress,
            standstill=standstill,
            clock=self.clock,
            sleep=self.sleep,
        )


def states(values: Iterator[Hashable]) -> Callable[[], Hashable]:
    return lambda: next(values)


def test_wait_when_something_moves_then_it_lasts_as_long_as_it_takes() -> None:
    machine = Machine()

    assert machine.wait(machine.after(24 * 3600), states(count(1_000_000, -1)))

    assert machine.now >= 1_000 + 24 * 3600


def test_wait_when_nothing_moves_then_it_tells_its_goal_what_it_saw_and_for_how_long() -> None:
    machine = Machine()

    with pytest.raises(
        Standstill, match=r"waited for the queue to be empty, .* 60 seconds; .*: \('feed', 3\)"
    ) as raised:
        machine.wait(lambda: False, lambda: ("feed", 3))

    assert isinstance(raised.value, OpsError)
    assert 60 <= machine.now - 1_000 < 61 + LOOK


def test_wait_when_things_only_go_to_and_fro_then_that_is_no_progress() -> None:
    machine = Machine()

    with pytest.raises(Standstill):
        machine.wait(lambda: False, states(cycle([1, 2, 3])))

    assert machine.now < 1_000 + 70


def test_wait_when_it_moves_once_more_then_the_standstill_counts_from_there() -> None:
    machine = Machine()

    with pytest.raises(Standstill):
        machine.wait(lambda: False, lambda: machine.now >= 1_050)

    assert 1_110 <= machine.now < 1_111 + LOOK


def test_wait_when_nobody_says_what_moves_then_it_is_given_the_standstill() -> None:
    patient, late = Machine(), Machine()

    assert patient.wait(patient.after(59))
    with pytest.raises(Standstill, match=r"nothing has moved for 60 seconds: see"):
        late.wait(late.after(62))


def test_wait_when_it_has_happened_already_then_nobody_looks_or_sleeps() -> None:
    machine = Machine()

    def look() -> Hashable:
        raise AssertionError

    assert (
        wait_for(lambda: "rows", "rows", progress=look, clock=machine.clock, sleep=machine.sleep)
        == "rows"
    )
    assert machine.naps == []


def test_wait_when_it_is_short_then_nobody_looks_for_progress() -> None:
    short, longer, looks = Machine(), Machine(), count()

    assert short.wait(short.after(LOOK - 1), states(looks))
    assert longer.wait(longer.after(LOOK + 1), states(looks))

    assert next(looks) == 1


def test_wait_when_answers_take_long_then_it_asks_a_quarter_of_the_time_at_most() -> None:
    quick, slow = Machine(), Machine(seconds=2.0)

    quick.wait(quick.after(1))
    slow.wait(slow.after(30))

    assert set(quick.naps) == {POLL}
    assert set(slow.naps) == {6.0}


def test_wait_when_the_question_fails_then_the_failure_is_told_at_once() -> None:
    machine = Machine()

    def died() -> bool:
        raise RuntimeError("exit code 1")

    with pytest.raises(RuntimeError, match="exit code 1"):
        machine.wait(died)
    assert machine.naps == []


def test_calls_of_the_tests_when_they_name_no_limit_then_they_wait_for_minutes() -> None:
    with httpx.Client() as silent, httpx.Client(timeout=3.0) as hurried, new_client() as deployed:
        assert silent.timeout == httpx.Timeout(STANDSTILL)
        assert hurried.timeout == httpx.Timeout(3.0)
        assert deployed.timeout.read is not None
        assert deployed.timeout.read < STANDSTILL
