"""A layer in front of a gateway that spoils one thing: requests, responses or webhooks."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BASE = "/community/v1"

type Document = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A request before the gateway gets it. ``path`` is the one after the base, if it is there."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    inside: bool = True

    @property
    def document(self) -> Document:
        found: Document = json.loads(self.body)
        return found

    @property
    def parts(self) -> list[str]:
        return self.path.strip("/").split("/")

    def value(self, name: str) -> str | None:
        """Return the first value of a query parameter."""
        return next((value for key, value in self.query if key == name), None)

    def with_query(self, **changes: str | None) -> "Request":
        """Return the request with other query parameters; None removes one."""
        kept = tuple((key, value) for key, value in self.query if key not in changes)
        added = tuple((key, value) for key, value in changes.items() if value is not None)
        return replace(self, query=kept + added)

    def with_header(self, name: str, value: str | None) -> "Request":
        """Return the request with another header; None removes it."""
        headers = {key: kept for key, kept in self.headers.items() if key != name}
        return replace(self, headers=headers if value is None else {**headers, name: value})

    def with_document(self, document: Document) -> "Request":
        """Return the request with another JSON body."""
        return replace(self, body=json.dumps(document).encode())


@dataclass(frozen=True)
class Answer:
    """A response before the caller gets it. The names of the headers are lowercase."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Document:
        found: Document = json.loads(self.body)
        return found

    @property
    def is_json(self) -> bool:
        return "json" in self.headers.get("content-type", "")

    def with_document(self, document: Document) -> "Answer":
        """Return the answer with another JSON body."""
        return replace(self, body=json.dumps(document).encode())

    def with_header(self, name: str, value: str | None) -> "Answer":
        """Return the answer with another header; None removes it."""
        headers = {key: kept for key, kept in self.headers.items() if key != name}
        return replace(self, headers=headers if value is None else {**headers, name: value})


type Forward = Callable[[Request], Awaitable[Answer]]
type Fault = Callable[[Request, Forward], Awaitable[Answer]]


def json_answer(status: int, document: Document) -> Answer:
    """Return an answer with a JSON body, a problem for an error."""
    kind = "application/problem+json" if status >= 400 else "application/json"
    return Answer(status, {"content-type": kind}, json.dumps(document).encode())


def problem_answer(status: int, code: str) -> Answer:
    """Return a problem of the profile."""
    members = {"type": "about:blank", "title": code, "detail": code, "requestId": "1"}
    return json_answer(status, {**members, "status": status, "code": code})


class FaultyGateway:
    """An ASGI application in front of another one. ``fault`` is None or the planted fault.

    Paths under ``/__emulator`` never fail.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.fault: Fault | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self.fault
        if fault is None or scope["type"] != "http" or scope["path"].startswith("/__emulator"):
            await self.app(scope, receive, send)
            return

        async def forward(request: Request) -> Answer:
            return await self._call(scope, request)

        answer = await fault(await _read_request(scope, receive), forward)
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (name.encode(), value.encode())
                    for name, value in answer.headers.items()
                    if name != "content-length"
                ]
                + (
                    []
                    if answer.status in (204, 304)
                    else [(b"content-length", str(len(answer.body)).encode())]
                ),
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    async def _call(self, scope: Scope, request: Request) -> Answer:
        path = (BASE if request.inside else "") + request.path
        headers = {**request.headers, "content-length": str(len(request.body))}
        inner: MutableMapping[str, Any] = {
            **scope,
            "method": request.method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(request.query).encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        sent = False
        status, received, body = 0, dict[str, str](), bytearray()

        async def receive() -> Message:
            nonlocal sent
            if sent:
                # A response that is streamed waits here for the end of the connection.
                await asyncio.Event().wait()
            sent = True
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                for name, value in message["headers"]:
                    received[name.decode().lower()] = value.decode()
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await self.app(inner, receive, send)
        return Answer(status, received, bytes(body))


async def _read_request(scope: Scope, receive: Receive) -> Request:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    path = scope["path"]
    return Request(
        scope["method"],
        path.removeprefix(BASE),
        tuple(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
        {name.decode().lower(): value.decode() for name, value in scope["headers"]},
        bytes(body),
        path.startswith(BASE),
    )
