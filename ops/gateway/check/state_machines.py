"""Status transitions of records, copied from the gateway's OpenAPI contract. Pure.

The contract (the community gateway profile) states them in the descriptions of its schemas.
"""

from collections import deque
from collections.abc import Mapping

TRANSITIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cases": {
        "new": ("open", "cancelled"),
        "open": ("awaiting_partner", "awaiting_internal", "resolved", "cancelled"),
        "awaiting_partner": ("open",),
        "awaiting_internal": ("open",),
        "resolved": ("closed", "open"),
    },
    "collaboration-requests": {
        "received": ("triaged",),
        "triaged": ("in_progress", "rejected", "duplicate"),
        "in_progress": ("completed", "waiting_on_partner"),
        "waiting_on_partner": ("in_progress",),
    },
    "documents": {
        "draft": ("in_review",),
        "in_review": ("draft",),
        "published": ("withdrawn", "superseded", "expired"),
        "expired": ("published",),
    },
}

FINAL: Mapping[str, tuple[str, ...]] = {
    "cases": ("cancelled", "closed"),
    "collaboration-requests": ("rejected", "completed", "duplicate"),
    "documents": ("withdrawn", "superseded"),
}


def way_to_end(collection: str, status: str) -> list[str] | None:
    """Return the shortest way from a status to a final status, by permitted transitions.

    Args:
        collection: A key of ``TRANSITIONS``.
        status: The present status.

    Returns:
        The statuses to pass, the final one last. Empty if the status is final, None if there is no
        way.

    >>> way_to_end("cases", "awaiting_partner")
    ['open', 'cancelled']
    >>> way_to_end("documents", "draft") is None
    True
    """
    ways: deque[list[str]] = deque([[status]])
    seen = {status}
    while ways:
        way = ways.popleft()
        if way[-1] in FINAL[collection]:
            return way[1:]
        for following in TRANSITIONS[collection].get(way[-1], ()):
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return None
