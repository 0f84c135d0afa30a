"""``gridwix doctor``: checks the stack, the settings of its functions, Trading Grid and Wix."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ops.aws import BRISK, Aws
from ops.checkup import examine_stack
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, with_aws_options
from ops.console import (
    Spinner,
    console,
    format_seconds,
    is_interactive,
    print_note,
    print_result,
    show_spinner,
)
from ops.examination import Progress, merge_causes
from ops.json_output import print_json_output
from ops.outputs.doctor import DoctorOutput, doctor_output
from ops.probes import Finding
from ops.stack import Stack

TIMEOUT = 20.0
"""Default of the seconds after which all checks together are stopped."""


@example("gridwix doctor --stack prod")
@with_aws_options
def doctor(
    stack: StackName = DEFAULT_STACK,
    timeout: Annotated[float, typer.Option(min=5, help="Total timeout in seconds.")] = TIMEOUT,
    as_json: Json = False,
) -> None:
    """Check the stack, the settings of every function, Trading Grid and Wix. Only reads.

    Its few calls to Wix count against the site's call budget, and leave most of it to the
    functions. Exit code 1 if something is wrong.
    """
    with show_spinner(f"Checking stack {stack}") as progress:
        findings = examine_stack(
            Stack.read(stack, Aws(timeout=BRISK, attempts=2)),
            timeout,
            report_probe=lambda probe: _show_progress(probe, progress),
            report_wait=lambda text: print_note((text, "dim")),
        )
    causes = merge_causes(findings)
    output = doctor_output(stack, causes, findings)
    if as_json:
        print_json_output(output)
    else:
        console.print(_finding_table(causes))
        _print_verdict(output)
    if not output.healthy:
        raise typer.Exit(1)


def _print_verdict(output: DoctorOutput) -> None:
    verdict = "1 fault" if output.faults == 1 else f"{output.faults} faults"
    if output.healthy:
        verdict = "Nothing is wrong"
    rest = f"; {output.skipped} not checked" if output.skipped else ""
    print_result((f"{verdict}{rest}", "green" if output.healthy else "red"))


def _show_progress(probe: Progress, spinner: Spinner) -> None:
    """Show the running probe in the spinner; in a terminal, print a line for each ended probe.

    A probe is one check of the command. The line has its result and the time that it took.
    """
    if probe.finding is None:
        spinner.update(f"Checking {probe.capability}", done=probe.ended, total=probe.total)
    elif is_interactive():
        print_note(
            f"[{probe.ended:>2}/{probe.total}] ",
            _verdict_mark(probe.finding),
            f" {probe.capability} ",
            (format_seconds(probe.seconds), "dim"),
        )


def _verdict_mark(finding: Finding) -> tuple[str, str]:
    if finding.skipped:
        return ("?", "yellow")
    if finding.absent:
        return ("-", "dim")
    return ("✓", "green") if finding.works else ("✗", "red")


def _finding_table(findings: list[Finding]) -> Table:
    table = Table("System", "Capability", "", "Found")
    for finding in findings:
        table.add_row(
            finding.system, finding.capability, Text(*_verdict_mark(finding)), finding.found
        )
    return table
