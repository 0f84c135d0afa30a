"""The dead-letter queue of deliveries to targets (SQS).

A message has the form that the target sender's own queue accepts. So once the cause is fixed, a
redrive to that queue is enough to retry the delivery.
"""

import json
from typing import Any

from botocore.client import BaseClient

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.ports import DeadLetters


class SqsDeadLetters(DeadLetters):
    """Sends deliveries that have failed permanently to a dead-letter queue in SQS.

    Args:
        client: botocore's client of ``sqs``.
        queue_url: URL of the queue.
    """

    def __init__(self, client: BaseClient, queue_url: str) -> None:
        self._client: Any = client
        self._queue_url = queue_url

    def send(self, message: Document) -> None:
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(message))
