"""Finds service notices that are open after their planned end, and says what to do. Pure.

Partners still see such a notice as overdue: the hub has to close it, or to set a later end.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from gridwix.mapping.notice_times import open_until
from gridwix.models.trading_grid.notices import ServiceNotice

MAX_NAMED = 10
"""Maximum number of notices that a sentence names."""


def unclosed_notices(notices: Iterable[ServiceNotice], now: datetime) -> list[str]:
    """Return the ids of notices that are open after their planned end, the oldest end first."""
    ends = ((open_until(notice), notice.id) for notice in notices)
    return [identifier for end, identifier in sorted((e, i) for e, i in ends if e) if end <= now]


def unclosed_sentence(identifiers: Collection[str]) -> str:
    """Return a sentence on service notices that are open after their end, with the next step.

    >>> unclosed_sentence(["ntc_7"]).partition(":")[0]
    '1 notice should have ended and is not closed'

    Args:
        identifiers: Ids of the notices, at least one.
    """
    named = ", ".join(list(identifiers)[:MAX_NAMED])
    more = f" and {len(identifiers) - MAX_NAMED:,} more" if len(identifiers) > MAX_NAMED else ""
    said, them = (
        ("1 notice should have ended and is not closed", "it")
        if len(identifiers) == 1
        else (f"{len(identifiers):,} notices should have ended and are not closed", "them")
    )
    return f"{said}: {named}{more}. Close {them} in Trading Grid, or set a later end"
