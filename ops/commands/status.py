"""``gridwix status``: shows the state of a stack."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from gridwix.models.cursors import FeedCursor
from ops.aws import BRISK, Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, with_aws_options
from ops.console import console, format_duration, print_result, show_spinner
from ops.fault_table import fault_table
from ops.json_output import print_json_output
from ops.outputs.status import status_output
from ops.overview import MAX_REFUSED, Overview, read_overview
from ops.stack import Stack
from ops.timers import CursorState
from ops.watch.loop import INTERVAL, LONGEST, SHORTEST, watch_snapshots
from ops.watch.reading import SnapshotReader


@example("gridwix status --stack prod --watch")
@with_aws_options
def status(
    stack: StackName = DEFAULT_STACK,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show functions and queues again and again.")
    ] = False,
    interval: Annotated[
        float | None,
        typer.Option(
            min=SHORTEST, max=LONGEST, help=f"With --watch: seconds of a pause ({INTERVAL:g})."
        ),
    ] = None,
    snapshots: Annotated[
        int | None, typer.Option(min=1, help="With --watch: end after this number of snapshots.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show queues, dead letters, cursors, refused items and recent publications, and all faults.

    Of a community gateway's stack: queues, dead letters and faults. Calls only AWS; `gridwix
    doctor` also calls Trading Grid and Wix. Exit code 1 if something is wrong. With --watch, a live
    screen until Ctrl-C, which is no fault.
    """
    if watch:
        if as_json:
            raise typer.BadParameter("--json prints one document, and --watch goes on")
        _watch(stack, INTERVAL if interval is None else interval, snapshots)
        return
    if interval is not None or snapshots is not None:
        raise typer.BadParameter("--interval and --snapshots need --watch")
    with show_spinner(f"Reading stack {stack}"):
        overview = read_overview(Stack.read(stack, Aws(timeout=BRISK, attempts=2)), time.time())
    if as_json:
        print_json_output(status_output(stack, overview))
    else:
        _print_overview(overview)
    if not overview.healthy:
        raise typer.Exit(1)


def _print_overview(overview: Overview) -> None:
    console.print(_queue_table(overview))
    if not overview.is_gateway:
        _print_publication(overview)
    if overview.healthy:
        print_result(("Nothing is wrong", "green"))
    else:
        console.print(fault_table(overview.faults))


def _watch(name: str, interval: float, most: int | None) -> None:
    """Show snapshots of a stack's state until Ctrl-C, or until ``most`` of them were shown.

    Exit code 1 if it ended after ``most`` snapshots and the last one has a fault.
    """
    with show_spinner(f"Reading stack {name}"):
        found = Stack.read(name, Aws(timeout=BRISK, attempts=2))
    last = watch_snapshots(SnapshotReader(found).read, console, interval=interval, most=most)
    if most is not None and last is not None and last.faults:
        raise typer.Exit(1)


def _print_publication(overview: Overview) -> None:
    """Print the part of a stack's state that concerns the portal.

    That is: how far Trading Grid was read (cursors), the rows and records that were refused, the
    held submissions that soon reach the end of their retention, and the recent publications.
    """
    for state in overview.cursors:
        print_result(f"{state.reader.what.capitalize():<20} {_cursor_text(state, overview.now)}")
    print_result(f"{'Refused items':<20} ", _refused_text(overview.refused))
    print_result(
        f"{'Held, ending soon':<20} ", (f"{overview.ending}", "red") if overview.ending else "none"
    )
    if overview.runs:
        console.print(_run_table(overview))
    else:
        print_result(f"{'Publications':<20} none in the last 24 hours")


def _queue_table(overview: Overview) -> Table:
    table = Table("Queue", "Waiting", "In flight", "Delayed", "Oldest", "Dead letters")
    for state in overview.consumers:
        oldest = "" if state.oldest is None else format_duration(state.oldest)
        depths = (
            str(number)
            for number in (state.queue.waiting, state.queue.in_flight, state.queue.delayed)
        )
        table.add_row(
            state.name,
            *depths,
            Text(oldest, "red" if state.is_late else ""),
            Text(str(state.dead.total), "red" if state.dead.total else ""),
        )
    return table


def _cursor_text(state: CursorState, now: float) -> str:
    at = "" if state.read_at is None else f"{format_duration(max(now - state.read_at, 0))} ago, "
    cursor: FeedCursor = state.cursor
    if cursor.cursor is None:
        return "not read yet: its first run is to come"
    if cursor.resyncing:
        return f"{at}publishing every partner"
    return f"{at}up to {cursor.cursor[:40]}"


def _refused_text(number: int) -> str | tuple[str, str]:
    if number == 0:
        return "none"
    return (f"{'at least ' if number == MAX_REFUSED else ''}{number}", "red")


def _run_table(overview: Overview) -> Table:
    table = Table(
        "Last publications (UTC)", "Messages", "Written", "Unchanged", "Refused", "Deferred"
    )
    for run in overview.runs:
        at = f"{datetime.fromtimestamp(run.at, UTC):%Y-%m-%d %H:%M:%S}"
        table.add_row(
            f"{at}  {run.function}",
            str(run.messages),
            *(
                str(run.rows.get(verdict, 0))
                for verdict in ("written", "unchanged", "refused", "deferred")
            ),
        )
    return table
