"""State of the stack's schedules, rules and cursors: detects disabled timers and stale cursors.

A cursor is the stored position of a function that reads a source, such as the event feed, on a
schedule.
"""

import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from gridwix.activity_publisher import service as activity
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
"""Assumed interval in seconds of a schedule that is no rate: a cron expression may mean once a
day.
"""

MISSED_RUNS = 3
"""Intervals of its schedule without an update after which a cursor is stale."""

LEAST_STALE = 900.0
"""Minimum seconds after which a cursor is stale: a run may take minutes and fail now and then."""


@dataclass(frozen=True, slots=True)
class Timer:
    """An EventBridge schedule or rule. ``name`` is its logical id in the template.

    ``state`` is EventBridge's state of the timer, "" if the timer does not exist. ``expression`` is
    the expression of a schedule, "" for a rule. ``remedy`` is the next step that enables the timer.
    """

    name: str
    state: str
    expression: str = ""
    remedy: str = ""

    @property
    def fault(self) -> str | None:
        """The reason why the timer does not run; None if it does."""
        if self.state == "":
            return "it does not exist: deploy the stack again"
        # A rule can also be ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.
        if self.state.startswith("ENABLED"):
            return None
        return f"its state is {self.state}" + (f": {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Reader:
    """A function that reads a source on a schedule and stores a cursor of its progress.

    ``timer`` is the logical id of the schedule, ``cursor`` the name of the cursor, and ``what`` the
    name of the source in texts.
    """

    function: str
    timer: str
    cursor: str
    what: str


READERS = (
    Reader("trading_grid_feed", "FeedTimer", feed.CURSOR_NAME, "event feed"),
    Reader(
        "transaction_monitor", "TransactionTimer", transactions.CURSOR_NAME, "transactions (Lens)"
    ),
    Reader("activity_publisher", "ActivityTimer", activity.CURSOR_NAME, "activity (Lens)"),
    Reader("reconciler", "SweepTimer", sweep.CURSOR_NAME, "sweep"),
)


@dataclass(frozen=True, slots=True)
class CursorState:
    """State of the cursor (stored position) of one function that reads a source on a schedule.

    ``read_at`` is the time of the last successful read of the source (Unix seconds), None if there
    was none.
    """

    reader: Reader
    cursor: FeedCursor
    read_at: float | None

    def fault(self, timer: Timer | None, now: float, stack_created_at: float) -> str | None:
        """Return the reason why the cursor is stale; None if it is not.

        ``timer`` is the schedule of the reader, None if unknown. ``now`` and ``stack_created_at``
        are Unix seconds.
        """
        limit = stale_after(timer.expression if timer else "")
        since = max(stack_created_at, 0.0) if self.read_at is None else self.read_at
        if now - since <= limit:
            return None
        last = (
            "it has never been read"
            if self.read_at is None
            else f"it was last read {format_duration(now - self.read_at)} ago"
        )
        schedule = f"; its schedule is {timer.expression}" if timer and timer.expression else ""
        return f"{last}{schedule}. See the log of {self.reader.function}"


def schedule_interval(expression: str) -> float:
    """Return the seconds between two runs of a schedule: a day if its expression is no rate.

    >>> schedule_interval("rate(5 minutes)")
    300.0
    """
    found = _RATE.fullmatch(expression.strip())
    return int(found[1]) * UNITS[found[2]] if found else ANY_DAY


def stale_after(expression: str) -> float:
    """Return the age in seconds above which a cursor is stale: ``MISSED_RUNS`` scheduled runs.

    A cursor is the stored position of a function that reads a source on a schedule
    (``expression``). The age is ``LEAST_STALE`` seconds at least.

    >>> stale_after("rate(1 hour)"), stale_after("rate(1 minute)")
    (10800.0, 900.0)
    """
    return max(MISSED_RUNS * schedule_interval(expression), LEAST_STALE)


def read_timers(stack: Stack, resources: Mapping[str, Mapping[str, str]]) -> list[Timer]:
    """Return the schedules and rules of the stack, with their states.

    Raises StackError and botocore's errors.
    """
    schedules = resources.get(SCHEDULE, {})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda one: _read_schedule(stack, *one), schedules.items()))
    rules = resources.get(RULE, {})
    # The gateway has no bus.
    states = _read_rule_states(stack) if rules or not stack.is_gateway else {}
    # CloudFormation's id of a rule on a custom bus is "bus|rule".
    return found + [
        _rule_timer(name, physical.rpartition("|")[2], states, stack)
        for name, physical in rules.items()
    ]


def read_cursors(stack: Stack, readers: Sequence[Reader] = READERS) -> list[CursorState]:
    """Return the state of the cursor of each function that reads a source on a schedule.

    A cursor is the stored position of such a function in its source, such as the event feed. Raises
    UpstreamError.
    """
    store = DynamoDBCursorStore(stack.aws.dynamodb, stack.output("CursorTableName"), time.time)
    return [
        CursorState(reader, store.read_cursor(reader.cursor), store.update_time(reader.cursor))
        for reader in readers
    ]


def _read_rule_states(stack: Stack) -> dict[str, str]:
    """Return the state of each EventBridge rule of the stack's bus, by the rule's name."""
    pages = stack.aws.events.get_paginator("list_rules").paginate(
        EventBusName=stack.output("BusName")
    )
    return {rule["Name"]: str(rule.get("State", "")) for page in pages for rule in page["Rules"]}


def _rule_timer(name: str, rule: str, states: Mapping[str, str], stack: Stack) -> Timer:
    bus = stack.outputs.get("BusName", "default")
    enable = f"`aws events enable-rule --name {rule} --event-bus-name {bus}`"
    return Timer(name, states.get(rule, ""), remedy=enable)


def _read_schedule(stack: Stack, name: str, physical: str) -> Timer:
    scheduler = stack.aws.scheduler
    try:
        answer = scheduler.get_schedule(Name=physical.rpartition("/")[2])
    except scheduler.exceptions.ResourceNotFoundException:
        return Timer(name, "")
    # AWS's command needs the whole schedule again, so the console is the shorter way.
    enable = f"enable {physical.rpartition('/')[2]} in the console (EventBridge, Schedules)"
    return Timer(name, answer["State"], answer["ScheduleExpression"], enable)
