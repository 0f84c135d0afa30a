"""``gridwix redrive``: sends the messages of a dead-letter queue back to their queue."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName, Yes, with_aws_options
from ops.commands.replay import FORMATS
from ops.confirmation import confirm_change
from ops.console import (
    console,
    format_duration,
    format_minute,
    print_error,
    print_note,
    print_result,
    show_spinner,
)
from ops.dead_letters import (
    CauseFinder,
    Examination,
    Selection,
    choose_letters,
    examine_dead_letters,
)
from ops.queues import HOLD, MAX_HELD, Redriven
from ops.queues import redrive_messages as move
from ops.stack import QueuePair, Stack


@with_aws_options
def redrive(
    queue: Annotated[
        str,
        typer.Argument(
            help="The function whose dead-letter queue to redrive, such as status-publisher."
        ),
    ],
    stack: StackName = DEFAULT_STACK,
    cause: Annotated[
        str | None,
        typer.Option(help="Only messages of this cause, such as upstream_forbidden."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=FORMATS, help="Only messages sent at this time or later (UTC)."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Maximum number of messages, such as 1 to test the fix."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the messages by cause, and move none.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Send the messages of a dead-letter queue back to their queue, after the cause is fixed.

    At least once: an interruption loses none, and can leave one in both queues. Exit code 1 if SQS
    refused some of them.
    """
    found = Stack.read(stack, Aws())
    pair = found.queue(queue.replace("-", "_"))
    selection = Selection(cause, None if since is None else since.replace(tzinfo=UTC))
    if dry_run:
        _show_causes(found, pair, selection, limit)
        return
    confirm_change(_question(pair, selection, limit), yes=yes)
    with show_spinner("Moving messages") as progress:
        result = move(
            found.aws.sqs,
            pair,
            limit=limit,
            moved=lambda number: progress.update(f"Moving messages: {number}"),
            choose=None
            if selection.is_everything
            else choose_letters(CauseFinder.of(found, pair.name), selection),
        )
    _show_result(pair, result)


def _question(pair: QueuePair, selection: Selection, limit: int | None) -> str:
    number = "the dead letters" if limit is None else f"at most {limit} dead letters"
    cause = "" if selection.cause is None else f" with cause {selection.cause}"
    since = "" if selection.since is None else f" sent since {format_minute(selection.since)}"
    return f"Move {number} of {pair.name}{cause}{since} back to its queue?"


def _show_causes(stack: Stack, pair: QueuePair, selection: Selection, limit: int | None) -> None:
    """Print the dead letters by cause, and how many of them would be moved."""
    with show_spinner("Looking at dead letters") as progress:
        found = examine_dead_letters(
            stack,
            pair,
            CauseFinder.of(stack, pair.name),
            selection,
            lambda number: progress.update(f"Looking at dead letters: {number}"),
        )
    if not found.causes:
        print_result(f"There are no dead letters of {pair.name}")
        return
    console.print(_cause_table(found))
    would = found.selected if limit is None else min(found.selected, limit)
    print_result(f"{would} of {found.number} would be moved")
    _note_limits(found.hidden, full=found.is_full)


def _cause_table(found: Examination) -> Table:
    table = Table("Cause", "Messages", "Selected", "Oldest", "Newest")
    for cause, count in sorted(found.causes.items(), key=lambda one: (-one[1].number, one[0])):
        table.add_row(
            cause,
            str(count.number),
            str(count.selected),
            format_minute(count.oldest),
            format_minute(count.newest),
        )
    return table


def _show_result(pair: QueuePair, result: Redriven) -> None:
    messages = "1 message is" if result.moved == 1 else f"{result.moved} messages are"
    print_result(f"{messages} back in the queue of {pair.name}")
    if result.left:
        others = "1 other stays" if result.left == 1 else f"{result.left} others stay"
        print_result(f"{others} in the dead-letter queue")
    _note_limits(result.hidden, full=result.is_full)
    if result.doubled:
        print_note(
            f"SQS did not delete {result.doubled} of them from the dead-letter queue:"
            " the next redrive sends them again"
        )
    if result.refused:
        print_error(f"SQS refused {result.refused}: they stay in the dead-letter queue")
        raise typer.Exit(1)


def _note_limits(hidden: int, *, full: bool) -> None:
    if hidden:
        print_note(
            f"SQS refused to show {hidden} messages at once: they are visible again in"
            f" {format_duration(HOLD)}. It takes sqs:ChangeMessageVisibility"
        )
    if full:
        print_note(f"There may be more: one run looks at {MAX_HELD:,} messages")
