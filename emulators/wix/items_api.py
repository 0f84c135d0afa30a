"""Wix Data items v2: single items and queries. Both spellings of a write are served: the documented one, and the one that the JavaScript SDK sends.

Source: https://dev.wix.com/docs/rest/business-solutions/cms/data-items/introduction and ``@wix/data``.
"""

import base64
import binascii
import json
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from emulators.wix.errors import WixError
from emulators.wix.items import Data, checked
from emulators.wix.patch import patched
from emulators.wix.query import at, comparable, matches, ordered, projected
from emulators.wix.requests import Body, flag, guarded, whole
from emulators.wix.site import Site

MAX_OFFSET_PAGE = 1000
MAX_CURSOR_PAGE = 100
DEFAULT_PAGE = 50


def routes(site: Site) -> list[Route]:
    """The routes under ``/wix-data/v2/items``."""
    api = ItemsApi(site)
    table = {
        ("POST", "/items"): api.insert,
        ("POST", "/items/update"): api.update,
        ("POST", "/items/save"): api.save,
        ("POST", "/items/patch"): api.patch,
        ("POST", "/items/remove"): api.remove,
        ("POST", "/items/query"): api.query,
        ("GET", "/items/query"): api.query,
        ("POST", "/items/count"): api.count,
        ("GET", "/items/count"): api.count,
        ("POST", "/items/query-distinct-values"): api.distinct,
        ("GET", "/items/query-distinct-values"): api.distinct,
        ("POST", "/items/truncate"): api.truncate,
        ("GET", "/items/{item_id}"): api.get,
        ("PUT", "/items/{item_id}"): api.update,
        ("PATCH", "/items/{item_id}"): api.patch,
        ("DELETE", "/items/{item_id}"): api.remove,
    }
    return [Route(f"/wix-data/v2{path}", guarded(site, work), methods=[method]) for (method, path), work in table.items()]


def answered(collection: str, data: Data) -> Body:
    """A ``dataItem`` as it is answered."""
    return {"id": data["_id"], "dataCollectionId": collection, "data": data}


