"""Builds small worlds in which a planted fault shows."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from soak.kernel.edges import Fault
from soak.run import Conditions, Plan
from soak.schedules.schedule import (
    EVENTS,
    PARTNERS,
    PlannedFault,
    Schedule,
    planned_faults,
)
from soak.traffic.shape import CALM as PUNCTUAL
from soak.traffic.shape import SHARES, Webhooks, small_world
from soak.traffic.storms import CALM, Storm, plan_occasions, scaled
from soak.world import START


def provoking_schedule(
    seed: int,
    *,
    strength: float = 0.0,
    lost: float = 0.0,
    hour: int = 0,
    per_minute: float = 60.0,
    members: float = 0.3,
    documents: float = 0.2,
    events: int = EVENTS,
    faults: Mapping[str, Mapping[Fault, float]] | None = None,
    **shares: float,
) -> Schedule:
    """Return the schedule of a small world with the traffic and the faults that a planted fault
    needs to show.

    Args:
        seed: Decides all that happens.
        strength: Strength of the storm.
        lost: Share of the webhooks that are lost.
        hour: Hours after the usual beginning, in the afternoon.
        per_minute: Events in a minute.
        members: Members for each partner.
        documents: Documents for each partner, at the beginning.
        events: The number of events.
        faults: For each edge, faults a minute beside those of the storm.
        shares: Shares of kinds of work, in place of the usual ones; their names are in the plural.
    """
    storm = scaled(Storm(), strength) if strength else CALM
    own: Mapping[str, Any] = {name.removesuffix("s"): share for name, share in shares.items()}
    shape = replace(
        small_world(PARTNERS, events),
        per_minute=per_minute,
        members=members,
        documents=documents,
        giants=0.0,
        malformed=0.0,
        shares={**SHARES, **own},
        webhooks=Webhooks(lost=lost, doubled=0.1, reordered=0.1, late=0.0)
        if strength
        else replace(PUNCTUAL, lost=lost),
    )
    conditions = Conditions(
        start=START + hour * 3_600.0, parameters={"ActivitySchedule": "rate(1 day)"}
    )
    plan = Plan(str(seed), shape, storm, conditions)
    start, until = conditions.start, plan.calm_from
    random = Random(f"{seed}/provoking")
    planned = [
        *planned_faults(random, storm, start, until, emphases=(1.0,)),
        *_own_faults(random, faults or {}, start, until),
    ]
    return Schedule(
        plan, tuple(sorted(planned)), tuple(plan_occasions(storm, random, start, until))
    )


def _own_faults(
    random: Random, faults: Mapping[str, Mapping[Fault, float]], start: float, until: float
) -> Iterator[PlannedFault]:
    for edge, rates in faults.items():
        for fault, rate in rates.items():
            for _ in range(round(rate * (until - start) / 60)):
                yield round(random.uniform(start, until), 3), edge, fault
