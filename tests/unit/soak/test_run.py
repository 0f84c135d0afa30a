"""Runs of small worlds: equal seeds play alike, whatever the process has played before."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from soak.run import Plan, Run, stormy_conditions
from soak.traffic.shape import full_size, short_form, small_world
from soak.traffic.storms import CALM, Occasion, Storm, scaled

SECONDS = 300.0


def play(seed: str) -> tuple[object, ...]:
    """Play the first minutes of a small world in a storm, and return what happened in them."""
    with Run(Plan(seed, small_world(5, 40), scaled(Storm(), 2))) as run:
        run.begin()
        run.advance(SECONDS)
        world = run.world
        return (
            Counter(world.edges.calls),
            Counter(world.edges.faulted),
            {name: dict(counts) for name, counts in world.functions.counts.items()},
            {name: dict(world.wix.rows(name)) for name in ("PartnerStatus", "OpenIssues")},
            Counter(world.telemetry.logged),
            str(run.judges.running_verdict()),
            world.random.random(),
        )


def test_run_when_it_is_played_again_then_the_same_happens() -> None:
    first = play("7")
    other = play("8")
    assert play("7") == first
    assert other != first


def test_run_with_time_for_the_first_resync_begins_its_traffic_in_step() -> None:
    shape = replace(small_world(5, 40), calm_resync=1_800.0)
    with Run(Plan("7", shape, scaled(Storm(), 2))) as run:
        run.begin()

        assert run.world.scheduler.now == run.plan.conditions.start
        assert run.workload.scene.accepted == 0
        assert len(run.world.wix.rows("PartnerStatus")) == 5
        assert run.world.edges.faulted.total() == 0


def test_clocks_when_they_have_jumped_are_set_right_again() -> None:
    start = Plan("7", small_world(5, 40), CALM).conditions.start
    skew = Occasion(start + 30, "skew", seed=1, seconds=60)
    with Run(Plan("7", small_world(5, 40), CALM), occasions=[skew]) as run:
        run.begin()
        skews: list[Callable[[], float]] = []
        run.world.functions.skew_clocks = skews.append  # type: ignore[assignment, method-assign]

        run.advance(60.0)
        jumped = [one() for one in skews]
        run.advance(60.0)

        assert len(jumped) == 1 and jumped != [0.0]
        assert [one() for one in skews[1:]] == [0.0]


def test_run_while_it_settles_says_how_much_is_left_and_where() -> None:
    lines: list[str] = []
    with Run(Plan("7", small_world(5, 40), CALM), lines.append) as run:
        run.begin()
        run.world.queues.send("StatusPublisherQueue", "{}", delay=900.0)
        run.settle()

    said = [one for one in lines if "are left" in one]
    assert said
    for line in said:
        assert re.fullmatch(
            r"settling: [\d,]+ messages are left after [\d.]+ minutes, most of them for [a-z_]+",
            line,
        )


def test_larger_quota_goes_with_more_messengers() -> None:
    usual, raised = (
        stormy_conditions(CALM, shape).parameters["PartnerMessengerConcurrency"]
        for shape in (short_form(), full_size())
    )

    assert (usual, raised) == ("2", "10")
