"""Runs of small worlds: equal seeds play alike, whatever the process has played before."""

from collections import Counter

from soak.run import Plan, Run
from soak.traffic.shape import small_world
from soak.traffic.storms import Storm, scaled

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
