"""Reading requests and writing answers, the same for every API of the site."""

import base64
import binascii
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulators.wix.errors import WixError
from emulators.wix.site import Site

MAX_BODY_BYTES = 8 * 1024 * 1024

type Body = dict[str, Any]
type Handler = Callable[[Request], Awaitable[Response]]


class RequestIds:
    """Puts ``X-Wix-Request-Id`` on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-wix-request-id", str(uuid.uuid4()).encode())]
            await send(message)

        await self.app(scope, receive, tell if scope["type"] == "http" else send)


def guarded(site: Site, work: Callable[[Request, Body], Awaitable[Body]]) -> Handler:
    """An API method: credentials, quota and body are checked, ``work`` answers, errors become Wix's error body. 200 is the only success."""

    async def handle(request: Request) -> Response:
        try:
            site.auth.check(request.headers)
            site.quota.take()
            if not site.cms_installed:
                raise WixError("WDE0110", "The CMS app is not installed on the site")
            return JSONResponse(await work(request, await read_body(request)))
        except WixError as error:
            return error.response()

    return handle


async def read_body(request: Request) -> Body:
    """The JSON object of the request: its body, its ``.r`` parameter (base64url of JSON), or its flat parameters. Raises WixError."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise WixError("WDE0109", "The payload is too large")
    if not raw and (packed := request.query_params.get(".r")):
        try:
            raw = bytearray(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        except (binascii.Error, ValueError):
            raise WixError("WDE0075", ".r is not base64url") from None
    if not raw:
        return dict(request.query_params)
    try:
        body = json.loads(bytes(raw))
    except (ValueError, RecursionError):
        raise WixError("WDE0075", "The body is not JSON") from None
    if not isinstance(body, dict):
        raise WixError("WDE0075", "The body is not an object")
    return {**request.query_params, **body}


def flag(value: Any) -> bool:
    """A boolean of a body, or of a query string."""
    return value is True or value == "true"


def whole(value: Any, default: int) -> int:
    try:
        return default if value is None else int(value)
    except (TypeError, ValueError):
        raise WixError("WDE0075", "A number is expected") from None
