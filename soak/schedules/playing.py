"""Plays schedules, and shrinks those that fail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from soak.judges import Verdict
from soak.run import Run
from soak.schedules.faults import ScheduledFaults
from soak.schedules.schedule import Schedule, without_liberties
from soak.schedules.shrinking import shrink_steps

MOST_TRIES = 120
"""Maximum number of times that a failing schedule is played to shrink it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on a played schedule. ``bursts``: number of bursts of traffic that began."""

    verdict: Verdict
    bursts: int


def play_schedule(schedule: Schedule) -> Verdict:
    """Play a schedule in a new world, and return the judges' verdict."""
    return play(schedule).verdict


def play(schedule: Schedule) -> Outcome:
    """Play a schedule in a new world; return the verdict and the number of bursts."""
    plan = schedule.plan
    faults = ScheduledFaults(schedule.faults, Random(f"{plan.seed}/outages"), plan.calm_from)
    with Run(
        plan,
        faults=faults,
        occasions=schedule.occasions,
        bursts=None if schedule.bursts is None else frozenset(schedule.bursts),
    ) as run:
        return Outcome(run.play(), run.workload.begun)


def shrink_schedule(
    schedule: Schedule,
    plays: Callable[[Schedule], Outcome] = play,
    *,
    most: int = MOST_TRIES,
) -> Schedule:
    """Return a schedule with few bursts, occasions and faults that still fails.

    It fails in the same way: it has a finding of a kind that the whole one has.

    Args:
        schedule: A schedule that fails.
        plays: Plays a schedule.
        most: Maximum number of schedules to play.

    Raises:
        ValueError: The schedule does not fail.
    """
    whole = plays(schedule)
    if whole.verdict.ok:
        raise ValueError("the schedule does not fail")
    tries = 0

    def fails(one: Schedule) -> bool:
        nonlocal tries
        tries += 1
        return not whole.verdict.counts.keys().isdisjoint(plays(one).verdict.counts)

    kept = schedule
    for simpler in _simpler(schedule):
        if fails(simpler):
            kept = simpler
            break
    kept = replace(kept, bursts=kept.bursts or tuple(range(1, whole.bursts + 1)))
    for name in ("bursts", "occasions", "faults"):
        kept = _shrink(kept, name, fails, most - tries)
    return kept


def _simpler(schedule: Schedule) -> Sequence[Schedule]:
    """Return simpler variants of a schedule, the simplest first: many schedules fail without any
    faults.
    """
    punctual = without_liberties(schedule)
    return (
        replace(punctual, faults=(), occasions=()),
        replace(schedule, faults=(), occasions=()),
        replace(punctual, occasions=()),
        punctual,
    )


def _shrink(
    schedule: Schedule, name: str, fails: Callable[[Schedule], bool], most: int
) -> Schedule:
    def without(steps: Sequence[Any]) -> Schedule:
        kept: dict[str, Any] = {name: tuple(steps)}
        return replace(schedule, **kept)

    steps = getattr(schedule, name)
    if most < 1 or not steps:
        return schedule
    return without(shrink_steps(steps, lambda some: fails(without(some)), most=most))
