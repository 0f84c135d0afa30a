"""``gridwix doctor``: whether the stack stands, and what of the two systems works."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ops.aws import BRISK, Aws
from ops.checkup import check_up
from ops.commands.options import DEFAULT_STACK, StackName
from ops.console import Waiting, console, note, seconds, show, waiting
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
    with waiting(f"Looking at stack {stack}") as progress:
        findings = check_up(
            Stack.read(stack, Aws(timeout=BRISK, attempts=2)), timeout, tell=lambda told: _tell(told, progress), word=lambda said: note((said, "dim"))
        )
    causes = merge_causes(findings)
    console.print(_table(causes))
    faults, skipped = [one for one in causes if one.is_fault], [one for one in findings if one.skipped]
    verdict = "Nothing is wrong" if not faults else "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    rest = f"; {len(skipped)} not looked at" if skipped else ""
    show((f"{verdict}{rest}", "red" if faults else "green"))
    if faults:
        raise typer.Exit(1)


def _tell(told: Progress, shown: Waiting) -> None:
    """Show what is being asked, and a line for each probe that has ended."""
    if told.finding is None:
        shown.update(f"Asking {told.capability}")
    else:
        note(f"[{told.ended:>2}/{told.total}] ", _sign(told.finding), f" {told.capability} ", (seconds(told.seconds), "dim"))


def _sign(finding: Finding) -> tuple[str, str]:
    if finding.skipped:
        return ("?", "yellow")
    return ("✓", "green") if finding.works else ("✗", "red")


def _table(findings: list[Finding]) -> Table:
    table = Table("System", "Capability", "", "Found")
    for finding in findings:
        table.add_row(finding.system, finding.capability, Text(*_sign(finding)), finding.found)
    return table
