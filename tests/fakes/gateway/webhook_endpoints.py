"""Endpoints of webhooks in memory, and the messages that wake senders."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from gridwix_gateway.documents import Document
from gridwix_gateway.webhooks.ports import EndpointAnswer, Waker, WebhookClient


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook that an endpoint has received."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> Document:
        found: Document = json.loads(self.body)
        return found

    @property
    def number(self) -> int:
        return int(self.event["sequence"])


class Endpoints(WebhookClient):
    """Endpoints that record what they receive.

    ``answer`` decides what one answers; without it, 204.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[Received], EndpointAnswer] = lambda _: EndpointAnswer(204)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> EndpointAnswer:
        webhook = Received(url, headers, body)
        self.received.append(webhook)
        return self.answer(webhook)

    def numbers(self, url: str) -> list[int]:
        """Return the numbers of the events that an endpoint has received, in order."""
        return [webhook.number for webhook in self.received if webhook.url == url]

    @contextmanager
    def connect(self) -> Iterator["Endpoints"]:
        yield self


class Wakes(Waker):
    """Records who is woken, and after how many seconds."""

    def __init__(self) -> None:
        self.senders: list[tuple[str, float]] = []
        self.all = 0

    def wake_senders(self) -> None:
        self.all += 1

    def wake_sender(self, endpoint: str, delay: float) -> None:
        self.senders.append((endpoint, delay))
