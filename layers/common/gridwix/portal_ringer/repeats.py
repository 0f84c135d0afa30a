"""Sends delayed messages to the function's own SQS queue, to repeat or retry a ring.

A ring tells the portal's open pages that sections have changed.
"""

from typing import TYPE_CHECKING, override

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.portal_ringer.messages import RingMessage
from gridwix.portal_ringer.ports import RepeatQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsRepeatQueue(RepeatQueue):
    """The function's own SQS queue; each message that is sent to it has a delay of its own."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    @override
    def send(self, message: RingMessage, *, delay: int) -> None:
        with translate_aws_errors("SendMessage"):
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageBody=message.model_dump_json(),
                DelaySeconds=delay,
            )
