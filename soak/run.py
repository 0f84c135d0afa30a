"""One run of the soak test: a workload during a storm of faults, calm, one comparison, and the
verdict.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol, Self

from soak.cloud.bus import USUAL, Deliveries
from soak.cloud.messages import NO_CHANCES, Chances
from soak.judges import Judges, Verdict, read_settings
from soak.judges.budget import CallLimits
from soak.judging import connect_judges, judge_calls, outputs_of
from soak.kernel.edges import FaultSource, NoFaults
from soak.traffic.adapters import outside_of
from soak.traffic.shape import Shape
from soak.traffic.storms import (
    Occasion,
    Storm,
    StormFaults,
    plan_occasions,
    schedule_occasions,
    skew_of,
)
from soak.traffic.workload import Workload
from soak.world import START, World

CONFIGURATION = Path(__file__).parents[1] / "config"

SETTLING = 24 * 3600.0
"""Maximum seconds of virtual time until all work is done, after the storm and after a comparison.

Messages that were due in quiet hours wait for the morning.
"""

MOST_JOURNALED = 100_000
"""Maximum number of events of a run that keeps the functions' journal, for inspection
afterwards.
"""

CALM_SHARE = 0.05
"""Share of the traffic's time, at its end, in which nothing fails any more."""

UNDER_WAY = 900.0
"""Seconds after an event until its message or case must exist."""

AGE = 3_600.0
"""Seconds between the creation of records and members and the begin of the traffic: judges are
tolerant of recent changes.
"""

BEGINNING = 20.0
"""Seconds before the traffic, in which the feed is read for the first time."""

MAX_BEGINNINGS = 30
"""How often these seconds are added, as long as the feed has not been read."""

ITEM_REFUSALS = frozenset({"WDE0080"})
"""Codes with which Wix permanently refuses single items during the storm, as if they were
invalid.
"""

_SUBJECT = re.compile(r"^([a-z-]+/[^/]+)")

type Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Properties in which a world differs from a usual one.

    ``start``: Unix seconds at its beginning. ``parameters``: the template's, in place of a world's
    usual ones. ``chances``: what the queues do to messages. ``deliveries``: how the bus delivers.
    ``schedule_twice``: share of the schedules' messages (0 to 1) that come twice. ``journal``: True
    if the functions' journal is kept.
    """

    start: float = START
    parameters: Mapping[str, str] = field(default_factory=dict)
    chances: Chances = NO_CHANCES
    deliveries: Deliveries = USUAL
    schedule_twice: float = 0.0
    journal: bool = True


def stormy_conditions(storm: Storm, shape: Shape) -> Conditions:
    """Return the conditions of a storm: duplicates, delays and reordering by queues, bus and
    schedules, until it ends.

    Lens is counted seldom: it is read by the hour of 30 days, which is not judged here.

    Args:
        storm: The storm.
        shape: The workload, whose time the storm takes.
    """
    until = START + shape.seconds * (1 - CALM_SHARE)
    return Conditions(
        parameters={
            "ActivitySchedule": "rate(12 hours)",
            "WixCallsPerMinute": str(shape.site_quota * 9 // 10),
            "WixCallBurst": str(shape.site_quota * 3 // 10),
            "PartnerMessengerConcurrency": str(max(2, shape.site_quota // 150)),
        },
        chances=Chances(
            received_twice=storm.doubled,
            comes_back=storm.doubled / 2,
            late=storm.late,
            out_of_order=storm.reordered,
            until=until,
        ),
        deliveries=Deliveries(late=storm.late, twice=storm.doubled, until=until),
        schedule_twice=storm.doubled,
        journal=shape.events <= MOST_JOURNALED,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a run: a seed, a workload, a storm, and the conditions of its world."""

    seed: str
    shape: Shape
    storm: Storm
    conditions: Conditions = field(default_factory=Conditions)

    @property
    def calm_from(self) -> float:
        """Unix seconds from which nothing fails any more."""
        return self.conditions.start + self.shape.seconds * (1 - CALM_SHARE)


class RunFaults(FaultSource, Protocol):
    """Fault source of a run: decides which calls fail, outages included."""

    def begin_outage(self, edge: str, until: float) -> None:
        """Make most calls over an edge fail, until a time in Unix seconds."""


