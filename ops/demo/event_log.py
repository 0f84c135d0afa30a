"""Records the events of the EventBridge bus during the demo, in a queue of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridwix.models.events import TRADING_GRID_SOURCE
from ops.stack import Stack


@dataclass(frozen=True, slots=True)
class BusMessage:
    """An event as a queue received it. ``at`` is the time when SQS got it (Unix seconds)."""

    at: float
    detail: Mapping[str, Any]


class BusEventLog:
    """Records all Trading Grid events on the bus, from its creation on.

    It adds a rule and a queue to the bus. They are never removed: they disappear with the local
    cloud.
    """

    def __init__(self, stack: Stack) -> None:
        self._sqs = stack.aws.sqs
        self._received: list[BusMessage] = []
        name, bus = f"{stack.name}-event-log", stack.output("BusName")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])[
            "Attributes"
        ]["QueueArn"]
        stack.aws.events.put_rule(
            Name=name, EventBusName=bus, EventPattern=json.dumps({"source": [TRADING_GRID_SOURCE]})
        )
        stack.aws.events.put_targets(
            Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}]
        )

    def read_events(self) -> list[BusMessage]:
        """Return all events so far, in the order of arrival."""
        while messages := self._receive():
            self._received += messages
        return sorted(self._received, key=lambda message: message.at)

    def _receive(self) -> list[BusMessage]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        found = []
        for message in answer.get("Messages", []):
            found.append(
                BusMessage(
                    int(message["Attributes"]["SentTimestamp"]) / 1000,
                    json.loads(message["Body"])["detail"],
                )
            )
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return found
