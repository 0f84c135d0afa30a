"""Results of a claim for a webhook's request. Imports little, for a fast cold start."""

from enum import Enum, auto


class KeyClaim(Enum):
    """Result of a claim.

    ``GRANTED``: no other invocation has the request. ``HELD``: another invocation is at work on it,
    or stopped in the middle less than a lease ago. ``DONE``: it was carried out before.
    """

    GRANTED = auto()
    HELD = auto()
    DONE = auto()
