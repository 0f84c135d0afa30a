"""Cursors: the position of a reader in a feed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedCursor:
    """Position of the reader of the event feed (high-water mark), with an optimistic lock.

    ``cursor`` is the position in the feed to continue from. While ``resyncing`` is true, every
    partner is republished, and ``listing`` is the next page of the partner list (None: the first
    page). At the end of the list, reading continues from ``cursor``. ``revision`` guards against
    two readers: an advance is accepted only from the revision that it was made from. Revision 0
    means that nothing is stored.
    """

    cursor: str | None = None
    resyncing: bool = False
    listing: str | None = None
    revision: int = 0
