"""``gridwix pause`` and ``resume``: stop functions behind queues for a while."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.completion import complete_function
from ops.confirmation import confirm_change
from ops.console import format_duration, format_minute, print_result, show_spinner
from ops.json_output import print_json_output
from ops.outputs.pausing import SwitchOutput, switch_entry
from ops.pause_notes import read_note
from ops.pausing import Switch, pause_functions, read_switch, resume_functions
from ops.stack import Stack
from ops.waiting import STANDSTILL

Function = Annotated[
    str | None,
    typer.Argument(
        help="A function with a queue, such as status-publisher.",
        autocompletion=complete_function,
    ),
]
All = Annotated[bool, typer.Option("--all", help="All functions with a queue.")]
Timeout = Annotated[
    float, typer.Option(min=1, help="Seconds without progress after which to stop waiting.")
]


@example("gridwix pause status-publisher --stack prod")
@with_aws_options
def pause(
    function: Function = None,
    every: All = False,
    stack: StackName = DEFAULT_STACK,
    timeout: Timeout = STANDSTILL,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Pause a function: what arrives waits in its queue, until `gridwix resume`.

    Messages that it has received already are processed. A queue keeps a message for 14 days at
    most. Nothing happens to a function that is paused already.
    """
    found = Stack.read(stack, Aws())
    switches = _switches(found, function, every=every)
    running = [switch for switch in switches if not switch.is_paused]
    if running:
        kept = format_duration(min(switch.retention for switch in running))
        confirm_change(
            f"Pause {_names(running)}? What arrives waits, each message for {kept} at most.",
            yes=yes,
        )
        with show_spinner(f"Pausing {_names(running)}"):
            pause_functions(found, running, found.aws.caller, datetime.now(UTC), wait=timeout)
    if as_json:
        _print_json(found, switches, running)
        return
    for switch in switches:
        if switch not in running and switch.note is not None:
            by = f" by {switch.note.by}" if switch.note.by else ""
            print_result(
                f"{switch.name} is paused already, since {format_minute(switch.note.at)}{by}"
            )
    for switch in running:
        print_result(
            f"{switch.name} is paused: its queue keeps a message for"
            f" {format_duration(switch.retention)}"
        )


@example("gridwix resume status-publisher --stack prod")
@with_aws_options
def resume(
    function: Function = None,
    every: All = False,
    stack: StackName = DEFAULT_STACK,
    timeout: Timeout = STANDSTILL,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Let a paused function run again. It processes what waits in its queue.

    Nothing happens to a function that runs.
    """
    found = Stack.read(stack, Aws())
    switches = _switches(found, function, every=every)
    stopped = [
        switch for switch in switches if switch.note is not None or not switch.is_in("Enabled")
    ]
    if stopped:
        waiting = sum(switch.waiting for switch in stopped)
        confirm_change(f"Resume {_names(stopped)}? About {waiting} messages wait.", yes=yes)
        with show_spinner(f"Resuming {_names(stopped)}"):
            resume_functions(found, stopped, wait=timeout)
    if as_json:
        _print_json(found, switches, stopped)
        return
    for switch in switches:
        if switch not in stopped:
            print_result(f"{switch.name} is not paused")
    for switch in stopped:
        print_result(f"{switch.name} runs again: about {switch.waiting} messages waited")


def _print_json(stack: Stack, switches: Sequence[Switch], changed: Sequence[Switch]) -> None:
    """Print the JSON document of ``pause`` or ``resume``, with one entry per function.

    ``switches`` are the functions that the command was called for, ``changed`` those that it paused
    or resumed. The note on a pause (since when, and by whom) is read again, since the command has
    changed it.
    """
    entries = [
        switch_entry(switch, read_note(stack.aws.sqs, switch.pair.url), changed=switch in changed)
        for switch in switches
    ]
    print_json_output(SwitchOutput(functions=tuple(entries)))


def _switches(stack: Stack, function: str | None, *, every: bool) -> list[Switch]:
    if every == (function is not None):
        raise typer.BadParameter("name one function, or --all")
    pairs = stack.queues if function is None else [stack.queue(function.replace("-", "_"))]
    return [read_switch(stack, pair) for pair in pairs]


def _names(switches: Sequence[Switch]) -> str:
    return ", ".join(switch.name for switch in switches)
