"""SQS: when a message that is not done comes again."""

import math
from collections.abc import Mapping
from itertools import batched
from typing import TYPE_CHECKING

from gridwix.clients.aws.boto import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef


class SqsRedelivery:
    """Sets the visibility time-out of received messages. A message whose time-out cannot be set comes again after the queue's own."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def defer(self, delays: Mapping[str, float]) -> None:
        """Make the messages of these receipt handles visible again after that many seconds (rounded up)."""
        for chunk in batched(delays.items(), 10, strict=False):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": math.ceil(seconds)} for number, (handle, seconds) in enumerate(chunk)
            ]
            with aws_errors("ChangeMessageVisibilityBatch"):
                self._client.change_message_visibility_batch(QueueUrl=self._queue_url, Entries=entries)
