"""A server in front of an application, whose responses deviate as a test says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOVED = "/moved"
"""Prefix of the paths to which :func:`redirect` leads. The application does not see it."""


class Reply(NamedTuple):
    """A response. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


type Deviation = Callable[[str, str, Reply], Reply]
"""Method, path and reply of the application to what the client gets."""


def unchanged(method: str, path: str, reply: Reply) -> Reply:
    """The application's own reply."""
    return reply


@dataclass
class DeviatingServer:
    """ASGI application: ``app`` with replies that deviate.

    ``redirect_to`` is an address; if there is one, each request is redirected to its path there
    with ``redirect_status``, before the application sees it.
    """

    app: ASGIApp
    deviation: Deviation = unchanged
    redirect_to: str | None = None
    redirect_status: int = 307
    seen: list[tuple[str, str]] = field(default_factory=list)

    def reset(self) -> None:
        self.deviation, self.redirect_to = unchanged, None
        self.seen.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/__emulator"):
            await self.app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        self.seen.append((method, path))
        if path.startswith(MOVED):
            raw = scope["raw_path"].removeprefix(MOVED.encode())
            scope = {**scope, "path": path.removeprefix(MOVED), "raw_path": raw}
        elif self.redirect_to is not None:
            query = scope["query_string"].decode()
            place = f"{self.redirect_to}{scope['raw_path'].decode()}" + (
                f"?{query}" if query else ""
            )
            await _drain(receive)
            await _send_reply(send, Reply(self.redirect_status, {"location": place}, b""))
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        headers = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
        body = b"".join(message.get("body", b"") for message in messages[1:])
        reply = self.deviation(method, scope["path"], Reply(messages[0]["status"], headers, body))
        await _send_reply(send, reply)


def of_documents(change: Callable[[Any], Any]) -> Deviation:
    """A deviation that changes the JSON document of each success."""

    def deviate(method: str, path: str, reply: Reply) -> Reply:
        if reply.status >= 300 or "json" not in reply.headers.get("content-type", ""):
            return reply
        return reply._replace(body=json.dumps(change(json.loads(reply.body))).encode())

    return deviate


def of_objects(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Deviation:
    """A deviation that changes each object in each document, the inner ones first."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return change({name: walk(member) for name, member in value.items()})
        return [walk(one) for one in value] if isinstance(value, list) else value

    return of_documents(walk)


def without(*names: str) -> Deviation:
    """A deviation that leaves members out, wherever they are."""
    return of_objects(
        lambda found: {name: value for name, value in found.items() if name not in names}
    )


def nulled(*names: str) -> Deviation:
    """A deviation that writes members as null, wherever a record could have them."""
    return of_objects(
        lambda found: (
            {**found, **dict.fromkeys(names)} if "id" in found or "key" in found else found
        )
    )


async def _drain(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        pass


async def _send_reply(send: Send, reply: Reply) -> None:
    headers = {name: value for name, value in reply.headers.items() if name != "content-length"}
    if reply.status != 204:
        headers["content-length"] = str(len(reply.body))
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": reply.body})
