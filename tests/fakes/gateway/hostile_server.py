"""An HTTP server that answers as it likes, byte by byte."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer

type Answer = Callable[["Peer"], None]


@dataclass
class Peer:
    """A connection of a client, after it has sent its request."""

    socket: socket.socket
    stopping: threading.Event
    sent: list[int] = field(default_factory=list)

    def send(self, data: bytes) -> None:
        """Send bytes. Raises OSError once the client has gone."""
        self.socket.sendall(data)
        self.sent.append(len(data))

    def send_forever(self, data: bytes, pause: float = 0.0) -> None:
        """Send the same bytes until the client has gone."""
        with suppress(OSError):
            while not self.stopping.wait(pause) if pause else not self.stopping.is_set():
                self.send(data)


@dataclass
class HostileServer:
    """A running server: its URL, and what was sent to it and by it."""

    url: str
    requests: list[str] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)


@contextmanager
def serve_answers(answer: Answer) -> Iterator[HostileServer]:
    """Serve on this machine. ``answer`` writes everything, status line and headers included."""
    stopping = threading.Event()
    running = HostileServer("")

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                part = self.request.recv(65_536)
                if not part:
                    return
                head += part
            running.requests.append(head.decode("latin-1"))
            with suppress(OSError):
                answer(Peer(self.request, stopping, running.sent))

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        running.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield running
        finally:
            stopping.set()
            server.shutdown()
