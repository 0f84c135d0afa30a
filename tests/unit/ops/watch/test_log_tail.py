"""Following a log: each line counts once, whatever overlaps, and the newest error stays."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.logs import LogLine
from ops.watch.log_tail import OVERLAP, WINDOW, LogTail, read_error
from ops.watch.snapshot import FunctionActivity, LastError

NOW = 1_795_000_000.0


def published(at: float, rows: int, identifier: str, **fields: Any) -> LogLine:
    counts = {"written": rows, "unchanged": 0, "refused": 0, "deferred": 0}
    whole = {
        "message": "rows_published",
        "service": "status_publisher",
        "messages": 1,
        "rows": counts,
    }
    return LogLine(at, {**whole, **fields}, identifier)


def failed(at: float, identifier: str = "e", **fields: Any) -> LogLine:
    return LogLine(at, {"level": "WARNING", "message": "call_failed", **fields}, identifier)


def visible(lines: Sequence[LogLine], tail: LogTail, now: float) -> list[LogLine]:
    return [line for line in lines if tail.since <= line.at <= now]


def test_rows_of_a_line_that_is_read_again_are_counted_once() -> None:
    line = published(NOW - 5, 30, "a")
    once = LogTail.begin(NOW).follow([line], NOW, complete=True)

    twice = once.follow([line], NOW + 10, complete=True)

    assert once.activity == twice.activity == FunctionActivity(30, WINDOW, None)


def test_rows_that_are_older_than_the_window_no_longer_count() -> None:
    tail = LogTail.begin(NOW).follow([published(NOW, 30, "a")], NOW, complete=True)

    assert tail.follow([], NOW + WINDOW, complete=True).activity.written == 30
    assert tail.follow([], NOW + WINDOW + 1, complete=True).activity.written == 0


def test_read_that_was_cut_goes_on_behind_its_last_line() -> None:
    cut = LogTail.begin(NOW).follow([published(NOW - 200, 1, "a")], NOW, complete=False)
    whole = LogTail.begin(NOW).follow([published(NOW - 200, 1, "a")], NOW, complete=True)

    assert cut.since == NOW - 200
    assert whole.since == NOW - OVERLAP


def test_newest_error_stays_after_its_line_has_left_the_window() -> None:
    old, new = failed(NOW - 9, "a", code="upstream"), failed(NOW - 3, "b", code="row_held")
    tail = LogTail.begin(NOW).follow([old, new], NOW, complete=True)

    later = tail.follow([], NOW + 3600, complete=True)

    assert later.error == LastError(NOW - 3, "call_failed: row_held")


@given(
    lines=st.lists(st.tuples(st.integers(0, 900), st.integers(1, 9)), max_size=40),
    pauses=st.lists(st.integers(1, 50), min_size=20, max_size=40),
)
def test_rows_of_all_lines_count_once_however_often_the_log_is_read(
    lines: list[tuple[int, int]], pauses: list[int]
) -> None:
    log = sorted(
        (published(NOW + at, rows, f"l{number}") for number, (at, rows) in enumerate(lines)),
        key=lambda line: line.at,
    )
    now, tail = NOW, LogTail.begin(NOW)
    for pause in pauses:
        now += pause
        tail = tail.follow(visible(log, tail, now), now, complete=True)

        expected = sum(
            line.fields["rows"]["written"] for line in log if now - WINDOW <= line.at <= now
        )
        assert tail.activity.written == expected
    assert len(tail.seen) <= len(log)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.integers(1, 5))
def test_log_that_is_cut_at_each_read_is_read_to_its_end(ages: list[int], limit: int) -> None:
    # Lines of one time do not fit into a page together only if there are more than the limit.
    log = [published(NOW - 50 + at, 1, f"l{number}") for number, at in enumerate(sorted(set(ages)))]
    tail = LogTail.begin(NOW)
    for _ in range(len(log) + 1):
        page = visible(log, tail, NOW)[: limit + 1]
        tail = tail.follow(page, NOW, complete=len(page) <= limit)

    assert tail.activity.written == len(log)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"code": "upstream_unavailable", "system": "wix", "status": 503},
            "call_failed: upstream_unavailable (wix 503)",
        ),
        ({"code": "configuration"}, "call_failed: configuration"),
        ({"message": "record_at_fault", "reason": "broken"}, "record_at_fault: broken"),
        ({"level": "ERROR", "message": "message_malformed"}, "message_malformed"),
        ({"level": "ERROR", "message": "Dana's text", "errorType": "KeyError"}, "KeyError"),
        ({"level": "INFO", "deferred": {"row_held": 3}}, "deferred: row_held (3)"),
    ],
)
def test_error_is_told_by_its_codes(fields: dict[str, Any], words: str) -> None:
    assert read_error(failed(NOW, **fields)) == LastError(NOW, words)


@pytest.mark.parametrize("fields", [{"level": "INFO"}, {"level": "INFO", "deferred": {}}])
def test_line_without_an_error_reports_none(fields: dict[str, Any]) -> None:
    assert read_error(failed(NOW, **fields)) is None
