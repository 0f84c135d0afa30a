"""``gridwix reconcile``: compare the portal with Trading Grid, and repair it."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from gridwix.models.ids import CollectionId
from gridwix.models.reconciliation import DriftReport, RunRequest
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName
from ops.console import console, print_error, print_note, show_spinner
from ops.errors import OpsError
from ops.reconcile import COLLECTIONS, request_run, wait_for_reports
from ops.stack import Stack


def reconcile(
    stack: StackName = DEFAULT_STACK,
    collection: Annotated[str | None, typer.Option(help="Compare this collection only.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report the drift and repair nothing.")] = False,
    accept_shrink: Annotated[
        bool,
        typer.Option("--accept-shrink", help="Remove rows although far fewer records are listed than before, and copy files anew although very many are gone."),
    ] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Wait for the reports until the run has stood still for so many seconds; 0 does not wait.")] = 900,
) -> None:
    """Compare every row of the portal with Trading Grid, now, and have what differs published anew.

    Ends with 1 if the mass-delete guard has stopped something, or the run stands still.
    """
    if collection is not None and collection not in COLLECTIONS:
        raise OpsError(f"{collection} is not compared; what is: {', '.join(COLLECTIONS)}")
    chosen = None if collection is None else [CollectionId(collection)]
    run_comparison(Stack.read(stack, Aws()), chosen, dry_run=dry_run, accept_shrink=accept_shrink, timeout=timeout)


def run_comparison(stack: Stack, collections: Sequence[CollectionId] | None, *, dry_run: bool = False, accept_shrink: bool = False, timeout: float) -> None:
    """Have these collections compared, or all for None, and show the reports, unless ``timeout`` is 0.

    Ends the command with 1 if a guard has stopped something. Raises OpsError if the run stands still for so long (seconds).
    """
    for name in [None] if collections is None else collections:
        run = request_run(stack, RunRequest(mode="full", collection=name, dry_run=dry_run, accept_shrink=accept_shrink))
        print_note(f"Run {run} has begun")
        if timeout <= 0:
            continue
        wanted = COLLECTIONS if name is None else [name]
        found: list[DriftReport] = []
        with show_spinner(f"Comparing {', '.join(wanted)}") as progress:
            for report in wait_for_reports(stack, run, wanted, standstill=timeout):
                found.append(report)
                progress.update(f"Comparing: {len(found)} of {len(wanted)} collections are done")
        show_reports(found)
        if stopped := [report.collection for report in found if report.guard]:
            print_error(f"The mass-delete guard has stopped the run for {', '.join(stopped)}: see docs/runbook.md#reconciler")
            raise typer.Exit(1)


def show_reports(found: Sequence[DriftReport]) -> None:
    """A line for each report."""
    table = Table("Collection", "Rows", "Equal", "Drifted", "Missing", "Extra", "Unsettled", "Lost", "Repaired", "Removed", "Guard")
    for report in found:
        counts = (report.rows, report.equal, report.drifted, report.missing, report.extra, report.unsettled, report.lost, report.repaired, report.removed)
        table.add_row(report.collection, *(f"{number:,}" for number in counts), Text(report.guard or "", "red"))
    console.print(table)
