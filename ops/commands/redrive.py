"""``gridwix redrive``: sends the messages of a dead-letter queue back to their queue."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.commands.planning import PlanFile, end_planning, print_plan, save_plan, show_progress
from ops.commands.replay import FORMATS
from ops.completion import complete_function
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
from ops.dead_letters import CauseCount, CauseFinder, Examination, Selection, choose_letters
from ops.json_output import print_json_output
from ops.outputs.plans import CauseEntry, RedriveOutput, RedriveResult
from ops.plans.redrive_plans import RedrivePlans, check_complete
from ops.queues import HOLD, MAX_HELD, Redriven, read_depth
from ops.queues import redrive_messages as move
from ops.stack import QueuePair, Stack


@example("gridwix redrive status-publisher --cause upstream_forbidden --stack prod")
@with_aws_options
def redrive(
    queue: Annotated[
        str,
        typer.Argument(
            help="The function whose dead-letter queue to redrive, such as status-publisher.",
            autocompletion=complete_function,
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
        bool,
        typer.Option(
            "--dry-run",
            help="List the messages by cause, and move none. Exit code 3 if some would be moved.",
        ),
    ] = False,
    plan: PlanFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Send the messages of a dead-letter queue back to their queue, after the cause is fixed.

    At least once: an interruption loses no message, and can leave one in both queues. Exit code 1
    if SQS refused some of them.
    """
    found = Stack.read(stack, Aws())
    pair = found.queue(queue.replace("-", "_"))
    selection = Selection(cause, None if since is None else since.replace(tzinfo=UTC))
    if dry_run or plan is not None:
        _plan_moves(found, pair, selection, limit, plan, as_json=as_json)
        return
    confirm_change(_question(pair, selection, limit), yes=yes)
    # Of a selection nobody knows the number before each message was looked at.
    total = _count_messages(found, pair, limit) if selection.is_everything else 0
    with show_spinner("Moving messages") as progress:
        result = move(
            found.aws.sqs,
            pair,
            limit=limit,
            moved=lambda number: show_progress(progress, "Moving messages", number, total),
            choose=None
            if selection.is_everything
            else choose_letters(CauseFinder.of(found, pair.name), selection),
        )
    if as_json:
        print_json_output(
            RedriveOutput(
                plan_file=None,
                function=pair.name,
                causes=(),
                hidden=result.hidden,
                is_full=result.is_full,
                plan=None,
                result=RedriveResult(
                    moved=result.moved,
                    left=result.left,
                    refused=result.refused,
                    doubled=result.doubled,
                ),
            )
        )
    else:
        _show_result(pair, result)
    if result.refused:
        print_error(f"SQS refused {result.refused}: they stay in the dead-letter queue")
        raise typer.Exit(1)


def _count_messages(stack: Stack, pair: QueuePair, limit: int | None = None) -> int:
    """Return the approximate number of messages in a dead-letter queue, ``limit`` at most.

    Without a limit, it is at most the number of messages that one redrive looks at.
    """
    number = read_depth(stack.aws.sqs, pair.dead_letter_url).total
    return min(number, MAX_HELD if limit is None else limit)


def _question(pair: QueuePair, selection: Selection, limit: int | None) -> str:
    number = "the dead letters" if limit is None else f"at most {limit} dead letters"
    cause = "" if selection.cause is None else f" with cause {selection.cause}"
    since = "" if selection.since is None else f" sent since {format_minute(selection.since)}"
    return f"Move {number} of {pair.name}{cause}{since} back to its queue?"


def _plan_moves(
    stack: Stack,
    pair: QueuePair,
    selection: Selection,
    limit: int | None,
    path: Path | None,
    *,
    as_json: bool,
) -> None:
    """Print the dead letters by cause, and how many of them a redrive would move.

    Writes the moves to ``path`` as a plan, if it is given. Ends the command with ``HAS_CHANGES`` if
    there is something to move.
    """
    total = _count_messages(stack, pair)
    with show_spinner("Looking at dead letters") as progress:
        plans = RedrivePlans(
            stack,
            lambda number: show_progress(progress, "Looking at dead letters", number, total),
        )
        made, found = plans.make(pair, selection, limit)
    if path is not None:
        check_complete(pair.name, found)
    name = save_plan(made, path)
    if as_json:
        print_json_output(
            RedriveOutput(
                plan_file=name,
                function=pair.name,
                causes=_cause_entries(found),
                hidden=found.hidden,
                is_full=found.is_full,
                plan=made,
                result=None,
            )
        )
    elif not found.causes:
        print_result(f"There are no dead letters of {pair.name}")
    else:
        console.print(_cause_table(found))
        if path is not None:
            print_plan(made)
        print_result(f"{len(made.changes)} of {found.number} would be moved")
        _note_limits(found.hidden, full=found.is_full)
    end_planning(made)


def _cause_entries(found: Examination) -> tuple[CauseEntry, ...]:
    return tuple(
        CauseEntry(
            cause=cause,
            messages=count.number,
            selected=count.selected,
            oldest=count.oldest,
            newest=count.newest,
        )
        for cause, count in _sorted_causes(found)
    )


def _sorted_causes(found: Examination) -> list[tuple[str, CauseCount]]:
    return sorted(found.causes.items(), key=lambda one: (-one[1].number, one[0]))


def _cause_table(found: Examination) -> Table:
    table = Table("Cause", "Messages", "Selected", "Oldest", "Newest")
    for cause, count in _sorted_causes(found):
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


def _note_limits(hidden: int, *, full: bool) -> None:
    if hidden:
        print_note(
            f"SQS refused to show {hidden} messages at once: they are visible again in"
            f" {format_duration(HOLD)}. It takes sqs:ChangeMessageVisibility"
        )
    if full:
        print_note(f"There may be more: one run looks at {MAX_HELD:,} messages")
