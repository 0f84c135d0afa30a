"""Reading what the functions logged: one JSON object a line, beside the lines of Lambda itself."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that a function wrote. ``at`` is when (Unix seconds); ``fields`` its members, ``message`` among them."""

    at: float
    fields: Mapping[str, Any]


def read_lines(logs: "CloudWatchLogsClient", group: str, since: float, *, limit: int = 1000) -> list[LogLine]:
    """The JSON lines of a log group since then (Unix seconds), oldest first; metrics count as lines, with the metrics as members."""
    return sorted(_iterate_lines(logs, group, since, limit), key=lambda line: line.at)


def parse_line(text: str, stored_at: float) -> LogLine | None:
    """The line; None if it is not JSON. The time is the function's own where the line has one, else when the line was stored."""
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    return LogLine(_written_at(fields) or stored_at, fields) if isinstance(fields, dict) else None


def _iterate_lines(logs: "CloudWatchLogsClient", group: str, since: float, limit: int) -> Iterator[LogLine]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=int(since * 1000), PaginationConfig={"MaxItems": limit})
    for page in pages:
        for event in page["events"]:
            line = parse_line(event["message"], event["timestamp"] / 1000)
            if line is not None and line.at >= since:
                yield line


def _written_at(fields: Mapping[str, Any]) -> float | None:
    if isinstance(metrics := fields.get("_aws"), dict):
        return float(metrics["Timestamp"]) / 1000
    try:
        return datetime.fromisoformat(str(fields["timestamp"])).timestamp()
    except (KeyError, ValueError):
        return None
