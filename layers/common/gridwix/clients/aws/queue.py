"""SQS adapter: returns messages to their queue with a delay."""

import math
from collections.abc import Mapping
from itertools import batched
from typing import TYPE_CHECKING

from gridwix.clients.aws.boto import translate_aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef

MAX_ENTRIES = 10
"""Maximum number of entries in one ChangeMessageVisibilityBatch."""


class SqsRedelivery:
    """Delays the retry of failed SQS messages, by their visibility timeout.

    If the timeout of a message cannot be set, SQS redelivers the message after the queue's default
    timeout.
    """

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def defer(self, delays: Mapping[str, float]) -> None:
        """Make received messages visible in the queue again after a delay (backoff).

        ``delays`` maps receipt handles to delays in seconds, which are rounded up to whole seconds.
        Raises UpstreamError if a call fails.
        """
        for chunk in batched(delays.items(), MAX_ENTRIES, strict=False):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
                {
                    "Id": str(number),
                    "ReceiptHandle": handle,
                    "VisibilityTimeout": math.ceil(seconds),
                }
                for number, (handle, seconds) in enumerate(chunk)
            ]
            with translate_aws_errors("ChangeMessageVisibilityBatch"):
                self._client.change_message_visibility_batch(
                    QueueUrl=self._queue_url, Entries=entries
                )
