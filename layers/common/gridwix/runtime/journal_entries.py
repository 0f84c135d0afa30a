"""Builds the journal entries of an invocation: the result of each message, row or notification."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from gridwix.errors import GridwixError
from gridwix.mapping.trace_context import trace_id
from gridwix.models.events import Change, PortalEvent
from gridwix.models.journal import MAX_ROWS, JournalEntry, JournalOutcome, row_name
from gridwix.models.portal.collection_ids import PORTAL_CHANGES
from gridwix.models.portal.sections import Section
from gridwix.publication.audiences import EVERYBODY
from gridwix.runtime.observability import logger

MAX_NAMED = 50
"""Maximum number of events that the log line of a batch names; the journal has all of them."""


@dataclass(frozen=True, slots=True)
class MessageAttempt:
    """Result of an attempt to process one message.

    ``number`` counts from 1, times are in Unix seconds. ``error`` is None if the message is done.
    ``wait`` is the time until the retry, in seconds. It is None for a message that is done, and for
    a failed message that is not retried.
    """

    number: int
    queued_at: float | None
    ended_at: float
    error: GridwixError | None = None
    wait: float | None = None
    request_id: str = ""

    @property
    def outcome(self) -> JournalOutcome:
        """Outcome for the journal: done, deferred (to be retried) or dropped (not retried)."""
        if self.error is None:
            return JournalOutcome.DONE
        return JournalOutcome.DROPPED if self.wait is None else JournalOutcome.DEFERRED


def trace_of(body: object) -> str:
    """Return the trace id of the event in a message's body; "" if the body is no event."""
    if isinstance(body, Change | PortalEvent):
        return trace_id(body.event_id, body.traceparent)
    return ""


def attempt_entry(
    body: object, attempt: MessageAttempt, rows: Mapping[str, str] | None = None
) -> JournalEntry | None:
    """Return the journal entry of one message; None if its body is no event.

    The message of a schedule, for example, has no event.

    Args:
        body: The message's body.
        attempt: The result of the attempt to process the message.
        rows: The result of each portal row that the message concerns, by ``collection#item``.
    """
    if not isinstance(body, Change | PortalEvent):
        return None
    shown = dict(islice((rows or {}).items(), MAX_ROWS))
    change = body if isinstance(body, Change) else None
    return JournalEntry(
        record="/".join(body.subject.split("/", 2)[:2]),
        at=attempt.ended_at,
        function=function_name(),
        outcome=attempt.outcome,
        event_id=body.event_id,
        event_type=body.type,
        via="" if change is None else change.via,
        trace=trace_of(body),
        partner="" if change is None else change.partner_id or "",
        version=None if change is None else change.version,
        occurred_at=body.occurred_at.timestamp(),
        queued_at=attempt.queued_at,
        attempt=attempt.number,
        reason="" if attempt.error is None else attempt.error.code,
        wait=attempt.wait,
        rows=shown,
        more_rows=len(rows or ()) - len(shown),
        request_id=attempt.request_id,
    )


def announced_entries(changes: Iterable[Change], at: float) -> list[JournalEntry]:
    """Return journal entries of changes that the running Lambda function has put on the bus.

    Args:
        changes: The changes.
        at: End of the invocation, in Unix seconds.
    """
    return [
        JournalEntry(
            record=change.record,
            at=at,
            function=function_name(),
            outcome=JournalOutcome.ON_BUS,
            event_id=change.event_id,
            event_type=change.type,
            via=change.via,
            trace=trace_of(change),
            partner=change.partner_id or "",
            version=change.version,
            occurred_at=change.occurred_at.timestamp(),
        )
        for change in changes
    ]


def row_entries(
    rows: Mapping[str, str], at: float, outcome: JournalOutcome
) -> Iterator[JournalEntry]:
    """Yield journal entries of rows that a run examined or changed without an event.

    Args:
        rows: The result of each row, by row (``collection#item``).
        at: End of the run, in Unix seconds.
        outcome: The outcome that all entries get.
    """
    for row, verdict in rows.items():
        yield JournalEntry(
            record=row,
            at=at,
            function=function_name(),
            outcome=outcome,
            event_id="",
            event_type="",
            rows={row: verdict},
        )


def message_entry(
    record: str, partner: str, at: float, messages: Mapping[str, str]
) -> JournalEntry:
    """Return the journal entry of messages to a partner about a record, with the result of each.

    Args:
        record: ``collection/id``.
        partner: Id of the trading partner.
        at: End of the run, in Unix seconds.
        messages: The result of the messages, by campaign and channel.
    """
    shown = dict(islice(messages.items(), MAX_ROWS))
    return JournalEntry(
        record=record,
        at=at,
        function=function_name(),
        outcome=JournalOutcome.DONE,
        event_id="",
        event_type="",
        partner=partner,
        rows=shown,
        more_rows=len(messages) - len(shown),
    )


def ring_entry(
    reader: str,
    at: float,
    numbers: Mapping[Section, int] | None = None,
    error: GridwixError | None = None,
) -> JournalEntry:
    """Return the journal entry of a notification (ring) that makes open pages read changed rows.

    The pages are those of one partner, or of all partners.

    Args:
        reader: The partner, or the id that stands for all partners.
        at: End of the run, in Unix seconds.
        numbers: The new change number of each changed section of the portal.
        error: The error because of which the pages were not notified; a retry notifies them. None
            if they were notified.
    """
    row = row_name(PORTAL_CHANGES, reader)
    told = " ".join(f"{section}={number}" for section, number in sorted((numbers or {}).items()))
    return JournalEntry(
        record=row,
        at=at,
        function=function_name(),
        outcome=JournalOutcome.RUNG if error is None else JournalOutcome.DEFERRED,
        event_id="",
        event_type="",
        partner="" if reader == EVERYBODY else reader,
        reason="" if error is None else error.code,
        rows={row: told} if told else {},
    )


def function_name() -> str:
    """Return the name of the running Lambda function."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME", "service_undefined")


def log_received(bodies: Iterable[object]) -> None:
    """Log the ids of the events in a batch, and of their partners."""
    events = [body for body in bodies if isinstance(body, Change | PortalEvent)]
    if not events:
        return
    partners = sorted(
        {body.partner_id for body in events if isinstance(body, Change) and body.partner_id}
    )
    logger.info(
        "events_received",
        extra={
            "events": [body.event_id for body in events[:MAX_NAMED]],
            "partners": partners[:MAX_NAMED],
            "not_listed": max(0, len(events) - MAX_NAMED),
        },
    )
