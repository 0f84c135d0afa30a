"""Formats times as Wix writes them."""

from datetime import UTC, datetime


def timestamp(now: float) -> str:
    """Format Unix seconds as RFC 3339 in UTC, with milliseconds.

    >>> timestamp(0.25)
    '1970-01-01T00:00:00.250Z'
    """
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
