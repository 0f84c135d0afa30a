"""Reads and sends SQS messages of the target sender, which delivers items from partners.

A message wakes the sender, or is a dead letter that was redriven for another attempt.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient

from gridwix_gateway.documents import Document


@dataclass(frozen=True, slots=True)
class TargetMessage:
    """An SQS message for the target sender, which delivers items from partners.

    Args:
        message_id: Id of the message in SQS.
        target: Target of a redriven dead letter; "" if the message only wakes the sender.
        number: Number of the event for which the delivery is to be retried; 0 if the message only
            wakes the sender.
    """

    message_id: str
    target: str = ""
    number: int = 0


def read_messages(event: Mapping[str, Any]) -> Sequence[TargetMessage]:
    """Return the messages in an SQS event for the target sender, which delivers partners' items.

    An unreadable message counts as a wake message, which only starts the sender.

    >>> read_messages({"Records": [{"messageId": "m1", "body": "?"}]})
    [TargetMessage(message_id='m1', target='', number=0)]
    """
    return [_read_message(record) for record in event.get("Records", ())]


def batch_response(failed: Sequence[TargetMessage]) -> Document:
    """Return the partial batch response by which SQS redelivers the failed messages."""
    return {"batchItemFailures": [{"itemIdentifier": one.message_id} for one in failed]}


def send_wake_message(client: BaseClient, queue_url: str) -> None:
    """Send an SQS message that wakes the target sender, which delivers items from partners.

    Best effort: a schedule wakes the sender if the message is lost.

    Args:
        client: botocore's client of SQS.
        queue_url: URL of the sender's queue.
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
