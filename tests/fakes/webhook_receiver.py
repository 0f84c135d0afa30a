"""A webhook endpoint on a port of this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ops.waiting import wait_for
from tests.fakes.gateway.hubs import ProfileClient


class Receiver:
    """A webhook endpoint that records requests; ``answers`` are the next statuses, then 202."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append(
                    ({name.lower(): value for name, value in self.headers.items()}, body)
                )
                status, headers = outer.answers.pop(0) if outer.answers else (202, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        wait_for(
            lambda: len(self.got) >= count, f"{count} webhooks", progress=lambda: len(self.got)
        )
        return self.got


@contextmanager
def open_receiver() -> Iterator[Receiver]:
    """Open an endpoint for the block."""
    found = Receiver()
    try:
        yield found
    finally:
        found.server.shutdown()
        found.server.server_close()


def register_receiver(
    grid: ProfileClient, receiver: Receiver, types: list[str] | None = None
) -> dict[str, Any]:
    """Register an endpoint for all events, or for those of some types."""
    answer = grid.client.post(
        "/webhook-endpoints", json={"url": receiver.url, **({"types": types} if types else {})}
    )
    assert answer.status_code == 201
    endpoint: dict[str, Any] = answer.json()
    return endpoint
