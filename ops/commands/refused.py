"""``gridwix refused``: lists rows that Wix refused, and records that gridwix cannot read."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from gridwix.clients.aws.refused import DynamoDBRefusedItems
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, with_aws_options
from ops.console import console, print_result
from ops.json_output import print_json_output
from ops.outputs.refused import RefusedEntry, RefusedOutput
from ops.stack import Stack


@example("gridwix refused --stack prod")
@with_aws_options
def refused(
    stack: StackName = DEFAULT_STACK,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of entries.")] = 1000,
    as_json: Json = False,
) -> None:
    """List rows that Wix refused, and records that gridwix cannot read, with the reasons.

    A row is retried with the partner's next change. A record is read again by the next sweep: the
    reconciler's run over recent changes, by default every 15 minutes.
    """
    found = Stack.read(stack, Aws())
    table = DynamoDBRefusedItems(found.aws.dynamodb, found.output("RefusedItemTableName"))
    entries = [
        RefusedEntry(
            collection=item.refusal.collection,
            id=item.refusal.item_id,
            code=item.refusal.code,
            description=item.refusal.description,
            at=datetime.fromtimestamp(item.at, UTC),
            function=item.function,
        )
        for item in sorted(table.list_items(limit), key=lambda item: item.at, reverse=True)
    ]
    if as_json:
        print_json_output(RefusedOutput(items=tuple(entries)))
    elif entries:
        console.print(_refused_table(entries))
    else:
        print_result("No row is refused, and every record can be read")


def _refused_table(entries: Iterable[RefusedEntry]) -> Table:
    table = Table("Collection", "Item", "Code", "What is wrong", "When", "Function")
    for entry in entries:
        at = entry.at.isoformat(" ", "seconds")
        table.add_row(entry.collection, entry.id, entry.code, entry.description, at, entry.function)
    return table
