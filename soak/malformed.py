"""Tests that a malformed record among many good ones is reported with its reason, and delays no
other record.

The first run of the feed publishes everything, so the malformed records are there from the
beginning, among the good ones of the same lists.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from soak.judges import Verdict
from soak.run import Plan, Progress, Run
from soak.traffic.oddities import spoil_record
from soak.traffic.population import COLLECTIONS
from soak.traffic.shape import Shape
from soak.traffic.storms import CALM
from soak.traffic.workload import calm_shape

WAYS = ("missing", "type", "version", "moment", "digits")
"""Ways to make a record malformed that leave its id and its owner readable, by which it is
reported.
"""

KINDS = "pkce"
"""Letters of the kinds of records that are made malformed: partners, checks, cases and
enrollments.
"""


@dataclass(frozen=True, slots=True)
class MalformedReport:
    """The outcome of a run with malformed records.

    ``wanted`` is the number that was asked for. ``spoiled`` are the names of the malformed records,
    ``named`` those that the functions reported, each with its reason. ``strangers`` are dead
    letters about a partner that has no malformed record. ``verdict`` is on all other records.
    """

    records: int
    wanted: int
    spoiled: frozenset[str]
    named: Mapping[str, str]
    dead_letters: int
    strangers: tuple[str, ...]
    verdict: Verdict = field(repr=False)

    @property
    def ok(self) -> bool:
        """True if as many records as wanted are malformed, exactly these are reported, and
        everything else is right.
        """
        return (
            len(self.spoiled) == self.wanted
            and self.named.keys() == self.spoiled
            and not self.strangers
            and self.verdict.ok
        )


def describe_report(report: MalformedReport) -> str:
    """Return a report in lines of text, with at most twenty records that are wrongly reported or
    not reported.
    """
    missing = sorted(report.spoiled - report.named.keys())
    beside = sorted(report.named.keys() - report.spoiled)
    spoiled = len(report.spoiled)
    lines = [
        f"{report.records:,} records, {spoiled} of them malformed:"
        f" {spoiled - len(missing)} named with their reason, {len(beside)} others named",
        f"{report.dead_letters} messages in dead-letter queues,"
        f" {len(report.strangers)} of them about other partners",
        *(f"  {name}: {report.named.get(name, 'not named')}" for name in (*missing, *beside)[:20]),
    ]
    if spoiled < report.wanted:
        lines.append(
            f"only {spoiled} of {report.wanted} records could be malformed: at most one"
            " of each partner is, so more --partners are needed"
        )
    return "\n".join((*lines, str(report.verdict)))


def play_malformed(seed: str, shape: Shape, number: int, progress: Progress) -> MalformedReport:
    """Publish a world with malformed records, and compare them with those that the functions
    report.

    Args:
        seed: Decides which records are malformed, and how.
        shape: Its partners are those of the world; it has no events.
        number: Number of malformed records.
        progress: Gets lines for whoever waits.
    """
    with Run(Plan(seed, calm_shape(replace(shape, events=0)), CALM), progress) as run:
        run.begin()
        spoiled = _spoil_records(run, Random(f"{seed}/malformed"), number)
        progress(f"{len(spoiled)} of {number} records are malformed")
        run.settle()
        progress("everything is compared")
        run.traffic_ended = run.world.scheduler.now
        run.compare()
        named = {
            str(item["row"]).replace("#", "/"): str(item["description"])
            for item in run.world.dynamodb.items("RefusedItemTable")
            # Files that are not what they claim are refused as well.
            if item["collection"] in COLLECTIONS.values()
        }
        letters = [body for bodies in run.world.dead_letters().values() for body in bodies]
        owners = {_owner(run, name) for name in spoiled}
        strangers = tuple(body for body in letters if _partner(body) not in owners)
        records = sum(1 for kind in COLLECTIONS.values() for _ in run.world.grid.records(kind))
        return MalformedReport(
            records, number, frozenset(spoiled), named, len(letters), strangers, run.verdict()
        )


def _spoil_records(run: Run, random: Random, number: int) -> list[str]:
    """Make records of different partners malformed: in the row of one partner, one could hide
    another's fault.
    """
    scene = run.workload.scene
    spoiled: list[str] = []
    partners = list(range(1, run.plan.shape.partners + 1))
    random.shuffle(partners)
    for partner in partners:
        if len(spoiled) == number:
            break
        kind = random.choice(KINDS)
        of_kind = partner if kind == "p" else scene.population.any_number(partner, kind)
        if not of_kind:
            continue
        name = spoil_record(scene, kind, partner, of_kind, random.choice(WAYS))
        if name is not None:
            spoiled.append(name)
    return spoiled


def _owner(run: Run, name: str) -> str:
    """Return the partner of a record."""
    collection, _, identifier = name.partition("/")
    if collection == "partners":
        return identifier
    return str(run.world.grid.get(collection, identifier)["partnerId"])


def _partner(body: str) -> str:
    """Return the partner that a message is about; "" if it names none."""
    return str((json.loads(body).get("detail") or {}).get("partnerId", ""))
