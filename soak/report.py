"""The figures of a run of the soak test, as tables for the terminal and as Markdown.

They are read from the world after its end.
"""

import json
import os
import platform
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from ops.console import console, print_result
from soak.judges import Kind, Verdict
from soak.progress import Effort
from soak.run import Run
from soak.world import START

_NUMBER = re.compile(r"[\d,.]+")


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures: a head, and rows of equal length."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a run of the soak test; the table of the verdict is the last. ``findings`` are
    in words.
    """

    tables: Sequence[FigureTable]
    findings: Sequence[str]


def summarize_run(run: Run, verdict: Verdict, effort: Effort, command: str) -> Report:
    """Return the report of a run that has ended.

    Args:
        run: The run, played.
        verdict: Its verdict.
        effort: What it took.
        command: The command line that plays the same again.
    """
    world, shape = run.world, run.plan.shape
    accepted = run.workload.scene.accepted
    hours = (world.scheduler.now - START) / 3600
    rate = accepted / effort.processor if effort.processor else 0.0
    tables = [
        FigureTable(
            ("figure", "value"),
            [
                ("command", command),
                ("seed", run.plan.seed),
                ("Python", f"{platform.python_version()} ({platform.system()})"),
                ("processors of the machine", f"{os.cpu_count() or 1} ({platform.machine()})"),
                ("partners", f"{shape.partners:,}"),
                ("events", f"{accepted:,}"),
                ("messages that functions processed", f"{_received(run):,}"),
                ("virtual time", f"{hours:,.1f} hours"),
                ("wall time", f"{effort.wall:,.0f} s"),
                ("processor time", f"{effort.processor:,.0f} s: {rate:,.0f} events/s"),
                ("peak memory of the process, with all models", f"{effort.megabytes:,.0f} MB"),
                ("calls over all edges", f"{sum(world.edges.calls.values()):,}"),
                ("faults", f"{sum(world.edges.faulted.values()):,}"),
                (
                    f"most calls of Wix in a minute (limit {run.judges.budget.limits.per_minute})",
                    f"{run.judges.budget.most}",
                ),
                ("messages in dead-letter queues", f"{_dead_letters(run):,}"),
                ("rows that Wix has refused for good", f"{_refused_rows(run):,}"),
            ],
        ),
        FigureTable(
            ("bursts of work", "number"),
            [(kind, f"{number:,}") for kind, number in sorted(run.workload.bursts.items())],
        ),
        FigureTable(
            ("edge", "calls", "faults", "of these"),
            [
                (edge, f"{calls:,}", f"{sum(faults.values()):,}", _listed(faults))
                for edge, calls, faults in _edges(run)
            ],
        ),
        FigureTable(
            ("function", "invocations", "cold starts", "killed", "timed out", "raised"),
            [
                (
                    name,
                    *(
                        f"{counts.get(what, 0):,}"
                        for what in ("invocations", "cold starts", "kills", "timeouts", "errors")
                    ),
                )
                for name, counts in sorted(world.functions.counts.items())
            ],
        ),
    ]
    letters = world.dead_letters()
    if letters:
        tables.append(
            FigureTable(
                ("dead-letter queue", "messages", "of these"),
                [
                    (queue, f"{len(bodies):,}", _listed(_types(bodies)))
                    for queue, bodies in letters.items()
                ],
            )
        )
    if run.happened:
        tables.append(FigureTable(("beside the calls", "number"), _counted(run.happened)))
    kinds = [(kind.value.replace("_", " "), str(verdict.count(kind))) for kind in Kind]
    return Report((*tables, FigureTable(("verdict", "number"), kinds)), verdict.findings)


def as_markdown(report: Report) -> str:
    """Return a report as Markdown: its tables, and its findings as a list."""
    parts = [_markdown_table(table) for table in report.tables]
    if report.findings:
        parts.append("\n".join(f"- {finding}" for finding in report.findings) + "\n")
    return "\n".join(parts)


def print_report(report: Report) -> None:
    """Print a report with aligned columns, and its findings below the verdict."""
    for table in report.tables:
        shown = Table(*table.head)
        for column, cells in zip(shown.columns, zip(*table.rows, strict=True), strict=False):
            column.justify = "right" if all(map(_NUMBER.fullmatch, cells)) else "left"
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)
    for finding in report.findings:
        print_result(finding)


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


def _types(bodies: Iterable[str]) -> Mapping[str, int]:
    """Return the number of messages of each type of event."""
    details = (json.loads(body).get("detail") or {} for body in bodies)
    return Counter(str(detail.get("type", "others")) for detail in details)


def _received(run: Run) -> int:
    queues = run.world.queues
    return sum(queues[one.queue].received for one in run.world.template.event_sources)


def _dead_letters(run: Run) -> int:
    return sum(len(bodies) for bodies in run.world.dead_letters().values())


def _refused_rows(run: Run) -> int:
    return sum(1 for _ in run.world.dynamodb.items("RefusedItemTable"))


def _markdown_table(table: FigureTable) -> str:
    lines = [f"| {' | '.join(table.head)} |", f"|{'---|' * len(table.head)}"]
    lines += [f"| {' | '.join(cell.replace('|', '\\|') for cell in row)} |" for row in table.rows]
    return "\n".join(lines) + "\n"
