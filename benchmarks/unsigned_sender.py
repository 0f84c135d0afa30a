"""Sends unsigned requests to a webhook at a constant rate, from a process of its own and over plain
sockets.

So it takes little of the processors, and nothing of the interpreter that measures the signed
requests.
"""

import json
import socket
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from urllib.parse import urlsplit

CONNECTIONS = 16
BODY = b'{"specversion": "1.0"}'
NO_ANSWER = 0
"""Status of a request whose connection broke off."""


class Connection:
    """A persistent connection that sends the same request again and again."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._request = (
            f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"
        ).encode() + BODY
        self._socket: socket.socket | None = None

    def post(self) -> int:
        """Send the request; return the status of the response, or NO_ANSWER."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=60.0)
            self._socket.sendall(self._request)
            return self._read_status(self._socket)
        except (OSError, ValueError):
            self.close()
            return NO_ANSWER

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _read_status(self, connection: socket.socket) -> int:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive(connection)
        head, _, body = data.partition(b"\r\n\r\n")
        status, *lines = head.decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        missing = int(headers["content-length"]) - len(body)
        while missing > 0:
            missing -= len(self._receive(connection))
        if headers.get("connection") == "close":
            self.close()
        return int(status.split(" ")[1])

    def _receive(self, connection: socket.socket) -> bytes:
        if not (data := connection.recv(65_536)):
            raise ConnectionResetError
        return data


def send_unsigned(url: str, count: int, per_second: float) -> Counter[int]:
    """Send ``count`` requests at a constant rate; return the number of responses by status."""
    idle: SimpleQueue[Connection] = SimpleQueue()
    begun = time.monotonic()

    def post(number: int) -> int:
        time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        connection = idle.get()
        try:
            return connection.post()
        finally:
            idle.put(connection)

    connections = [Connection(url) for _ in range(CONNECTIONS)]
    for one in connections:
        idle.put(one)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        statuses = Counter(pool.map(post, range(count)))
    for one in connections:
        one.close()
    return statuses


def main(url: str, count: str, per_second: str) -> None:
    """Send the unsigned requests. Print a line at the beginning; at the end print the responses by
    status, the seconds, and the processor's seconds.
    """
    print("begins", flush=True)
    begun = time.monotonic()
    statuses = send_unsigned(url, int(count), float(per_second))
    print(json.dumps([dict(statuses), time.monotonic() - begun, time.process_time()]))


if __name__ == "__main__":
    main(*sys.argv[1:])
