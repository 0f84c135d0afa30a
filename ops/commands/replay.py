"""``gridwix replay``: has the bus deliver past events again."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ops import replay as replays
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.console import format_minute, print_error, print_note, print_result, show_spinner
from ops.stack import Stack

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


@with_aws_options
def replay(
    since: Annotated[datetime, typer.Option(formats=FORMATS, help="Start of the replay (UTC).")],
    until: Annotated[
        datetime | None,
        typer.Option(formats=FORMATS, help="End of the replay (UTC); now if omitted."),
    ] = None,
    consumer: Annotated[
        str | None, typer.Option(help="Deliver only to this function, such as status-publisher.")
    ] = None,
    stack: StackName = DEFAULT_STACK,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds to watch the replay. It continues by itself.")
    ] = 900,
    yes: Yes = False,
) -> None:
    """Deliver events of the last 30 days again, from the archive of the bus.

    Idempotent: rows that are up to date are not written, and no message is sent twice. Exit code 1
    if the replay fails.
    """
    found = Stack.read(stack, Aws())
    first = since.replace(tzinfo=UTC)
    last = datetime.now(UTC) if until is None else until.replace(tzinfo=UTC)
    name = None if consumer is None else consumer.replace("-", "_")
    confirm_change(
        f"Deliver the events from {format_minute(first)} to {format_minute(last)} again,"
        f" to {name or 'all functions'}?",
        yes=yes,
    )
    begun = replays.start_replay(found, first, last, name)
    print_result(f"Replay {begun.name} has started")
    with show_spinner("Replaying") as progress:
        ended = replays.watch_replay(
            found,
            begun,
            timeout,
            lambda now: progress.update(f"Replaying {now.reached or ''}".rstrip()),
        )
    if ended.has_ended:
        (print_result if ended.state == "COMPLETED" else print_error)(
            f"It has ended: {ended.state.lower()} {ended.reason}".rstrip()
        )
        if ended.state != "COMPLETED":
            raise typer.Exit(1)
    else:
        print_note("The replay continues; this command stops watching it")
