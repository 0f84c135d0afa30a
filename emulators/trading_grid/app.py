"""The Trading Grid emulator as an ASGI application."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.common.control import LoopbackOnly, control_routes
from emulators.common.faults import FaultMiddleware
from emulators.common.journal import JournalMiddleware
from emulators.trading_grid.api import BASE, CommunityApi
from emulators.trading_grid.community import TYPE_PREFIX
from emulators.trading_grid.generator import play_generated
from emulators.trading_grid.library_control import routes as library_routes
from emulators.trading_grid.moved_community import MovedCommunity
from emulators.trading_grid.notices import Notices
from emulators.trading_grid.pages import routes as page_routes
from emulators.trading_grid.programs import Programs
from emulators.trading_grid.tenant import Tenant, new_tenant
from emulators.trading_grid.traffic import Traffic

CHUNK = 200
"""Number of generated changes after which other requests to the emulator get a turn."""


def build_app(tenant: Tenant | None = None) -> Starlette:
    """Return the emulator as an ASGI application for a tenant, by default a new one."""
    tenant = tenant or new_tenant()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sender = asyncio.create_task(tenant.webhooks.run())
        yield
        sender.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sender

    app = Starlette(
        routes=[
            *tenant.auth.routes(),
            *tenant.directory.routes(),
            *CommunityApi(tenant).routes(),
            *_emulator_routes(tenant),
            *Notices(tenant.community).routes(),
            *Programs(tenant.community).routes(),
            *tenant.uploads.routes(),
            *library_routes(tenant.library),
            *tenant.lens.routes(),
            *Traffic(tenant.lens, tenant.community).routes(),
            *control_routes(tenant.faults, tenant.journal, tenant.clock),
            *page_routes(tenant),
        ],
        middleware=[
            Middleware(LoopbackOnly),
            Middleware(JournalMiddleware, journal=tenant.journal),
            Middleware(FaultMiddleware, plan=tenant.faults),
            Middleware(MovedCommunity, tenant=tenant),
        ],
        lifespan=lifespan,
    )
    app.state.tenant = tenant
    return app


def _emulator_routes(tenant: Tenant) -> list[Route]:
    """Return the control routes under ``/__emulator`` that only the Trading Grid emulator has."""

    async def get_info(request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        endpoints = [
            {"id": endpoint["id"], "url": endpoint["url"], "secret": endpoint["secrets"][0]}
            for endpoint in tenant.webhooks.list_endpoints()
        ]
        return JSONResponse(
            {
                "baseUrl": base,
                "communityBaseUrl": base + BASE,
                "companyId": tenant.community.company_id,
                "consumerKey": tenant.auth.credentials.consumer_key,
                "consumerSecret": tenant.auth.credentials.consumer_secret,
                "eventTypePrefix": TYPE_PREFIX,
                "webhookEndpoints": endpoints,
            }
        )

    async def play_changes(request: Request) -> Response:
        wish = await request.json()
        count, seed, partner_ids = (
            int(wish.get("count", 1)),
            int(wish.get("seed", 1)),
            wish.get("partnerIds", []),
        )
        played: Counter[str] = Counter()
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            played.update(play_generated(tenant.community, size, seed + start, partner_ids))
            await asyncio.sleep(0)
        return JSONResponse({"played": played, "total": sum(played.values())})

    async def handle_settings(request: Request) -> Response:
        if request.method == "POST":
            wish, community = await request.json(), tenant.community
            community.cascades = bool(wish.get("cascade", community.cascades))
            community.requests_take_comments = bool(
                wish.get("requestComments", community.requests_take_comments)
            )
            tenant.community_at = wish.get("communityAt", tenant.community_at)
            community.without_source = frozenset(
                wish.get("withoutSource", community.without_source)
            )
        return JSONResponse(
            {
                "cascade": tenant.community.cascades,
                "requestComments": tenant.community.requests_take_comments,
                "communityAt": tenant.community_at,
                "withoutSource": sorted(tenant.community.without_source),
            }
        )

    async def count_pending_calls(_: Request) -> Response:
        return JSONResponse({"calls": tenant.webhooks.pending_count()})

    async def delete_entity(request: Request) -> Response:
        return JSONResponse(
            tenant.community.delete(request.path_params["kind"], request.path_params["id"])
        )

    async def override_record(request: Request) -> Response:
        wish = await request.json()
        tenant.overridden_records[wish["record"]] = wish.get("as")
        return JSONResponse({"spoilt": list(tenant.overridden_records)})

    async def clear_overrides(_: Request) -> Response:
        tenant.overridden_records.clear()
        return Response(status_code=204)

    return [
        Route("/__emulator/info", get_info),
        Route("/__emulator/spoilt", override_record, methods=["POST"]),
        Route("/__emulator/spoilt", clear_overrides, methods=["DELETE"]),
        Route("/__emulator/changes", play_changes, methods=["POST"]),
        Route("/__emulator/underway", count_pending_calls),
        Route("/__emulator/settings", handle_settings, methods=["GET", "POST"]),
        Route("/__emulator/entities/{kind}/{id}", delete_entity, methods=["DELETE"]),
    ]
