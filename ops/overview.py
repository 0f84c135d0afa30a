"""A stack at a glance: what waits, what failed, where the feed reader stands, what was published last."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.models.cursors import FeedCursor
from gridwix.services.feed import CURSOR_NAME
from ops import logs
from ops.queues import Depth, depth
from ops.stack import Stack

LOOK_BACK = 24 * 3600
"""Seconds of logs in which the last runs are looked for."""

RUNS_SHOWN = 5
MAX_REFUSED = 1000


@dataclass(frozen=True, slots=True)
class QueueState:
    name: str
    queue: Depth
    dead: Depth


@dataclass(frozen=True, slots=True)
class PublicationRun:
    """One run of a publisher: ``rows`` counts its rows by what became of them."""

    at: float
    function: str
    messages: int
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """``refused`` counts at most ``MAX_REFUSED`` items; ``runs`` are the last ones, newest first."""

    queues: tuple[QueueState, ...]
    cursor: FeedCursor
    refused: int
    runs: tuple[PublicationRun, ...]

    @property
    def healthy(self) -> bool:
        """Nothing has failed for good: no dead letter, no refused row."""
        return self.refused == 0 and all(state.dead.total == 0 for state in self.queues)


def read_overview(stack: Stack, now: float) -> Overview:
    """Raises StackError, UpstreamError, or botocore's ClientError."""
    aws = stack.aws
    cursors = DynamoDBCursorStore(aws.dynamodb, stack.output("CursorTableName"), time.time)
    refused = DynamoDBRefusedItems(aws.dynamodb, stack.output("RefusedItemTableName"))
    return Overview(
        queues=tuple(QueueState(pair.name, depth(aws.sqs, pair.url), depth(aws.sqs, pair.dead_letter_url)) for pair in stack.queues),
        cursor=cursors.read(CURSOR_NAME),
        refused=sum(1 for _ in refused.list(MAX_REFUSED)),
        runs=tuple(last_runs(stack, "status_publisher", now)),
    )


def last_runs(stack: Stack, function: str, now: float) -> list[PublicationRun]:
    """The last runs of a publisher that handled anything, newest first."""
    found = [run for line in logs.lines(stack.aws.logs, stack.log_group(function), now - LOOK_BACK) if (run := as_run(line)) is not None]
    return found[: -RUNS_SHOWN - 1 : -1]


def as_run(line: logs.LogLine) -> PublicationRun | None:
    """The run that a log line closes; None if it is another line."""
    fields: Mapping[str, Any] = line.fields
    if fields.get("message") != "published":
        return None
    return PublicationRun(line.at, str(fields["service"]), int(fields["messages"]), {str(verdict): int(rows) for verdict, rows in fields["rows"].items()})
