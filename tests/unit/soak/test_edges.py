"""Edges of the soak test: each fault carries out what it says, and answers as it says."""

from random import Random

import pytest

from soak.kernel.edges import Edges, Fault, NoFaults, PlannedFaults, RatedFaults
from soak.kernel.tasks import Killed, Scheduler

CARRIED_OUT = {Fault.ANSWER_LOST, Fault.RESET_AFTER, Fault.KILLED_AFTER, Fault.SLOW, Fault.LATE}
ANSWERED = {Fault.SLOW}


@pytest.mark.parametrize("fault", [f for f in Fault if f not in {"stale", "partial", "conflict"}])
def test_call_when_it_has_a_fault_is_carried_out_or_not_as_the_fault_says(fault: Fault) -> None:
    scheduler = Scheduler(0.0)
    edges = Edges(scheduler, Random(1), PlannedFaults([(0.0, "store", fault)]), {})
    done: list[float] = []

    def carry_out(own: Fault | None) -> str:
        done.append(scheduler.now)
        return "done"

    def call() -> str:
        return edges.cross("store", "put", carry_out, lambda found: f"failed: {found}")

    task = scheduler.spawn("worker", call)
    scheduler.run()

    assert len(done) == (fault in CARRIED_OUT)
    if fault in {Fault.KILLED_BEFORE, Fault.KILLED_AFTER}:
        assert isinstance(task.error, Killed)
    else:
        assert task.result == ("done" if fault in ANSWERED else f"failed: {fault}")
    if fault is Fault.LATE:
        assert 5.0 < done[0] <= 30.0 + 1


def test_call_when_a_fault_is_not_its_own_succeeds() -> None:
    scheduler = Scheduler(0.0)
    edges = Edges(scheduler, Random(1), PlannedFaults([(0.0, "store", Fault.STALE)]), {})

    task = scheduler.spawn("w", lambda: edges.cross("store", "get", str, lambda fault: "failed"))
    scheduler.run()

    assert task.result == "None"


def test_planned_fault_when_its_time_has_not_come_waits() -> None:
    faults = PlannedFaults([(10.0, "store", Fault.SLOW)])

    assert faults.draw("store", "get", 9.9) is None
    assert faults.draw("other", "get", 10.0) is None
    assert faults.draw("store", "get", 10.0) is Fault.SLOW
    assert faults.draw("store", "get", 11.0) is None


def test_rated_faults_when_the_seed_is_equal_are_equal_and_end_in_time() -> None:
    rates = {"store": {Fault.THROTTLED: 0.1, Fault.LATE: 0.2}}

    def series() -> list[Fault | None]:
        faults = RatedFaults(Random(7), rates, until=500.0)
        return [faults.draw("store", "get", float(now)) for now in range(1000)]

    first = series()
    assert first == series()
    assert set(first[:500]) == {None, Fault.THROTTLED, Fault.LATE}
    assert set(first[500:]) == {None}


def test_edges_when_given_another_timeout_share_faults_and_counts() -> None:
    scheduler = Scheduler(0.0)
    edges = Edges(scheduler, Random(1), NoFaults(), {"store": 0.0})
    impatient = edges.with_timeout(2.0)
    edges.faults = PlannedFaults([(0.0, "store", Fault.REQUEST_LOST)])

    scheduler.spawn("w", lambda: impatient.cross("store", "get", str, lambda fault: "failed"))
    scheduler.run()

    assert scheduler.now == 2.0
    assert edges.calls == {("store", "get"): 1}
    assert edges.faulted == {("store", Fault.REQUEST_LOST): 1}
