"""Time windows of service notices, and notices that stay open beyond their window. Pure.

``portal/element/notice-times.js`` has the same rules for the partners' pages, where the reader's
clock decides. Both are tested with the same table of cases.
"""

from datetime import datetime

from gridwix.models.trading_grid.notices import ServiceNotice

OVER = frozenset({"resolved", "completed", "cancelled", "withdrawn"})
"""Statuses of a service notice that is closed."""


def window_end(notice: ServiceNotice) -> datetime | None:
    """Return the end of a service notice's time window; None if it has no window.

    An incident has no window: its expected end is a guess, and a reopened incident keeps its
    previous end.

    >>> end = datetime.fromisoformat("2000-01-01T22:00:00Z")
    >>> window_end(ServiceNotice.model_construct(kind="maintenance", ends_at=end)) == end
    True
    >>> window_end(ServiceNotice.model_construct(kind="incident", ends_at=end))
    """
    return None if notice.kind == "incident" else notice.ends_at or notice.scheduled_until


def open_until(notice: ServiceNotice) -> datetime | None:
    """Return the end of an open service notice's time window.

    None if the notice is closed, or has no window. If this time has passed, the hub has not closed
    the notice in time.

    >>> end = datetime.fromisoformat("2000-01-01T22:00:00Z")
    >>> notice = ServiceNotice.model_construct(kind="maintenance", status="scheduled", ends_at=end)
    >>> open_until(notice) == end, open_until(notice.model_copy(update={"status": "completed"}))
    (True, None)
    """
    is_closed = notice.deleted_at is not None or notice.status in OVER
    return None if is_closed else window_end(notice)
