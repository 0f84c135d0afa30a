"""Log lines that a test has caused, by the name of their event."""

from typing import Any

import pytest

from ops.log_vocabulary import EVENTS


def lines_named(caplog: pytest.LogCaptureFixture, name: str) -> list[dict[str, Any]]:
    """Return the fields of the lines with a name; refuses a name that the vocabulary lacks."""
    assert name in EVENTS, name
    return [vars(line) for line in caplog.records if line.getMessage() == name]
