"""Passing connections on, for functions that run in containers."""

import socket
import threading
from collections.abc import Iterator

import pytest

from ops.forward import forward_ports
from ops.local_cloud import reserve_port
from ops.waiting import STANDSTILL


def shout(port: int) -> None:
    """A server for one connection that answers everything it was sent in capital letters."""
    listener = socket.create_server(("127.0.0.1", port))

    def serve() -> None:
        connection, _ = listener.accept()
        with listener, connection:
            received = b"".join(iter(lambda: connection.recv(65536), b""))
            connection.sendall(received.upper())

    threading.Thread(target=serve, daemon=True).start()


def ask(address: str, port: int, question: bytes) -> bytes:
    with socket.create_connection((address, port), timeout=STANDSTILL) as connection:
        connection.sendall(question)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture
def port() -> Iterator[int]:
    """A port where nobody listens yet."""
    with reserve_port() as found:
        yield found


def test_forwarded_passes_every_byte_on_and_the_answer_back(port: int) -> None:
    shout(port)
    question = b"hello " * 100_000

    with forward_ports("127.0.0.2", [port]):
        answer = ask("127.0.0.2", port, question)

    assert answer == question.upper()


def test_forwarded_to_a_port_where_nobody_listens_closes_the_connection(port: int) -> None:
    with forward_ports("127.0.0.2", [port]):
        assert ask("127.0.0.2", port, b"") == b""


def test_forwarded_ends_with_its_block(port: int) -> None:
    with forward_ports("127.0.0.2", [port]):
        pass

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=STANDSTILL)
