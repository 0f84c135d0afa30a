"""JSON document of ``gridwix status``, the state of a deployed stack."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import AwareDatetime

from ops.consumers import Consumer
from ops.json_output import JsonOutput
from ops.overview import MAX_REFUSED, Fault, Overview, PublicationRun
from ops.timers import CursorState


class QueueEntry(JsonOutput):
    """A queue of a function. Numbers of messages are approximate."""

    function: str
    waiting: int
    in_flight: int
    delayed: int
    dead_letters: int
    oldest_seconds: float | None
    """age of the oldest message"""
    limit_seconds: float
    """age of the oldest message from which the queue has a fault"""
    paused_since: AwareDatetime | None
    paused_by: str | None


class CursorEntry(JsonOutput):
    """The position up to which a scheduled function has read its source."""

    function: str
    source: str
    read_at: AwareDatetime | None
    """time of the last successful read"""
    cursor: str | None
    resyncing: bool
    """every partner is being published again"""


class PublicationEntry(JsonOutput):
    """A recent run of a function that publishes rows on the portal."""

    at: AwareDatetime
    function: str
    messages: int
    rows: Mapping[str, int]
    """number of rows by verdict"""


class FaultEntry(JsonOutput):
    """A fault of a stack that needs attention. Faults with one cause are one entry."""

    subject: str
    what: str


class StatusOutput(JsonOutput):
    """The state of a stack. A gateway's stack has no cursors, refused items and publications."""

    stack: str
    is_gateway: bool
    healthy: bool
    """every part of the stack could be read, and none has a fault"""
    queues: tuple[QueueEntry, ...]
    cursors: tuple[CursorEntry, ...]
    refused: int
    """number of refused rows and unreadable records"""
    more_refused: bool
    """there may be more refused rows and unreadable records than ``refused``"""
    ending_submissions: int
    """number of held submissions that the inbox deletes within 14 days; spam is not counted"""
    publications: tuple[PublicationEntry, ...]
    faults: tuple[FaultEntry, ...]


def status_output(stack: str, overview: Overview) -> StatusOutput:
    """Return the state of a stack as a JSON document."""
    return StatusOutput(
        stack=stack,
        is_gateway=overview.is_gateway,
        healthy=overview.healthy,
        queues=tuple(_queue_entry(one) for one in overview.consumers),
        cursors=tuple(_cursor_entry(one) for one in overview.cursors),
        refused=overview.refused,
        more_refused=overview.refused >= MAX_REFUSED,
        ending_submissions=overview.ending,
        publications=tuple(_publication_entry(one) for one in overview.runs),
        faults=tuple(_fault_entry(one) for one in overview.faults),
    )


def _queue_entry(consumer: Consumer) -> QueueEntry:
    pause = consumer.pause
    return QueueEntry(
        function=consumer.name,
        waiting=consumer.queue.waiting,
        in_flight=consumer.queue.in_flight,
        delayed=consumer.queue.delayed,
        dead_letters=consumer.dead.total,
        oldest_seconds=consumer.oldest,
        limit_seconds=consumer.limit,
        paused_since=None if pause is None else pause.at.astimezone(UTC),
        paused_by=None if pause is None else pause.by or None,
    )


def _cursor_entry(state: CursorState) -> CursorEntry:
    return CursorEntry(
        function=state.reader.function,
        source=state.reader.what,
        read_at=None if state.read_at is None else datetime.fromtimestamp(state.read_at, UTC),
        cursor=state.cursor.cursor,
        resyncing=state.cursor.resyncing,
    )


def _publication_entry(run: PublicationRun) -> PublicationEntry:
    return PublicationEntry(
        at=datetime.fromtimestamp(run.at, UTC),
        function=run.function,
        messages=run.messages,
        rows=run.rows,
    )


def _fault_entry(fault: Fault) -> FaultEntry:
    return FaultEntry(subject=fault.subject, what=fault.what)
