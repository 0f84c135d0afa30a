"""Control routes under ``/__emulator`` that both emulators have: faults, journal and clock.

Callers on other machines get 403.
"""

from dataclasses import asdict
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.common.clock import Clock, rfc3339
from emulators.common.faults import FaultPlan
from emulators.common.journal import Journal

LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})


class LoopbackOnly:
    """ASGI middleware that rejects requests to ``/__emulator`` from other machines with 403."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/__emulator"):
            client = scope.get("client")
            if client is None or client[0] not in LOOPBACK:
                await JSONResponse({"message": "loopback only"}, status_code=403)(
                    scope, receive, send
                )
                return
        await self.app(scope, receive, send)


def control_routes(plan: FaultPlan, journal: Journal, clock: Clock) -> list[Route]:
    """Return the control routes for injected faults, the request journal and the clock.

    The routes are ``GET|POST|DELETE /__emulator/faults``, ``GET|DELETE /__emulator/journal`` and
    ``GET|POST /__emulator/clock``.
    """

    async def handle_faults(request: Request) -> Response:
        if request.method == "POST":
            try:
                return JSONResponse(asdict(plan.add(await request.json())))
            except (TypeError, ValueError) as error:
                return JSONResponse({"message": str(error)}, status_code=400)
        if request.method == "DELETE":
            plan.clear()
        return JSONResponse({"faults": [asdict(fault) for fault in plan.pending()]})

    async def handle_journal(request: Request) -> Response:
        if request.method == "DELETE":
            journal.clear()
        since = int(request.query_params.get("since", "0"))
        return JSONResponse({"counts": journal.counts(), "entries": journal.entries(since)})

    async def handle_clock(request: Request) -> Response:
        if request.method == "POST":
            order = await request.json()
            if "now" in order:
                clock.freeze(datetime.fromisoformat(order["now"]))
            clock.advance(float(order.get("advance", 0)))
        return JSONResponse({"now": rfc3339(clock.now())})

    return [
        Route("/__emulator/faults", handle_faults, methods=["GET", "POST", "DELETE"]),
        Route("/__emulator/journal", handle_journal, methods=["GET", "DELETE"]),
        Route("/__emulator/clock", handle_clock, methods=["GET", "POST"]),
    ]
