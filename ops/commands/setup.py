"""``gridwix setup``: bring the portal's collections to their definitions."""

from ops.aws import Aws
from ops.collections import definitions, ensure
from ops.commands.options import DEFAULT_STACK, StackName
from ops.connections import connect
from ops.console import console
from ops.stack import Stack


def setup(stack: StackName = DEFAULT_STACK) -> None:
    """Create or update the portal's collections in Wix.

    Running it again changes nothing.
    """
    with connect(Stack.read(stack, Aws())) as connections:
        for wanted in definitions():
            ensured = ensure(connections.wix, wanted)
            console.print(f" [green]✓[/] collection {ensured.collection}: {ensured.outcome}")
