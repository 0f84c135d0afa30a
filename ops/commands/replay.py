"""``gridwix replay``: has the bus deliver past events again."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ops import replay as replays
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.commands.planning import PlanFile, end_planning, print_plan, save_plan
from ops.confirmation import confirm_change
from ops.console import (
    Spinner,
    format_minute,
    print_error,
    print_note,
    print_result,
    show_spinner,
)
from ops.json_output import print_json_output
from ops.outputs.plans import ReplayOutput, ReplayState
from ops.plans.replay_plans import ARCHIVE_DELAY, ReplayPlans
from ops.stack import Stack

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


@example("gridwix replay --since 2026-11-24T08:00 --consumer status-publisher --stack prod")
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
    plan: PlanFile = None,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds to watch the replay. It continues by itself.")
    ] = 900,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Deliver events of the last 30 days again, from the archive of the bus.

    Idempotent: rows that are up to date are not written, and no message is sent twice. Exit code 1
    if the replay fails.
    """
    found = Stack.read(stack, Aws())
    first = since.replace(tzinfo=UTC)
    name = None if consumer is None else consumer.replace("-", "_")
    if plan is not None:
        # What came in the last minutes may not be in the archive yet.
        last = datetime.now(UTC) - ARCHIVE_DELAY if until is None else until.replace(tzinfo=UTC)
        with show_spinner("Looking at the journal") as spinner:
            planned = ReplayPlans(found, timeout, spinner.update).make(first, last, name)
        file = save_plan(planned, plan)
        if as_json:
            print_json_output(ReplayOutput(plan_file=file, plan=planned, replay=None))
        else:
            print_plan(planned)
        end_planning(planned)
        return
    last = datetime.now(UTC) if until is None else until.replace(tzinfo=UTC)
    confirm_change(
        f"Deliver the events from {format_minute(first)} to {format_minute(last)} again,"
        f" to {name or 'all functions'}?",
        yes=yes,
    )
    begun = replays.start_replay(found, first, last, name)
    print_note(f"Replay {begun.name} has started")
    with show_spinner("Replaying") as progress:
        ended = replays.watch_replay(
            found,
            begun,
            timeout,
            lambda now: _show_reached(progress, now, first, last),
        )
    _show_replay(ended, as_json=as_json)


def _show_reached(
    progress: Spinner, replay: replays.Replay, first: datetime, last: datetime
) -> None:
    """Show in the spinner how far a replay has come between its first and its last time.

    Shows nothing as long as the replay has not reported a time.
    """
    if replay.reached is None:
        return
    progress.update(
        f"Replaying {replay.reached}",
        done=round((replay.reached - first).total_seconds()),
        total=round((last - first).total_seconds()),
    )


def _show_replay(ended: replays.Replay, *, as_json: bool) -> None:
    """Print the state of a replay. Exits with 1 if the replay has failed."""
    failed = ended.has_ended and ended.state != "COMPLETED"
    said = f"It has ended: {ended.state.lower()} {ended.reason}".rstrip()
    if as_json:
        state = ReplayState(name=ended.name, state=ended.state, reason=ended.reason)
        print_json_output(ReplayOutput(plan_file=None, plan=None, replay=state))
    elif ended.has_ended and not failed:
        print_result(said)
    if failed:
        print_error(said)
        raise typer.Exit(1)
    if not ended.has_ended:
        print_note("The replay continues; this command stops watching it")
