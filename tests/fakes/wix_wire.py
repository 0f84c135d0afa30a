"""Wix Data on the wire: collections in memory, in Wix's own format. Independent of gridwix."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

DATA = "/wix-data/v2"


def fault(status: int, code: str) -> httpx.Response:
    return httpx.Response(
        status,
        json={
            "message": code,
            "details": {"applicationError": {"code": code, "description": "described", "data": {}}},
        },
    )


@dataclass
class WixData:
    """``refuse`` returns the code with which an item is refused inside a bulk response.

    ``results`` can change the results of a bulk response.
    """

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuse: Callable[[str], str | None] = lambda _: None
    results: Callable[[list[Any]], Any] = lambda results: results
    largest_page: int = 1000

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        path = request.url.raw_path.decode().partition("?")[0]
        match request.method, path.removeprefix(DATA).strip("/").split("/"):
            case "POST", ["items", "query"]:
                return self._query(body)
            case "POST", ["items", "count"]:
                return httpx.Response(200, json={"totalCount": len(self.items)})
            case "POST", ["items"]:
                if body["dataItem"]["id"] in self.items:
                    return fault(409, "WDE0074")
                return self._save(body["dataItem"])
            case "POST", ["items", "save"]:
                return self._save(body["dataItem"])
            case "POST", ["bulk", "items", "save"]:
                return self._bulk(
                    "UPDATE",
                    [item["id"] for item in body["dataItems"]],
                    {item["id"]: item["data"] for item in body["dataItems"]},
                )
            case "POST", ["bulk", "items", "remove"]:
                return self._bulk("DELETE", body["dataItemIds"], {})
            case method, ["items", segment]:
                return self._item(method, unquote(segment), body)
            case method, ["collections", *rest]:
                return self._collection(method, rest, body, request.url.params)
        return httpx.Response(405)

    def _item(self, method: str, identifier: str, body: dict[str, Any]) -> httpx.Response:
        if identifier not in self.items:
            return fault(404, "WDE0073")
        if method == "DELETE":
            return httpx.Response(
                200, json={"dataItem": self._element(identifier, self.items.pop(identifier))}
            )
        if method == "PATCH":
            for change in body["patch"]["fieldModifications"]:
                self._modify(self.items[identifier], change)
        return httpx.Response(
            200, json={"dataItem": self._element(identifier, self.items[identifier])}
        )

    @staticmethod
    def _modify(item: dict[str, Any], change: dict[str, Any]) -> None:
        path = change["fieldPath"]
        match change["action"]:
            case "SET_FIELD":
                item[path] = change["setFieldOptions"]["value"]
            case "REMOVE_FIELD":
                del item[path]
            case "INCREMENT_FIELD":
                item[path] = item.get(path, 0) + change["incrementFieldOptions"]["value"]
            case "APPEND_TO_ARRAY":
                item[path] = [*item.get(path, []), change["appendToArrayOptions"]["value"]]
            case "REMOVE_FROM_ARRAY":
                item[path] = [
                    value
                    for value in item[path]
                    if value != change["removeFromArrayOptions"]["value"]
                ]

    def _save(self, element: dict[str, Any]) -> httpx.Response:
        self.items[element["id"]] = dict(element["data"])
        return httpx.Response(
            200,
            json={"action": "INSERTED", "dataItem": self._element(element["id"], element["data"])},
        )

    @staticmethod
    def _element(identifier: str, data: dict[str, Any]) -> dict[str, Any]:
        stamped = {**data, "_id": identifier, "_updatedDate": {"$date": "2026-03-12T14:05:31.000Z"}}
        return {"id": identifier, "dataCollectionId": "C", "data": stamped}

    def _bulk(
        self, action: str, ids: list[str], saved: dict[str, dict[str, Any]]
    ) -> httpx.Response:
        results: list[dict[str, Any]] = []
        for index, identifier in enumerate(ids):
            code = self.refuse(identifier) or (
                "WDE0073" if action == "DELETE" and identifier not in self.items else None
            )
            metadata: dict[str, Any] = {
                "id": identifier,
                "originalIndex": index,
                "success": code is None,
            }
            if code:
                metadata["error"] = {"code": code, "description": "described"}
            elif action == "DELETE":
                del self.items[identifier]
            else:
                self.items[identifier] = saved[identifier]
            results.append({"action": action, "itemMetadata": metadata})
        return httpx.Response(200, json={"results": self.results(results)})

    def _query(self, body: dict[str, Any]) -> httpx.Response:
        query = body["query"]
        paging = query.get("cursorPaging") or query["paging"]
        limit = min(paging["limit"], self.largest_page)
        start = int(paging.get("cursor", paging.get("offset", 0)))
        found = sorted(self.items)[start : start + limit]
        more = start + limit < len(self.items)
        metadata: dict[str, Any] = {"count": len(found), "hasNext": more, "cursors": {}}
        if "cursorPaging" in query and more:
            metadata["cursors"]["next"] = str(start + limit)
        if "paging" in query and body["returnTotalCount"]:
            metadata["total"] = len(self.items)
        return httpx.Response(
            200,
            json={
                "dataItems": [self._element(key, self.items[key]) for key in found],
                "pagingMetadata": metadata,
            },
        )

    def _collection(
        self, method: str, rest: list[str], body: dict[str, Any], params: httpx.QueryParams
    ) -> httpx.Response:
        if method == "GET" and not rest:
            start, limit = int(params["paging.offset"]), int(params["paging.limit"])
            names = sorted(self.collections)[start : start + limit]
            return httpx.Response(
                200,
                json={
                    "collections": [self.collections[name] for name in names],
                    "pagingMetadata": {"count": len(names)},
                },
            )
        if method == "GET":
            found = self.collections.get(rest[0])
            return (
                httpx.Response(200, json={"collection": found}) if found else fault(404, "WDE0025")
            )
        definition = body["collection"]
        known = self.collections.get(definition["id"])
        if method == "POST" and known:
            return fault(409, "WDE0104")
        if method == "PUT" and (known is None or known["revision"] != definition["revision"]):
            return fault(400, "WDE0178")
        revision = "1" if known is None else str(int(known["revision"]) + 1)
        self.collections[definition["id"]] = {**definition, "revision": revision}
        return httpx.Response(200, json={"collection": self.collections[definition["id"]]})