class Run:
    """A world with its traffic, its storm and its judges. A context manager that is used once.

    Args:
        plan: What is to happen.
        progress: Gets lines for whoever waits.
        faults: Decides which calls fail, in place of the storm.
        occasions: What happens beside the calls, in place of the storm.
        bursts: Numbers of the bursts of traffic that happen; None for all.
    """

    def __init__(
        self,
        plan: Plan,
        progress: Progress = lambda _: None,
        *,
        faults: RunFaults | None = None,
        occasions: Sequence[Occasion] | None = None,
        bursts: Collection[int] | None = None,
    ) -> None:
        self.plan = plan
        self._progress = progress
        self._calm_from = plan.calm_from
        self._faults = faults or StormFaults(
            plan.storm, Random(f"{plan.seed}/storm"), self._calm_from
        )
        conditions = plan.conditions
        self.world = World(
            plan.seed,
            faults=self._faults,
            start=conditions.start - AGE - plan.shape.calm_resync,
            parameters=conditions.parameters,
            chances=conditions.chances,
            deliveries=conditions.deliveries,
            schedule_twice=conditions.schedule_twice,
            site_quota=plan.shape.site_quota,
            journal=conditions.journal,
        )
        self.happened: Counter[str] = Counter()
        """Number of the storm's occasions (kills, deployments, skews) that happened, by kind."""
        self._occasions = occasions
        self.judges = Judges(
            read_settings(CONFIGURATION),
            grace=120.0 + (plan.storm.skew_seconds * 2 if plan.storm.skews else 0.0),
            limits=_call_limits(plan),
        )
        self.workload = Workload(
            plan.shape,
            self.world.scheduler,
            self.world.new_random("traffic"),
            outside_of(
                self.world.grid,
                self.world.wix,
                self.world.functions,
                self.world.scheduler,
                lambda: self.world.rotation.hub_secrets,
            ),
            self.judges,
            self._calm_from,
            bursts,
        )
        connect_judges(
            self.judges, self.world.grid, self.world.wix, lambda: self.world.scheduler.now
        )
        self.world.telemetry.observers.append(self.judges.observe_metrics)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    def play(self) -> Verdict:
        """Play the whole run; return the judges' verdict."""
        self.begin()
        self._progress("the traffic begins")
        while not self.workload.ended:
            self.advance(60.0)
        self.traffic_ended = self.world.scheduler.now
        self._progress("the traffic has ended; what is left settles")
        self.settle()
        self._progress("the reconciler compares everything")
        self.compare()
        return self.verdict()

    def begin(self) -> None:
        """Set the world up, and start the functions and the traffic."""
        self.workload.set_up()
        self.world.run(AGE)
        self.world.begin()
        self._begin_feed()
        self.workload.begin()
        self._schedule_storm()

    def advance(self, seconds: float) -> None:
        """Advance virtual time by some seconds."""
        self.world.run(seconds)
        self._progress(f"{self.workload.scene.accepted:,} events")

    def settle(self) -> bool:
        """Advance virtual time until no work is left; return False if that does not happen in time.

        Work that is scheduled for later is waited for, too, and so is the end of the storm.
        """
        until = max(self._calm_from, self.traffic_ended + UNDER_WAY)
        self.world.run(max(0.0, until - self.world.scheduler.now))
        begun = self.world.scheduler.now
        quiet = self.world.run_until_quiet(SETTLING, look=lambda: self._show_rest(begun))
        if not quiet:
            self.judges.report_endless(self.world.scheduler.now)
        return quiet

    def compare(self) -> None:
        """Let the reconciler compare and repair everything, and wait until its work is done."""
        self.world.queues.send("ReconcilerQueue", json.dumps({"mode": "full"}))
        self.settle()

    def verdict(self) -> Verdict:
        """Return the judges' verdict on the whole run."""
        for name, content in self.world.objects.items(self._report_bucket):
            # That of a comparison of people counts no rows of a collection.
            if name.startswith("reports/") and not name.endswith("-people.json"):
                self.judges.observe_report(json.loads(content))
        wix = self.world.wix
        judge_calls(self.judges, wix)
        until = self.world.scheduler.now - UNDER_WAY
        return self.judges.verdict(outputs_of(wix, frozenset(self._held()), until))

    def _show_rest(self, begun: float) -> None:
        minutes = (self.world.scheduler.now - begun) / 60
        waiting = self.world.waiting
        most = max(waiting, key=lambda name: waiting[name])
        self._progress(
            f"settling: {sum(waiting.values()):,} messages are left after {minutes:,.1f} minutes,"
            f" most of them for {most}"
        )

    traffic_ended = 0.0
    """Virtual time of the traffic's last event."""

    @property
    def _report_bucket(self) -> str:
        (bucket,) = self.world.template.buckets
        return bucket

    def _held(self) -> Iterator[str]:
        """Yield what the functions have reported, so that it may be missing: records in dead-letter
        queues, refused rows and messages, and submissions that wait for a person.
        """
        for bodies in self.world.dead_letters().values():
            for body in bodies:
                yield from _named_by(json.loads(body))
        for item in self.world.dynamodb.items("RefusedItemTable"):
            yield str(item["row"]).replace("#", "/")
        for item in self.world.dynamodb.items("SubmissionTable"):
            if item.get("stage") == "held":
                yield str(item["id"])
        for item in self.world.dynamodb.items("DispatchTable"):
            # Any other reason to give a message up is judged.
            if item.get("state") == "failed" and item["reason"] in ITEM_REFUSALS:
                # The judges await a message about an enrollment, and a dispatch names the step.
                campaign, subject = str(item["campaign"]), str(item["subject"])
                yield f"{campaign} about {subject.partition('/steps/')[0]}"

    def _begin_feed(self) -> None:
        """Let the feed be read for the first time without faults: this run sends no messages to
        people. Also wait for the first resync, as long as the shape says.
        """
        world = self.world
        world.edges.faults = NoFaults()
        world.queues.send("TradingGridFeedQueue", json.dumps({"reason": "schedule"}))
        world.run(BEGINNING)
        # The message may be late. What happens before the feed is read has no messages to people.
        for _ in range(MAX_BEGINNINGS):
            cursors = world.dynamodb.items("CursorTable")
            if any(cursor["name"] == "trading_grid.events" for cursor in cursors):
                break
            world.run(BEGINNING)
        if self.plan.shape.calm_resync:
            world.run_until_quiet(self.plan.shape.calm_resync - BEGINNING)
            self._progress("the first resync has ended")
            world.run(max(0.0, self.plan.conditions.start - world.scheduler.now))
        world.edges.faults = self._faults

    def _schedule_storm(self) -> None:
        world, storm = self.world, self.plan.storm
        occasions = self._occasions
        if occasions is None:
            occasions = plan_occasions(
                storm,
                Random(f"{self.plan.seed}/occasions"),
                world.scheduler.now,
                self._calm_from,
            )
        world.scheduler.at(self._calm_from, lambda: world.functions.skew_clocks(lambda: 0.0))
        actions: dict[str, Callable[[Occasion], None]] = {
            "kill": self._kill,
            "deployment": lambda _: world.functions.deploy(),
            "skew": self._skew,
            "rotation": lambda one: world.rotation.rotate(one.secret),
            "outage": lambda one: self._faults.begin_outage(one.edge, one.at + one.seconds),
            "expiry": lambda _: world.grid.expire_cursors(),
            "replay": lambda _: world.grid.spoil_feed(),
        }
        schedule_occasions(
            world.scheduler,
            occasions,
            {what: self._counted(what, action) for what, action in actions.items()},
        )

    def _counted(self, what: str, action: Callable[[Occasion], None]) -> Callable[[Occasion], None]:
        def act(occasion: Occasion) -> None:
            self.happened[what] += 1
            action(occasion)

        return act

    def _kill(self, _: Occasion) -> None:
        self.world.functions.kill_one()

    def _skew(self, occasion: Occasion) -> None:
        random, world = Random(occasion.seed), self.world
        world.functions.skew_clocks(lambda: skew_of(random, self.plan.storm))
        # As chrony does. While clocks differ, the call budget is left to the one that leads.
        until = occasion.at + occasion.seconds
        world.scheduler.at(until, lambda: world.functions.skew_clocks(lambda: 0.0))


def _call_limits(plan: Plan) -> CallLimits:
    parameters, quota, usual = plan.conditions.parameters, plan.shape.site_quota, CallLimits()
    return CallLimits(
        per_minute=int(parameters.get("WixCallsPerMinute", usual.per_minute)),
        burst=int(parameters.get("WixCallBurst", usual.burst)),
        quota=quota,
        allowance=usual.allowance * quota // usual.quota,
    )


def _named_by(message: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the records and submissions that a dead letter is about."""
    detail = message.get("detail") or {}
    for name in ("subject", "record"):
        if found := _SUBJECT.match(str(detail.get(name, ""))):
            yield found.group(1)
    if "submissionId" in detail:
        yield str(detail["submissionId"])
