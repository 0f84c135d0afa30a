"""Web pages that show the site's collections and items, on which a person can change items.

The pages write items in the same way as the API.
"""

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
from emulators.wix.batch import read_data_item
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.history import history_steps
from emulators.wix.site import Site
from emulators.wix.wire import Data

PAGE_SIZE = 50
MAX_FORM_FIELD = 600_000

type Handler = Callable[[Request], Awaitable[Response]]


def routes(site: Site) -> list[Route]:
    """Return the routes of the web pages, and of their forms under ``/ui``."""
    pages = SitePages(site)
    table: dict[tuple[str, str], Handler] = {
        ("GET", "/"): pages.list_collections,
        ("GET", "/collections/{collection:path}/rows"): pages.show_rows,
        ("GET", "/collections/{collection:path}/items/{item}"): pages.show_item,
        ("GET", "/collections/{collection:path}"): pages.show_collection,
        ("POST", "/ui/collections/{collection:path}/items/{item}/remove"): pages.remove_item,
        ("POST", "/ui/collections/{collection:path}/items/{item}"): pages.set_field,
        ("POST", "/ui/collections/{collection:path}/items"): pages.add_item,
    }
    return [
        Route(path, _handle_errors(pages, work), methods=[method])
        for (method, path), work in table.items()
    ]


def _handle_errors(pages: "SitePages", work: Handler) -> Handler:
    """Wrap a page's handler: reject forms of other sites, and show Wix's errors as a page."""

    async def handle(request: Request) -> Response:
        try:
            # The pages have no login, so a form of another site could change items (CSRF).
            if (
                request.method == "POST"
                and request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
            ):
                raise WixError("PERMISSION_DENIED", "The form is another site's")
            return await work(request)
        except WixError as error:
            return pages.render_refusal(error.status, f"{error.description} ({error.code})")
        except InvalidRequest as error:
            return pages.render_refusal(400, f"{error.field} {error.description}")

    return handle


def new_pages() -> Pages:
    """Return the template renderer of the site's web pages."""
    pages = Pages(
        Path(__file__).parent / "templates",
        system="Wix emulator",
        note="a stand-in for one Wix site",
        accent="#3b5bdb",
    )
    pages.add_filters(
        cell=cells.render_cell,
        shown=cells.render_value,
        editable=cells.form_value,
        moment=cells.format_timestamp,
        path=lambda text: quote(text, safe=""),
    )
    return pages


class SitePages:
    """The web pages of the site's collections: one method for each page and each form."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = new_pages()

    def render_refusal(self, status: int, reason: str) -> Response:
        return self._pages.render("refused.html", status=status, reason=reason)

    async def list_collections(self, _: Request) -> Response:
        collections = [
            {**collection, "count": len(self._site.tables.table(collection["id"]).rows)}
            for collection in self._site.collections.all()
        ]
        quotas = self._site.quotas
        used, usage = quotas.used(), quotas.usage
        limits = [
            {"name": quota.value, "used": used[quota], "limit": limit}
            for quota, limit in quotas.limits.items()
        ]
        return self._pages.render(
            "site.html",
            collections=collections,
            limits=limits,
            granted=usage.granted,
            refused=usage.refused.total(),
            since=usage.since,
        )

    async def show_collection(self, request: Request) -> Response:
        return self._pages.render("collection.html", **self._rows_of_page(request))

    async def show_rows(self, request: Request) -> Response:
        return self._pages.render("rows.html", **self._rows_of_page(request))

    async def show_item(self, request: Request) -> Response:
        collection, item = self._require_item(request)
        types = {field["key"]: field for field in collection["fields"]}
        history = history_steps(self._site.tables.history(collection["id"], item["_id"]))
        names = [name for name in {**types, **item} if not name.startswith("_")]
        return self._pages.render(
            "item.html", collection=collection, item=item, names=names, types=types, history=history
        )

    async def add_item(self, request: Request) -> Response:
        collection = self._site.collections.get(request.path_params["collection"])
        form = await self._read_form(request)
        element = {
            "id": form.get("id", "").strip() or None,
            "data": _parse_value(form.get("data", "")),
        }
        batch = self._site.new_batch(collection["id"])
        added = batch.insert(read_data_item(element))
        batch.commit()
        return RedirectResponse(_page_path(collection["id"], added["_id"]), 303)

    async def set_field(self, request: Request) -> Response:
        collection, item = self._require_item(request)
        form = await self._read_form(request)
        modification = {
            "fieldPath": form.get("field"),
            "action": "SET_FIELD",
            "setFieldOptions": {"value": _parse_value(form.get("value", ""))},
        }
        batch = self._site.new_batch(collection["id"])
        batch.patch({"id": item["_id"], "fieldModifications": [modification]})
        batch.commit()
        return RedirectResponse(_page_path(collection["id"], item["_id"]), 303)

    async def remove_item(self, request: Request) -> Response:
        collection, item = self._require_item(request)
        batch = self._site.new_batch(collection["id"])
        batch.remove(item["_id"])
        batch.commit()
        return RedirectResponse(_page_path(collection["id"]), 303)

    @staticmethod
    async def _read_form(request: Request) -> dict[str, str]:
        form = await request.form(max_files=0, max_fields=10, max_part_size=MAX_FORM_FIELD)
        return {name: value for name, value in form.items() if isinstance(value, str)}

    def _require_item(self, request: Request) -> tuple[Data, Data]:
        self._site.ghosts.apply_due()
        collection = self._site.collections.get(request.path_params["collection"])
        row = self._site.tables.table(collection["id"]).rows.get(request.path_params["item"])
        if row is None:
            raise WixError("WDE0073", "There is no such item")
        return collection, row.data

    def _rows_of_page(self, request: Request) -> Data:
        """Return one page of the items that contain the search text, last written first."""
        self._site.ghosts.apply_due()
        collection = self._site.collections.get(request.path_params["collection"])
        search, page = request.query_params.get("q", ""), request.query_params.get("page", "1")
        rows = list(self._site.tables.table(collection["id"]).rows.values())
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


def _page_path(collection: str, item: str | None = None) -> str:
    page = f"/collections/{quote(collection)}"
    return page if item is None else f"{page}/items/{quote(item, safe='')}"


def _parse_value(text: str) -> Any:
    """Return the value of a form's text: the parsed JSON, or the text itself if it is no JSON."""
    try:
        return orjson.loads(text)
    except ValueError:
        return text
