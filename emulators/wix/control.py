"""Control routes under ``/__emulator`` that only this emulator has. See :mod:`emulators.wix`."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.wix.arguments import read_int, read_text
from emulators.wix.endpoint import base_url, read_arguments
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.quota import Quota
from emulators.wix.site import Site
from emulators.wix.wire import Data, Json

MOST = 2**53
LIMITS = {
    Quota.READS: "readsPerMinute",
    Quota.WRITES: "writesPerMinute",
    Quota.REQUESTS: "requestsPerMinute",
}
"""Name of the setting for each quota of the site."""


def routes(site: Site) -> list[Route]:
    control = Control(site)
    return [
        Route("/__emulator/info", json_handler(control.get_info)),
        Route(
            "/__emulator/settings", json_handler(control.handle_settings), methods=["GET", "POST"]
        ),
        Route(
            "/__emulator/refusals",
            json_handler(control.handle_refusals),
            methods=["GET", "POST", "DELETE"],
        ),
        Route("/__emulator/items", json_handler(control.handle_items), methods=["GET", "DELETE"]),
        Route("/__emulator/writes", json_handler(control.handle_writes), methods=["GET", "DELETE"]),
        Route("/__emulator/usage", json_handler(control.handle_usage), methods=["GET", "DELETE"]),
        Route("/__emulator/underway", json_handler(control.count_pending_calls)),
        Route("/__emulator/ghosts", json_handler(control.handle_ghosts), methods=["GET", "POST"]),
    ]


class Control:
    """Handlers of control routes. Each returns a JSON object, or raises InvalidRequest."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def get_info(self, request: Request) -> Data:
        return {
            "baseUrl": base_url(request),
            **self._site.auth.identity.to_json(),
            "publicKey": self._site.signer.public_key,
        }

    async def handle_settings(self, request: Request) -> Data:
        site, order = self._site, await read_arguments(request)
        limits = {
            quota: read_int(order, name, site.quotas.limits[quota], most=MOST)
            for quota, name in LIMITS.items()
        }
        lag, installed = (
            order.get("replicaLag", site.tables.lag),
            order.get("cmsInstalled", site.cms_installed),
        )
        if not isinstance(lag, int | float) or not 0 <= lag <= 3600:
            raise InvalidRequest("replicaLag", "must be 0 to 3600 seconds")
        if not isinstance(installed, bool):
            raise InvalidRequest("cmsInstalled", "must be a boolean")
        site.quotas.limits = limits
        site.tables.lag, site.cms_installed = lag, installed
        return {
            **{name: limits[quota] for quota, name in LIMITS.items()},
            "replicaLag": site.tables.lag,
            "cmsInstalled": site.cms_installed,
        }

    async def handle_refusals(self, request: Request) -> Data:
        refusals = self._site.refusals
        if request.method == "POST":
            try:
                refusals.add_rule(await read_arguments(request))
            except (TypeError, ValueError) as error:
                raise InvalidRequest("rule", str(error)) from None
        elif request.method == "DELETE":
            refusals.clear()
        return {"refusals": refusals.all()}

    async def handle_items(self, request: Request) -> Data:
        site, collection = self._site, _read_collection(request)
        site.ghosts.apply_due()
        if request.method == "DELETE":
            site.drop_items(collection)
        return {"items": [row.data for row in site.tables.table(collection).rows.values()]}

    async def handle_writes(self, request: Request) -> Data:
        site, collection, asked = self._site, _read_collection(request), dict(request.query_params)
        site.ghosts.apply_due()
        if request.method == "DELETE":
            site.tables.drop_history(collection)
        return {
            "writes": site.tables.history(
                collection, asked.get("id"), read_int(asked, "after", 0, most=MOST)
            )
        }

    async def handle_usage(self, request: Request) -> Data:
        quotas = self._site.quotas
        if request.method == "DELETE":
            quotas.mark()
        used, usage = quotas.used(), quotas.usage
        return {
            "minute": {
                quota.value: {"used": used[quota], "limit": limit}
                for quota, limit in quotas.limits.items()
            },
            "since": usage.since,
            **{quota.value: dict(counts) for quota, counts in usage.granted.items()},
            "refused": {quota.value: usage.refused[quota] for quota in Quota},
        }

    async def count_pending_calls(self, _: Request) -> Data:
        return {"calls": self._site.outgoing.pending_count()}

    async def handle_ghosts(self, request: Request) -> Data:
        landed = self._site.ghosts.apply_due(all_of_them=True) if request.method == "POST" else 0
        return {"landed": landed, "underway": len(self._site.ghosts)}


def _read_collection(request: Request) -> str:
    """Read a collection's id from a request. Raises InvalidRequest for an internal table's name."""
    name = read_text(dict(request.query_params), "collection")
    if name.startswith("$"):
        raise InvalidRequest("collection", "is no collection")
    return name


def json_handler(
    work: Callable[[Request], Awaitable[Data]],
) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a method that returns JSON as the handler of a route. Wix's errors become responses."""

    async def answer(request: Request) -> Response:
        try:
            return Json(await work(request))
        except (WixError, InvalidRequest) as error:
            return error.response()

    return answer
