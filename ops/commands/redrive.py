"""``gridwix redrive``: sends the messages of a dead-letter queue back to their queue."""

from typing import Annotated

import typer

from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName, Yes
from ops.confirmation import confirm_change
from ops.console import print_error, print_result, show_spinner
from ops.queues import redrive_messages as move
from ops.stack import Stack


def redrive(
    queue: Annotated[
        str,
        typer.Argument(
            help="The function whose dead-letter queue to redrive, such as status-publisher."
        ),
    ],
    stack: StackName = DEFAULT_STACK,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Maximum number of messages, such as 1 to test the fix."),
    ] = None,
    yes: Yes = False,
) -> None:
    """Send the messages of a dead-letter queue back to their queue, after the cause is fixed.

    Exit code 1 if SQS refused some of them.
    """
    found = Stack.read(stack, Aws())
    pair = found.queue(queue.replace("-", "_"))
    confirm_change(f"Move the dead letters of {pair.name} back to its queue?", yes=yes)
    with show_spinner("Moving messages") as progress:
        result = move(
            found.aws.sqs,
            pair,
            limit=limit,
            moved=lambda number: progress.update(f"Moving messages: {number}"),
        )
    messages = "1 message is" if result.moved == 1 else f"{result.moved} messages are"
    print_result(f"{messages} back in the queue of {pair.name}")
    if result.refused:
        print_error(f"SQS refused {result.refused}: they stay in the dead-letter queue")
        raise typer.Exit(1)
