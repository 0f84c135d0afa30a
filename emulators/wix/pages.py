"""The pages on which a person watches the site's collections and items, and changes them by hand. They act through the same batches as the API."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.common.pages import Pages
from emulators.wix import cells
from emulators.wix.batch import checked
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.history import steps
from emulators.wix.site import Site
from emulators.wix.wire import Data

PAGE_SIZE = 50
MAX_FORM_FIELD = 600_000

type Work = Callable[[Request], Awaitable[Response]]


def routes(site: Site) -> list[Route]:
    """The pages, and under ``/ui`` what their forms do."""
    pages = SitePages(site)
    table: dict[tuple[str, str], Work] = {
        ("GET", "/"): pages.front,
        ("GET", "/collections/{collection:path}/rows"): pages.rows,
        ("GET", "/collections/{collection:path}/items/{item}"): pages.item,
        ("GET", "/collections/{collection:path}"): pages.collection,
        ("POST", "/ui/collections/{collection:path}/items/{item}/remove"): pages.remove,
        ("POST", "/ui/collections/{collection:path}/items/{item}"): pages.set_field,
        ("POST", "/ui/collections/{collection:path}/items"): pages.add,
    }
    return [Route(path, _guarded(pages, work), methods=[method]) for (method, path), work in table.items()]


def _guarded(pages: "SitePages", work: Work) -> Work:
    """Refuse forms of other sites' pages, and show what Wix would refuse as a page."""

    async def handle(request: Request) -> Response:
        try:
            if request.method == "POST" and request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
                raise WixError("PERMISSION_DENIED", "The form is another site's")
            return await work(request)
        except WixError as error:
            return pages.refused(error.status, f"{error.description} ({error.code})")
        except InvalidRequest as error:
            return pages.refused(400, f"{error.field} {error.description}")

    return handle


def new_pages() -> Pages:
    """What renders the site's pages."""
    pages = Pages(Path(__file__).parent / "templates", system="Wix emulator", note="a stand-in for one Wix site", accent="#3b5bdb")
    pages.add_filters(cell=cells.cell, shown=cells.shown, editable=cells.editable, moment=cells.moment, path=lambda text: quote(text, safe=""))
    return pages


class SitePages:
    """One method for each page and each form."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = new_pages()

    def refused(self, status: int, reason: str) -> Response:
        return self._pages.render("refused.html", status=status, reason=reason)

    async def front(self, _: Request) -> Response:
        collections = [{**collection, "count": len(self._site.tables.read(collection["id"]).rows)} for collection in self._site.collections.all()]
        return self._pages.render("site.html", collections=collections)

    async def collection(self, request: Request) -> Response:
        return self._pages.render("collection.html", **self._rows(request))

    async def rows(self, request: Request) -> Response:
        return self._pages.render("rows.html", **self._rows(request))

    async def item(self, request: Request) -> Response:
        collection, item = self._named(request)
        types = {field["key"]: field for field in collection["fields"]}
        history = steps(self._site.tables.history(collection["id"], item["_id"]))
        names = [name for name in {**types, **item} if not name.startswith("_")]
        return self._pages.render("item.html", collection=collection, item=item, names=names, types=types, history=history)

    async def add(self, request: Request) -> Response:
        collection = self._site.collections.get(request.path_params["collection"])
        form = await self._form(request)
        element = {"id": form.get("id", "").strip() or None, "data": _value(form.get("data", ""))}
        batch = self._site.batch(collection["id"])
        added = batch.insert(checked(element))
        batch.commit()
        return RedirectResponse(_address(collection["id"], added["_id"]), 303)

    async def set_field(self, request: Request) -> Response:
        collection, item = self._named(request)
        form = await self._form(request)
        modification = {"fieldPath": form.get("field"), "action": "SET_FIELD", "setFieldOptions": {"value": _value(form.get("value", ""))}}
        batch = self._site.batch(collection["id"])
        batch.patch({"id": item["_id"], "fieldModifications": [modification]})
        batch.commit()
        return RedirectResponse(_address(collection["id"], item["_id"]), 303)

    async def remove(self, request: Request) -> Response:
        collection, item = self._named(request)
        batch = self._site.batch(collection["id"])
        batch.remove(item["_id"])
        batch.commit()
        return RedirectResponse(_address(collection["id"]), 303)

    @staticmethod
    async def _form(request: Request) -> dict[str, str]:
        form = await request.form(max_files=0, max_fields=10, max_part_size=MAX_FORM_FIELD)
        return {name: value for name, value in form.items() if isinstance(value, str)}

    def _named(self, request: Request) -> tuple[Data, Data]:
        self._site.ghosts.land()
        collection = self._site.collections.get(request.path_params["collection"])
        row = self._site.tables.read(collection["id"]).rows.get(request.path_params["item"])
        if row is None:
            raise WixError("WDE0073", "There is no such item")
        return collection, row.data

    def _rows(self, request: Request) -> Data:
        """The rows of one page: those that hold the searched text, the last written first."""
        self._site.ghosts.land()
        collection = self._site.collections.get(request.path_params["collection"])
        search, page = request.query_params.get("q", ""), request.query_params.get("page", "1")
        rows = list(self._site.tables.read(collection["id"]).rows.values())
        if search:
            wanted = search.casefold()
            rows = [row for row in rows if wanted in orjson.dumps(row.data).decode().casefold()]
        rows.sort(key=lambda row: (row.data["_updatedDate"]["$date"], row.number), reverse=True)
        pages = max(1, -(-len(rows) // PAGE_SIZE))
        number = min(max(1, int(page)), pages) if page.isdecimal() and len(page) < 10 else 1
        start = (number - 1) * PAGE_SIZE
        fields = [field for field in collection["fields"] if not field["systemField"]]
        return {
            "collection": collection,
            "fields": [field for field in fields if field["key"] != collection["displayField"]],
            "items": [row.data for row in rows[start : start + PAGE_SIZE]],
            "total": len(rows),
            "page": number,
            "pages": pages,
            "search": search,
        }


def _address(collection: str, item: str | None = None) -> str:
    page = f"/collections/{quote(collection)}"
    return page if item is None else f"{page}/items/{quote(item, safe='')}"


def _value(text: str) -> Any:
    """A form's value: JSON, or else the text as it is."""
    try:
        return orjson.loads(text)
    except ValueError:
        return text
