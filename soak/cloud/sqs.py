"""A model of SQS behind boto's client: the calls of the product, and those of its operators."""

# ruff: noqa: N803  # botocore's names

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from soak.cloud.boto_calls import BotoCaller, Response, Service, client_error
from soak.cloud.messages import SqsRefusal
from soak.cloud.queues import Queues
from soak.cloud.standard_queue import StandardQueue
from soak.kernel.edges import Edges, Fault
from soak.resources import QUEUES_URL

SQS = Service("sqs", QUEUES_URL, ("RequestThrottled", 400), ("InternalFailure", 500))
MAX_ENTRIES = 10
MAX_DELAY = 900
"""Maximum seconds by which a message can be delayed."""

_PARTIAL = frozenset({Fault.PARTIAL})
_REFUSED_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that a message cannot contain: those outside of XML 1.0."""
_LEGACY_CODES = {
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "BatchRequestTooLong": "AWS.SimpleQueueService.BatchRequestTooLong",
    "EmptyBatchRequest": "AWS.SimpleQueueService.EmptyBatchRequest",
    "TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    "BatchEntryIdsNotDistinct": "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
}
"""Error codes from before SQS used JSON, by the new code. botocore still raises the former."""


class SqsClient:
    """boto's client of SQS, with the calls and parameters that are in use; others are a TypeError.

    Args:
        queues: The queues.
        edges: The edges of the world; this one is ``sqs``.
    """

    def __init__(self, queues: Queues, edges: Edges) -> None:
        self._queues = queues
        self._boto = BotoCaller(edges, queues.random)

    def send_message(
        self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int | None = None
    ) -> Response:
        """Send a message (SendMessage)."""

        def carry_out(fault: Fault | None) -> Response:
            del fault
            return self._send(QueueUrl, MessageBody, DelaySeconds)

        return self._call("SendMessage", carry_out)

    def send_message_batch(
        self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]
    ) -> Response:
        """Send several messages (SendMessageBatch)."""

        def carry_out_one(entry: Mapping[str, Any]) -> Response:
            return self._send(QueueUrl, entry["MessageBody"], entry.get("DelaySeconds"))

        def check() -> None:
            size = sum(len(entry["MessageBody"].encode()) for entry in Entries)
            if size > self._of(QueueUrl).about.maximum_size:
                raise SqsRefusal("BatchRequestTooLong", f"You have sent {size} bytes.")

        return self._call_batch("SendMessageBatch", QueueUrl, Entries, carry_out_one, check)

    def receive_message(
        self,
        *,
        QueueUrl: str,
        MaxNumberOfMessages: int = 1,
        VisibilityTimeout: float | None = None,
    ) -> Response:
        """Receive messages (ReceiveMessage), without waiting and with all attributes."""

        def carry_out(fault: Fault | None) -> Response:
            del fault
            records = self._of(QueueUrl).receive(MaxNumberOfMessages, VisibilityTimeout)
            messages = [
                {
                    "MessageId": record["messageId"],
                    "ReceiptHandle": record["receiptHandle"],
                    "MD5OfBody": record["md5OfBody"],
                    "Body": record["body"],
                    "Attributes": record["attributes"],
                }
                for record in records
            ]
            return {"Messages": messages} if messages else {}

        return self._call("ReceiveMessage", carry_out)

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> Response:
        """Delete a received message (DeleteMessage)."""

        def carry_out(fault: Fault | None) -> Response:
            del fault
            self._of(QueueUrl).delete(ReceiptHandle)
            return {}

        return self._call("DeleteMessage", carry_out)

    def change_message_visibility(
        self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int
    ) -> Response:
        """Change the visibility time-out of a message (ChangeMessageVisibility)."""

        def carry_out(fault: Fault | None) -> Response:
            del fault
            self._of(QueueUrl).change_visibility(ReceiptHandle, VisibilityTimeout)
            return {}

        return self._call("ChangeMessageVisibility", carry_out)

    def change_message_visibility_batch(
        self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]
    ) -> Response:
        """Change the visibility time-outs of several messages (ChangeMessageVisibilityBatch)."""

        def carry_out_one(entry: Mapping[str, Any]) -> Response:
            seconds = entry["VisibilityTimeout"]
            self._of(QueueUrl).change_visibility(entry["ReceiptHandle"], seconds)
            return {}

        return self._call_batch("ChangeMessageVisibilityBatch", QueueUrl, Entries, carry_out_one)

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: Sequence[str]) -> Response:
        """Read attributes of a queue (GetQueueAttributes): the three numbers of messages, the ARN
        and the time-outs.
        """

        def carry_out(fault: Fault | None) -> Response:
            del fault
            queue = self._of(QueueUrl)
            known = {
                "ApproximateNumberOfMessages": str(queue.visible),
                "ApproximateNumberOfMessagesNotVisible": str(queue.hidden),
                "ApproximateNumberOfMessagesDelayed": str(queue.delayed),
                "QueueArn": queue.about.arn,
                "VisibilityTimeout": str(queue.about.visibility),
                "MessageRetentionPeriod": str(queue.about.retention),
            }
            names = list(known) if "All" in AttributeNames else AttributeNames
            return {"Attributes": {name: known[name] for name in names}}

        return self._call("GetQueueAttributes", carry_out)

    def _of(self, url: str) -> StandardQueue:
        return self._queues[url.removeprefix(QUEUES_URL)]

    def _send(self, url: str, body: str, delay: int | None) -> Response:
        queue = self._of(url)
        _check_body(body, queue.about.maximum_size)
        seconds = queue.about.delay if delay is None else delay
        if not 0 <= seconds <= MAX_DELAY:
            raise SqsRefusal(
                "InvalidParameterValue",
                f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must"
                f" be >= 0 and <= {MAX_DELAY}.",
            )
        return {"MessageId": queue.send(body, seconds, None)}

    def _call(
        self,
        operation: str,
        carry_out: Callable[[Fault | None], Response],
        own: frozenset[Fault] = frozenset(),
    ) -> Response:
        def translated(fault: Fault | None) -> Response:
            try:
                return carry_out(fault)
            except SqsRefusal as refusal:
                code = _LEGACY_CODES.get(refusal.code, refusal.code)
                raise client_error(operation, code, str(refusal)) from refusal

        return self._boto.call(SQS, operation, translated, own=own)

    def _call_batch(
        self,
        operation: str,
        url: str,
        entries: Sequence[Mapping[str, Any]],
        carry_out_one: Callable[[Mapping[str, Any]], Response],
        check: Callable[[], None] = lambda: None,
    ) -> Response:
        def carry_out(fault: Fault | None) -> Response:
            self._of(url)
            _check_ids([entry["Id"] for entry in entries])
            check()
            response: Response = {}
            for number, entry in enumerate(entries):
                # The first fails for certain, so that the fault is one.
                fails = fault is Fault.PARTIAL and (
                    not number or self._queues.random.random() < 0.5
                )
                try:
                    if fails:
                        raise SqsRefusal("InternalError", "An internal error occurred.")
                    result = carry_out_one(entry)
                except SqsRefusal as refusal:
                    response.setdefault("Failed", []).append(
                        {
                            "Id": entry["Id"],
                            "SenderFault": not fails,
                            "Code": refusal.code,
                            "Message": str(refusal),
                        }
                    )
                else:
                    response.setdefault("Successful", []).append({"Id": entry["Id"], **result})
            return response

        return self._call(operation, carry_out, _PARTIAL)


def _check_body(body: str, maximum: int) -> None:
    if not body:
        raise SqsRefusal("MissingParameter", "The request must contain the parameter MessageBody.")
    if len(body) * 4 > maximum and len(body.encode()) > maximum:
        raise SqsRefusal(
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than"
            f" {maximum} bytes.",
        )
    if not body.isprintable() and _REFUSED_CHARACTERS.search(body):
        raise SqsRefusal("InvalidMessageContents", "Invalid characters found.")


def _check_ids(ids: Sequence[str]) -> None:
    if not ids:
        raise SqsRefusal("EmptyBatchRequest", "There should be at least one entry.")
    if len(ids) > MAX_ENTRIES:
        raise SqsRefusal(
            "TooManyEntriesInBatchRequest",
            f"Maximum number of entries per request are {MAX_ENTRIES}.",
        )
    if len(set(ids)) < len(ids):
        raise SqsRefusal("BatchEntryIdsNotDistinct", "Two or more entries have the same Id.")
