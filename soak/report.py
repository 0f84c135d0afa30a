"""The figures of a run, as Markdown. They are read from the world after its end."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from soak.judges import Kind, Verdict
from soak.run import Run
from soak.world import START


@dataclass(frozen=True, slots=True)
class Effort:
    """What a run took: ``seconds`` of processor time, of which the traffic's own part is unknown,
    and the peak of memory in MB.
    """

    seconds: float
    megabytes: float


def summarize_run(run: Run, verdict: Verdict, effort: Effort) -> str:
    """Return the report of a run.

    Args:
        run: The run, played.
        verdict: Its verdict.
        effort: What it took.
    """
    world, shape = run.world, run.plan.shape
    accepted = run.workload.scene.accepted
    hours = (world.scheduler.now - START) / 3600
    rate = accepted / effort.seconds if effort.seconds else 0.0
    parts = [
        _table(
            ("figure", "value"),
            [
                ("seed", f"`{run.plan.seed}`"),
                ("partners", f"{shape.partners:,}"),
                ("events", f"{accepted:,}"),
                ("messages that functions processed", f"{_received(run):,}"),
                ("virtual time", f"{hours:,.1f} hours"),
                ("processor time", f"{effort.seconds:,.0f} s: {rate:,.0f} events/s"),
                ("peak memory of the process, with all models", f"{effort.megabytes:,.0f} MB"),
                ("calls over all edges", f"{sum(world.edges.calls.values()):,}"),
                ("faults", f"{sum(world.edges.faulted.values()):,}"),
                ("most calls of Wix in a minute (limit 180)", f"{run.judges.budget.most}"),
                ("messages in dead-letter queues", f"{_dead_letters(run):,}"),
            ],
        ),
        _table(
            ("verdict", "number"),
            [(kind.value.replace("_", " "), str(verdict.count(kind))) for kind in Kind],
        ),
        _table(
            ("bursts of work", "number"),
            [(kind, f"{number:,}") for kind, number in sorted(run.workload.bursts.items())],
        ),
        _table(
            ("edge", "calls", "faults", "of these"),
            [
                (edge, f"{calls:,}", f"{sum(faults.values()):,}", _listed(faults))
                for edge, calls, faults in _edges(run)
            ],
        ),
        _table(
            ("function", "invocations", "cold starts", "killed", "timed out", "raised"),
            [
                (
                    f"`{name}`",
                    *(
                        f"{counts.get(what, 0):,}"
                        for what in ("invocations", "cold starts", "kills", "timeouts", "errors")
                    ),
                )
                for name, counts in sorted(world.functions.counts.items())
            ],
        ),
    ]
    if run.happened:
        parts.insert(3, _table(("beside the calls", "number"), _counted(run.happened)))
    return "\n".join(parts)


def _counted(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(name, f"{number:,}") for name, number in sorted(counts.items())]


def _edges(run: Run) -> Iterable[tuple[str, int, Mapping[str, int]]]:
    calls: Counter[str] = Counter()
    for (edge, _), number in run.world.edges.calls.items():
        calls[edge] += number
    for edge, number in sorted(calls.items()):
        faults = {
            fault.value: times
            for (where, fault), times in run.world.edges.faulted.items()
            if where == edge
        }
        yield edge, number, faults


def _listed(faults: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(faults.items()))


def _received(run: Run) -> int:
    queues = run.world.queues
    return sum(queues[one.queue].received for one in run.world.template.event_sources)


def _dead_letters(run: Run) -> int:
    return sum(len(bodies) for bodies in run.world.dead_letters().values())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"
