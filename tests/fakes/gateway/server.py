"""The gateway behind an HTTP server, which turns requests into API Gateway's proxy events."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.common.clock import Clock
from gridwix_gateway.api.application import Application, RequestEntry
from gridwix_gateway.api.authentication import (
    TOKEN_SEGMENTS,
    Authenticator,
    Consumer,
    Credentials,
    CredentialStore,
)
from gridwix_gateway.api.messages import Request as GatewayRequest
from gridwix_gateway.api.messages import Response as GatewayResponse
from gridwix_gateway.api.routers import ROUTERS
from gridwix_gateway.api.services import Services
from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.records import Records
from gridwix_gateway.store.table import Table
from gridwix_gateway.webhooks.addresses import check_url
from tests.fakes.gateway.bucket import PREFIX, ServedContent
from tests.fakes.gateway.local_senders import LocalSenders
from tests.fakes.gateway.memory_table import MemoryTable

COMPANY = "GC00700011NR"
TYPE_PREFIX = "net.example.tg."
CONSUMER = Consumer("gateway-consumer", "gateway-consumer-secret", frozenset({"community"}))
DESK = Consumer("gateway-desk", "gateway-desk-secret-1", frozenset({"community", "desk"}))


class FixedCredentials(CredentialStore):
    """Credentials that a test changes."""

    def __init__(self, *consumers: Consumer) -> None:
        self.credentials = Credentials(consumers or (CONSUMER, DESK), b"0" * 32)
        self.refreshes = 0

    def read(self, *, refresh: bool = False) -> Credentials:
        self.refreshes += refresh
        return self.credentials


class GatewayParts:
    """A gateway over a table, with a clock that a test moves.

    Args:
        table: The table; one in memory without it.
        clock: The clock of the table's server, of tokens and of the feed.
        sleep: Waits between the attempts of a commit.
        services: Other members of ``Services``.
    """

    def __init__(
        self,
        table: Table | None = None,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        **services: Any,
    ) -> None:
        self.clock = clock or Clock()
        self.table = table or MemoryTable(self.clock.now)
        self.commits = Commits(self.table, COMPANY, TYPE_PREFIX, sleep=sleep)
        self.credentials = FixedCredentials()
        self.log: list[RequestEntry] = []
        self.content = ServedContent(self.clock.now)
        feed = Feed(self.table, self.clock.now)
        self.senders = LocalSenders(self.table, feed, self.clock.now)
        members: dict[str, Any] = {
            "table": self.table,
            "commits": self.commits,
            "records": Records(self.table),
            "feed": feed,
            "content": self.content,
            "check_webhook_url": lambda url: check_url(url, "any"),
            "announce_commit": self.senders.wake_senders,
        }
        self.services = Services(**members | services)
        authenticator = Authenticator(self.credentials, lambda: self.clock.now().timestamp())
        self.application = Application(self.services, authenticator, ROUTERS, self.log.append)

    def token(self, consumer: Consumer = CONSUMER) -> str:
        """Return a new token of a consumer."""
        basic = base64.b64encode(f"{consumer.key}:{consumer.secret}".encode()).decode()
        request = GatewayRequest(
            "POST",
            TOKEN_SEGMENTS,
            (("grant_type", "client_credentials"),),
            {"authorization": f"Basic {basic}"},
        )
        document = self.application.answer_request(request).document
        assert document is not None
        return str(document["access_token"])

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        consumer: Consumer = CONSUMER,
    ) -> GatewayResponse:
        """Call a path below ``/community/v1`` with a new token, without HTTP."""
        path, _, query = path.partition("?")
        request = GatewayRequest(
            method,
            ("community", "v1", *path.removeprefix("/").split("/")),
            tuple(parse_qsl(query, keep_blank_values=True)),
            {
                "authorization": f"Bearer {self.token(consumer)}",
                "content-type": "application/json",
                **(headers or {}),
            },
            b"" if body is None else json.dumps(body).encode(),
            "request-1",
        )
        return self.application.answer_request(request)


def build_server(
    handle: Callable[[Document], Document], bucket: ServedContent | None = None
) -> ASGIApp:
    """Return a server that answers each request by a function of its proxy event.

    Args:
        handle: The function.
        bucket: A bucket that the server serves beside it.
    """

    # Not by a route of Starlette, whose pattern for a path ends at a line feed.
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if bucket is not None and request.url.path.startswith(PREFIX):
            stored = await bucket.answer(request)
            await stored(scope, receive, send)
            return
        event = rest_api_event(request, await request.body())
        answer = await run_in_threadpool(handle, event)
        body = answer["body"]
        content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
        response = Response(content, answer["statusCode"], headers=answer["headers"])
        await response(scope, receive, send)

    return serve


def rest_api_event(request: Request, body: bytes) -> Document:
    """Return a request as the template's REST API passes it on, in payload format 1.0.

    The path is as it was sent, parameters are decoded, and each body is in base64, as all media
    types are binary.
    """
    query: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        query.setdefault(name, []).append(value)
    return {
        "resource": "/{proxy+}",
        "path": request.scope["raw_path"].decode(),
        "httpMethod": request.method,
        "headers": {name.title(): value for name, value in request.headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": {"stage": "live", "path": f"/live{request.scope['raw_path'].decode()}"},
        "body": base64.b64encode(body).decode() or None,
        "isBase64Encoded": bool(body),
    }
