"""The routes under ``/__emulator`` that only this emulator has. See :mod:`emulators.wix`."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.wix.arguments import text, whole
from emulators.wix.endpoint import base_url, read_arguments
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.site import Site
from emulators.wix.wire import Data, Json

MOST = 2**53


def routes(site: Site) -> list[Route]:
    control = Control(site)
    return [
        Route("/__emulator/info", answering(control.info)),
        Route("/__emulator/settings", answering(control.settings), methods=["GET", "POST"]),
        Route("/__emulator/refusals", answering(control.refusals), methods=["GET", "POST", "DELETE"]),
        Route("/__emulator/items", answering(control.items), methods=["GET", "DELETE"]),
        Route("/__emulator/writes", answering(control.writes), methods=["GET", "DELETE"]),
        Route("/__emulator/underway", answering(control.underway)),
        Route("/__emulator/ghosts", answering(control.ghosts), methods=["GET", "POST"]),
    ]


class Control:
    """One method for each route. Each answers a JSON object, or raises InvalidRequest."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def info(self, request: Request) -> Data:
        return {"baseUrl": base_url(request), **self._site.auth.identity.info(), "publicKey": self._site.signer.public_key}

    async def settings(self, request: Request) -> Data:
        site, order = self._site, await read_arguments(request)
        site.quota.per_minute = whole(order, "requestsPerMinute", site.quota.per_minute, most=MOST)
        lag, installed = order.get("replicaLag", site.tables.lag), order.get("cmsInstalled", site.cms_installed)
        if not isinstance(lag, int | float) or not 0 <= lag <= 3600:
            raise InvalidRequest("replicaLag", "must be 0 to 3600 seconds")
        if not isinstance(installed, bool):
            raise InvalidRequest("cmsInstalled", "must be a boolean")
        site.tables.lag, site.cms_installed = lag, installed
        return {"requestsPerMinute": site.quota.per_minute, "replicaLag": site.tables.lag, "cmsInstalled": site.cms_installed}

    async def refusals(self, request: Request) -> Data:
        refusals = self._site.refusals
        if request.method == "POST":
            try:
                refusals.add(await read_arguments(request))
            except (TypeError, ValueError) as error:
                raise InvalidRequest("rule", str(error)) from None
        elif request.method == "DELETE":
            refusals.clear()
        return {"refusals": refusals.all()}

    async def items(self, request: Request) -> Data:
        site, collection = self._site, _collection(request)
        site.ghosts.land()
        if request.method == "DELETE":
            site.forget_items(collection)
        return {"items": [row.data for row in site.tables.read(collection).rows.values()]}

    async def writes(self, request: Request) -> Data:
        site, collection, asked = self._site, _collection(request), dict(request.query_params)
        site.ghosts.land()
        if request.method == "DELETE":
            site.tables.forget_history(collection)
        return {"writes": site.tables.history(collection, asked.get("id"), whole(asked, "after", 0, most=MOST))}

    async def underway(self, _: Request) -> Data:
        return {"calls": self._site.outgoing.underway()}

    async def ghosts(self, request: Request) -> Data:
        landed = self._site.ghosts.land(all_of_them=True) if request.method == "POST" else 0
        return {"landed": landed, "underway": len(self._site.ghosts)}


def _collection(request: Request) -> str:
    """A collection's id. Raises InvalidRequest for one of the emulator's own tables."""
    name = text(dict(request.query_params), "collection")
    if name.startswith("$"):
        raise InvalidRequest("collection", "is no collection")
    return name


def answering(work: Callable[[Request], Awaitable[Data]]) -> Callable[[Request], Awaitable[Response]]:
    """A route's handler, with Wix's errors as answers."""

    async def answer(request: Request) -> Response:
        try:
            return Json(await work(request))
        except (WixError, InvalidRequest) as error:
            return error.response()

    return answer
