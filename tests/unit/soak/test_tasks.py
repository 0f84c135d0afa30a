"""Tasks of the soak test: order of virtual time, killing, and equal seeds."""

import pytest

from soak.kernel.tasks import Killed, Scheduler


def test_tasks_when_they_sleep_run_in_the_order_of_their_times() -> None:
    scheduler = Scheduler(100.0)
    seen: list[tuple[str, float]] = []

    def job(name: str, seconds: float) -> None:
        for _ in range(2):
            scheduler.sleep(seconds)
            seen.append((name, scheduler.now))

    scheduler.spawn("slow", lambda: job("slow", 3))
    scheduler.spawn("fast", lambda: job("fast", 2))
    scheduler.run()

    assert seen == [("fast", 102), ("slow", 103), ("fast", 104), ("slow", 106)]


def test_task_when_killed_in_its_sleep_ends_at_once_and_cannot_call_again() -> None:
    scheduler = Scheduler(0.0)
    refused: list[bool] = []

    def job() -> None:
        try:
            scheduler.sleep(1000)
        finally:
            with pytest.raises(Killed):
                scheduler.sleep(1)
            refused.append(True)

    task = scheduler.spawn("victim", job)
    scheduler.after(5, lambda: scheduler.kill(task))
    scheduler.run(until=10)

    assert (task.finished, type(task.error), scheduler.now) == (True, Killed, 10)
    assert refused == [True]
    scheduler.run()
    assert scheduler.now == 1000


def test_task_when_its_job_raises_has_the_error_and_the_others_go_on() -> None:
    scheduler = Scheduler(0.0)
    ended: list[str] = []

    def fail() -> None:
        raise ValueError("broken")

    broken = scheduler.spawn("broken", fail, done=lambda task: ended.append(task.name))
    scheduler.spawn("other", lambda: 7, done=lambda task: ended.append(task.result))
    scheduler.run()

    assert isinstance(broken.error, ValueError)
    assert ended == ["broken", 7]


def test_sleep_when_outside_of_a_task_passes_no_time() -> None:
    scheduler = Scheduler(5.0)

    scheduler.sleep(100)

    assert scheduler.now == 5.0


def test_task_when_one_that_it_has_spawned_ends_sleeps_on() -> None:
    scheduler = Scheduler(0.0)
    seen: list[tuple[str, float]] = []

    def child() -> None:
        scheduler.sleep(1)
        seen.append(("child", scheduler.now))

    def parent() -> None:
        scheduler.spawn("child", child)
        scheduler.sleep(10)
        seen.append(("parent", scheduler.now))

    scheduler.spawn("parent", parent)
    scheduler.run()

    assert seen == [("child", 1), ("parent", 10)]


def test_task_when_killed_before_its_start_ends_once() -> None:
    scheduler = Scheduler(0.0)
    ended: list[str] = []

    task = scheduler.spawn("victim", lambda: scheduler.sleep(1), done=lambda _: ended.append("x"))
    scheduler.kill(task)
    scheduler.run()

    assert ended == ["x"]
    assert isinstance(task.error, Killed)


def test_sleep_when_another_is_due_at_the_same_time_then_the_earlier_of_them_goes_first() -> None:
    scheduler = Scheduler(0.0)
    seen: list[tuple[str, float]] = []

    def work(name: str, *naps: float) -> None:
        for seconds in naps:
            scheduler.sleep(seconds)
            seen.append((name, scheduler.now))

    scheduler.spawn("one", lambda: work("one", 1.0, 1.0))
    scheduler.spawn("two", lambda: work("two", 2.0, 0.5, 3.0))
    scheduler.run(4.0)

    assert seen == [("one", 1.0), ("two", 2.0), ("one", 2.0), ("two", 2.5)]
    assert scheduler.now == 4.0
    scheduler.run(6.0)
    assert seen[-1] == ("two", 5.5)
