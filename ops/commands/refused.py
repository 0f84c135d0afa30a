"""``gridwix refused``: lists rows that Wix refused, and records that gridwix cannot read."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from gridwix.clients.aws.refused import DynamoDBRefusedItems
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName
from ops.console import console, print_result
from ops.stack import Stack


def refused(
    stack: StackName = DEFAULT_STACK,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of entries.")] = 1000,
) -> None:
    """List rows that Wix refused, and records that gridwix cannot read, with the reasons.

    A row is retried with the partner's next change, a record with the next sweep.
    """
    found = Stack.read(stack, Aws())
    items = list(
        DynamoDBRefusedItems(found.aws.dynamodb, found.output("RefusedItemTableName")).list_items(
            limit
        )
    )
    if not items:
        print_result("No row is refused, and every record can be read")
        return
    table = Table("Collection", "Item", "Code", "What is wrong", "When", "Function")
    for item in sorted(items, key=lambda item: item.at, reverse=True):
        refusal, at = item.refusal, datetime.fromtimestamp(item.at, UTC).isoformat(" ", "seconds")
        table.add_row(
            refusal.collection,
            refusal.item_id,
            refusal.code,
            refusal.description,
            at,
            item.function,
        )
    console.print(table)
