"""Pauses functions behind queues, and lets them run again.

A paused function's event source mapping is disabled. Its queue goes on taking messages, and none of
them is received, so their receive counts do not rise towards the dead-letter queue. Other ways
would lose work: a reserved concurrency of 0 would move messages to the dead-letter queue, and a
disabled rule would lose events (docs/adr/0045-a-pause-disables-the-event-source.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ops.errors import StackError
from ops.pause_notes import PauseNote, read_note, remove_note, write_note
from ops.queues import read_attributes
from ops.stack import QueuePair, Stack
from ops.waiting import STANDSTILL, wait_for

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

STEADY = frozenset({"Enabled", "Disabled"})
"""States in which an event source mapping accepts an update: it is not changing."""

POLL = 1.0
"""Seconds between two reads of a mapping's state, which changes within seconds to a minute."""


@dataclass(frozen=True, slots=True)
class QueueMapping:
    """An event source mapping between a queue and a function.

    ``changed_at`` is the time of its last change of state; None if Lambda does not report it.
    """

    uuid: str
    state: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Switch:
    """State of one function that can be paused: its queue, event source mappings and pause note.

    ``retention`` is the number of seconds for which the queue keeps a message, ``waiting`` the
    number of messages in it. ``note`` is None if the function is not paused.
    """

    pair: QueuePair
    mappings: tuple[QueueMapping, ...]
    note: PauseNote | None
    retention: int
    waiting: int

    @property
    def name(self) -> str:
        return self.pair.name

    @property
    def is_paused(self) -> bool:
        """True if the function's event source mappings are disabled and its queue has a pause note.

        The pause note says who paused the function, and when.
        """
        return self.note is not None and self.is_in("Disabled")

    def is_in(self, state: str) -> bool:
        """Return True if all event source mappings of the function's queue are in this state.

        ``state`` is Lambda's name of the state, such as ``Disabled``.
        """
        return all(mapping.state == state for mapping in self.mappings)


def read_switch(stack: Stack, pair: QueuePair) -> Switch:
    """Return the pause state of the function that reads a queue.

    Raises:
        StackError: No event source mapping connects the queue to the function.
    """
    attributes = read_attributes(stack.aws.sqs, pair.url)
    found = stack.aws.functions.list_event_source_mappings(EventSourceArn=attributes["QueueArn"])
    mappings = tuple(
        QueueMapping(one["UUID"], one["State"], one.get("LastModified"))
        for one in found["EventSourceMappings"]
    )
    if not mappings:
        raise StackError(
            f"no event source mapping connects the queue of {pair.name} to its function",
            "deploy the stack again",
        )
    return Switch(
        pair,
        mappings,
        read_note(stack.aws.sqs, pair.url),
        int(attributes["MessageRetentionPeriod"]),
        int(attributes["ApproximateNumberOfMessages"]),
    )


def pause_functions(
    stack: Stack, switches: Sequence[Switch], by: str, now: datetime, *, wait: float = STANDSTILL
) -> None:
    """Pause functions, and wait until Lambda no longer reads their queues. Idempotent.

    Disables the functions' event source mappings. A pause note on each queue says who paused the
    function, and when. If the mappings were disabled before this call, a new note has the time at
    which they were disabled.

    Args:
        stack: The deployed stack.
        switches: The states of the functions (:func:`read_switch`).
        by: Name of the person who pauses the functions.
        now: The present time.
        wait: Seconds without progress after which to stop waiting.

    Raises:
        Standstill: Lambda did not disable a mapping in time. Lambda may still disable it later.
    """
    _set_mappings(stack.aws.functions, switches, "Disabled", wait)
    for switch in switches:
        if not switch.is_paused:
            changes = [mapping.changed_at for mapping in switch.mappings if mapping.changed_at]
            at = max(changes) if switch.is_in("Disabled") and changes else now
            write_note(stack.aws.sqs, switch.pair.url, PauseNote(at, by))


def resume_functions(stack: Stack, switches: Sequence[Switch], *, wait: float = STANDSTILL) -> None:
    """Enable paused functions, and wait until Lambda reads their queues. Idempotent.

    Args:
        stack: The deployed stack.
        switches: The states of the functions (:func:`read_switch`).
        wait: Seconds without progress after which to stop waiting.

    Raises:
        Standstill: Lambda did not enable a mapping in time. Lambda may still enable it later.
    """
    for switch in switches:
        if switch.note is not None:
            remove_note(stack.aws.sqs, switch.pair.url)
    _set_mappings(stack.aws.functions, switches, "Enabled", wait)


def _set_mappings(
    functions: "LambdaClient", switches: Iterable[Switch], wanted: str, wait: float
) -> None:
    uuids = [mapping.uuid for switch in switches for mapping in switch.mappings]
    states: dict[str, str] = {}

    def ask() -> bool:
        for uuid in uuids:
            states[uuid] = _drive_mapping(functions, uuid, wanted)
        return all(state == wanted for state in states.values())

    wait_for(
        ask,
        f"Lambda to report {wanted} of {', '.join(switch.name for switch in switches)}",
        progress=lambda: tuple(states.values()),
        standstill=wait,
        poll=POLL,
    )


def _drive_mapping(functions: "LambdaClient", uuid: str, wanted: str) -> str:
    """Request the state ``wanted`` of a mapping if it differs; return the mapping's present state.

    A mapping accepts no update while its state changes, so the caller repeats this call.
    """
    state = functions.get_event_source_mapping(UUID=uuid)["State"]
    if state == wanted or state not in STEADY:
        return state
    try:
        return functions.update_event_source_mapping(UUID=uuid, Enabled=wanted == "Enabled")[
            "State"
        ]
    except functions.exceptions.ResourceInUseException:
        return state
