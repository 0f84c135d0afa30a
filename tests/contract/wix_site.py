"""A fresh site of the Wix emulator for a test, and a client that calls it over HTTP."""

import atexit
import contextlib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.kit import server
from emulators.wix.app import build
from emulators.wix.site import new_site

MIDDAY = "2026-03-02T12:00:00+00:00"
ITEMS = "/wix-data/v2/items"
BULK = "/wix-data/v2/bulk/items"
COLLECTIONS = "/wix-data/v2/collections"
PARTNERS = "Partners"


class Stage:
    """One server for all tests, which serves whatever application was put on it last."""

    def __init__(self) -> None:
        self.app: ASGIApp = build()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@functools.cache
def _stage() -> tuple[Stage, str, httpx.Client]:
    stack = contextlib.ExitStack()
    stage = Stage()
    url = stack.enter_context(server.thread(stage))
    http = stack.enter_context(httpx.Client(timeout=20))
    atexit.register(stack.close)
    return stage, url, http


@dataclass(frozen=True)
class Client:
    """Calls the site with an API key, unless other headers are given."""

    url: str
    info: Mapping[str, str]
    http: httpx.Client = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": self.info["apiKey"], "wix-site-id": self.info["siteId"]}

    def call(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **params: Any) -> httpx.Response:
        given = self.headers if headers is None else headers
        return self.http.request(method, self.url + path, json=body, headers=given, params=params or None)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.call("POST", path, body)

    def ok(self, method: str, path: str, body: Any = None, **params: Any) -> dict[str, Any]:
        """The answer of a call that must succeed."""
        answer = self.call(method, path, body, **params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def control(self, method: str, path: str, body: Any = None, **params: Any) -> dict[str, Any]:
        """A call of the emulator's own routes."""
        return self.ok(method, f"/__emulator/{path}", body, **params)

    def fault(self, kind: str, path: str = "*", **options: Any) -> None:
        self.control("POST", "faults", {"kind": kind, "path": path, **options})

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance": seconds})

    def insert(self, **data: Any) -> httpx.Response:
        return self.post(ITEMS, {"dataCollectionId": PARTNERS, "dataItem": {"data": data}})

    def bulk(self, verb: str, *elements: Any, **more: Any) -> httpx.Response:
        name = {"patch": "patches", "remove": "dataItemIds"}.get(verb, "dataItems")
        return self.post(f"{BULK}/{verb}", {"dataCollectionId": PARTNERS, name: list(elements), **more})

    def save_all(self, items: Sequence[Mapping[str, Any]]) -> None:
        answer = self.bulk("save", *({"data": item} for item in items)).json()
        assert answer["bulkActionMetadata"]["totalFailures"] == 0, answer

    def query(self, *, consistent: bool = True, **query: Any) -> dict[str, Any]:
        return self.ok("POST", f"{ITEMS}/query", {"dataCollectionId": PARTNERS, "query": query, "consistentRead": consistent, "returnTotalCount": True})

    def ids(self, **query: Any) -> list[str]:
        return [item["id"] for item in self.query(**query)["dataItems"]]

    def stored(self, collection: str = PARTNERS) -> dict[str, dict[str, Any]]:
        """The items as they stand, by id, without what Wix adds."""
        items = self.control("GET", "items", collection=collection)["items"]
        return {item["_id"]: {name: value for name, value in item.items() if not name.startswith("_")} for item in items}

    def actions(self, identifier: str) -> list[str]:
        return [write["action"] for write in self.control("GET", "writes", collection=PARTNERS, id=identifier)["writes"]]


def a_site(*, state: Path | None = None, collection: bool = True, **options: Any) -> Client:
    """A client of a fresh site whose clock stands still at midday, with an empty collection ``Partners``."""
    stage, url, http = _stage()
    stage.app = build(new_site(state=state, **options))
    client = Client(url, http.get(f"{url}/__emulator/info").json(), http)
    client.control("POST", "clock", {"now": MIDDAY})
    if collection and state is None:
        client.ok("POST", COLLECTIONS, {"collection": {"id": PARTNERS, "fields": [{"key": "title", "type": "TEXT"}]}})
    return client


def code(answer: httpx.Response) -> str:
    """Wix's code of an error; the field of an invalid request."""
    details = answer.json()["details"]
    assert len(details) == 1, details
    if "applicationError" in details:
        return str(details["applicationError"]["code"])
    return str(details["validationError"]["fieldViolations"][0]["field"])


def codes(answer: httpx.Response) -> list[str | None]:
    """For each item of a bulk call its error's code, None if it succeeded, in the order of the request."""
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["itemMetadata"]["originalIndex"] for result in results] == list(range(len(results)))
    assert all(result["itemMetadata"]["success"] is ("error" not in result["itemMetadata"]) for result in results)
    return [result["itemMetadata"].get("error", {}).get("code") for result in results]
