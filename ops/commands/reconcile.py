"""``gridwix reconcile``: compares the portal with Trading Grid and repairs drift."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from gridwix.models.ids import CollectionId
from gridwix.models.reconciliation import DriftReport, GuardReason, RunRequest
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.commands.planning import PlanFile, end_planning, print_plan, save_plan, show_progress
from ops.completion import complete_collection
from ops.confirmation import confirm_change
from ops.console import console, print_error, print_note, print_result, show_spinner
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.outputs.plans import CollectionDrift, ReconcileOutput
from ops.plans.descriptions import describe_field_drift
from ops.plans.reconcile_plans import ReconcilePlans
from ops.reconcile import COLLECTIONS, guard_advice, request_run, wait_for_reports
from ops.stack import Stack
from ops.unclosed_notices import unclosed_sentence


@example("gridwix reconcile --collection OpenIssues --dry-run --stack prod")
@with_aws_options
def reconcile(
    stack: StackName = DEFAULT_STACK,
    collection: Annotated[
        str | None,
        typer.Option(help="Compare only this collection.", autocompletion=complete_collection),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Report drift without repairing it. Exit code 3 if there is some."
        ),
    ] = False,
    plan: PlanFile = None,
    accept_shrink: Annotated[
        bool,
        typer.Option(
            "--accept-shrink",
            help=(
                "Override the mass-delete guard: remove rows although far fewer records are listed,"
                " and copy files although many are lost."
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
    as_json: Json = False,
) -> None:
    """Compare every row of the portal with Trading Grid, and publish the rows that differ.

    Exit code 1 if the mass-delete guard stopped the run, or if the run makes no progress.
    """
    chosen = check_collection(collection)
    found = Stack.read(stack, Aws())
    if dry_run or plan is not None:
        if timeout <= 0:
            raise OpsError("a dry run has no result without waiting", "give --timeout")
        _plan_repairs(
            found, chosen, plan, accept_shrink=accept_shrink, timeout=timeout, as_json=as_json
        )
        return
    confirm_change(
        f"Repair what differs in {collection or 'all collections'}"
        f"{', without the mass-delete guard' if accept_shrink else ''}?",
        yes=yes,
    )
    run_comparison(
        found,
        None if chosen is None else [chosen],
        accept_shrink=accept_shrink,
        timeout=timeout,
        as_json=as_json,
    )


def check_collection(name: str | None) -> CollectionId | None:
    """Return the collection that ``--collection`` names; None if the option is not given.

    Raises OpsError for a collection that ``reconcile`` does not compare.
    """
    if name is not None and name not in COLLECTIONS:
        raise OpsError(f"{name} is not reconciled", f"choose one of {', '.join(COLLECTIONS)}")
    return None if name is None else CollectionId(name)


def _plan_repairs(
    stack: Stack,
    collection: CollectionId | None,
    path: Path | None,
    *,
    accept_shrink: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Compare in a dry run, and print what a reconcile run would repair.

    Writes these repairs to ``path`` as a plan, if it is given. Ends the command with 1 if the
    mass-delete guard stopped something, and with ``HAS_CHANGES`` if there is something to repair.
    """
    with show_spinner("Comparing") as spinner:
        examined = ReconcilePlans(stack, timeout, partial(show_progress, spinner)).make(
            collection, accept_shrink=accept_shrink
        )
    name = save_plan(examined.plan, path)
    if as_json:
        print_json_output(
            ReconcileOutput(
                plan_file=name,
                dry_run=True,
                collections=collection_drifts(examined.reports, stack.name),
                plan=examined.plan,
            )
        )
    else:
        show_reports(examined.reports)
        for drifted, fields in describe_field_drift(examined.plan).items():
            if fields:
                rows = ", ".join(f"{field} {number:,}" for field, number in fields.most_common())
                print_result(f"{drifted}: rows by field that differs: {rows}")
        print_plan(examined.plan)
    _end_on_guard(examined.reports, stack.name)
    end_planning(examined.plan)


def run_comparison(
    stack: Stack,
    collections: Sequence[CollectionId] | None,
    *,
    accept_shrink: bool = False,
    timeout: float,
    as_json: bool = False,
    quiet: bool = False,
) -> None:
    """Request a full comparison of the portal with Trading Grid, with repairs; print its reports.

    Exits with 1 if the mass-delete guard stopped changes of a collection.

    Args:
        stack: The deployed stack.
        collections: The collections to compare, one run each; None compares all in one run.
        accept_shrink: Override the mass-delete guard.
        timeout: Seconds without progress after which to stop waiting; 0 does not wait for reports.
        as_json: Print one JSON document at the end.
        quiet: Print no result, such as within a command that prints a document of its own.

    Raises:
        OpsError: A run made no progress for ``timeout`` seconds.
    """
    everything: list[DriftReport] = []
    for name in [None] if collections is None else collections:
        run = request_run(
            stack, RunRequest(mode="full", collection=name, accept_shrink=accept_shrink)
        )
        print_note(f"Run {run} has started")
        if timeout <= 0:
            continue
        wanted = COLLECTIONS if name is None else [name]
        found: list[DriftReport] = []
        with show_spinner(f"Comparing {', '.join(wanted)}") as progress:
            for report in wait_for_reports(stack, run, wanted, standstill=timeout):
                found.append(report)
                show_progress(progress, "Comparing collections", len(found), len(wanted))
        if not as_json and not quiet:
            show_reports(found)
        everything += found
        if any(report.guard for report in found):
            break
    if as_json:
        drifts = collection_drifts(everything, stack.name)
        print_json_output(
            ReconcileOutput(plan_file=None, dry_run=False, collections=drifts, plan=None)
        )
    _end_on_guard(everything, stack.name)


def _end_on_guard(reports: Sequence[DriftReport], stack: str) -> None:
    """Exit with 1 if the mass-delete guard stopped removals, or copies of lost files; else return.

    Before the exit, the next step is printed for each such collection.
    """
    stopped = [report for report in reports if report.guard is not None]
    for report in stopped:
        if report.guard is not None:
            files_lost = report.guard is GuardReason.FILES_LOST
            changes = "copies of lost files" if files_lost else "removals"
            print_error(
                f"The mass-delete guard stopped the {changes}. "
                + guard_advice(report.collection, report.guard, stack)
            )
    if stopped:
        raise typer.Exit(1)


def collection_drifts(reports: Sequence[DriftReport], stack: str) -> tuple[CollectionDrift, ...]:
    """Return the drift reports of a reconcile run, one for each collection, for a JSON document.

    A report also has the next step for the user if the mass-delete guard stopped changes of its
    collection. ``stack`` is the name of the stack, which the commands in that step contain.
    """
    return tuple(
        CollectionDrift(
            **{
                name: getattr(report, name)
                for name in CollectionDrift.model_fields
                if name not in ("next_step", "unsettled_ids", "unclosed_ids")
            },
            unsettled_ids=report.ids.unsettled,
            unclosed_ids=report.ids.unclosed,
            next_step=None
            if report.guard is None
            else guard_advice(report.collection, report.guard, stack),
        )
        for report in reports
    )


def show_reports(found: Sequence[DriftReport]) -> None:
    """Print a table with one row per drift report, and the notices that the hub has to close.

    These are service notices that are still open after their planned end.
    """
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
    for report in found:
        if report.ids.unclosed:
            print_result(unclosed_sentence(report.ids.unclosed))
