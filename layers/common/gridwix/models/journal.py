"""Journal entries: records of what a function did about one record or portal row, and why. Pure.

They hold ids, codes and times, and no personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAX_ROWS = 20
"""Maximum number of rows that one journal entry names: a change of a program can affect the rows of
all partners.
"""

MAX_ANNOUNCED = 1000
"""Maximum number of changes per run of the feed or the sweep that get a journal entry. The
functions that process the changes write an entry for every one.
"""


class JournalOutcome(StrEnum):
    """The result of a function's attempt to process one record or portal row.

    For a function that processes an event of the bus: DONE, DEFERRED (another attempt follows) or
    DROPPED (no further attempt). The other outcomes belong to other functions. REJECTED: a webhook
    was refused. ON_BUS: a change that the event feed or a sweep found was put on the bus. COMPARED:
    a full comparison found that a row differs. RUNG: a ring was sent, a message that makes open
    portal pages reload changed sections.
    """

    DONE = "done"
    DEFERRED = "deferred"
    DROPPED = "dropped"
    REJECTED = "rejected"
    ON_BUS = "put on the bus"
    COMPARED = "compared"
    RUNG = "rung"


ATTEMPTS = frozenset({JournalOutcome.DONE, JournalOutcome.DEFERRED, JournalOutcome.DROPPED})
"""Outcomes of an attempt to process an event of the bus."""


def row_name(collection: str, item: str) -> str:
    """The name of a portal row in journal entries.

    >>> row_name("OpenIssues", "case_1")
    'OpenIssues#case_1'
    """
    return f"{collection}#{item}"


def webhook_name(identifier: str) -> str:
    """The name of a rejected webhook in journal entries.

    >>> webhook_name("msg_1")
    'webhooks/msg_1'
    """
    return f"webhooks/{identifier}"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Journal entry for one attempt of one Lambda function to process one record or portal row.

    Attributes:
        record: ``collection/id`` of a record of Trading Grid; ``submissions/id``; ``files/id`` of
            the media library; ``webhooks/id`` of a rejected webhook; or ``collection#item`` of a
            portal row that a full comparison found to differ from its record. For a ring, the
            message that makes a partner's open pages reload, it is ``collection#item`` of the
            partner's row of ``PortalChanges``.
        at: End of the attempt, in Unix seconds.
        function: Name of the function.
        outcome: ``done``; ``deferred``: the event will be tried again; ``dropped``: the event will
            not be tried again, because a scheduled run does the same work; or another
            :class:`JournalOutcome`.
        event_id: Id of the event on the bus, or of a rejected webhook; "" if there is none.
        event_type: Type of that event; "" if there is none.
        via: Source of the event: ``webhook``, ``feed``, ``resync`` or ``poll``; "" for an event of
            the portal.
        trace: Trace id of the event (:mod:`gridwix.mapping.trace_context`).
        partner: Id of the trading partner; "" if the event names none.
        version: Version of the record that the event announced; None if it states none.
        occurred_at: Time of the change that the event announces, in Unix seconds.
        queued_at: Time at which the bus put the event into the function's queue, in Unix seconds.
        attempt: Number of the attempt, from 1.
        reason: Error code of a deferred or dropped attempt, or the reason of another outcome.
        wait: Seconds until the next attempt; None if there is none.
        rows: Result for each portal row (``collection#item``), ``MAX_ROWS`` at most. A deferred row
            has its reason: ``deferred:row_held``. ``older``: the row was not written, because it
            shows a newer version of the record. A message to the partner has its campaign and
            channel in place of a row, and what became of it: ``suppressed:no_member``.
        more_rows: Number of further rows, beyond ``MAX_ROWS``.
        request_id: The ``X-Request-ID`` of the calls to Wix, which is also the log's
            ``correlation_id``.
    """

    record: str
    at: float
    function: str
    outcome: JournalOutcome
    event_id: str
    event_type: str
    via: str = ""
    trace: str = ""
    partner: str = ""
    version: int | None = None
    occurred_at: float | None = None
    queued_at: float | None = None
    attempt: int = 1
    reason: str = ""
    wait: float | None = None
    rows: Mapping[str, str] = field(default_factory=dict)
    more_rows: int = 0
    request_id: str = ""
