"""``gridwix setup``: bring the portal's collections to their definitions."""

from typing import Annotated

import typer

from ops.aws import Aws
from ops.collections import Outcome, definitions, ensure
from ops.commands.options import DEFAULT_STACK, StackName
from ops.connections import connect
from ops.console import console
from ops.stack import Stack


def setup(
    stack: StackName = DEFAULT_STACK,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")] = False,
) -> None:
    """Create or update the portal's collections in Wix.

    Running it again changes nothing.
    """
    with connect(Stack.read(stack, Aws())) as connections:
        for wanted in definitions():
            ensured = ensure(connections.wix, wanted, dry_run=dry_run)
            console.print(
                f" [green]✓[/] collection {ensured.collection}: {'would be ' if dry_run and ensured.outcome is not Outcome.UNCHANGED else ''}{ensured.outcome}"
            )
