"""Storms: fault rates of each edge, and times at which workers die, deployments come and clocks
jump.

A storm ends; afterwards nothing fails, so that everything can arrive. The judges check that it
does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from soak.kernel.edges import Fault, RatedFaults
from soak.kernel.tasks import Scheduler
from soak.traffic.shape import USUAL_QUOTA, Shape

EVERYWHERE: Mapping[Fault, float] = {
    Fault.THROTTLED: 0.004,
    Fault.SERVER_ERROR: 0.004,
    Fault.NOT_CONNECTED: 0.002,
    Fault.REQUEST_LOST: 0.001,
    Fault.ANSWER_LOST: 0.001,
    Fault.LATE: 0.001,
    Fault.RESET_BEFORE: 0.001,
    Fault.RESET_AFTER: 0.001,
    Fault.SLOW: 0.003,
    Fault.KILLED_BEFORE: 0.0002,
    Fault.KILLED_AFTER: 0.0002,
}
"""Shares of calls with each fault, for edges without rates of their own."""

RATES: Mapping[str, Mapping[Fault, float]] = {
    "dynamodb": {
        **EVERYWHERE,
        Fault.THROTTLED: 0.002,
        Fault.SERVER_ERROR: 0.001,
        Fault.CONFLICT: 0.004,
        Fault.PARTIAL: 0.004,
    },
    "sqs": {**EVERYWHERE, Fault.PARTIAL: 0.004},
    "events": {**EVERYWHERE, Fault.PARTIAL: 0.004},
    "s3": EVERYWHERE,
    "secrets": EVERYWHERE,
    "trading_grid": {
        **EVERYWHERE,
        Fault.THROTTLED: 0.01,
        Fault.SERVER_ERROR: 0.01,
        Fault.STALE: 0.05,
    },
    "wix": {
        **EVERYWHERE,
        Fault.THROTTLED: 0.01,
        Fault.SERVER_ERROR: 0.01,
        Fault.ANSWER_LOST: 0.004,
        Fault.LATE: 0.004,
        Fault.STALE: 0.05,
        Fault.PARTIAL: 0.02,
    },
    "media": {**EVERYWHERE, Fault.SERVER_ERROR: 0.01, Fault.RESET_AFTER: 0.004},
    "ring": {**EVERYWHERE, Fault.SERVER_ERROR: 0.02},
}
"""Fault rates of the full storm: the share of calls with each fault, by edge."""


@dataclass(frozen=True, slots=True)
class Storm:
    """Rates of faults, and of other events such as deployments; numbers of events are means per
    hour.

    ``kills``: a running worker dies. ``deployments``: all execution environments are thrown away.
    ``skews``: clocks jump by up to ``skew_seconds``, and are set right within as long.
    ``rotations``: a secret is rotated. ``outages``: Trading Grid or the site fails for up to
    ``outage_seconds``. ``expiries``: all cursors of Trading Grid expire. ``replays``: the feed gets
    an item that is no event. ``doubled``, ``reordered`` and ``late`` are shares (0 to 1) of the
    messages of queues and bus.
    """

    rates: Mapping[str, Mapping[Fault, float]] = field(default_factory=lambda: dict(RATES))
    kills: float = 60.0
    deployments: float = 1.0
    skews: float = 2.0
    skew_seconds: float = 300.0
    rotations: float = 0.5
    outages: float = 0.5
    outage_seconds: float = 600.0
    expiries: float = 0.1
    replays: float = 1.0
    doubled: float = 0.01
    reordered: float = 0.02
    late: float = 0.01


CALM = Storm(
    rates={},
    kills=0.0,
    deployments=0.0,
    skews=0.0,
    rotations=0.0,
    outages=0.0,
    expiries=0.0,
    replays=0.0,
    doubled=0.0,
    reordered=0.0,
    late=0.0,
)
"""A storm in which nothing fails."""

OUTAGES = ("trading_grid", "wix", "media", "ring")
SECRETS = ("hub", "site", "app", "gateway", "api")
"""Secrets that a storm rotates: that of Trading Grid's webhooks, that of the site's backend, the
key of the site's app, the client secret for Trading Grid, and the API key of the site.
"""


def scaled(storm: Storm, factor: float) -> Storm:
    """Return a storm with all rates of faults and events multiplied by ``factor``.

    Args:
        storm: The storm.
        factor: 0 is no storm, 1 the same.
    """
    values: dict[str, Any] = {name: getattr(storm, name) for name in storm.__slots__}
    scaled_values = values.keys() - {"rates", "skew_seconds", "outage_seconds"}
    values |= {name: factor * values[name] for name in sorted(scaled_values)}
    values["rates"] = {
        edge: {fault: factor * share for fault, share in shares.items()}
        for edge, shares in storm.rates.items()
    }
    return Storm(**values)


def fitted(storm: Storm, shape: Shape) -> Storm:
    """Return a storm that stops the same share of the calls to Wix, for any quota of the site.

    A 429 stops all calls for up to a minute. Clocks that differ stop most: the call budget is left
    to the clock that leads, until the others have caught up.

    Args:
        storm: The storm, for a usual site.
        shape: The workload, with the site's quota.
    """
    rates = {edge: dict(shares) for edge, shares in storm.rates.items()}
    if "wix" in rates:
        rates["wix"][Fault.THROTTLED] *= USUAL_QUOTA / shape.site_quota
    return replace(storm, rates=rates, skews=storm.skews * USUAL_QUOTA / shape.site_quota)


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event of a storm at a time, besides faults of calls.

    ``what``: kill, deployment, skew, rotation, outage, expiry, replay. ``edge`` is that of an
    outage, ``secret`` what is rotated, ``seconds`` the length of an outage or of a skew. ``seed``
    is for further choices by chance, such as each clock's jump.
    """

    at: float
    what: str
    seed: int
    edge: str = ""
    secret: str = ""
    seconds: float = 0.0


