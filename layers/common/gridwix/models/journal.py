"""Journal entries: what a function did about one record, and why. Pure.

They hold ids, codes and times, and no personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAX_ROWS = 20
"""Most rows that one entry names. A change of a program can concern the rows of all partners."""


class JournalOutcome(StrEnum):
    """The result of one attempt for one record."""

    DONE = "done"
    DEFERRED = "deferred"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One attempt of one function for one record.

    Attributes:
        record: ``collection/id`` of a record of Trading Grid, or ``submissions/id``.
        at: End of the attempt, in Unix seconds.
        function: Name of the function.
        outcome: ``done``; ``deferred``, so that another attempt follows; or ``dropped``, which
            leaves it to a schedule.
        event_id: Id of the event on the bus; "" if a schedule began the attempt.
        event_type: Its type.
        via: How it came: ``webhook``, ``feed``, ``resync`` or ``poll``; "" if from the portal.
        trace: Its trace id (:mod:`gridwix.mapping.trace_context`).
        partner: Id of the trading partner; "" if the event names none.
        version: Version of the record that the event announced; None if it names none.
        occurred_at: Time of the change, in Unix seconds.
        queued_at: Time at which the bus put it into the function's queue, in Unix seconds.
        attempt: Number of the attempt, from 1.
        reason: Error code of a deferred attempt, or why nothing more was done.
        wait: Seconds until the next attempt; None if there is none.
        rows: Verdict on each portal row (``collection#item``), ``MAX_ROWS`` at most. A deferred
            row has its reason: ``deferred:row_held``.
        more_rows: Number of rows that are not named.
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
