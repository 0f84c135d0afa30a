"""Hides the emulator's partner and case records while another gateway serves these records.

The emulator's own copy is out of date then: its API of these records responds with 404, and its web
pages only link to the other gateway.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.common.pages import Pages
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.tenant import Tenant

PROFILE = "/community/v1"
PAGES = frozenset({"", "partners", "requests", "notices", "events", "webhooks", "ui"})
"""First path segments of the emulator's web pages on the community."""


class MovedCommunity:
    """ASGI middleware that hides the emulator's records while another gateway serves them.

    While ``tenant.community_at`` has the address of the other gateway, the web pages only link to
    that gateway, and ``/community/v1`` responds with 404. OpenText's own paths and the control
    routes work as before. Without an address the middleware changes nothing.
    """

    def __init__(self, app: ASGIApp, tenant: Tenant) -> None:
        self._app = app
        self._tenant = tenant
        self._pages = Pages(
            Path(__file__).parent / "templates",
            system="Trading Grid emulator",
            note="OpenText's published paths",
            accent="#0b7285",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        moved_to = self._tenant.community_at
        if scope["type"] != "http" or moved_to is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        path = request.url.path
        if path.startswith(PROFILE):
            problem = Problem("not-found", "Another gateway keeps this community.")
            answer = problem.response(request.headers.get("x-request-id", "-"), path)
            await answer(scope, receive, send)
        elif path.split("/")[1] in PAGES:
            await self._pages.render("moved.html", community_at=moved_to)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
