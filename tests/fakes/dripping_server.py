"""A server that answers a byte at a time, for as long as the client stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, ClassVar


class Drip(BaseHTTPRequestHandler):
    """Answers a byte at a time, and stops when the client hangs up.

    ``/head`` never ends its headers, ``/body`` its body. ``sent`` counts the bytes.
    """

    sent: ClassVar[int] = 0
    hung_up: ClassVar[Event] = Event()

    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.wfile.write(b"X-Slow: " if self.path == "/head" else b"Content-Length: 1000\r\n\r\n")
        pause = Event()
        try:
            while True:
                self.wfile.write(b"x")
                type(self).sent += 1
                pause.wait(0.02)
        except OSError:
            self.hung_up.set()

    def log_message(self, *_: Any) -> None:
        """Prints nothing."""


@contextmanager
def dripping_server() -> Iterator[str]:
    """The host and port of such a server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Drip)
    Drip.sent, Drip.hung_up = 0, Event()
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