def plan_occasions(storm: Storm, random: Random, start: float, until: float) -> list[Occasion]:
    """Return all occasions of a storm, by time. Equal seeds give equal plans.

    Args:
        storm: The storm.
        random: The seeded source of chance.
        start: Unix seconds at its beginning.
        until: Unix seconds at its end; outages are over by then.
    """
    rates = {
        "kill": storm.kills,
        "deployment": storm.deployments,
        "skew": storm.skews,
        "rotation": storm.rotations,
        "outage": storm.outages,
        "expiry": storm.expiries,
        "replay": storm.replays,
    }
    found: list[Occasion] = []
    for what, hourly in rates.items():
        at = start
        while hourly > 0:
            at += random.expovariate(hourly / 3_600)
            if at >= until:
                break
            found.append(_occasion(storm, random, at, what, until))
    return sorted(found, key=lambda one: (one.at, one.what))


def _occasion(storm: Storm, random: Random, at: float, what: str, until: float) -> Occasion:
    edge = random.choice(OUTAGES) if what == "outage" else ""
    secret = random.choice(SECRETS) if what == "rotation" else ""
    longest = {"outage": storm.outage_seconds, "skew": storm.skew_seconds}.get(what, 0.0)
    seconds = min(longest * random.random(), until - at) if longest else 0.0
    return Occasion(at, what, random.getrandbits(32), edge, secret, seconds)


class StormFaults:
    """Fault source of a storm: faults by chance and outages, until the storm ends.

    Args:
        storm: The storm.
        random: The seeded source of chance.
        until: Unix seconds after which nothing fails.
    """

    def __init__(self, storm: Storm, random: Random, until: float) -> None:
        self._rated = RatedFaults(random, storm.rates, until)
        self._random = random
        self._until = until
        self._outages: dict[str, float] = {}

    def begin_outage(self, edge: str, until: float) -> None:
        """Make most calls over an edge fail, until a time."""
        self._outages[edge] = max(until, self._outages.get(edge, 0.0))

    def draw(self, edge: str, operation: str, now: float) -> Fault | None:
        """Return the fault of the next call over an edge; None for a call that succeeds."""
        outage = self._outages.get(edge)
        if outage is not None and now < min(outage, self._until):
            # Some calls still get through, which is worse than none.
            return OUTAGE[int(self._random.random() * len(OUTAGE))]
        return self._rated.draw(edge, operation, now)


OUTAGE: Sequence[Fault | None] = (
    Fault.SERVER_ERROR,
    Fault.SERVER_ERROR,
    Fault.SERVER_ERROR,
    Fault.NOT_CONNECTED,
    Fault.REQUEST_LOST,
    Fault.ANSWER_LOST,
    Fault.THROTTLED,
    None,
)
"""Shares of calls with each fault during an outage."""


def schedule_occasions(
    scheduler: Scheduler,
    occasions: Sequence[Occasion],
    actions: Mapping[str, Callable[[Occasion], None]],
) -> None:
    """Schedule the occasions of a storm at their times.

    Args:
        scheduler: Virtual time.
        occasions: All that happens.
        actions: What to do, by the kind of occasion; a kind without an action does not happen.
    """
    for occasion in occasions:
        action = actions.get(occasion.what)
        if action is not None:
            scheduler.at(occasion.at, _happen(action, occasion))


def _happen(action: Callable[[Occasion], None], occasion: Occasion) -> Callable[[], None]:
    return lambda: action(occasion)


def skew_of(random: Random, storm: Storm) -> float:
    """Return a random clock skew in seconds; most clocks are right within a second.

    Args:
        random: The seeded source of chance, of an occasion.
        storm: The storm.
    """
    if random.random() < 0.5:
        return random.uniform(-1.0, 1.0)
    return random.uniform(-storm.skew_seconds, storm.skew_seconds)
