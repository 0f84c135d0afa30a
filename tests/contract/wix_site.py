"""A new site of the Wix emulator for a test, an HTTP client, and callback URLs."""

import asyncio
import atexit
import contextlib
import functools
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.common import server
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from ops.emulator import Emulator
from ops.waiting import wait_for

MIDDAY = "2026-03-02T12:00:00+00:00"
ITEMS = "/wix-data/v2/items"
BULK = "/wix-data/v2/bulk/items"
COLLECTIONS = "/wix-data/v2/collections"
PARTNERS = "Partners"
PATIENCE = 200.0


class Stage:
    """One server for all tests; it serves the application that was set last."""

    def __init__(self) -> None:
        self.app: ASGIApp = build_app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Callback:
    """A URL that accepts all requests.

    ``answers`` are the statuses of the next responses, then 200; ``seconds`` is the delay of each.
    The first calls are answered once ``together`` of them are in progress.
    """

    def __init__(self, url: str, *answers: int, seconds: float = 0.0, together: int = 0) -> None:
        self.url = url
        self.answers = list(answers)
        self.seconds = seconds
        self.together = together
        self.enough = asyncio.Event()
        self.bodies: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.underway = self.most_underway = 0

    def wait_for(self, count: int, *, quiet: float = 0.0) -> list[str]:
        """Return the bodies once there are that many, and no more for ``quiet`` seconds."""
        wait_for(
            lambda: len(self.bodies) >= count,
            f"{count} calls of {self.url}",
            progress=lambda: len(self.bodies),
        )
        time.sleep(quiet)
        assert len(self.bodies) == count
        return self.bodies

    async def take(self, receive: Receive, headers: dict[str, str]) -> int:
        self.underway += 1
        self.most_underway = max(self.underway, self.most_underway)
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if self.underway >= self.together:
            self.enough.set()
        await self.enough.wait()
        # Until the time is over, or the caller has hung up.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(receive(), self.seconds)
        self.underway -= 1
        self.headers.append(headers)
        self.bodies.append(body.decode())
        return self.answers.pop(0) if self.answers else 200


class Callbacks:
    """One server for all callbacks, each with a path of its own."""

    def __init__(self) -> None:
        self.all: dict[str, Callback] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = await self.all[scope["path"]].take(receive, headers)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-length", b"0")],
            }
        )
        await send({"type": "http.response.body", "body": b""})


@functools.cache
def _callbacks() -> tuple[Callbacks, str]:
    stack = contextlib.ExitStack()
    callbacks = Callbacks()
    url = stack.enter_context(server.thread(callbacks))
    atexit.register(stack.close)
    return callbacks, url


def a_callback(*answers: int, seconds: float = 0.0, together: int = 0) -> Callback:
    callbacks, url = _callbacks()
    path = f"/{uuid.uuid4()}"
    callbacks.all[path] = Callback(url + path, *answers, seconds=seconds, together=together)
    return callbacks.all[path]


def wait_until(happened: Callable[[], object], what: str = "the site to get there") -> None:
    wait_for(happened, what, poll=0.005)


