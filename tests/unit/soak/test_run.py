"""Runs of small worlds: equal seeds play alike, whatever the process has played before."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from soak.run import Plan, Run
from soak.traffic.shape import small_world
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
