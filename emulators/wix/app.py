"""The Wix emulator as an ASGI application. Each API of the site is a list of operations."""

import contextlib
import uuid
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulators.common.control import LoopbackOnly, control_routes
from emulators.common.faults import FaultMiddleware
from emulators.common.journal import JournalMiddleware
from emulators.wix import (
    activity_pages,
    bulk_api,
    collections_api,
    contacts_api,
    control,
    crm_control,
    folders_api,
    forms_api,
    inbox_api,
    items_api,
    media_api,
    media_control,
    media_pages,
    media_transfer,
    members_api,
    oauth_api,
    pages,
    submissions_api,
    webhooks_control,
)
from emulators.wix.endpoint import routes
from emulators.wix.errors import WixError
from emulators.wix.site import Site, new_site

OPERATIONS = [
    *bulk_api.OPERATIONS,
    *items_api.OPERATIONS,
    *collections_api.OPERATIONS,
    *forms_api.OPERATIONS,
    *submissions_api.OPERATIONS,
    *contacts_api.OPERATIONS,
    *members_api.OPERATIONS,
    *media_api.OPERATIONS,
    *folders_api.OPERATIONS,
    *inbox_api.OPERATIONS,
]


def build_app(site: Site | None = None) -> Starlette:
    """Return the emulator as an ASGI application for a site, by default a new one in memory.

    ``app.state.site`` holds the site.
    """
    site = site or new_site()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        site.webhooks.resume()
        site.media.resume()
        yield
        await site.outgoing.close()

    app = Starlette(
        routes=[
            *oauth_api.routes(site),
            *routes(site, OPERATIONS),
            *control.routes(site),
            *crm_control.routes(site),
            *webhooks_control.routes(site),
            *media_control.routes(site),
            *media_transfer.routes(site),
            *control_routes(site.faults, site.journal, site.clock),
            *pages.routes(site),
            *activity_pages.routes(site),
            *media_pages.routes(site),
        ],
        middleware=[
            Middleware(RequestIds),
            Middleware(LoopbackOnly),
            Middleware(JournalMiddleware, journal=site.journal),
            Middleware(FaultMiddleware, plan=site.faults),
        ],
        exception_handlers={404: _answer_not_found, 405: _answer_not_allowed},
        lifespan=lifespan,
    )
    app.state.site = site
    return app


async def _answer_not_found(_: Request, __: Exception) -> Response:
    return WixError("NOT_FOUND", "There is no such path").response()


async def _answer_not_allowed(_: Request, error: Exception) -> Response:
    answer = WixError("METHOD_NOT_ALLOWED", "The path does not take this method").response()
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


class RequestIds:
    """ASGI middleware that adds ``X-Wix-Request-Id`` to each response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-wix-request-id", str(uuid.uuid4()).encode()),
                ]
            await send(message)

        await self.app(scope, receive, send_with_id if scope["type"] == "http" else send)
