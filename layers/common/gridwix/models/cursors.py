"""Where a reader of a feed stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedCursor:
    """Where the reader of the event feed stands.

    ``cursor`` is the place in the feed to read on from. While ``resyncing`` is true every partner is being published anew, and ``listing`` is the page of the
    partner list to go on with (None: the first); events are read again from ``cursor`` when the listing is done. ``revision`` guards against two readers:
    an advance is accepted only from the revision that it was made from; 0 means that nothing is stored yet.
    """

    cursor: str | None = None
    resyncing: bool = False
    listing: str | None = None
    revision: int = 0
