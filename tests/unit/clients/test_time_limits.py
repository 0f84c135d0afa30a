"""An exchange ends in time over a real socket, wherever its bytes drip."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from gridwix.clients.http import Sender, new_client
from gridwix.clients.http_messages import Call, HttpResponse
from gridwix.clients.time_limits import limited_timeouts
from gridwix.errors import Unavailable

LIMIT = 0.5
"""Seconds of an exchange in these tests."""

DRIPS_OF_A_SERVER = 3_000
"""Bytes that the server drips, for far longer than the limit, before it hangs up itself."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

DRIPS = {
    "status line": b"",
    "headers": b"HTTP/1.1 200 OK\r\nX-Long: ",
    "body": HEAD + b"Content-Length: 100000\r\n\r\n",
    "size of a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
    "compressed body": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n"
    # The name of a file follows, which is as long as it is.
    b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03",
}


@contextmanager
def dripping_server(start: bytes) -> Iterator[str]:
    """A server that sends ``start`` and then a byte now and again, until its client hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def drip(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(start)
                    for _ in range(DRIPS_OF_A_SERVER):
                        if over.wait(0.02):
                            return
                        connection.sendall(b"0")
                except OSError:
                    return

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            over.set()


def new_sender(http: httpx.Client, auth: httpx.Auth | None = None) -> Sender:
    return Sender(
        http, auth or httpx.Auth(), system="vendor", response_seconds=LIMIT, stream_seconds=LIMIT
    )


@pytest.mark.parametrize("start", DRIPS.values(), ids=DRIPS)
def test_answer_that_drips_is_given_up_when_its_time_is_over(start: bytes) -> None:
    with dripping_server(start) as url, new_client() as http, pytest.raises(Unavailable) as caught:
        new_sender(http).send(Call("write", "POST", url, content=b"x"))

    assert caught.value.ambiguous
    assert re.search("ReadTimeout|takes too long", str(caught.value))


@pytest.mark.parametrize("start", DRIPS.values(), ids=DRIPS)
def test_stream_that_drips_is_given_up_when_its_time_is_over(start: bytes) -> None:
    with (
        dripping_server(start) as url,
        new_client() as http,
        pytest.raises(Unavailable, match="ReadTimeout"),
        new_sender(http).stream(Call("content", "GET", url)) as pieces,
    ):
        assert not isinstance(pieces, HttpResponse)
        for _ in pieces:
            pass


def test_limit_leaves_the_timeouts_as_they_are_until_it_passes() -> None:
    timeouts = limited_timeouts(httpx.Timeout(15.0, connect=3.0), 60.0)

    assert timeouts == {"connect": 3.0, "read": 15.0, "write": 15.0, "pool": 15.0}


def test_connection_that_is_kept_serves_the_next_exchange_in_full_time() -> None:
    """The limit is the request's, not the connection's."""
    served = []

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while connection.recv(65536):
                    served.append(1)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with new_client() as http:
            sender = new_sender(http)
            sender.send(Call("read", "GET", url, safe=True))
            time.sleep(LIMIT * 1.2)
            answer = sender.send(Call("read", "GET", url, safe=True))

    assert answer.body == b"{}"
    assert len(served) == 2
