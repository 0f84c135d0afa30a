"""The emulator's own time, which a test can stop, set and move."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The wall clock plus an offset, or a fixed instant once ``freeze`` was called."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        return (self._frozen or datetime.now(UTC)) + self._offset

    def freeze(self, at: datetime) -> None:
        self._frozen, self._offset = at, timedelta()

    def advance(self, seconds: float) -> None:
        self._offset += timedelta(seconds=seconds)


def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds and a ``Z``, as both vendors write it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
