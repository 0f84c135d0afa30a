"""JSON documents, and timestamps in the format of the community gateway profile."""

from datetime import UTC, datetime
from typing import Any

type Document = dict[str, Any]
"""A JSON object, by member name."""


def timestamp(moment: datetime) -> str:
    """Return a time as RFC 3339 in UTC with milliseconds. Such texts sort in order of time.

    >>> timestamp(datetime(2026, 3, 12, 14, 2, 11, 480_900, UTC))
    '2026-03-12T14:02:11.480Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_timestamp(text: str) -> datetime:
    """Return the time in a text made by :func:`timestamp`. Raises ValueError for any other text.

    >>> parse_timestamp("2026-03-12T14:02:11.480Z").microsecond
    480000
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its offset from UTC")
    return moment
