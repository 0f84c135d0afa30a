"""``gridwix status``: a stack at a glance."""

import time
from datetime import UTC, datetime

import typer
from rich.table import Table

from gridwix.models.cursors import FeedCursor
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName
from ops.console import console
from ops.overview import MAX_REFUSED, Overview, read_overview
from ops.stack import Stack


def status(stack: StackName = DEFAULT_STACK) -> None:
    """Show queues, dead letters, the feed's cursor, refused items and the last publications.

    Ends with 1 if something has failed for good.
    """
    overview = read_overview(Stack.read(stack, Aws()), time.time())
    console.print(_queues(overview))
    console.print(f"Event feed     {_cursor(overview.cursor)}")
    console.print(f"Refused items  {_refused(overview.refused)}")
    console.print(_runs(overview) if overview.runs else "Publications   none in the last 24 hours")
    if not overview.healthy:
        raise typer.Exit(1)


def _queues(overview: Overview) -> Table:
    table = Table("Queue", "Waiting", "In work", "Delayed", "Dead letters")
    for state in overview.queues:
        dead = f"[red]{state.dead.total}[/]" if state.dead.total else "0"
        table.add_row(state.name, str(state.queue.waiting), str(state.queue.in_flight), str(state.queue.delayed), dead)
    return table


def _cursor(cursor: FeedCursor) -> str:
    if cursor.cursor is None:
        return "not read yet: the next run publishes every partner"
    if cursor.resyncing:
        return "publishing every partner"
    return f"read up to [bold]{cursor.cursor[:40]}[/], moved {cursor.revision} times"


def _refused(number: int) -> str:
    if number == 0:
        return "none"
    return f"[red]{'at least ' if number == MAX_REFUSED else ''}{number}[/]: gridwix refused lists them"


def _runs(overview: Overview) -> Table:
    table = Table("Last publications", "Messages", "Written", "Unchanged", "Refused", "Deferred")
    for run in overview.runs:
        at = datetime.fromtimestamp(run.at, UTC).isoformat(" ", "seconds")
        table.add_row(
            f"{at}  {run.function}", str(run.messages), *(str(run.rows.get(verdict, 0)) for verdict in ("written", "unchanged", "refused", "deferred"))
        )
    return table
