"""JSON values of requests, parsed without loss and checked.

Imports little, for a fast cold start.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from gridwix.edge.rejections import rejection

_SAFE_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")


class Fraction(str):
    """A JSON number with a fraction, kept as the text in the request so that no digit is lost."""

    __slots__ = ()


def parse_exact_json(text: str) -> Any:
    """Parse JSON; None if it is malformed, or if it is ``null``.

    Numbers with a fraction become :class:`Fraction`, a string with their exact digits.

    >>> parse_exact_json('{"amount": 0.10}'), parse_exact_json("{")
    ({'amount': '0.10'}, None)
    """
    # None rather than an error: an error of the parser would carry the text that it failed on.
    try:
        return json.loads(text, parse_float=Fraction, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def is_id(value: object) -> bool:
    """Tell whether a value is safe as an id: 1 to 100 of the characters ``A-Za-z0-9._:-``.

    >>> is_id("evt-1"), is_id("a/b"), is_id(7)
    (True, False, False)
    """
    return isinstance(value, str) and _SAFE_ID.fullmatch(value) is not None


def utc_timestamp(text: object, default: float | None = None) -> str:
    """Normalize a timestamp to RFC 3339 in UTC, with milliseconds.

    >>> utc_timestamp("2026-03-12T15:05:31+01:00")
    '2026-03-12T14:05:31.000Z'

    Args:
        text: an ISO 8601 date-time with an offset; anything else is invalid.
        default: Unix seconds, used in place of an invalid text.

    Raises:
        WebhookRejected: for an invalid text without a default.
    """
    moment = _instant(text)
    if moment is None:
        if default is None:
            raise rejection("malformed-event")
        moment = datetime.fromtimestamp(default, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instant(text: object) -> datetime | None:
    """Return the time that a text gives, in UTC; None if the text is no time with an offset."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        # In UTC, the first and the last day have years that there are none of.
        return None
