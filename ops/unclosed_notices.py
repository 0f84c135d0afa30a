"""Sentences on unclosed notices after the end of their window. Pure.

Partners read there that the work should have ended: the hub closes them, or sets a later end.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from gridwix.mapping.notice_times import open_until
from gridwix.models.trading_grid.notices import ServiceNotice

MAX_NAMED = 10
"""Notices that a sentence names."""


def unclosed_notices(notices: Iterable[ServiceNotice], now: datetime) -> list[str]:
    """Return the ids of the notices that should have ended and are open, the oldest end first."""
    ends = ((open_until(notice), notice.id) for notice in notices)
    return [identifier for end, identifier in sorted((e, i) for e, i in ends if e) if end <= now]


def unclosed_sentence(identifiers: Collection[str]) -> str:
    """Return the next step for unclosed notices.

    >>> unclosed_sentence(["ntc_7"]).partition(":")[0]
    '1 notice should have ended and is not closed'

    Args:
        identifiers: Their ids, at least one.
    """
    named = ", ".join(list(identifiers)[:MAX_NAMED])
    more = f" and {len(identifiers) - MAX_NAMED:,} more" if len(identifiers) > MAX_NAMED else ""
    said, them = (
        ("1 notice should have ended and is not closed", "it")
        if len(identifiers) == 1
        else (f"{len(identifiers):,} notices should have ended and are not closed", "them")
    )
    return f"{said}: {named}{more}. Close {them} in Trading Grid, or set a later end"
