"""Reads the JSON log lines of functions from CloudWatch Logs, and skips Lambda's own lines."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilteredLogEventTypeDef


@dataclass(frozen=True, slots=True)
class LogLine:
    """A log line of a function. ``at`` is its time (Unix seconds); ``fields`` are its JSON members.

    ``id`` is CloudWatch's id of the line, or a made-up one if CloudWatch gave none. Only
    :func:`read_page` sets it; otherwise it is "".
    """

    at: float
    fields: Mapping[str, Any]
    id: str = field(default="", compare=False)

    @property
    def event_name(self) -> str:
        """The name of the log event (``docs/logs.md``); "" for a line of metrics."""
        return str(self.fields.get("message", ""))


def read_lines(
    logs: "CloudWatchLogsClient", group: str, since: float, *, limit: int = 1000
) -> list[LogLine]:
    """Return the JSON lines of a log group, oldest first.

    Metrics (EMF) count as lines, with the metrics as members.

    Args:
        logs: The CloudWatch Logs client.
        group: Name of the log group.
        since: Lower bound of the lines' time (Unix seconds).
        limit: Maximum number of log events to read, oldest first.
    """
    return sorted(_iterate_lines(logs, group, since, limit), key=lambda line: line.at)


def read_page(
    logs: "CloudWatchLogsClient", group: str, since: float, *, limit: int
) -> tuple[list[LogLine], bool]:
    """Read JSON lines of a log group with one call, oldest first.

    Return the lines, and True if there are no more.

    Args:
        logs: The CloudWatch Logs client.
        group: Name of the log group.
        since: Lower bound of the time at which CloudWatch got the lines (Unix seconds).
        limit: Maximum number of log events.
    """
    page = logs.filter_log_events(logGroupName=group, startTime=int(since * 1000), limit=limit)
    lines = [
        line
        for event in page["events"]
        if (line := parse_line(event["message"], event["timestamp"] / 1000, _event_id(event)))
    ]
    return sorted(lines, key=lambda line: line.at), "nextToken" not in page


def parse_line(text: str, stored_at: float, identifier: str = "") -> LogLine | None:
    """Parse the text of a log line; return None if ``text`` is no JSON object.

    The time of the line is the function's own timestamp in it, or ``stored_at`` (Unix seconds)
    without one. ``identifier`` is CloudWatch's id of the line.
    """
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    return LogLine(_written_at(fields) or stored_at, fields, identifier)


def _iterate_lines(
    logs: "CloudWatchLogsClient", group: str, since: float, limit: int
) -> Iterator[LogLine]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=int(since * 1000), PaginationConfig={"MaxItems": limit}
    )
    for page in pages:
        for event in page["events"]:
            line = parse_line(event["message"], event["timestamp"] / 1000)
            if line is not None and line.at >= since:
                yield line


def _event_id(event: "FilteredLogEventTypeDef") -> str:
    # The local cloud gives no id: of equal lines of one stream and millisecond it leaves one.
    made = f"{event.get('logStreamName', '')}/{event['timestamp']}/{hash(event['message'])}"
    return event.get("eventId") or made


def _written_at(fields: Mapping[str, Any]) -> float | None:
    # Metrics in embedded metric format have their timestamp in milliseconds.
    if isinstance(metrics := fields.get("_aws"), dict):
        return float(metrics["Timestamp"]) / 1000
    try:
        return datetime.fromisoformat(str(fields["timestamp"])).timestamp()
    except (KeyError, ValueError):
        return None
