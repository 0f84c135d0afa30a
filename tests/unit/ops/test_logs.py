"""Reading log lines: whose time they bear, and which of them tell of a publication."""

import json
from typing import Any

from ops.logs import LogLine, parse_line
from ops.overview import PublicationRun, parse_run

PUBLISHED: dict[str, Any] = {
    "level": "INFO",
    "message": "rows_published",
    "timestamp": "2026-03-12 14:05:32,500+0000",
    "service": "status_publisher",
    "messages": 3,
    "malformed": 0,
    "rows": {"written": 1, "unchanged": 1, "refused": 0, "deferred": 0},
}


def test_parse_of_a_line_takes_the_functions_own_time() -> None:
    line = parse_line(json.dumps(PUBLISHED), stored_at=99.0)

    assert line is not None
    assert line.at == 1773324332.5


def test_parse_of_metrics_takes_their_time_in_milliseconds() -> None:
    line = parse_line(
        '{"_aws": {"Timestamp": 1773324332250}, "WebhooksAccepted": [1.0]}', stored_at=99.0
    )

    assert line == LogLine(
        1773324332.25, {"_aws": {"Timestamp": 1773324332250}, "WebhooksAccepted": [1.0]}
    )


def test_parse_of_a_line_without_a_time_takes_when_it_was_stored() -> None:
    line = parse_line('{"message": "hello"}', stored_at=99.0)

    assert line is not None
    assert line.at == 99.0


def test_parse_of_lambdas_own_lines_gives_none() -> None:
    assert parse_line("START RequestId: 55cbe80e Version: $LATEST", 99.0) is None
    assert parse_line("12", 99.0) is None


def test_as_run_reads_what_became_of_the_rows() -> None:
    run = parse_run(LogLine(12.0, PUBLISHED))

    assert run == PublicationRun(
        12.0, "status_publisher", 3, {"written": 1, "unchanged": 1, "refused": 0, "deferred": 0}
    )


def test_as_run_of_another_line_gives_none() -> None:
    assert parse_run(LogLine(12.0, {**PUBLISHED, "message": "row_refused"})) is None
