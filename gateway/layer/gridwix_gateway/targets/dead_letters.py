"""The dead-letter queue of deliveries (SQS).

A message is what the sender's own queue takes to bring the delivery back, so a redrive is all that
is needed once the cause is mended.
"""

import json
from typing import Any

from botocore.client import BaseClient

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.ports import DeadLetters


class SqsDeadLetters(DeadLetters):
    """A queue.

    Args:
        client: botocore's client of ``sqs``.
        queue_url: URL of the queue.
    """

    def __init__(self, client: BaseClient, queue_url: str) -> None:
        self._client: Any = client
        self._queue_url = queue_url

    def send(self, message: Document) -> None:
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(message))
