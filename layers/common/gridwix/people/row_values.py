"""Reads values from portal rows, which a site editor may have changed by hand. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def row_text(row: Mapping[str, Any], name: str) -> str:
    """Return a text field of a portal row; "" if it is missing or no text.

    >>> row_text({"role": "edi", "round": 2}, "role"), row_text({"round": 2}, "round")
    ('edi', '')
    """
    value = row.get(name)
    return value if isinstance(value, str) else ""


def time_of(row: Mapping[str, Any], name: str) -> datetime | None:
    """Return a date-time field of a portal row; None if it is missing or no date-time."""
    value = row.get(name)
    return value if isinstance(value, datetime) else None
