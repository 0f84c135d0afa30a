"""State of a stack for ``gridwix status``: queues, faults, cursors and recent publications.

A cursor is the stored position of a function that reads a source on a schedule. A publication is an
invocation of a function that wrote rows to the portal.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.errors import GridwixError
from gridwix.partner_requests.ending_submission_table import DynamoDBEndingSubmissions
from gridwix.partner_requests.ports import NOTICE
from ops import logs
from ops.alarms import Alarm, age_limits, read_alarms
from ops.consumers import (
    Consumer,
    FunctionState,
    consumer_faults,
    read_consumers,
    read_functions,
)
from ops.errors import StackError
from ops.queue_policies import fed_queues
from ops.stack import Stack, snake_case
from ops.timers import CursorState, Timer, read_cursors, read_timers

LOOK_BACKS = (900, 4 * 3600, 24 * 3600)
"""Periods of logs to search for recent publications, in seconds, the shortest first."""

LINES_READ = 10_000
"""Maximum number of log events per search."""

RUNS_SHOWN = 5
"""Number of recent publications to show."""
MAX_REFUSED = 1000
"""Maximum number of refused items to count: rows that Wix refuses, and unreadable records."""


@dataclass(frozen=True, slots=True)
class PublicationRun:
    """One invocation of a function that published rows to the portal.

    ``rows`` is the number of rows by verdict, such as ``written``; ``at`` is the time of the
    invocation (Unix seconds).
    """

    at: float
    function: str
    messages: int
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the stack that needs attention. A cause and its consequences are one fault."""

    subject: str
    what: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of a stack, as ``gridwix status`` shows it.

    ``now`` and ``created_at`` are Unix seconds. ``refused`` counts, up to ``MAX_REFUSED``, the rows
    that Wix refused to store and the records that gridwix cannot read (refused items). ``ending``
    counts the form submissions that gridwix holds for manual review, except spam, and that will
    soon be removed. ``runs`` are the recent publications of portal rows, newest first. ``unseen``
    are the parts that could not be read, with the reason. ``is_gateway`` is True for the community
    gateway's stack, which has no cursors, refused items, held submissions or publications.
    """

    now: float
    created_at: float = 0.0
    functions: Mapping[str, FunctionState] = field(default_factory=dict)
    consumers: tuple[Consumer, ...] = ()
    timers: tuple[Timer, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    cursors: tuple[CursorState, ...] = ()
    refused: int = 0
    ending: int = 0
    runs: tuple[PublicationRun, ...] = ()
    unseen: tuple[Fault, ...] = ()
    is_gateway: bool = False

    @property
    def healthy(self) -> bool:
        """True if every part of the stack was read and has no fault."""
        return not self.faults

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults of the stack, except those that only follow from another listed fault.

        Such consequences are the stale cursor of a stopped function, and the alarm of a queue that
        is listed itself. Parts of the stack that could not be read come first.
        """
        stopped = [
            Fault(name, said) for name, said in consumer_faults(self.functions, self.consumers)
        ]
        off = [Fault(timer.name, said) for timer in self.timers if (said := timer.fault)]
        refused = (
            [
                Fault(
                    "refused items",
                    f"{self.refused} rows were refused by Wix, or records cannot be read:"
                    " `gridwix refused` lists them",
                )
            ]
            if self.refused
            else []
        )
        return (
            *self.unseen,
            *stopped,
            *off,
            *self._stale_cursor_faults({fault.subject for fault in (*stopped, *off)}),
            *refused,
            *self._ending_faults(),
            *self._alarm_faults(),
        )

    def _stale_cursor_faults(self, known: set[str]) -> Iterable[Fault]:
        timers = {timer.name: timer for timer in self.timers}
        for state in self.cursors:
            said = state.fault(timers.get(state.reader.timer), self.now, self.created_at)
            if said and known.isdisjoint((state.reader.function, state.reader.timer)):
                yield Fault(state.reader.what, said)

    def _ending_faults(self) -> Iterable[Fault]:
        if self.ending:
            yield Fault(
                "held submissions",
                f"{self.ending} are removed within {NOTICE.days} days: `gridwix submissions` lists"
                " them, and releases them",
            )

    def _alarm_faults(self) -> Iterable[Fault]:
        # Faults of these queues and of refused rows are already listed, in more detail.
        covered = {
            consumer.name for consumer in self.consumers if consumer.fault or consumer.dead_letters
        }
        for alarm in self.alarms:
            owner = snake_case(alarm.name.removesuffix("AgeAlarm").removesuffix("DeadLetterAlarm"))
            listed = (self.refused and alarm.name.endswith("RefusedItemAlarm")) or (
                self.ending and alarm.name == "SubmissionEndingAlarm"
            )
            if alarm.is_firing and owner not in covered and not listed:
                yield Fault(alarm.name, f"the alarm is in state ALARM: {alarm.description}")


