"""Forwards TCP ports of another local address to the loopback interface, for containers."""

import contextlib
import socket
import threading
from collections.abc import Iterable, Iterator
from socketserver import BaseRequestHandler, ThreadingTCPServer

CHUNK = 64 * 1024
"""Bytes per read."""


@contextlib.contextmanager
def forward_ports(address: str, ports: Iterable[int]) -> Iterator[None]:
    """Forward each connection to ``address`` and one of ``ports`` to the same port of 127.0.0.1.

    Lasts as long as the block.
    """
    with contextlib.ExitStack() as running:
        for port in ports:
            server = running.enter_context(_Forwarder((address, port), _Connection))
            threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
            ).start()
            running.callback(server.shutdown)
        yield


class _Forwarder(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


class _Connection(BaseRequestHandler):
    def handle(self) -> None:
        near: socket.socket = self.request
        _, port = near.getsockname()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as far:
            back = threading.Thread(target=_copy_stream, args=[far, near], daemon=True)
            back.start()
            _copy_stream(near, far)
            back.join()


def _copy_stream(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(CHUNK):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
