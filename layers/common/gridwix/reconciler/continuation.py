"""Sends the next page of a run to the function's own queue."""

from typing import TYPE_CHECKING

from gridwix.clients.aws.boto import translate_aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from pydantic import BaseModel


class SqsContinuation:
    """The semantics are those of ``gridwix.publication.reconciled.Continuation``."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, page: "BaseModel") -> None:
        """Send the page, camelCase and without what has nothing to say.

        Raises :class:`gridwix.errors.UpstreamError`; it may then have been sent.
        """
        with translate_aws_errors("SendMessage"):
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageBody=page.model_dump_json(by_alias=True, exclude_none=True),
            )
