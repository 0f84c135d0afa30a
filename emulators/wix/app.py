"""The Wix emulator as an ASGI application."""

import json
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.kit.control import LoopbackOnly, control_routes
from emulators.kit.faults import FaultMiddleware
from emulators.kit.journal import JournalMiddleware
from emulators.wix import bulk_api, collections_api, items_api, pages
from emulators.wix.errors import WixError, invalid
from emulators.wix.requests import RequestIds, read_body
from emulators.wix.site import Refusal, Site, new_site


def build(site: Site | None = None) -> Starlette:
    """The application around a site; ``app.state.site`` holds it."""
    site = site or new_site()
    app = Starlette(
        routes=[
            *_oauth_routes(site),
            *items_api.routes(site),
            *bulk_api.routes(site),
            *collections_api.routes(site),
            *_emulator_routes(site),
            *control_routes(site.faults, site.journal, site.clock),
            *pages.routes(site),
        ],
        middleware=[
            Middleware(LoopbackOnly),
            Middleware(RequestIds),
            Middleware(JournalMiddleware, journal=site.journal),
            Middleware(FaultMiddleware, plan=site.faults),
        ],
    )
    app.state.site = site
    return app


def _oauth_routes(site: Site) -> list[Route]:
    async def token(request: Request) -> Response:
        try:
            return JSONResponse(site.auth.token(await read_body(request)))
        except WixError as error:
            return error.response()

    async def token_info(request: Request) -> Response:
        try:
            body = await read_body(request)
        except WixError as error:
            return error.response()
        return JSONResponse(site.auth.token_info(str(body.get("token", ""))))

    return [Route("/oauth2/token", token, methods=["POST"]), Route("/oauth2/token-info", token_info, methods=["POST"])]


def _emulator_routes(site: Site) -> list[Route]:
    """What a test or a demo asks of the emulator itself."""

    async def info(request: Request) -> Response:
        return JSONResponse({"baseUrl": str(request.base_url).rstrip("/"), **site.auth.info()})

    async def items(request: Request) -> Response:
        collection = request.query_params["collection"]
        if request.method == "DELETE":
            site.items.forget(collection)
            return JSONResponse({})
        return Response(json.dumps({"items": site.items.all(collection)}, ensure_ascii=False), media_type="application/json")

    async def writes(request: Request) -> Response:
        wanted = request.query_params
        found = site.items.history(wanted["collection"], wanted.get("id"), int(wanted.get("after", "0")))
        return Response(json.dumps({"writes": found}, ensure_ascii=False), media_type="application/json")

    async def refusals(request: Request) -> Response:
        if request.method == "DELETE":
            site.refusals.clear()
        elif request.method == "POST":
            try:
                site.refusals.append(Refusal(**await request.json()))
            except (TypeError, ValueError) as error:
                return invalid("refusal", str(error))
        return JSONResponse({"refusals": [asdict(rule) for rule in site.refusals]})

    async def quota(request: Request) -> Response:
        site.quota.per_minute = int((await request.json())["requestsPerMinute"])
        return JSONResponse({"requestsPerMinute": site.quota.per_minute})

    async def cms(request: Request) -> Response:
        site.cms_installed = bool((await request.json())["installed"])
        return JSONResponse({"installed": site.cms_installed})

    async def expire_tokens(_: Request) -> Response:
        site.auth.expire_tokens()
        return JSONResponse({})

    return [
        Route("/__emulator/info", info),
        Route("/__emulator/items", items, methods=["GET", "DELETE"]),
        Route("/__emulator/writes", writes),
        Route("/__emulator/refusals", refusals, methods=["GET", "POST", "DELETE"]),
        Route("/__emulator/quota", quota, methods=["PUT"]),
        Route("/__emulator/cms", cms, methods=["PUT"]),
        Route("/__emulator/expire-tokens", expire_tokens, methods=["POST"]),
    ]
