"""Windows of notices, by the table that is also the test of the portal's page."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gridwix.mapping.notice_times import open_until
from tests.factories import notice

NOW = datetime.fromisoformat("2026-03-13T08:03:00Z")
"""The time at which the table is right."""

CASES = json.loads((Path(__file__).parents[2] / "samples/notice_phases.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_notice_is_unclosed_when_the_table_says_so(case: dict[str, Any]) -> None:
    end = open_until(notice(**case["notice"]))

    assert (end is not None and end <= NOW) is (case["phase"] == "unclosed")


def test_deleted_notice_is_never_unclosed() -> None:
    past: dict[str, Any] = {
        "scheduledUntil": "2025-10-05T04:00:00Z",
        "deletedAt": "2026-01-01T00:00:00Z",
    }

    assert open_until(notice(kind="maintenance", status="scheduled", **past)) is None
