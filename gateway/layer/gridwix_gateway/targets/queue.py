"""Messages of the target sender's queue (SQS): one that wakes it, or a redriven dead letter."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient

from gridwix_gateway.documents import Document


@dataclass(frozen=True, slots=True)
class TargetMessage:
    """A message of the queue.

    Args:
        message_id: SQS's id.
        target: The target of a dead letter; empty if the message only wakes.
        number: Number of its event.
    """

    message_id: str
    target: str = ""
    number: int = 0


def read_messages(event: Mapping[str, Any]) -> Sequence[TargetMessage]:
    """Return the messages of an invocation; none of a schedule's.

    >>> read_messages({"Records": [{"messageId": "m1", "body": "?"}]})
    [TargetMessage(message_id='m1', target='', number=0)]
    """
    return [_read_message(record) for record in event.get("Records", ())]


def batch_response(failed: Sequence[TargetMessage]) -> Document:
    """Return the answer that gives failed messages back to the queue."""
    return {"batchItemFailures": [{"itemIdentifier": one.message_id} for one in failed]}


def send_wake_message(client: BaseClient, queue_url: str) -> None:
    """Wake the target sender. A schedule finds what a lost message would have.

    Args:
        client: botocore's client of SQS.
        queue_url: The queue.
    """
    any_client: Any = client
    any_client.send_message(QueueUrl=queue_url, MessageBody="{}")


def _read_message(record: Mapping[str, Any]) -> TargetMessage:
    message_id = str(record["messageId"])
    try:
        body = json.loads(record["body"])
        target, number = body["target"], body["number"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return TargetMessage(message_id)
    if not isinstance(target, str) or isinstance(number, bool) or not isinstance(number, int):
        return TargetMessage(message_id)
    return TargetMessage(message_id, target, number)
