"""JSON documents of ``gridwix pause`` and ``gridwix resume``."""

from datetime import UTC

from pydantic import AwareDatetime

from ops.json_output import JsonOutput
from ops.pause_notes import PauseNote
from ops.pausing import Switch


class SwitchEntry(JsonOutput):
    """A function behind a queue, and its state after ``gridwix pause`` or ``resume``."""

    function: str
    changed: bool
    """the command paused or resumed the function; false if it was in that state already"""
    paused_since: AwareDatetime | None
    paused_by: str | None
    waiting: int
    """approximate number of messages in its queue before the command"""
    retention_seconds: int
    """how long its queue keeps a message"""


class SwitchOutput(JsonOutput):
    """The functions that were to be paused or resumed, with their states after the command."""

    functions: tuple[SwitchEntry, ...]


def switch_entry(switch: Switch, note: PauseNote | None, *, changed: bool) -> SwitchEntry:
    """Return the state of a function as a part of the JSON document.

    ``note`` says when and by whom the function was paused; None if it is not paused.
    """
    return SwitchEntry(
        function=switch.name,
        changed=changed,
        paused_since=None if note is None else note.at.astimezone(UTC),
        paused_by=None if note is None else note.by or None,
        waiting=switch.waiting,
        retention_seconds=switch.retention,
    )
