"""The HTTP server that receives the webhooks of the gateway under test."""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override

MAX_BODY = 1024 * 1024
MAX_KEPT = 5_000
"""Maximum number of webhooks that are kept; later ones are answered and dropped."""
SOCKET_SECONDS = 30.0
SHUTDOWN_POLL = 0.05
"""Maximum delay, in seconds, until the server notices that it is to shut down."""
MAX_CONNECTIONS = 32
"""Maximum number of connections at a time; more are closed at once, and the sender retries."""


@dataclass(frozen=True)
class Webhook:
    """A webhook that the receiver got.

    ``headers`` have lowercase names, ``answered`` is the HTTP status of the answer, and ``at`` is
    in Unix seconds.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes
    answered: int
    at: float

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__(address, handler)

    @override
    def verify_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any
    ) -> bool:
        return self._free.acquire(blocking=False)

    @override
    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any
    ) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    @override
    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any
    ) -> None:
        """Print nothing: only the sender needs to know of a broken connection."""


class Receiver:
    """HTTP server that receives the webhooks of the gateway under test, at unguessable paths.

    ``public_url`` is the address of the server as the gateway sees it. Call ``close`` at the end.

    Args:
        host: The address to listen at.
        port: The port; 0 for a free one.
        public_url: The address as the gateway sees it; None for the one to listen at.

    Raises:
        OSError: The server cannot listen at the address.
    """

    def __init__(self, host: str, port: int, public_url: str | None = None) -> None:
        self._received: list[Webhook] = []
        self._answers: dict[str, Callable[[Webhook], int]] = {}
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = SOCKET_SECONDS

            def do_POST(self) -> None:
                length = self.headers.get("content-length", "")
                if not (length.isascii() and length.isdigit() and int(length[:9]) <= MAX_BODY):
                    self._answer(413)
                    return
                body = self.rfile.read(int(length))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._answer(outer._receive(self.path, headers, body))

            def _answer(self, status: int) -> None:
                self.close_connection = True
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Log nothing: standard error is for the report."""

        self._server = _Server((host, port), Handler)
        bound = f"http://{host}:{self._server.server_address[1]}"
        self.public_url = (public_url or bound).rstrip("/")
        threading.Thread(
            target=self._server.serve_forever, args=[SHUTDOWN_POLL], daemon=True
        ).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def open_path(self, answer: Callable[[Webhook], int] = lambda _: 202) -> tuple[str, str]:
        """Open a path at which webhooks are received.

        Args:
            answer: Returns the HTTP status with which a webhook is answered.

        Returns:
            The path, and the URL to register at the gateway.
        """
        path = f"/{secrets.token_urlsafe(24)}"
        with self._lock:
            self._answers[path] = answer
        # The public address may have a path of its own, which a proxy removes or keeps.
        return path, f"{self.public_url}{path}"

    def received(self, path: str) -> list[Webhook]:
        """Return the webhooks that came to a path, oldest first."""
        with self._lock:
            return [webhook for webhook in self._received if webhook.path.endswith(path)]

    def _receive(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        with self._lock:
            known = next((one for one in self._answers if path.endswith(one)), None)
            if known is None:
                return 404
            webhook = Webhook(path, headers, body, 0, time.time())
            status = self._answers[known](webhook)
            if len(self._received) < MAX_KEPT:
                self._received.append(replace(webhook, answered=status))
            return status
