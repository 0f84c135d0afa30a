"""``gridwix doctor``: whether the stack stands, and what of the two systems works."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ops.aws import BRISK, Aws
from ops.checkup import examine_stack
from ops.commands.options import DEFAULT_STACK, StackName
from ops.console import Spinner, console, format_seconds, print_note, print_result, show_spinner
from ops.examination import Progress, merge_causes
from ops.probes import Finding
from ops.stack import Stack

TIMEOUT = 60.0


def doctor(
    stack: StackName = DEFAULT_STACK,
    timeout: Annotated[float, typer.Option(min=5, help="Give up after this many seconds in all.")] = TIMEOUT,
) -> None:
    """Look at the stack, at every function's settings, and at what works of Trading Grid and Wix, by reads only.

    Calls to Wix are few, count against the site's budget, and are taken from what the functions leave. Ends with 1 if something is wrong.
    """
    with show_spinner(f"Looking at stack {stack}") as progress:
        findings = examine_stack(
            Stack.read(stack, Aws(timeout=BRISK, attempts=2)),
            timeout,
            report_probe=lambda probe: _show_progress(probe, progress),
            report_wait=lambda text: print_note((text, "dim")),
        )
    causes = merge_causes(findings)
    console.print(_finding_table(causes))
    faults, skipped = [one for one in causes if one.is_fault], [one for one in findings if one.skipped]
    verdict = "Nothing is wrong" if not faults else "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    rest = f"; {len(skipped)} not looked at" if skipped else ""
    print_result((f"{verdict}{rest}", "red" if faults else "green"))
    if faults:
        raise typer.Exit(1)


def _show_progress(probe: Progress, spinner: Spinner) -> None:
    """Show what is being asked, and a line for each probe that has ended."""
    if probe.finding is None:
        spinner.update(f"Asking {probe.capability}")
    else:
        print_note(f"[{probe.ended:>2}/{probe.total}] ", _verdict_mark(probe.finding), f" {probe.capability} ", (format_seconds(probe.seconds), "dim"))


def _verdict_mark(finding: Finding) -> tuple[str, str]:
    if finding.skipped:
        return ("?", "yellow")
    return ("✓", "green") if finding.works else ("✗", "red")


def _finding_table(findings: list[Finding]) -> Table:
    table = Table("System", "Capability", "", "Found")
    for finding in findings:
        table.add_row(finding.system, finding.capability, Text(*_verdict_mark(finding)), finding.found)
    return table
