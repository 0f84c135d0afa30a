"""Windows of service notices: when one should have ended. Pure.

``portal/element/notice-times.js`` has the same rules for the partners' pages, where the reader's
clock decides. One table of cases is the test of both.
"""

from datetime import datetime

from gridwix.models.trading_grid.notices import ServiceNotice

OVER = frozenset({"resolved", "completed", "cancelled", "withdrawn"})
"""Statuses of a notice that is over."""


def window_end(notice: ServiceNotice) -> datetime | None:
    """When the window of a notice ends; None if it has none.

    An incident has none: its expected end is a guess, and one that was opened again keeps the end
    of before.

    >>> end = datetime.fromisoformat("2000-01-01T22:00:00Z")
    >>> window_end(ServiceNotice.model_construct(kind="maintenance", ends_at=end)) == end
    True
    >>> window_end(ServiceNotice.model_construct(kind="incident", ends_at=end))
    """
    return None if notice.kind == "incident" else notice.ends_at or notice.scheduled_until


def open_until(notice: ServiceNotice) -> datetime | None:
    """End of the window of a notice that is open; None for a closed one, and for one without.

    If it has passed, the hub has not closed the notice in time.

    >>> end = datetime.fromisoformat("2000-01-01T22:00:00Z")
    >>> notice = ServiceNotice.model_construct(kind="maintenance", status="scheduled", ends_at=end)
    >>> open_until(notice) == end, open_until(notice.model_copy(update={"status": "completed"}))
    (True, None)
    """
    is_closed = notice.deleted_at is not None or notice.status in OVER
    return None if is_closed else window_end(notice)
