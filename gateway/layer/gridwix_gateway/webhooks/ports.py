"""Ports of the webhook senders: requests to endpoints, and messages that start a sender."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol

type Addresses = Literal["public", "any"]
"""Addresses that webhooks may be sent to.

``public``: public addresses, HTTPS on port 443. ``any``: also HTTP, private addresses and other
ports, for a gateway on a developer's machine.
"""


class EndpointAnswer(NamedTuple):
    """Response of a webhook endpoint, or the fact that there was none.

    Args:
        status: HTTP status; None if there was no response.
        retry_after: Seconds of the ``Retry-After`` header; 0 if there is no such header.
    """

    status: int | None
    retry_after: float = 0.0


class WebhookClient(Protocol):
    """Sends webhook requests to one endpoint."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> EndpointAnswer:
        """POST a webhook once, and return the response. Bounded in time; never raises."""


type Connect = Callable[[], AbstractContextManager[WebhookClient]]
"""Opens a webhook client, and closes its connections at the end of the ``with`` block."""


class Waker(Protocol):
    """Starts (wakes) webhook senders. Best effort: it never raises.

    A schedule starts the senders, too, so a lost call only delays webhooks.
    """

    def wake_senders(self) -> None:
        """Start all webhook senders, so that they look for new events. Call it after a commit."""

    def wake_sender(self, endpoint: str, delay: float) -> None:
        """Start the webhook sender of one endpoint after a delay.

        Args:
            endpoint: Id of the endpoint.
            delay: Seconds from now, at most :data:`MAX_DELAY`.
        """


MAX_DELAY = 900.0
"""Maximum delay of a message in SQS, in seconds. The schedule wakes senders of what is due
later.
"""
