"""``gridwix reconcile``: compares the portal with Trading Grid and repairs drift."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from gridwix.models.ids import CollectionId
from gridwix.models.reconciliation import DriftReport, RunRequest
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.console import console, print_error, print_note, show_spinner
from ops.errors import OpsError
from ops.reconcile import COLLECTIONS, request_run, wait_for_reports
from ops.stack import Stack


@with_aws_options
def reconcile(
    stack: StackName = DEFAULT_STACK,
    collection: Annotated[str | None, typer.Option(help="Compare only this collection.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report drift without repairing it.")
    ] = False,
    accept_shrink: Annotated[
        bool,
        typer.Option(
            "--accept-shrink",
            help=(
                "Override the mass-delete guard: remove rows although far fewer records are listed,"
                " and copy files although very many are lost."
            ),
        ),
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(
            min=0,
            help=(
                "Stop waiting for reports after this many seconds without progress;"
                " 0 does not wait."
            ),
        ),
    ] = 900,
    yes: Yes = False,
) -> None:
    """Compare every row of the portal with Trading Grid, and publish the rows that differ.

    Exit code 1 if the mass-delete guard stopped the run, or if the run makes no progress.
    """
    if collection is not None and collection not in COLLECTIONS:
        raise OpsError(
            f"{collection} is not reconciled; these collections are: {', '.join(COLLECTIONS)}"
        )
    chosen = None if collection is None else [CollectionId(collection)]
    found = Stack.read(stack, Aws())
    if not dry_run:
        confirm_change(
            f"Repair what differs in {collection or 'all collections'}"
            f"{', without the mass-delete guard' if accept_shrink else ''}?",
            yes=yes,
        )
    run_comparison(
        found,
        chosen,
        dry_run=dry_run,
        accept_shrink=accept_shrink,
        timeout=timeout,
    )


def run_comparison(
    stack: Stack,
    collections: Sequence[CollectionId] | None,
    *,
    dry_run: bool = False,
    accept_shrink: bool = False,
    timeout: float,
) -> None:
    """Request a full comparison and print its reports.

    Exits with 1 if the mass-delete guard stopped a run.

    Args:
        stack: The deployed stack.
        collections: The collections to compare, one run each; None compares all in one run.
        dry_run: Report drift without repairing it.
        accept_shrink: Override the mass-delete guard.
        timeout: Seconds without progress after which to stop waiting; 0 does not wait for reports.

    Raises:
        OpsError: A run made no progress for ``timeout`` seconds.
    """
    for name in [None] if collections is None else collections:
        run = request_run(
            stack,
            RunRequest(mode="full", collection=name, dry_run=dry_run, accept_shrink=accept_shrink),
        )
        print_note(f"Run {run} has started")
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
            print_error(
                f"The mass-delete guard stopped the run for {', '.join(stopped)}:"
                " see docs/runbook.md#reconciler"
            )
            raise typer.Exit(1)


def show_reports(found: Sequence[DriftReport]) -> None:
    """Print a table with one row per report."""
    table = Table(
        "Collection",
        "Rows",
        "Equal",
        "Drifted",
        "Missing",
        "Extra",
        "Unsettled",
        "Lost",
        "Repaired",
        "Removed",
        "Guard",
    )
    for report in found:
        counts = (
            report.rows,
            report.equal,
            report.drifted,
            report.missing,
            report.extra,
            report.unsettled,
            report.lost,
            report.repaired,
            report.removed,
        )
        table.add_row(
            report.collection,
            *(f"{number:,}" for number in counts),
            Text(report.guard or "", "red"),
        )
    console.print(table)
