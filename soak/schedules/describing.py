"""Describes a schedule of the soak test: in words, and as a Python test."""

from collections.abc import Iterator, Sequence
from textwrap import fill, indent

from soak.judges import Verdict
from soak.schedules.schedule import Schedule, new_schedule, without_liberties
from soak.traffic.storms import Occasion

MOST_TOLD = 40
"""Maximum number of faults that are described one by one."""

_TEST = """\
def test_schedule_{name}_when_it_is_played_then_nothing_is_wrong() -> None:
    schedule = new_schedule({seed!r}, partners={partners}, events={events}){liberties}
    schedule = replace(
        schedule,
        faults={faults},
        occasions={occasions},
        bursts={bursts},
    )

    verdict = play_schedule(schedule)

    assert verdict.ok, str(verdict)
"""

_IMPORTS = """\
from dataclasses import replace

from soak.kernel.edges import Fault
from soak.schedules.playing import play_schedule
from soak.schedules.schedule import new_schedule, without_liberties
from soak.traffic.storms import Occasion
"""


def describe(schedule: Schedule, verdict: Verdict | None = None) -> str:
    """Return a schedule in words, and as a test that can be pasted.

    Args:
        schedule: A schedule of :func:`soak.schedules.schedule.new_schedule`, or a part of it.
        verdict: What the judges have found in it, if it was played.
    """
    lines = [f"seed {schedule.seed}: {_bursts(schedule)}", *_happenings(schedule)]
    if verdict is not None:
        lines += ["", str(verdict)]
    return "\n".join((*lines, "", as_test(schedule)))


def as_test(schedule: Schedule) -> str:
    """Return a schedule as a Python test, with its imports.

    Args:
        schedule: A schedule of :func:`soak.schedules.schedule.new_schedule`, or a part of it.
    """
    shape = schedule.plan.shape
    whole = new_schedule(schedule.seed, partners=shape.partners, events=shape.events)
    liberties = (
        "" if schedule.plan == whole.plan else "\n    schedule = without_liberties(schedule)"
    )
    faults = [f"({at!r}, {edge!r}, Fault.{fault.name})" for at, edge, fault in schedule.faults]
    test = _TEST.format(
        name=schedule.seed,
        seed=schedule.seed,
        partners=shape.partners,
        events=shape.events,
        liberties=liberties,
        faults=_tuple(faults),
        occasions=_tuple([repr(one) for one in schedule.occasions]),
        bursts=_numbers(schedule.bursts),
    )
    return f"{_IMPORTS}\n\n{test}"


def _bursts(schedule: Schedule) -> str:
    conditions = schedule.plan.conditions
    liberties = (
        "each message once and in order"
        if schedule.plan == without_liberties(schedule).plan
        else f"{conditions.chances}, {conditions.deliveries}, {schedule.plan.shape.webhooks}"
    )
    if schedule.bursts is None:
        return f"all bursts of traffic; {liberties}"
    numbers = ", ".join(map(str, schedule.bursts)) or "none"
    return f"bursts of traffic {numbers}; {liberties}"


def _happenings(schedule: Schedule) -> Iterator[str]:
    """Yield the faults and occasions of a schedule in words, by time; a long list of faults is cut
    short.
    """
    start = schedule.plan.conditions.start
    told = [(at, f"{edge}: {fault}") for at, edge, fault in schedule.faults[:MOST_TOLD]]
    told += [(one.at, _occasion(one)) for one in schedule.occasions]
    for at, text in sorted(told):
        yield f"  {at - start:+10.3f} s  {text}"
    if len(schedule.faults) > MOST_TOLD:
        yield f"  and {len(schedule.faults) - MOST_TOLD} faults more"


def _occasion(occasion: Occasion) -> str:
    what = f"{occasion.what} of {occasion.edge or occasion.secret}"
    length = f" for {occasion.seconds:.0f} s" if occasion.seconds else ""
    return f"{what.removesuffix(' of ')}{length}"


def _tuple(parts: Sequence[str]) -> str:
    """Return the source text of a tuple, with each part on a line of its own."""
    lines = [f"{part},\n" for part in parts]
    return "()" if not lines else f"(\n{indent(''.join(lines), ' ' * 12)}        )"


def _numbers(numbers: Sequence[int] | None) -> str:
    """Return the source text of a tuple of numbers, in few lines."""
    if numbers is None or not numbers:
        return "None" if numbers is None else "()"
    return _tuple([fill(", ".join(map(str, numbers)), 80).replace("\n", f"\n{' ' * 12}")])
