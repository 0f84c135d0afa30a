"""``gridwix reconcile``: compare the portal with Trading Grid, and repair it."""

from typing import Annotated

import typer
from rich.table import Table

from gridwix.models.ids import CollectionId
from gridwix.models.reconciliation import DriftReport, RunRequest
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName
from ops.console import console
from ops.errors import OpsError
from ops.reconcile import COLLECTIONS, reports, request_run
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
    """Compare every row of the portal with Trading Grid, now, and have what differs published anew."""
    found = Stack.read(stack, Aws())
    if collection is not None and collection not in COLLECTIONS:
        raise OpsError(f"{collection} is not compared; what is: {', '.join(COLLECTIONS)}")
    wanted = COLLECTIONS if collection is None else [collection]
    request = RunRequest(mode="full", collection=None if collection is None else CollectionId(collection), dry_run=dry_run, accept_shrink=accept_shrink)
    run = request_run(found, request)
    console.print(f"Run {run} has begun")
    if timeout > 0:
        show(list(reports(found, run, wanted, standstill=timeout)))


def show(found: list[DriftReport]) -> None:
    """A line for each report."""
    table = Table("Collection", "Rows", "Equal", "Drifted", "Missing", "Extra", "Unsettled", "Lost", "Repaired", "Removed", "Guard")
    for report in found:
        counts = (report.rows, report.equal, report.drifted, report.missing, report.extra, report.unsettled, report.lost, report.repaired, report.removed)
        table.add_row(report.collection, *(f"{number:,}" for number in counts), f"[red]{report.guard}[/]" if report.guard else "")
    console.print(table)
