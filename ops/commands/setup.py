"""``gridwix setup``: bring the portal's collections and their indexes to their definitions."""

from collections.abc import Sequence
from typing import Annotated

import typer

from ops import indexes
from ops.aws import Aws
from ops.collections import Ensured, Outcome, definitions, ensure
from ops.commands.options import DEFAULT_STACK, StackName
from ops.commands.reconcile import compare
from ops.connections import Connections, connect
from ops.console import complain, note, show, waiting
from ops.indexes import EnsuredIndex, IndexBuilder
from ops.restoring import Loss, forget_agreement, has_published, losses
from ops.stack import Stack

COMPARE_TIMEOUT = 900.0


def setup(
    stack: StackName = DEFAULT_STACK,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Wait this many seconds for Wix to build indexes.")] = indexes.PATIENCE,
    reconcile: Annotated[bool, typer.Option("--reconcile", help="Fill what was made anew by a full comparison with Trading Grid.")] = False,
) -> None:
    """Create or update the portal's collections in Wix, and their indexes.

    Running it again changes nothing. A field or a collection that was deleted on the site is made anew, empty: what that means is said, and --reconcile
    fills it. Ends with 1 if an index is not there in the end, or the comparison does not end.
    """
    found = Stack.read(stack, Aws())
    published = has_published(found)
    with connect(found) as connections:
        ensured, missing = _ensure_all(connections, timeout, dry_run=dry_run)
        lost = losses(ensured, published=published)
        if not dry_run:
            for loss in lost:
                forget_agreement(connections.wix, loss)
    for index in missing:
        complain(f" ✗ index {index.name} of {index.collection}: {index.outcome} {index.why}".rstrip())
    _tell_losses(lost, dry_run=dry_run, reconcile=reconcile)
    refillable = [loss.collection for loss in lost if loss.refillable]
    if reconcile and refillable and not dry_run:
        compare(found, refillable, timeout=COMPARE_TIMEOUT)
    if missing:
        raise typer.Exit(1)


def _ensure_all(connections: Connections, timeout: float, *, dry_run: bool) -> tuple[list[Ensured], list[EnsuredIndex]]:
    """What became of each collection, and the indexes that are not there in the end."""
    wanted_indexes = indexes.definitions()
    builder = IndexBuilder(connections.wix, patience=timeout)
    done: list[Ensured] = []
    missing: list[EnsuredIndex] = []
    for wanted in definitions():
        ensured = ensure(connections.wix, wanted, dry_run=dry_run)
        done.append(ensured)
        _tell(f"collection {ensured.collection}", _outcome(ensured), dry_run=dry_run and ensured.outcome is not Outcome.UNCHANGED)
        for index in builder.begin(ensured.collection, wanted_indexes.get(ensured.collection, ()), dry_run=dry_run):
            if index.outcome is indexes.Outcome.FAILED:
                missing.append(index)
            else:
                _tell(f"  index {index.name}", index.outcome, dry_run=dry_run and index.outcome is not indexes.Outcome.UNCHANGED)
    if not dry_run:
        with waiting("Waiting for Wix to build the indexes"):
            missing += builder.finish()
    return done, missing


def _outcome(ensured: Ensured) -> str:
    return f"{ensured.outcome}, with {', '.join(ensured.restored)} anew" if ensured.restored else ensured.outcome


def _tell(what: str, outcome: str, *, dry_run: bool) -> None:
    show(" ", ("✓", "green"), f" {what}: {'would be ' if dry_run else ''}{outcome}")


def _tell_losses(lost: Sequence[Loss], *, dry_run: bool, reconcile: bool) -> None:
    """Say what is empty, and how it is filled."""
    refillable, gone = [loss for loss in lost if loss.refillable], [loss for loss in lost if not loss.refillable]
    is_are = "would be" if dry_run else "is"
    if refillable:
        note((f"Empty {is_are}: {'; '.join(map(str, refillable))}.", "yellow"))
        if not reconcile:
            names = sorted({loss.collection for loss in refillable})
            once = f" --collection {names[0]}" if len(names) == 1 else ""
            note((f"A full comparison fills it from Trading Grid: `gridwix reconcile{once}`, or `gridwix setup --reconcile`.", "yellow"))
        note(("Texts that people had written there on the portal are gone.", "yellow"))
    if gone:
        note((f"Empty {is_are}: {'; '.join(map(str, gone))}. Nothing but a backup of the site brings that back.", "yellow"))
