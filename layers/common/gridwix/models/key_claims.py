"""Results of claiming a webhook's idempotency key. Imports little, for a fast cold start."""

from enum import Enum, auto


class KeyClaim(Enum):
    """Result of claiming a webhook's idempotency key.

    ``GRANTED``: no other invocation processes the request. ``HELD``: another invocation is
    processing it, or crashed less than a lease ago. ``DONE``: it was processed before (duplicate).
    """

    GRANTED = auto()
    HELD = auto()
    DONE = auto()
