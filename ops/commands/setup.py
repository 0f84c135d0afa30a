"""``gridwix setup``: bring the portal's collections and their indexes to their definitions."""

from typing import Annotated

import typer

from ops import indexes
from ops.aws import Aws
from ops.collections import Outcome, definitions, ensure
from ops.commands.options import DEFAULT_STACK, StackName
from ops.connections import connect
from ops.console import console
from ops.indexes import EnsuredIndex, IndexBuilder
from ops.stack import Stack


def setup(
    stack: StackName = DEFAULT_STACK,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Wait this many seconds for Wix to build indexes.")] = indexes.PATIENCE,
) -> None:
    """Create or update the portal's collections in Wix, and their indexes.

    Running it again changes nothing. Ends with 1 if an index is not there in the end.
    """
    wanted_indexes = indexes.definitions()
    with connect(Stack.read(stack, Aws()), patient=True) as connections:
        builder = IndexBuilder(connections.wix, patience=timeout)
        missing: list[EnsuredIndex] = []
        for wanted in definitions():
            ensured = ensure(connections.wix, wanted, dry_run=dry_run)
            _tell(f"collection {ensured.collection}", ensured.outcome, dry_run=dry_run and ensured.outcome is not Outcome.UNCHANGED)
            for index in builder.begin(ensured.collection, wanted_indexes.get(ensured.collection, ()), dry_run=dry_run):
                if index.outcome is indexes.Outcome.FAILED:
                    missing.append(index)
                else:
                    _tell(f"  index {index.name}", index.outcome, dry_run=dry_run and index.outcome is not indexes.Outcome.UNCHANGED)
        if not dry_run:
            missing += builder.finish()
    for index in missing:
        console.print(f" [red]✗[/] index {index.name} of {index.collection}: {index.outcome} {index.why}".rstrip())
    if missing:
        raise typer.Exit(1)


def _tell(what: str, outcome: str, *, dry_run: bool) -> None:
    console.print(f" [green]✓[/] {what}: {'would be ' if dry_run else ''}{outcome}")
