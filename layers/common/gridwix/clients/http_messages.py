"""HTTP requests and responses as values, and parts of their URLs and headers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import httpx

MAX_RETRY_AFTER = 3600.0
"""Upper bound, in seconds, on the value of a ``Retry-After`` that is trusted."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``operation`` is its name in errors; ``safe`` means that it changes nothing."""

    operation: str
    method: str
    url: str
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    safe: bool = False


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete response, of any status."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)

    def retry_after(self, now: float) -> float | None:
        """Seconds of ``Retry-After`` from ``now`` (Unix seconds); None without a valid header."""
        return retry_after_seconds(self.headers.get("Retry-After"), now)


def path_segment(text: str) -> str:
    """``text`` as one segment of a path.

    Raises ValueError for text that a server could resolve to another path.

    >>> path_segment("CA-1/2")
    'CA-1%2F2'
    """
    if text in ("", ".", ".."):
        raise ValueError("an id in a path must not be empty, '.' or '..'")
    return quote(text, safe="")


def retry_after_seconds(value: str | None, now: float) -> float | None:
    """Seconds of a ``Retry-After`` header, at most an hour; None if it is absent or malformed.

    The header is a number of seconds or an HTTP date (RFC 9110 section 10.2.3).

    Args:
        value: The header's value, None if there is no header.
        now: Unix seconds.

    >>> retry_after_seconds("20", now=0.0)
    20.0
    >>> retry_after_seconds("Thu, 01 Jan 1970 00:01:30 GMT", now=60.0)
    30.0
    >>> retry_after_seconds("Thu, 01 Jan 1970 00:01:30 +99999999999999", now=60.0) is None
    True
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(at.timestamp() - now, 0.0), MAX_RETRY_AFTER)
