"""SQS messages that start (wake) the webhook senders of one endpoint or of all."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from gridwix_gateway.webhooks.ports import MAX_DELAY, Waker

ALL = "all"
"""Value for all endpoints in a wake message."""


class SqsWaker(Waker):
    """Starts webhook senders by SQS messages. Best effort: failures are reported and not raised.

    Args:
        connect: Returns botocore's client of SQS. Called at the first use.
        queue_url: URL of the senders' queue.
        on_error: Called with the name of an error. A lost message only delays webhooks.
    """

    def __init__(
        self, connect: Callable[[], Any], queue_url: str, on_error: Callable[[str], None]
    ) -> None:
        self._connect = connect
        self._queue_url = queue_url
        self._on_error = on_error

    def wake_senders(self) -> None:
        self._send(ALL, 0.0)

    def wake_sender(self, endpoint: str, delay: float) -> None:
        self._send(endpoint, delay)

    def _send(self, endpoint: str, delay: float) -> None:
        try:
            self._connect().send_message(
                QueueUrl=self._queue_url,
                MessageBody=json.dumps({"endpoint": endpoint}),
                DelaySeconds=min(math.ceil(delay), int(MAX_DELAY)),
            )
        except (BotoCoreError, ClientError) as error:
            self._on_error(type(error).__name__)


def woken_endpoint(message: Mapping[str, Any]) -> str:
    """Return the id of the endpoint for which an SQS message starts the sender, or :data:`ALL`.

    A message that names no endpoint starts the senders of all endpoints.

    >>> woken_endpoint({"body": '{"endpoint": "whe_1"}'}), woken_endpoint({"body": "?"})
    ('whe_1', 'all')
    """
    try:
        found = json.loads(str(message.get("body")))["endpoint"]
    except (ValueError, TypeError, KeyError):
        return ALL
    return found if isinstance(found, str) and found else ALL
