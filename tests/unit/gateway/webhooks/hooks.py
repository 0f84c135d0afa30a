"""A gateway with webhook endpoints, and a clock that a test moves."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.webhooks.deliveries import Deliveries
from gridwix_gateway.webhooks.dispatch import due_endpoints, run_senders
from gridwix_gateway.webhooks.endpoints import get_endpoint, register_endpoint, start_replay
from gridwix_gateway.webhooks.sender import Report, SenderParts, send_webhooks
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.gateway.webhook_endpoints import Endpoints, Wakes

BEGIN = datetime(2026, 3, 12, 14, 0, tzinfo=UTC).timestamp()


def always() -> bool:
    return True


def allow(url: str) -> None:
    """Allow any URL."""


class Hooks:
    """The gateway. ``seconds`` is the time, in Unix seconds, of every clock."""

    def __init__(self) -> None:
        self.seconds = BEGIN
        self.table = MemoryTable(self.clock)
        self.commits = Commits(self.table, "GC1", "t.")
        self.feed = Feed(self.table, self.clock)
        self.endpoints = Endpoints()
        self.wakes = Wakes()
        self.parts = self.new_parts()

    def clock(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def new_parts(self, **changes: Any) -> SenderParts:
        parts: dict[str, Any] = {
            "table": self.table,
            "feed": self.feed,
            "connect": self.endpoints.connect,
            "waker": self.wakes,
            "clock": lambda: self.seconds,
            "monotonic": lambda: self.seconds,
            "jitter": lambda: 0.0,
            **changes,
        }
        return SenderParts(**parts)

    def register(self, name: str = "a", types: Sequence[str] = ()) -> Document:
        fields = {"url": f"https://{name}.example/hook", "types": list(types)}
        return self.commits.run(lambda draft: register_endpoint(draft, fields, allow))

    def replay(self, endpoint: Document, position: int) -> int:
        return self.commits.run(
            lambda draft: start_replay(draft, self.feed, endpoint["id"], position)
        )

    def add_events(self, count: int, event_type: str = "case.created") -> None:
        for _ in range(count):
            self.commits.run(lambda draft: _add_case(draft, event_type))

    def send(self, endpoint: Document, may_go_on: Callable[[], bool] = always) -> Report:
        return send_webhooks(self.parts, endpoint["id"], may_go_on)

    def run_due(self, seconds: float = 0.0) -> None:
        """Let the time pass, and run the senders that have something to send."""
        self.seconds += seconds
        for result in run_senders(self.parts, due_endpoints(self.parts), always).values():
            if isinstance(result, Exception):
                raise result

    def got(self, endpoint: Document) -> list[int]:
        return self.endpoints.numbers(endpoint["url"])

    def deliveries(self, endpoint: Document) -> list[Document]:
        found = Deliveries(self.table).list_newest(endpoint["id"], 200)
        return [delivery.document for delivery in found]

    def status(self, endpoint: Document) -> str:
        return str(get_endpoint(self.table, endpoint["id"])["status"])

    def due_items(self) -> int:
        return sum(key.pk.startswith("Q#") for key in self.table.items)


def _add_case(draft: Draft, event_type: str) -> None:
    draft.create("cases", {"id": f"c{draft.next_number}", "partnerId": "p1"}, event_type)
