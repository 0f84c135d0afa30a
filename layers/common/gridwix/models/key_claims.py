"""Results of claiming a webhook's idempotency key. Imports little, for a fast cold start."""

from enum import Enum, auto


class KeyClaim(Enum):
    """Result of claiming a webhook's idempotency key.

    ``GRANTED``: no other invocation processes the webhook. ``HELD``: another invocation is
    processing the webhook, or has crashed while its lease on the key is not over. ``DONE``: the
    webhook was processed before (duplicate).
    """

    GRANTED = auto()
    HELD = auto()
    DONE = auto()
