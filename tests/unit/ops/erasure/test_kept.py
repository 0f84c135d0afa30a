"""Stores from which nothing can be removed: the search of the logs is bounded."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.erasure.kept import MAX_PAGES, ArchiveStore, LogStore
from ops.erasure.retention import Retention
from ops.erasure.subject import Subject

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
DANA = Subject(members=frozenset({"dana"}))
WEEK = Retention({"LogRetentionInDays": "7", "ArchiveDays": "3"})


class FakeLogs:
    """CloudWatch Logs with these pages of events."""

    def __init__(self, pages: Iterator[list[tuple[datetime, str]]]) -> None:
        self._pages = pages
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, name: str) -> "FakeLogs":
        assert name == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(asked)
        for page in self._pages:
            yield {
                "events": [
                    {"timestamp": int(at.timestamp() * 1000), "message": text} for at, text in page
                ]
            }


def look(pages: Iterator[list[tuple[datetime, str]]]) -> Any:
    logs: Any = FakeLogs(pages)
    return LogStore(logs, ["/gridwix/g/feed"], WEEK, NOW).find(DANA).stays


def test_address_is_no_argument_of_a_call_that_aws_records() -> None:
    logs: Any = FakeLogs(iter([]))
    dana = Subject(members=frozenset({"dana"}), emails=frozenset({"dana@prairie.example"}))

    LogStore(logs, ["/gridwix/g/feed"], WEEK, NOW).find(dana)

    assert [asked["filterPattern"] for asked in logs.asked] == ['"dana"']


def test_lines_stay_for_the_retention_of_the_newest() -> None:
    day = timedelta(days=1)

    (stays,) = look(iter([[(NOW - 3 * day, "members/dana")], [], [(NOW - 2 * day, '"dana"')]]))

    assert stays.until == NOW + 5 * day
    assert stays.ids == ("/gridwix/g/feed",)


def test_line_that_only_resembles_the_id_is_none_of_the_person() -> None:
    assert look(iter([[(NOW, "members/dana-2")]])) == ()


def test_search_is_bounded_and_what_was_not_read_counts_as_found() -> None:
    pages = itertools.count()
    endless = (list[tuple[datetime, str]]() for _ in pages)

    (stays,) = look(endless)

    assert next(pages) <= MAX_PAGES + 2
    assert stays.until == NOW + timedelta(days=7)


def test_archive_is_reported_only_if_there_is_one() -> None:
    without = Retention({"EventArchive": "disabled"})

    (stays,) = ArchiveStore(WEEK, NOW).find(DANA).stays
    assert stays.until == NOW + timedelta(days=3)
    assert ArchiveStore(without, NOW).find(DANA).stays == ()
    assert ArchiveStore(WEEK, NOW).find(Subject(emails=frozenset({"a@b.c"}))).stays == ()
