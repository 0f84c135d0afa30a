"""The community gateway profile on the wire: lists with cursors, single records and a feed.

It does not depend on gridwix.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

ROOT = "/community/v1"


def problem(status: int, code: str, **members: Any) -> httpx.Response:
    body = {
        "type": f"https://errors.example.net/tg/{code}",
        "title": code,
        "status": status,
        "code": code,
        **members,
    }
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def json_answer(body: Any) -> httpx.Response:
    """Return a response with any JSON value, even a lone surrogate, which httpx rejects."""
    return httpx.Response(
        200, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )


@dataclass
class CommunityGateway:
    """Serves records over HTTP.

    ``lists`` has the records of each collection, in the order of the list; those of
    ``cases/ID/comments`` are the comments of a case. ``page_size`` limits a page below the
    requested size. ``spoilt`` replaces the content of a record (``collection/id``), which is still
    found under its name.
    """

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    spoilt: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    kept_from: int = 0
    page_size: int = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        collection, _, identifier = path.removeprefix(f"{ROOT}/").partition("/")
        if collection == "events":
            return self._feed(request.url.params)
        if identifier.endswith("/comments"):
            return self._list(f"{collection}/{identifier}", request.url.params)
        if identifier:
            found = [
                self._said(collection, record)
                for record in self.lists.get(collection, [])
                if record["id"] == unquote(identifier)
            ]
            return json_answer(found[0]) if found else problem(404, "not-found")
        return self._list(collection, request.url.params)

    def _said(self, collection: str, record: dict[str, Any]) -> Any:
        return self.spoilt.get(f"{collection}/{record['id']}", record)

    def _list(self, collection: str, params: httpx.QueryParams) -> httpx.Response:
        partners = params.get_list("partnerId")
        statuses = params["status"].split(",") if "status" in params else None
        found = [
            self._said(collection, record)
            for record in self.lists.get(collection, [])
            if (not partners or record.get("partnerId", record["id"]) in partners)
            and (statuses is None or record["status"] in statuses)
        ]
        start = int(params.get("cursor", "0"))
        end = start + min(int(params["limit"]), self.page_size)
        return json_answer(
            {
                "items": found[start:end],
                "nextCursor": str(end) if end < len(found) else None,
                "asOf": "2026-03-12T14:05:31.000Z",
            }
        )

    def _feed(self, params: httpx.QueryParams) -> httpx.Response:
        start = len(self.events) if params["cursor"] == "now" else int(params["cursor"])
        if start < self.kept_from:
            return problem(410, "cursor-expired")
        end = min(start + int(params["limit"]), len(self.events))
        return json_answer(
            {
                "items": self.events[start:end],
                "nextCursor": str(end),
                "hasMore": end < len(self.events),
            }
        )
