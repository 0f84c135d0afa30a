"""Sends the message for the next page of a reconcile run to the reconciler's own queue."""

from typing import TYPE_CHECKING, override

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.publication.reconciled import Continuation

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from pydantic import BaseModel


class SqsContinuation(Continuation):
    """Sends the message for the next page of a run to an SQS queue.

    The body is JSON in camelCase, without members that are None.
    """

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    @override
    def send(self, page: "BaseModel") -> None:
        with translate_aws_errors("SendMessage"):
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageBody=page.model_dump_json(by_alias=True, exclude_none=True),
            )