class PartReader:
    """Reads the parts of a stack's overview: an error in one part does not stop the others."""

    def __init__(self) -> None:
        self.unseen: list[Fault] = []
        """The parts that could not be read, with the reason."""

    def read[T](self, what: str, how: Callable[[], T], otherwise: T) -> T:
        """Return ``how()``, or ``otherwise`` if it raises an error of AWS, gridwix or the stack.

        Such an error is added to ``unseen``, the list of parts that could not be read. ``what`` is
        the name of the part.
        """
        try:
            return how()
        except (ClientError, BotoCoreError) as error:
            self.unseen.append(Fault(what, f"could not be read: AWS: {error}"))
        except (GridwixError, StackError) as error:
            self.unseen.append(Fault(what, f"could not be read: {error}"))
        return otherwise


def read_overview(stack: Stack, now: float) -> Overview:
    """Read the state of a stack, which may be gridwix's or the community gateway's.

    A part that cannot be read, such as for lack of a permission, is listed in ``unseen``; the other
    parts are read nevertheless. ``now`` is in Unix seconds.
    """
    parts = PartReader()
    read = parts.read
    nothing: Mapping[str, Mapping[str, str]] = {}
    resources = read("resources of the stack", stack.read_resources, nothing)
    no_alarms: list[Alarm] = []
    alarms = read("alarms", lambda: read_alarms(stack, resources), no_alarms)
    functions: Mapping[str, FunctionState] = read("functions", lambda: read_functions(stack), {})
    no_consumers: list[Consumer] = []
    consumers = read(
        "queues",
        lambda: read_consumers(stack, functions, age_limits(alarms), fed_queues(resources)),
        no_consumers,
    )
    found = Overview(
        now=now,
        created_at=stack.created_at,
        functions=functions,
        consumers=tuple(consumers),
        timers=tuple(read("schedules and rules", lambda: read_timers(stack, resources), [])),
        alarms=tuple(alarms),
        is_gateway=stack.is_gateway,
    )
    if not stack.is_gateway:
        found = replace(
            found,
            cursors=tuple(read("cursors", lambda: read_cursors(stack), [])),
            refused=read("refused items", lambda: _count_refused(stack), 0),
            ending=read("held submissions", lambda: _count_ending(stack, now), 0),
            runs=tuple(
                read("last publications", lambda: last_runs(stack, "status_publisher", now), [])
            ),
        )
    return replace(found, unseen=tuple(parts.unseen))


def _count_refused(stack: Stack) -> int:
    return sum(
        1
        for _ in DynamoDBRefusedItems(
            stack.aws.dynamodb, stack.output("RefusedItemTableName")
        ).list_items(MAX_REFUSED)
    )


def _count_ending(stack: Stack, now: float) -> int:
    inbox = DynamoDBEndingSubmissions(stack.aws.dynamodb, stack.output("SubmissionTableName"))
    return inbox.count_ending(now)


def last_runs(stack: Stack, function: str, now: float) -> list[PublicationRun]:
    """Return the last invocations in which a function published rows, newest first."""
    found: list[PublicationRun] = []
    # CloudWatch returns the oldest lines of a period first, and a whole busy day takes too long.
    for stretch in LOOK_BACKS:
        found = [
            run
            for line in logs.read_lines(
                stack.aws.logs, stack.log_group(function), now - stretch, limit=LINES_READ
            )
            if (run := parse_run(line)) is not None
        ]
        if len(found) >= RUNS_SHOWN:
            break
    return found[: -RUNS_SHOWN - 1 : -1]


def parse_run(line: logs.LogLine) -> PublicationRun | None:
    """Return the invocation that published rows, from its log line; None for any other line.

    It is the line of the log event ``rows_published``.
    """
    fields: Mapping[str, Any] = line.fields
    if line.event_name != "rows_published":
        return None
    return PublicationRun(
        line.at,
        str(fields["service"]),
        int(fields["messages"]),
        {str(verdict): int(rows) for verdict, rows in fields["rows"].items()},
    )
