"""Messages of SQS, and the rates at which a standard queue duplicates, delays and reorders them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from hashlib import md5
from typing import Any

from soak.resources import REGION

MAX_VISIBILITY = 43_200
"""Maximum seconds for which a message can be hidden after a receive."""


class State(IntEnum):
    """State of a message in a queue: visible (READY), in flight (HIDDEN), or delayed."""

    READY = 0
    HIDDEN = 1
    DELAYED = 2


class SqsRefusal(Exception):
    """SQS refuses a request; ``code`` is its error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Chances:
    """Rates, as shares (0 to 1), at which a standard queue duplicates, delays and reorders
    messages.

    ``received_twice``: of receives; another consumer gets the message as well, within ``within``
    seconds. ``comes_back``: of deletes; the message is received another time, within ``within``.
    ``late``: of sends; it is seen up to ``within`` seconds later than others. ``out_of_order``: of
    receives; the newest message comes instead of the oldest. ``until``: virtual time after which
    none of it happens.
    """

    received_twice: float = 0.0
    comes_back: float = 0.0
    late: float = 0.0
    out_of_order: float = 0.0
    within: float = 30.0
    until: float = float("inf")


NO_CHANCES = Chances()


class Message:
    """A message in a queue, or one of its duplicates. Times are Unix seconds."""

    __slots__ = (
        "attributes",
        "body",
        "digest",
        "entered",
        "first_received",
        "gone",
        "id",
        "number",
        "receipt",
        "received",
        "receives",
        "sent",
        "state",
        "timer",
    )

    def __init__(
        self, number: int, id_: str, body: str, attributes: Mapping[str, Any], sent: float
    ) -> None:
        self.number = number
        self.id = id_
        self.body = body
        self.attributes = attributes
        self.sent = sent
        self.entered = sent
        self.digest = ""
        self.receives = 0
        self.first_received = 0.0
        self.received = 0.0
        self.receipt = ""
        self.state = State.READY
        self.timer = 0
        self.gone = False


def lambda_record(message: Message, arn: str) -> dict[str, Any]:
    """Return a received message as a record of Lambda's SQS event; ``arn`` is the queue's."""
    if not message.digest:
        message.digest = md5(message.body.encode(), usedforsecurity=False).hexdigest()
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.receives),
            "SentTimestamp": str(int(message.sent * 1000)),
            "SenderId": "AROASOAK",
            "ApproximateFirstReceiveTimestamp": str(int(message.first_received * 1000)),
        },
        "messageAttributes": dict(message.attributes),
        "md5OfBody": message.digest,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }


def number_of_receipt(receipt: str, queue: str) -> int:
    """Return the number of the message with a receipt. Raises SqsRefusal if it is of another
    queue.
    """
    name, _, rest = receipt.partition("/")
    number = rest.partition("/")[0]
    if name != queue or not number.isdecimal():
        raise SqsRefusal(
            "ReceiptHandleIsInvalid", f'The input receipt handle "{receipt}" is invalid.'
        )
    return int(number)


def check_visibility(message: Message, seconds: float, now: float) -> None:
    """Raise SqsRefusal if a message in flight cannot be hidden for this number of further
    seconds.
    """
    if not 0 <= seconds <= MAX_VISIBILITY or now + seconds > message.received + MAX_VISIBILITY:
        raise SqsRefusal(
            "InvalidParameterValue",
            f"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Total"
            f" VisibilityTimeout for the message is beyond the limit [{MAX_VISIBILITY} seconds]",
        )