class ItemsApi:
    """One method for each call; each answers the body of a 200, or raises WixError."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def insert(self, _: Request, body: Body) -> Body:
        collection = self._collection(body)
        identifier, data = checked(body.get("dataItem"))
        existing = None if identifier is None else self._site.items.get(collection, identifier, consistent=True)
        if existing is not None:
            raise WixError("WDE0074", f"Item {identifier} exists already")
        return {"dataItem": self._store("INSERT", collection, identifier, data, None)}

    async def update(self, request: Request, body: Body) -> Body:
        collection = self._collection(body)
        identifier, data = checked(body.get("dataItem"))
        identifier = request.path_params.get("item_id", identifier)
        return {"dataItem": self._store("UPDATE", collection, identifier, data, self._existing(collection, identifier))}

    async def save(self, _: Request, body: Body) -> Body:
        collection = self._collection(body)
        identifier, data = checked(body.get("dataItem"))
        existing = None if identifier is None else self._site.items.get(collection, identifier, consistent=True)
        action = "UPDATE" if existing else "INSERT"
        return {"action": f"{action}D" if action == "UPDATE" else "INSERTED", "dataItem": self._store(action, collection, identifier, data, existing)}

    async def patch(self, request: Request, body: Body) -> Body:
        collection, patch = self._collection(body), body.get("patch")
        if not isinstance(patch, dict) or not isinstance(patch.get("fieldModifications"), list):
            raise WixError("WDE0080", "patch.fieldModifications is missing")
        identifier = request.path_params.get("item_id", patch.get("dataItemId"))
        existing = self._existing(collection, identifier)
        data = patched(existing, patch["fieldModifications"])
        return {"dataItem": self._store("PATCH", collection, identifier, data, existing)}

    async def remove(self, request: Request, body: Body) -> Body:
        collection = self._collection(body)
        identifier = request.path_params.get("item_id", body.get("dataItemId"))
        existing = self._existing(collection, identifier)
        self._site.items.write(collection, [("REMOVE", existing["_id"], None)])
        return {"dataItem": answered(collection, existing)}

    async def get(self, request: Request, body: Body) -> Body:
        collection = self._collection(body)
        identifier = request.path_params["item_id"]
        found = self._site.items.get(collection, identifier, consistent=flag(body.get("consistentRead")))
        if found is None:
            raise WixError("WDE0073", f"Item {identifier} does not exist")
        return {"dataItem": answered(collection, found)}

    async def query(self, _: Request, body: Body) -> Body:
        collection, query = self._collection(body), body.get("query") or {}
        paging, cursor_paging = query.get("paging"), query.get("cursorPaging")
        if cursor_paging is not None and cursor_paging.get("cursor"):
            query, offset = _opened(cursor_paging["cursor"])
            limit = whole(cursor_paging.get("limit"), whole(query.get("limit"), DEFAULT_PAGE))
        else:
            offset = whole((paging or {}).get("offset"), 0)
            limit = whole((cursor_paging or paging or {}).get("limit"), DEFAULT_PAGE)
        largest = MAX_OFFSET_PAGE if cursor_paging is None else MAX_CURSOR_PAGE
        if not 0 < limit <= largest or offset < 0:
            raise WixError("WDE0075", f"limit is 1 to {largest}, offset 0 or more")
        found = ordered(self._found(collection, query.get("filter") or {}, body), query.get("sort") or [])
        page = found[offset : offset + limit]
        more = offset + limit < len(found)
        metadata: Body = {"count": len(page), "hasNext": more, "tooManyToCount": False}
        if cursor_paging is None:
            metadata["offset"] = offset
            if flag(body.get("returnTotalCount")):
                metadata["total"] = len(found)
        else:
            metadata["cursors"] = {"next": _sealed(query, offset + limit, limit)} if more else {}
        fields = query.get("fields") or []
        return {"dataItems": [answered(collection, projected(item, fields)) for item in page], "pagingMetadata": metadata}

    async def count(self, _: Request, body: Body) -> Body:
        collection = self._collection(body)
        return {"totalCount": len(self._found(collection, body.get("filter") or {}, body))}

    async def distinct(self, _: Request, body: Body) -> Body:
        collection, name = self._collection(body), body.get("fieldName")
        if not isinstance(name, str):
            raise WixError("WDE0075", "fieldName is missing")
        values = {comparable(value): value for item in self._found(collection, body.get("filter") or {}, body) if (value := at(item, name)) is not None}
        found = [values[key] for key in sorted(values)]
        return {"distinctValues": found[:MAX_OFFSET_PAGE], "pagingMetadata": {"count": len(found), "hasNext": False}}

    async def truncate(self, _: Request, body: Body) -> Body:
        self._site.items.truncate(self._collection(body))
        return {}

    def _collection(self, body: Body) -> str:
        identifier = body.get("dataCollectionId")
        if not isinstance(identifier, str) or not identifier:
            raise WixError("WDE0001", "dataCollectionId is missing")
        self._site.collections.get(identifier)
        return identifier

    def _existing(self, collection: str, identifier: Any) -> Data:
        if not isinstance(identifier, str) or not identifier:
            raise WixError("WDE0007", "The item's id is missing")
        found = self._site.items.get(collection, identifier, consistent=True)
        if found is None:
            raise WixError("WDE0073", f"Item {identifier} does not exist")
        return found

    def _store(self, action: str, collection: str, identifier: str | None, data: Data, existing: Data | None) -> Body:
        identifier, stored = self._site.items.fresh(identifier, data, existing)
        if (rule := self._site.refusal(collection, identifier)) is not None:
            raise WixError(rule.code, rule.description)
        if (unique := self._site.collections.unique_field(collection)) and at(stored, unique) is not None:
            taken = [item for item in self._site.items.all(collection) if item["_id"] != identifier and at(item, unique) == at(stored, unique)]
            if taken:
                raise WixError("WDE0123", f"{unique} is unique, and taken")
        self._site.items.write(collection, [(action, identifier, stored)])
        return answered(collection, stored)

    def _found(self, collection: str, filter_: Any, body: Body) -> list[Data]:
        if not isinstance(filter_, dict):
            raise WixError("WDE0075", "filter is not an object")
        matches(filter_, {})
        where = next(((name, value) for name, value in filter_.items() if isinstance(value, str) and name.isidentifier()), None)
        items = self._site.items.all(collection, consistent=flag(body.get("consistentRead")), where=where)
        return [item for item in items if matches(filter_, item)]


def _sealed(query: Body, offset: int, limit: int) -> str:
    kept = {name: query[name] for name in ("filter", "sort", "fields") if query.get(name)}
    return base64.urlsafe_b64encode(json.dumps({"query": {**kept, "limit": limit}, "offset": offset}).encode()).decode()


def _opened(cursor: str) -> tuple[Body, int]:
    try:
        opened = json.loads(base64.urlsafe_b64decode(cursor))
        return opened["query"], int(opened["offset"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise WixError("WDE0075", "The cursor is not valid") from None
