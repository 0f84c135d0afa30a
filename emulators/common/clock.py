"""The clock of an emulator. A test can stop, set and advance it."""

import re
from datetime import UTC, datetime, timedelta

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Clock:
    """The emulator's clock: the wall clock plus an offset, or a fixed instant after ``freeze``."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        return (self._frozen or datetime.now(UTC)) + self._offset

    def freeze(self, at: datetime) -> None:
        self._frozen, self._offset = at, timedelta()

    def advance(self, seconds: float) -> None:
        self._offset += timedelta(seconds=seconds)


def is_rfc3339(text: str) -> bool:
    """Return True for a timestamp that RFC 3339 allows, which is stricter than ISO 8601.

    >>> is_rfc3339("2026-11-28T03:00:00.5+01:00"), is_rfc3339("2026-11-28T03:00Z")
    (True, False)
    """
    try:
        return bool(_RFC3339.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def rfc3339(moment: datetime) -> str:
    """Format a timestamp in UTC with milliseconds and ``Z``, as Trading Grid and Wix do.

    >>> rfc3339(datetime(2026, 3, 12, 9, 0, tzinfo=UTC))
    '2026-03-12T09:00:00.000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