@functools.cache
def _stage() -> tuple[Stage, str, httpx.Client]:
    stack = contextlib.ExitStack()
    stage = Stage()
    url = stack.enter_context(server.thread(stage))
    http = stack.enter_context(httpx.Client())
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

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> httpx.Response:
        given = self.headers if headers is None else headers
        return self.http.request(
            method, self.url + path, json=body, headers=given, params=params or None
        )

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.call("POST", path, body)

    def ok(self, method: str, path: str, body: Any = None, **params: Any) -> dict[str, Any]:
        """Return the response of a call that must succeed."""
        answer = self.call(method, path, body, **params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def control(self, method: str, path: str, body: Any = None, **params: Any) -> dict[str, Any]:
        """Call one of the emulator's own routes."""
        return self.ok(method, f"/__emulator/{path}", body, **params)

    def fault(self, kind: str, path: str = "*", **options: Any) -> None:
        self.control("POST", "faults", {"kind": kind, "path": path, **options})

    def settle(self) -> None:
        """Wait until the site makes no call, and none is due soon."""
        wait_until(
            lambda: self.control("GET", "underway")["calls"] == 0, "the site to make no more calls"
        )

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance": seconds})

    def insert(self, **data: Any) -> httpx.Response:
        return self.post(ITEMS, {"dataCollectionId": PARTNERS, "dataItem": {"data": data}})

    def bulk(self, verb: str, *elements: Any, **more: Any) -> httpx.Response:
        name = {"patch": "patches", "remove": "dataItemIds"}.get(verb, "dataItems")
        return self.post(
            f"{BULK}/{verb}", {"dataCollectionId": PARTNERS, name: list(elements), **more}
        )

    def save_all(self, items: Sequence[Mapping[str, Any]]) -> None:
        answer = self.bulk("save", *({"data": item} for item in items)).json()
        assert answer["bulkActionMetadata"]["totalFailures"] == 0, answer

    def query(self, *, consistent: bool = True, **query: Any) -> dict[str, Any]:
        return self.ok(
            "POST",
            f"{ITEMS}/query",
            {
                "dataCollectionId": PARTNERS,
                "query": query,
                "consistentRead": consistent,
                "returnTotalCount": True,
            },
        )

    def ids(self, **query: Any) -> list[str]:
        return [item["id"] for item in self.query(**query)["dataItems"]]

    def stored(self, collection: str = PARTNERS) -> dict[str, dict[str, Any]]:
        """Return the current items by id, without the members that Wix adds."""
        items = self.control("GET", "items", collection=collection)["items"]
        return {
            item["_id"]: {name: value for name, value in item.items() if not name.startswith("_")}
            for item in items
        }

    def actions(self, identifier: str) -> list[str]:
        return [
            write["action"]
            for write in self.control("GET", "writes", collection=PARTNERS, id=identifier)["writes"]
        ]

    def a_form(self, *fields: dict[str, Any], **more: Any) -> str:
        """Create a form and return its id.

        The default has a required ``email`` and an optional ``amount``.
        """
        given = fields or (
            {"target": "email", "required": True},
            {"target": "amount", "inputType": "NUMBER"},
        )
        form = self.control("POST", "forms", {"name": "Contact us", "fields": list(given), **more})[
            "form"
        ]
        return str(form["id"])

    def submit(self, form: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Submit a form as a visitor, or with ``memberId`` as a member."""
        found: dict[str, Any] = self.control(
            "POST", "submissions", {"formId": form, "submissions": values, **more}
        )["submission"]
        return found

    def register_webhook(self, callback: Callback, *types: str) -> str:
        """Register a webhook and return its id."""
        return str(
            self.control("POST", "webhooks", {"url": callback.url, "types": list(types)})[
                "webhook"
            ]["id"]
        )

    def deliveries(self, **params: Any) -> list[dict[str, Any]]:
        """Return the deliveries, newest first."""
        found: list[dict[str, Any]] = self.control("GET", "webhooks/deliveries", **params)[
            "deliveries"
        ]
        return found


@dataclass(frozen=True)
class ReceivedEvent:
    """A webhook's body: the signed token, the envelope in it, and the event in that."""

    claims: dict[str, Any]
    envelope: dict[str, Any]
    event: Any

    @property
    def identity(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.envelope["identity"])
        return found


def decode_webhook(body: str, site: Client) -> ReceivedEvent:
    """Decode a webhook's body. Raises jwt.InvalidTokenError if the site has not signed it."""
    claims = jwt.decode(
        body,
        site.info["publicKey"],
        algorithms=["RS256"],
        audience=site.info["appId"],
        issuer="wix.com",
    )
    envelope = json.loads(claims["data"])
    return ReceivedEvent(claims, envelope, json.loads(envelope["data"]))


def a_site(*, state: Path | None = None, collection: bool = True, **options: Any) -> Client:
    """Return a client of a new site with an empty collection ``Partners``.

    Its clock stands still at midday. The timeout of its own calls is long unless ``patience`` says
    otherwise: a busy machine responds slowly.
    """
    stage, url, http = _stage()
    stage.app = build_app(new_site(state=state, **{"patience": PATIENCE, **options}))
    client = Client(url, Emulator(url, http).info(), http)
    client.control("POST", "clock", {"now": MIDDAY})
    if collection and state is None:
        client.ok(
            "POST",
            COLLECTIONS,
            {"collection": {"id": PARTNERS, "fields": [{"key": "title", "type": "TEXT"}]}},
        )
    return client


def code(answer: httpx.Response) -> str:
    """Return Wix's code of an error, or the field of an invalid request."""
    details = answer.json()["details"]
    assert len(details) == 1, details
    if "applicationError" in details:
        return str(details["applicationError"]["code"])
    return str(details["validationError"]["fieldViolations"][0]["field"])


def codes(answer: httpx.Response) -> list[str | None]:
    """Return the error code of each item of a bulk call, None for success, in request order."""
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["itemMetadata"]["originalIndex"] for result in results] == list(
        range(len(results))
    )
    assert all(
        result["itemMetadata"]["success"] is ("error" not in result["itemMetadata"])
        for result in results
    )
    return [result["itemMetadata"].get("error", {}).get("code") for result in results]
