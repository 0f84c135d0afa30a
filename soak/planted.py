"""Plants faults in the product, one at a time, and tests that a judge finds each of them (mutation
testing).

A judge that finds nothing in the product proves little, unless it finds a fault that is known to be
there. ``python -m soak.planted`` plays small worlds with each fault.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from soak import plants
from soak.command import run_command
from soak.judges.verdict import Kind, Verdict
from soak.kernel.edges import Fault
from soak.schedules.playing import play_schedule
from soak.schedules.provoking import provoking_schedule

SEEDS = range(1, 9)
"""Seeds of the worlds that are played until the planted fault is found."""

type Plant = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """A fault to plant in the product, and the findings that it must cause.

    ``plant`` changes the product until the end of a ``with`` statement. ``kinds``: kinds of
    findings, of which a judge must make one. ``world``: properties of a world in which the fault
    shows; see :mod:`soak.schedules.provoking`.
    """

    name: str
    description: str
    kinds: frozenset[Kind]
    plant: Plant
    world: Mapping[str, Any]


def _planted(
    name: str,
    description: str,
    kinds: Collection[Kind],
    plant: Plant,
    **world: Any,
) -> PlantedFault:
    return PlantedFault(name, description, frozenset(kinds), plant, world)


_NO_BUS = {"events": {Fault.SERVER_ERROR: 60.0}}
_MESSAGES = {"case": 0.2, "checks": 0.6, "enrollments": 0.4}

PLANTED: Sequence[PlantedFault] = (
    _planted(
        "dropped-rows",
        "every third row of a bulk call is left out, although it is reported as written",
        (Kind.LOST, Kind.STALE),
        plants.plant_dropped_rows,
    ),
    _planted(
        "wrong-comparison",
        "versions are compared the wrong way",
        (Kind.STALE, Kind.FALLEN, Kind.LOST, Kind.DOUBLED),
        plants.plant_wrong_comparison,
    ),
    _planted(
        "no-comparison",
        "an older projection may be written over a newer one",
        (Kind.FALLEN,),
        plants.plant_no_comparison,
        faults={
            "dynamodb": {Fault.SLOW: 40.0},
            "trading_grid": {Fault.SLOW: 20.0, Fault.STALE: 60.0},
        },
    ),
    _planted(
        "early-cursor",
        "the feed's cursor advances before the page is on the bus",
        (Kind.LOST,),
        plants.plant_early_cursor,
        lost=1.0,
        faults=_NO_BUS,
        **_MESSAGES,
    ),
    _planted(
        "endless-claim",
        "a message's claim never lapses",
        (Kind.LOST,),
        plants.plant_endless_claim,
        faults={"wix": {Fault.KILLED_BEFORE: 40.0}},
        **_MESSAGES,
    ),
    _planted(
        "shared-claim",
        "a row's claim is granted although another worker holds it",
        (Kind.FALLEN, Kind.STALE),
        plants.plant_shared_claim,
        faults={"wix": {Fault.LATE: 10.0, Fault.SLOW: 10.0}},
    ),
    _planted(
        "ignored-claim",
        "a message is sent although another worker has claimed it",
        (Kind.DOUBLED,),
        plants.plant_ignored_claim,
        strength=2.0,
        members=3.0,
    ),
    _planted(
        "changing-key",
        "a request's idempotency key changes at a retry",
        (Kind.DOUBLED,),
        plants.plant_changing_key,
        submissions=0.3,
        faults={"trading_grid": {Fault.RESET_AFTER: 90.0}},
    ),
    _planted(
        "deaf-bulk",
        "a bulk answer with refusals is read as success",
        (Kind.LOST, Kind.STALE),
        plants.plant_deaf_bulk,
        lost=1.0,
        faults={"wix": {Fault.PARTIAL: 120.0}},
        **_MESSAGES,
    ),
    _planted(
        "swallowed-failures",
        "failures of a batch are not reported to the queue",
        (Kind.LOST,),
        plants.plant_swallowed_failures,
        faults={"trading_grid": {Fault.SERVER_ERROR: 60.0}},
        **_MESSAGES,
    ),
    _planted(
        "skipped-removal",
        "rows are not removed, although it is reported",
        (Kind.STALE,),
        plants.plant_skipped_removal,
    ),
    _planted(
        "shown-internals",
        "internal comments are shown",
        (Kind.INTERNAL,),
        plants.plant_shown_internals,
    ),
    _planted(
        "copied-secrets",
        "files of restricted documents are copied to the portal",
        (Kind.INTERNAL,),
        plants.plant_copied_secrets,
        documents=1.0,
    ),
    _planted(
        "ignored-budget",
        "the call budget is ignored",
        (Kind.ABOVE_BUDGET,),
        plants.plant_ignored_budget,
        per_minute=600.0,
    ),
    _planted(
        "ignored-night",
        "quiet hours are ignored",
        (Kind.IN_QUIET_HOURS,),
        plants.plant_ignored_night,
        hour=12,
        members=3.0,
        **_MESSAGES,
    ),
    _planted(
        "everybodys-notice",
        "a notice for some partners is shown to everybody",
        (Kind.FOREIGN, Kind.STALE),
        plants.plant_everybodys_notice,
        notices=0.1,
    ),
    _planted(
        "endless-audience",
        "a row that was for some partners is never written for all",
        (Kind.STALE,),
        plants.plant_endless_audience,
        notices=0.2,
    ),
    _planted(
        "early-handover",
        "an event is recorded as handed over before it is on the bus",
        (Kind.LOST,),
        plants.plant_early_handover,
        lost=1.0,
        faults=_NO_BUS,
        **_MESSAGES,
    ),
)
"""All planted faults."""


def play_planted(fault: PlantedFault, seed: int) -> Verdict:
    """Play a small world with a planted fault; return the judges' verdict.

    Args:
        fault: The fault.
        seed: The world's seed.
    """
    with fault.plant():
        return play_schedule(provoking_schedule(seed, **fault.world))


def find_planted(fault: PlantedFault, seeds: Sequence[int] = SEEDS) -> tuple[int, str] | None:
    """Return the first seed with which a judge finds a planted fault, and the finding. None: it is
    not found.

    The same world has no finding of this kind without the fault.

    Args:
        fault: The fault.
        seeds: Seeds of the worlds to play.
    """
    for seed in seeds:
        verdict = play_planted(fault, seed)
        if not (kinds := fault.kinds & verdict.counts.keys()):
            continue
        usual = play_schedule(provoking_schedule(seed, **fault.world))
        for finding in verdict.findings:
            kind = finding.partition(":")[0]
            if kind in kinds and Kind(kind) not in usual.counts:
                return seed, finding
    return None


def main() -> int:
    """Plant each fault in turn; return exit code 1 if one is not found."""
    logging.disable(logging.CRITICAL)
    missed = 0
    print(f"{len(PLANTED)} faults, each in up to {len(SEEDS)} small worlds", flush=True)
    for fault in PLANTED:
        found = find_planted(fault)
        missed += found is None
        told = "NOT FOUND" if found is None else f"found with seed {found[0]}: {found[1]}"
        print(f"{fault.name} ({fault.description}): {told}", flush=True)
    print(f"{len(PLANTED) - missed} of {len(PLANTED)} planted faults found", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    run_command("soak.planted", main)
