"""Ports of the senders: requests to endpoints, and messages that wake a sender."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol

type Addresses = Literal["public", "any"]
"""Addresses of endpoints. ``public``: public addresses, HTTPS on port 443. ``any``: also HTTP,
private addresses and other ports, for a gateway on a machine of one's own.
"""


class Answer(NamedTuple):
    """An endpoint's response.

    Args:
        status: HTTP status; None if there was no response.
        retry_after: Seconds of ``Retry-After``; 0 without one.
    """

    status: int | None
    retry_after: float = 0.0


class WebhookClient(Protocol):
    """Sends requests to one endpoint."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and return its response. Bounded in time; never raises for a failure."""


type Connect = Callable[[], AbstractContextManager[WebhookClient]]
"""Opens a client. Its connections are closed at the end of the block."""


class Waker(Protocol):
    """Wakes senders. Best effort: it never raises, and a schedule finds what it has lost."""

    def wake_senders(self) -> None:
        """Let the senders look for new events. Called after a commit with an event."""

    def wake_sender(self, endpoint: str, delay: float) -> None:
        """Let an endpoint's sender run again.

        Args:
            endpoint: The endpoint's id.
            delay: Seconds from now, at most :data:`MAX_DELAY`.
        """


MAX_DELAY = 900.0
"""Seconds. The longest delay of a message in SQS. What is due later is found by the schedule."""
