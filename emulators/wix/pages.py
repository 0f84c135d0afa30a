"""A small web page on which a person can look at the site's collections and items, and change them."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.kit.pages import Pages
from emulators.wix.errors import WixError
from emulators.wix.items import Data, checked
from emulators.wix.site import Site

PAGE_SIZE = 50


def routes(site: Site) -> list[Route]:
    """The page, and under ``/ui`` what its forms do."""
    page = SitePage(site)
    return [
        Route("/", page.front),
        Route("/collections/{collection}", page.collection),
        Route("/collections/{collection}/rows", page.rows),
        Route("/collections/{collection}/items/{item:path}", page.item),
        Route("/ui/collections/{collection}/items", page.add, methods=["POST"]),
        Route("/ui/collections/{collection}/items/{item}/remove", page.remove, methods=["POST"]),
        Route("/ui/collections/{collection}/items/{item}", page.set_field, methods=["POST"]),
    ]


def shown(value: Any) -> str:
    """A value as a person reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case {"$date": str() as text}:
            return text.replace("T", " ").removesuffix("Z")[:19]
        case list():
            return ", ".join(shown(one) for one in value)
        case dict():
            return str(value.get("text") or value.get("title") or value.get("subject") or json.dumps(value, ensure_ascii=False))
        case _:
            return str(value)


type Page = Callable[["SitePage", Request], Awaitable[Response]]


def _telling(work: Page) -> Page:
    """Show what Wix would refuse as a page."""

    async def tell(self: "SitePage", request: Request) -> Response:
        try:
            return await work(self, request)
        except WixError as error:
            return self.pages.render("error.html", status=error.status or 400, error=error.description, back=request.headers.get("referer", "/"))

    return tell


class SitePage:
    """One method for each page and each form."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.pages = Pages(Path(__file__).parent / "templates", system="Wix emulator", note="a stand-in for one Wix site", accent="#3b5bdb")
        self.pages.filters(shown=shown, tojson_text=lambda value: json.dumps(value, ensure_ascii=False))

    async def front(self, _: Request) -> Response:
        collections = [{**collection, "count": self._site.items.count(collection["id"])} for collection in self._site.collections.all()]
        return self.pages.render("site.html", collections=collections)

    @_telling
    async def collection(self, request: Request) -> Response:
        return self.pages.render("collection.html", **self._rows(request))

    @_telling
    async def rows(self, request: Request) -> Response:
        return self.pages.render("rows.html", **self._rows(request))

    @_telling
    async def item(self, request: Request) -> Response:
        collection, item = self._named(request)
        history = [
            {**write, "time": datetime.fromtimestamp(write["at"], UTC).strftime("%F %T")}
            for write in reversed(self._site.items.history(collection["id"], item["_id"]))
        ]
        return self.pages.render("item.html", collection=collection, item=item, history=history)

    @_telling
    async def add(self, request: Request) -> Response:
        collection = self._site.collections.get(request.path_params["collection"])
        identifier, data = checked({"data": _json((await request.form())["data"])})
        identifier, stored = self._site.items.fresh(identifier, data, None)
        self._site.items.write(collection["id"], [("INSERT", identifier, stored)])
        return RedirectResponse(f"/collections/{collection['id']}", 303)

    @_telling
    async def set_field(self, request: Request) -> Response:
        collection, item = self._named(request)
        form = await request.form()
        identifier, data = checked({"id": item["_id"], "data": {**item, str(form["field"]): _json(form["value"])}})
        self._site.items.write(collection["id"], [("UPDATE", item["_id"], self._site.items.fresh(identifier, data, item)[1])])
        return RedirectResponse(f"/collections/{collection['id']}/items/{item['_id']}", 303)

    @_telling
    async def remove(self, request: Request) -> Response:
        collection, item = self._named(request)
        self._site.items.write(collection["id"], [("REMOVE", item["_id"], None)])
        return RedirectResponse(f"/collections/{collection['id']}", 303)

    def _named(self, request: Request) -> tuple[dict[str, Any], Data]:
        collection = self._site.collections.get(request.path_params["collection"])
        item = self._site.items.get(collection["id"], request.path_params["item"], consistent=True)
        if item is None:
            raise WixError("WDE0073", "There is no such item")
        return collection, item

    def _rows(self, request: Request) -> dict[str, Any]:
        collection = self._site.collections.get(request.path_params["collection"])
        search, page = request.query_params.get("q", ""), request.query_params.get("page", "0")
        items = self._site.items.all(collection["id"])
        if search:
            items = [item for item in items if search.casefold() in json.dumps(item, ensure_ascii=False).casefold()]
        items.sort(key=lambda item: shown(item["_updatedDate"]), reverse=True)
        start = int(page) * PAGE_SIZE if page.isdigit() else 0
        return {
            "collection": collection,
            "fields": [field for field in collection["fields"] if not field["systemField"]],
            "items": items[start : start + PAGE_SIZE],
            "total": len(items),
            "pages": -(-len(items) // PAGE_SIZE),
            "search": search,
        }


def _json(text: Any) -> Any:
    try:
        return json.loads(str(text))
    except ValueError:
        raise WixError("WDE0075", "That is not JSON") from None
