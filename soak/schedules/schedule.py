"""Schedules: everything that happens in a small world, as lists from which parts can be left
out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from soak.cloud.bus import USUAL, Deliveries
from soak.cloud.messages import NO_CHANCES, Chances
from soak.kernel.edges import Fault
from soak.run import Conditions, Plan
from soak.traffic.shape import CALM as PUNCTUAL
from soak.traffic.shape import Shape, Webhooks, small_world
from soak.traffic.storms import CALM, RATES, Occasion, Storm, plan_occasions, scaled
from soak.world import START

PARTNERS, EVENTS = 10, 200

PER_MINUTE = 30.0
"""Events in a minute of a small world, so that it ends after some minutes of virtual time."""

CALLS: Mapping[str, float] = {
    "dynamodb": 700.0,
    "sqs": 25.0,
    "events": 45.0,
    "s3": 2.0,
    "secrets": 15.0,
    "trading_grid": 160.0,
    "wix": 80.0,
    "media": 10.0,
    "ring": 30.0,
}
"""Typical number of calls in a minute over each edge of a small world."""

STRENGTHS = (0.0, 0.5, 1.0, 1.0, 2.0, 3.0, 5.0)
EMPHASES = (0.0, 0.5, 1.0, 1.0, 2.0)
"""Factors of the rate of a storm, and of the rate of faults at each of its edges; one of them is
chosen by chance.
"""

type PlannedFault = tuple[float, str, Fault]
"""Unix seconds, edge and fault: it hits the first call over its edge at or after its time."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A small world, and everything that is to happen in it.

    ``plan`` is its workload and its conditions; the lists stand in place of a random storm.
    ``bursts``: numbers of the bursts of traffic that happen; None for all.
    """

    plan: Plan
    faults: tuple[PlannedFault, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    bursts: tuple[int, ...] | None = None

    @property
    def seed(self) -> str:
        """The seed from which the schedule was made."""
        return self.plan.seed


def new_schedule(seed: int | str, *, partners: int = PARTNERS, events: int = EVENTS) -> Schedule:
    """Return the schedule of a seed. Equal seeds give equal schedules.

    Args:
        seed: Any number or text.
        partners: The number of partners.
        events: The number of events.
    """
    random = Random(f"{seed}/schedule")
    strength = random.choice(STRENGTHS)
    storm = scaled(Storm(), strength) if strength else CALM
    shape = _shape(random, partners, events, calm=not strength)
    plan = Plan(str(seed), shape, storm, _conditions(random, shape, calm=not strength))
    start, until = plan.conditions.start, plan.calm_from
    return Schedule(
        plan,
        tuple(sorted(planned_faults(random, storm, start, until))),
        tuple(plan_occasions(storm, random, start, until)),
    )


def without_liberties(schedule: Schedule) -> Schedule:
    """Return the schedule in a world with queues, a bus and webhooks that deliver everything once
    and in order.
    """
    conditions = replace(
        schedule.plan.conditions, chances=NO_CHANCES, deliveries=USUAL, schedule_twice=0.0
    )
    shape = replace(schedule.plan.shape, webhooks=PUNCTUAL)
    return replace(schedule, plan=replace(schedule.plan, shape=shape, conditions=conditions))


def chosen(
    schedule: Schedule,
    faults: Sequence[int] = (),
    occasions: Sequence[int] = (),
    bursts: Sequence[int] | None = None,
) -> Schedule:
    """Return a schedule in which only some of its parts happen.

    Args:
        schedule: The whole schedule.
        faults: Places of the faults in its list.
        occasions: Places of the occasions in its list.
        bursts: Numbers of the bursts; None for all.
    """
    return replace(
        schedule,
        faults=tuple([schedule.faults[one] for one in faults]),
        occasions=tuple([schedule.occasions[one] for one in occasions]),
        bursts=None if bursts is None else tuple(bursts),
    )


def _shape(random: Random, partners: int, events: int, *, calm: bool) -> Shape:
    shape = replace(
        small_world(partners, events),
        per_minute=PER_MINUTE * random.choice((0.5, 1.0, 2.0)),
        members=random.choice((0.3, 0.6, 1.0)),
        documents=random.choice((0.1, 0.3, 0.5)),
        giants=random.choice((0.0, 0.0, 0.02)),
        malformed=random.choice((0.0, 0.002, 0.02)),
    )
    if calm:
        return replace(shape, webhooks=PUNCTUAL)
    return replace(
        shape,
        webhooks=Webhooks(
            lost=random.choice((0.0, 0.02, 0.3, 1.0)),
            doubled=random.choice((0.0, 0.03, 0.3)),
            reordered=random.choice((0.0, 0.05, 0.3)) / 2,
            late=random.choice((0.0, 0.02)),
        ),
    )


def _conditions(random: Random, shape: Shape, *, calm: bool) -> Conditions:
    # Two worlds in three begin in the afternoon, one somewhen: when people are not to be disturbed.
    hour = random.choice((0, 0, random.randrange(24)))
    parameters = {
        "ReconcileRowsPerPage": str(random.choice((100, 200, 500))),
        "TradingGridPartnerIdsPerCall": str(random.choice((1, 5, 50))),
        "WixCallBurst": str(random.choice((20, 60, 60))),
        # No judge looks at what it counts, and each of its messages that is left waits an hour.
        "ActivitySchedule": random.choice(("rate(15 minutes)", *["rate(1 day)"] * 7)),
    }
    start = START + hour * 3_600.0
    if calm:
        return Conditions(start=start, parameters=parameters)
    until = start + shape.seconds
    share = random.choice((0.0, 0.01, 0.05))
    chances = Chances(
        received_twice=share,
        comes_back=random.choice((0.0, share)),
        late=random.choice((0.0, share)),
        out_of_order=random.choice((0.0, 0.1, 0.5)),
        within=random.choice((5.0, 30.0, 120.0)),
        until=until,
    )
    deliveries = Deliveries(
        late=random.choice((0.0, 0.02)), twice=random.choice((0.0, 0.02, 0.2)), until=until
    )
    return Conditions(start, parameters, chances, deliveries, random.choice((0.0, 0.05)))


def planned_faults(
    random: Random,
    storm: Storm,
    start: float,
    until: float,
    emphases: Sequence[float] = EMPHASES,
) -> Iterator[PlannedFault]:
    """Yield the faults of a storm, planned ahead.

    Args:
        random: The seeded source of chance.
        storm: The storm.
        start: Unix seconds at its beginning.
        until: Unix seconds at its end.
        emphases: Each edge's faults are so many times as frequent; one of these by chance.
    """
    for edge in RATES:
        emphasis = random.choice(emphases)
        for fault, share in storm.rates.get(edge, {}).items():
            rate = emphasis * share * CALLS[edge] / 60
            at = start
            while rate and (at := at + random.expovariate(rate)) < until:
                yield round(at, 3), edge, fault
