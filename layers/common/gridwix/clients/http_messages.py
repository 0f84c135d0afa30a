"""HTTP requests and responses as values, and parts of their URLs and headers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import httpx

MAX_RETRY_AFTER = 3600.0
"""Upper bound, in seconds, on a ``Retry-After``: a greater value counts as this one."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to a vendor.

    ``operation`` names the request in errors. ``safe`` means that the request changes nothing on
    the server, so that it may be retried.
    """

    operation: str
    method: str
    url: str
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    safe: bool = False


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete HTTP response, of any status."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)

    def retry_after(self, now: float) -> float | None:
        """Return the seconds to wait by ``Retry-After``; None if it is missing or invalid."""
        return retry_after_seconds(self.headers.get("Retry-After"), now)


REDIRECTS = frozenset({httpx.codes.TEMPORARY_REDIRECT, httpx.codes.PERMANENT_REDIRECT})
"""HTTP statuses of redirects that keep the method and the body."""

MAX_REDIRECTS = 3
"""Maximum number of redirects to the same origin that one call follows."""


def is_redirect(response: HttpResponse) -> bool:
    """Return True if a response is a redirect that keeps the method and the body (307 or 308)."""
    return response.status in REDIRECTS


def redirect_target(url: str, response: HttpResponse) -> str | None:
    """Return the address to which a response redirects; None if it names none of the same origin.

    ``url`` is the address of the request.
    """
    target = same_origin_redirect(url, response.headers.get("Location", ""))
    return None if target is None else str(target)


def same_origin_redirect(url: str, location: str) -> httpx.URL | None:
    """Resolve a ``Location`` header to an address of the same origin.

    Returns None if the header is empty or malformed, or names another origin. An origin is scheme,
    host and port (RFC 6454). A name and password in the address are removed.

    Args:
        url: Address of the request.
        location: The header's value, relative or not.

    >>> same_origin_redirect("https://tg.example/v1/cases", "/v2/cases?limit=5")
    URL('https://tg.example/v2/cases?limit=5')
    >>> same_origin_redirect("https://tg.example/v1/cases", "http://tg.example/v1/cases")
    """
    try:
        base = httpx.URL(url)
        target = base.join(location) if location else None
    except (httpx.InvalidURL, ValueError):
        return None
    if target is None or _origin(target) != _origin(base):
        return None
    return target.copy_with(userinfo=b"")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)


def http_date(value: str | None) -> datetime | None:
    """Parse a ``Date`` header (RFC 9110 section 5.6.7); None if it is absent or malformed.

    >>> http_date("Thu, 12 Mar 2026 14:05:31 GMT").isoformat()
    '2026-03-12T14:05:31+00:00'
    """
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def path_segment(text: str) -> str:
    """Quote a text as one segment of a URL path.

    Raises ValueError for text that a server could resolve to another path, such as ``..``.

    >>> path_segment("CA-1/2")
    'CA-1%2F2'
    """
    if text in ("", ".", ".."):
        raise ValueError("an id in a path must not be empty, '.' or '..'")
    return quote(text, safe="")


def retry_after_seconds(value: str | None, now: float) -> float | None:
    """Parse a ``Retry-After`` header as seconds to wait; None if it is missing or invalid.

    The result is an hour at most. The header is a number of seconds or an HTTP date (RFC 9110
    section 10.2.3).

    Args:
        value: The header's value; None if there is no header.
        now: The current time, in Unix seconds.

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
    moment = http_date(text)
    return None if moment is None else min(max(moment.timestamp() - now, 0.0), MAX_RETRY_AFTER)
