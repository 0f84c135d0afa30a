"""``gridwix pause --json`` and ``gridwix resume --json``."""

from datetime import UTC

from pydantic import AwareDatetime

from ops.json_output import JsonOutput
from ops.pause_notes import PauseNote
from ops.pausing import Switch


class SwitchEntry(JsonOutput):
    """A function with a queue, as the command left it."""

    function: str
    changed: bool
    """the command paused or resumed it; otherwise it was so already"""
    paused_since: AwareDatetime | None
    paused_by: str | None
    waiting: int
    """approximate number of messages that waited before"""
    retention_seconds: int
    """how long its queue keeps a message"""


class SwitchOutput(JsonOutput):
    """Functions that were to be paused or resumed."""

    functions: tuple[SwitchEntry, ...]


def switch_entry(switch: Switch, note: PauseNote | None, *, changed: bool) -> SwitchEntry:
    """Return a function as a part of the document. ``note`` is that of its pause now, if any."""
    return SwitchEntry(
        function=switch.name,
        changed=changed,
        paused_since=None if note is None else note.at.astimezone(UTC),
        paused_by=None if note is None else note.by or None,
        waiting=switch.waiting,
        retention_seconds=switch.retention,
    )
