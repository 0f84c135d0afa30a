"""The stack's schedules, rules and cursors: whether what should happen by itself still happens."""

import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.models.cursors import FeedCursor
from gridwix.reconciler import sweep
from gridwix.trading_grid_feed import service as feed
from gridwix.transaction_monitor import service as transactions
from ops.console import format_duration
from ops.consumers import AT_ONCE
from ops.stack import Stack

SCHEDULE, RULE = "AWS::Scheduler::Schedule", "AWS::Events::Rule"

UNITS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")

ANY_DAY = 86400.0
"""Seconds between two runs that are taken for a schedule that is not a rate: whoever wrote a cron expression may mean once a day."""

MISSED_RUNS = 3
"""Runs after which a cursor that has not moved is stale."""

LEAST_STALE = 900.0
"""Seconds within which no cursor is stale: a run may take minutes, and fail now and then."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A schedule or a rule of the stack, by its logical id. ``state`` is "" if it is gone; ``expression`` is a schedule's."""

    name: str
    state: str
    expression: str = ""

    @property
    def fault(self) -> str | None:
        if self.state == "":
            return "it is gone: deploy the stack anew"
        return None if self.state.startswith("ENABLED") else f"it is switched off ({self.state.lower()})"


@dataclass(frozen=True, slots=True)
class Reader:
    """A function that reads something on schedule and keeps a cursor."""

    function: str
    timer: str
    cursor: str
    what: str


READERS = (
    Reader("trading_grid_feed", "FeedTimer", feed.CURSOR_NAME, "event feed"),
    Reader("transaction_monitor", "TransactionTimer", transactions.CURSOR_NAME, "transactions (Lens)"),
    Reader("reconciler", "SweepTimer", sweep.CURSOR_NAME, "sweep"),
)


@dataclass(frozen=True, slots=True)
class CursorState:
    """A reader's cursor. ``read_at`` is when the reader was last known to be up to date with it (Unix seconds), None if it was never stored."""

    reader: Reader
    cursor: FeedCursor
    read_at: float | None

    def fault(self, timer: Timer | None, now: float, stack_created_at: float) -> str | None:
        """Why the cursor is stale, by its timer's schedule; None if it is not."""
        limit = stale_after(timer.expression if timer else "")
        since = max(stack_created_at, 0.0) if self.read_at is None else self.read_at
        if now - since <= limit:
            return None
        last = "it has never been read" if self.read_at is None else f"it was last read {format_duration(now - self.read_at)} ago"
        schedule = f"; its schedule is {timer.expression}" if timer and timer.expression else ""
        return f"{last}{schedule}. See the log of {self.reader.function}"


def schedule_interval(expression: str) -> float:
    """The seconds between two runs of a schedule: ``interval("rate(5 minutes)")`` is 300. Taken for a day where it is no rate."""
    found = _RATE.fullmatch(expression.strip())
    return int(found[1]) * UNITS[found[2]] if found else ANY_DAY


def stale_after(expression: str) -> float:
    """The seconds after which a cursor that has not moved is stale."""
    return max(MISSED_RUNS * schedule_interval(expression), LEAST_STALE)


def read_timers(stack: Stack, resources: Mapping[str, Mapping[str, str]]) -> list[Timer]:
    """The stack's schedules and rules. Raises StackError, and botocore's errors."""
    schedules = resources.get(SCHEDULE, {})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda one: _read_schedule(stack, *one), schedules.items()))
    pages = stack.aws.events.get_paginator("list_rules").paginate(EventBusName=stack.output("BusName"))
    states = {rule["Name"]: str(rule.get("State", "")) for page in pages for rule in page["Rules"]}
    # Of a rule on a bus of its own, CloudFormation says "bus|rule".
    return found + [Timer(name, states.get(physical.rpartition("|")[2], "")) for name, physical in resources.get(RULE, {}).items()]


def read_cursors(stack: Stack, readers: Sequence[Reader] = READERS) -> list[CursorState]:
    """Raises UpstreamError."""
    store = DynamoDBCursorStore(stack.aws.dynamodb, stack.output("CursorTableName"), time.time)
    return [CursorState(reader, store.read(reader.cursor), store.read_at(reader.cursor)) for reader in readers]


def _read_schedule(stack: Stack, name: str, physical: str) -> Timer:
    scheduler = stack.aws.scheduler
    try:
        answer = scheduler.get_schedule(Name=physical.rpartition("/")[2])
    except scheduler.exceptions.ResourceNotFoundException:
        return Timer(name, "")
    return Timer(name, answer["State"], answer["ScheduleExpression"])
