"""``gridwix setup``: creates or repairs the portal's collections and their indexes."""

from collections.abc import Sequence
from typing import Annotated

import typer

from ops import indexes
from ops.aws import Aws
from ops.collections import Ensured, Outcome, collection_definitions, ensure_collection
from ops.commands.options import DEFAULT_STACK, StackName, Yes, with_aws_options
from ops.commands.reconcile import run_comparison
from ops.confirmation import confirm_change
from ops.connections import Connections, connect
from ops.console import print_error, print_note, print_result, show_spinner
from ops.indexes import EnsuredIndex, IndexBuilder
from ops.restoring import Loss, find_losses, forget_agreement, has_published
from ops.stack import Stack

COMPARE_TIMEOUT = 900.0
"""Seconds without progress after which a comparison is given up."""


@with_aws_options
def setup(
    stack: StackName = DEFAULT_STACK,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the changes without making them.")
    ] = False,
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
) -> None:
    """Create or update the portal's collections in Wix and their indexes. Idempotent.

    A field or collection that was deleted on the site is created again, empty. The command prints
    the consequences, and --reconcile fills it. Exit code 1 if an index could not be built, or if
    the comparison does not finish.
    """
    found = Stack.read(stack, Aws())
    if not dry_run:
        confirm_change("Create or repair the collections and indexes of the site?", yes=yes)
    published = has_published(found)
    with connect(found) as connections:
        ensured, missing = _ensure_all(connections, timeout, dry_run=dry_run)
        lost = find_losses(ensured, published=published)
        if not dry_run:
            # Before the comparison: an empty field must not count as an edit of the portal.
            for loss in lost:
                forget_agreement(connections.wix, loss)
    for index in missing:
        print_error(
            f" ✗ index {index.name} of {index.collection}: {index.outcome} {index.why}".rstrip()
        )
    _show_losses(lost, dry_run=dry_run, reconcile=reconcile)
    refillable = [loss.collection for loss in lost if loss.is_refillable]
    if reconcile and refillable and not dry_run:
        run_comparison(found, refillable, timeout=COMPARE_TIMEOUT)
    if missing:
        raise typer.Exit(1)


def _ensure_all(
    connections: Connections, timeout: float, *, dry_run: bool
) -> tuple[list[Ensured], list[EnsuredIndex]]:
    """Create or update all collections and indexes.

    Returns:
        The result of each collection, and the indexes that Wix has not built in the end.
    """
    wanted_indexes = indexes.index_definitions()
    builder = IndexBuilder(connections.wix, patience=timeout)
    done: list[Ensured] = []
    missing: list[EnsuredIndex] = []
    for wanted in collection_definitions():
        ensured = ensure_collection(connections.wix, wanted, dry_run=dry_run)
        done.append(ensured)
        _show_outcome(
            f"collection {ensured.collection}",
            _outcome_text(ensured),
            dry_run=dry_run and ensured.outcome is not Outcome.UNCHANGED,
        )
        for index in builder.start_building(
            ensured.collection, wanted_indexes.get(ensured.collection, ()), dry_run=dry_run
        ):
            if index.outcome is indexes.Outcome.FAILED:
                missing.append(index)
            else:
                _show_outcome(
                    f"  index {index.name}",
                    index.outcome,
                    dry_run=dry_run and index.outcome is not indexes.Outcome.UNCHANGED,
                )
    if not dry_run:
        with show_spinner("Waiting for Wix to build the indexes"):
            missing += builder.wait_until_built()
    return done, missing


def _outcome_text(ensured: Ensured) -> str:
    return (
        f"{ensured.outcome}, with {', '.join(ensured.restored)} created again"
        if ensured.restored
        else ensured.outcome
    )


def _show_outcome(what: str, outcome: str, *, dry_run: bool) -> None:
    print_result(" ", ("✓", "green"), f" {what}: {'would be ' if dry_run else ''}{outcome}")


def _show_losses(lost: Sequence[Loss], *, dry_run: bool, reconcile: bool) -> None:
    """Print which fields and collections are empty, and the command that fills them."""
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
