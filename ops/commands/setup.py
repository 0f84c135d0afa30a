"""``gridwix setup``: creates or repairs the portal's collections and their indexes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ops import indexes
from ops.aws import Aws
from ops.collections import Ensured, collection_definitions, ensure_collection
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.commands.planning import PlanFile, end_planning, print_plan, save_plan, show_progress
from ops.commands.reconcile import run_comparison
from ops.confirmation import confirm_change
from ops.connections import Connections, connect
from ops.console import print_error, print_note, print_result, show_spinner
from ops.errors import OpsError
from ops.indexes import EnsuredIndex, IndexBuilder
from ops.json_output import print_json_output
from ops.outputs.plans import CollectionResult, IndexResult, SetupOutput
from ops.plans.setup_plans import SetupPlans, planned_losses
from ops.restoring import Loss, find_losses, forget_agreement, has_published
from ops.stack import Stack

COMPARE_TIMEOUT = 900.0
"""Seconds without progress after which the wait for ``--reconcile`` ends."""


@example("gridwix setup --stack prod --dry-run")
@with_aws_options
def setup(
    stack: StackName = DEFAULT_STACK,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Print the changes without making them. Exit code 3 if there are some.",
        ),
    ] = False,
    plan: PlanFile = None,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for Wix to build indexes.")
    ] = indexes.PATIENCE,
    reconcile: Annotated[
        bool,
        typer.Option(
            "--reconcile",
            help="Fill restored fields and collections by a full comparison with Trading Grid.",
        ),
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Create or update the portal's collections in Wix and their indexes. Idempotent.

    A field or collection that was deleted on the site is created again, empty. The command prints
    the consequences, and --reconcile fills it. Exit code 1 if an index could not be built, or if
    the comparison does not finish.
    """
    found = Stack.read(stack, Aws())
    if plan is not None and reconcile:
        raise OpsError(
            "--plan plans collections and indexes, and no comparison",
            "plan the comparison when it is applied: `gridwix reconcile --plan FILE`",
        )
    if plan is not None or dry_run:
        _plan_setup(found, plan, reconcile=reconcile, as_json=as_json)
        return
    confirm_change("Create or repair the collections and indexes of the site?", yes=yes)
    published = has_published(found)
    with connect(found) as connections:
        done = _ensure_all(connections, timeout)
        lost = find_losses(done.collections, published=published)
        # Before the comparison: an empty field must not count as an edit of the portal.
        for loss in lost:
            forget_agreement(connections.wix, loss)
    if as_json:
        print_json_output(_document(done, lost))
    else:
        _show_outcomes(done)
    for index in done.missing:
        print_error(
            f" ✗ index {index.name} of {index.collection}: {index.outcome} {index.why}".rstrip()
        )
    _show_losses(lost, dry_run=False, reconcile=reconcile)
    refillable = [loss.collection for loss in lost if loss.is_refillable]
    if reconcile and refillable:
        run_comparison(found, refillable, timeout=COMPARE_TIMEOUT, quiet=as_json)
    if done.missing:
        raise typer.Exit(1)


def _plan_setup(stack: Stack, path: Path | None, *, reconcile: bool, as_json: bool) -> None:
    """Print what a setup would change on the site.

    Writes the changes to ``path`` as a plan, if it is given. Ends the command with ``HAS_CHANGES``
    if there is something to change.
    """
    published = has_published(stack)
    with connect(stack) as connections, show_spinner("Comparing the site with the checkout"):
        made = SetupPlans(stack, connections.wix, published=published, patience=0).make()
    name = save_plan(made, path)
    if as_json:
        print_json_output(
            SetupOutput(plan_file=name, plan=made, collections=(), indexes=(), losses=made.losses)
        )
    else:
        print_plan(made)
        _show_losses(planned_losses(made, published=published), dry_run=True, reconcile=reconcile)
    end_planning(made)


@dataclass(frozen=True, slots=True)
class _Done:
    """Results of a setup: the collections and the indexes that were handled.

    ``missing`` are the indexes that Wix could not build, or had not built when the wait ended.
    """

    collections: Sequence[Ensured]
    indexes: Sequence[EnsuredIndex]
    missing: Sequence[EnsuredIndex]


def _ensure_all(connections: Connections, timeout: float) -> _Done:
    """Create or update all collections and indexes of the portal, and return the results."""
    wanted_indexes = indexes.index_definitions()
    builder = IndexBuilder(connections.wix, patience=timeout)
    definitions = collection_definitions()
    done: list[Ensured] = []
    built: list[EnsuredIndex] = []
    with show_spinner("Changing collections") as spinner:
        for wanted in definitions:
            ensured = ensure_collection(connections.wix, wanted)
            done.append(ensured)
            built += builder.start_building(
                ensured.collection, wanted_indexes.get(ensured.collection, ())
            )
            show_progress(spinner, "Changing collections", len(done), len(definitions))
    with show_spinner("Waiting for Wix to build the indexes"):
        missing = builder.wait_until_built()
    failed = [index for index in built if index.outcome is indexes.Outcome.FAILED]
    right = [index for index in built if index.outcome is not indexes.Outcome.FAILED]
    return _Done(done, right, [*failed, *missing])


def _show_outcomes(done: _Done) -> None:
    for ensured in done.collections:
        _show_outcome(f"collection {ensured.collection}", _outcome_text(ensured))
        for index in done.indexes:
            if index.collection == ensured.collection:
                _show_outcome(f"  index {index.name}", index.outcome)


def _document(done: _Done, lost: Sequence[Loss]) -> SetupOutput:
    return SetupOutput(
        plan_file=None,
        plan=None,
        collections=tuple(
            CollectionResult(
                collection=one.collection, outcome=one.outcome.value, restored=one.restored
            )
            for one in done.collections
        ),
        indexes=tuple(
            IndexResult(collection=one.collection, index=one.name, outcome=one.outcome, why=one.why)
            for one in (*done.indexes, *done.missing)
        ),
        losses=tuple(map(str, lost)),
    )


def _outcome_text(ensured: Ensured) -> str:
    return (
        f"{ensured.outcome}, with {', '.join(ensured.restored)} created again"
        if ensured.restored
        else ensured.outcome
    )


def _show_outcome(what: str, outcome: str) -> None:
    print_result(" ", ("✓", "green"), f" {what}: {outcome}")


def _show_losses(lost: Sequence[Loss], *, dry_run: bool, reconcile: bool) -> None:
    """Print which fields and collections were created again and are empty, and how to fill them."""
    refillable, gone = (
        [loss for loss in lost if loss.is_refillable],
        [loss for loss in lost if not loss.is_refillable],
    )
    is_are = "would be" if dry_run else "is"
    if refillable:
        print_note((f"Empty {is_are}: {'; '.join(map(str, refillable))}.", "yellow"))
        if not reconcile:
            names = sorted({loss.collection for loss in refillable})
            once = f" --collection {names[0]}" if len(names) == 1 else ""
            advice = (
                f"A full comparison fills it from Trading Grid: `gridwix reconcile{once}`,"
                " or `gridwix setup --reconcile`."
            )
            print_note((advice, "yellow"))
        print_note(("Texts that portal editors had written there are lost.", "yellow"))
    if gone:
        losses = "; ".join(map(str, gone))
        print_note(
            (f"Empty {is_are}: {losses}. Only a backup of the site restores that.", "yellow")
        )
