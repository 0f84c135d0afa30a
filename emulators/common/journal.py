"""Journal of the requests that an emulator has answered, for tests.

A test can count the requests and search their bodies.
"""

import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(slots=True)
class Entry:
    """One recorded request with the status and the duration of its response."""

    number: int
    at: float
    method: str
    path: str
    status: int
    milliseconds: float
    request_bytes: int
    body: bytes
    request_id: str = ""
    """Value of the request's header ``X-Request-ID``."""


class Journal:
    """The newest requests to the emulator since the last ``clear``.

    The journal keeps at most ``keep`` requests, and at most ``keep_bytes`` bytes of request bodies.
    It always keeps the last request.
    """

    def __init__(self, keep: int = 5_000, keep_bytes: int = 256_000_000) -> None:
        self._keep, self._keep_bytes = keep, keep_bytes
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._number = 0

    def record(self, **fields: Any) -> None:
        self._number += 1
        self._entries.append(Entry(number=self._number, **fields))
        self._bytes += len(self._entries[-1].body)
        # Whole files pass through, so the number of requests alone does not bound the memory.
        while len(self._entries) > self._keep or (
            self._bytes > self._keep_bytes and len(self._entries) > 1
        ):
            self._bytes -= len(self._entries.popleft().body)

    def clear(self) -> None:
        self._entries.clear()
        self._bytes = 0

    def entries(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the recorded requests after number ``since``, oldest first.

        The bodies are decoded as text. A long body was already cut when it was recorded.
        """
        found = [asdict(entry) for entry in self._entries if entry.number > since]
        for entry in found:
            entry["body"] = entry["body"].decode("utf-8", "replace")
        return found

    def counts(self) -> dict[str, int]:
        """Return the number of recorded requests by ``"METHOD path status"``."""
        totals: dict[str, int] = {}
        for entry in self._entries:
            key = f"{entry.method} {entry.path} {entry.status}"
            totals[key] = totals.get(key, 0) + 1
        return totals


class JournalMiddleware:
    """ASGI middleware that records each request in the journal.

    It wraps the middleware of injected faults, so that it also records a request that was made to
    fail (status 0: the connection was closed). It stores only the first ``max_body_bytes`` bytes of
    a body, because uploads of whole files would fill the memory.
    """

    def __init__(self, app: ASGIApp, journal: Journal, max_body_bytes: int = 5_000_000) -> None:
        self.app = app
        self.journal = journal
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/__emulator"):
            await self.app(scope, receive, send)
            return
        begun, chunks, size, status = time.time(), [], 0, 0

        async def receive_and_record() -> Message:
            nonlocal size
            message = await receive()
            chunk = message.get("body", b"")
            if chunk and size < self.max_body_bytes:
                chunks.append(chunk[: self.max_body_bytes - size])
            size += len(chunk)
            return message

        async def send_and_record(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive_and_record, send_and_record)
        finally:
            self.journal.record(
                at=begun,
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=(time.time() - begun) * 1000,
                request_bytes=size,
                body=b"".join(chunks),
                request_id=Headers(scope=scope).get("x-request-id", ""),
            )
