"""The portal's backend in its local host, on a site of the Wix emulator.

A webhook endpoint records submissions, and a Media Manager has two files.
"""

import atexit
import contextlib
import functools
import itertools
import json
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulators.common import server
from emulators.portal.node import NodeMissing, find_node
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from gridwix.mapping.references import reference
from gridwix.wix_webhook.form_posts import read_form_post
from ops.collections import collection_definitions
from ops.emulator import Emulator
from ops.members import link_id
from ops.paths import ROOT
from ops.waiting import wait_for

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RING = "/_functions/gridwixRing"
NOW = "2026-03-12T09:00:00.000Z"

type Answer = Any


def _without_node() -> str:
    try:
        find_node()
    except NodeMissing as missing:
        return str(missing)
    return ""


needs_node = pytest.mark.skipif(bool(_without_node()), reason=_without_node() or "Node.js is there")


@dataclass
class WebhookEndpoint:
    """gridwix's webhook: accepts signed submissions and stores them.

    ``answers`` are the statuses of the next responses.
    """

    posts: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    seen: int = 0

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        self.seen += 1
        try:
            Webhook(SECRET).verify(body, dict(request.headers))
        except WebhookVerificationError:
            return JSONResponse({"message": "invalid-signature"}, status_code=401)
        if self.answers and (status := self.answers.pop(0)) != 200:
            return Response(status_code=status)
        form = request.url.path.rpartition("/")[2]
        received = read_form_post(form, body, trusted=True, now=0).submission
        assert received is not None
        self.posts.append({"form": form, **json.loads(body)})
        return JSONResponse({"reference": reference(received.id)})


@dataclass
class Media:
    """The calls of the Media Manager that the backend makes, for the given files."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        call, body = request.url.path.rpartition("/")[2], json.loads(await request.body() or b"{}")
        self.asked.append({"call": call, **body, **request.query_params})
        if call == "generate-upload-url":
            return JSONResponse({"uploadUrl": f"https://upload.wix.example/{uuid.uuid4()}"})
        if call == "delete":
            if any(self.files[one].get("undeletable") for one in body["fileIds"]):
                return JSONResponse({"message": "no"}, status_code=400)
            for one in body["fileIds"]:
                del self.files[one]
            return JSONResponse({})
        file = self.files.get(body.get("fileId") or request.query_params.get("fileId", ""))
        if file is None:
            violation = {
                "field": "fileId",
                "ruleName": "RESOURCE_NOT_FOUND",
                "description": "no such file",
            }
            return JSONResponse(
                {"message": "no", "details": {"validationError": {"fieldViolations": [violation]}}},
                status_code=400,
            )
        if call == "generate-file-download-url":
            return JSONResponse(
                {
                    "downloadUrls": [
                        {
                            "url": f"https://download.wix.example/{file['id']}?token=1",
                            "assetKey": "src",
                        }
                    ]
                }
            )
        return JSONResponse({"file": file})


@dataclass
class ReadLog:
    """The collections that were read, one entry per query or get of Wix Data."""

    collections: list[str] = field(default_factory=list)

    async def watch(self, scope: Scope, receive: Receive) -> Receive:
        """Record a read; return a ``receive`` that yields the request's body again."""
        path = scope.get("path", "")
        if scope.get("method") == "GET" and path.startswith("/wix-data/v2/items/"):
            self.collections.append(Request(scope).query_params["dataCollectionId"])
        if path != "/wix-data/v2/items/query":
            return receive
        body = await Request(scope, receive).body()
        self.collections.append(json.loads(body)["dataCollectionId"])

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        return replay


class Site:
    """The emulator, with replacements for what it lacks or what a test inspects."""

    def __init__(
        self, wix: ASGIApp, webhook: WebhookEndpoint, media: Media | None, reads: ReadLog
    ) -> None:
        self._wix, self._webhook, self._media, self._reads = wix, webhook, media, reads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        beside: WebhookEndpoint | Media | None = None
        if path.startswith("/wix-webhook/"):
            beside = self._webhook
        elif path.startswith("/site-media/"):
            beside = self._media
        if beside is None:
            await self._wix(scope, await self._reads.watch(scope, receive), send)
        else:
            await (await beside(Request(scope, receive)))(scope, receive, send)


class Listener:
    """A page's realtime connection: what it subscribes to and the messages that it hears.

    Use it as a context manager; a thread reads the stream.
    """

    def __init__(self, portal: str, http: httpx.Client) -> None:
        self.messages: list[dict[str, Any]] = []
        self.connection = ""
        self.ended = False
        self._portal, self._http = portal, http
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._stream = self._http.stream("GET", f"{self._portal}/_realtime/connect", timeout=None)
        self._response = self._stream.__enter__()
        self._reader.start()
        wait_for(lambda: self.connection or self.ended, "the stream to begin", poll=0.005)
        return self

    def __exit__(self, *_: object) -> None:
        # Another thread may read from a socket that is closed here: only shutting it down wakes it.
        stream = self._response.extensions["network_stream"].get_extra_info("socket")
        with contextlib.suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)
        self._reader.join()

    def subscribe(self, resource: str | None = None, *, name: str = "gridwix") -> int:
        """Subscribe to a resource, or to the channel itself. Return the response's status."""
        channel = {"name": name} if resource is None else {"name": name, "resourceId": resource}
        return self.order("subscribe", channel).status_code

    def order(self, action: str, channel: Any) -> httpx.Response:
        body = {"connection": self.connection, "channel": channel}
        return self._http.post(f"{self._portal}/_realtime/{action}", json=body)

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Return the messages once there are that many."""
        wait_for(
            lambda: len(self.messages) >= count,
            f"{count} messages",
            progress=lambda: len(self.messages),
            poll=0.005,
        )
        return self.messages

    def _read(self) -> None:
        event = ""
        with contextlib.suppress(httpx.HTTPError):
            for line in self._response.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "connected":
                    self.connection = json.loads(value)["connection"]
                elif name == "data":
                    self.messages.append(json.loads(value))
        self.ended = True


@dataclass(frozen=True)
class Visitor:
    """A visitor of the portal's page: a logged-in member, or nobody."""

    portal: str
    id: str
    http: httpx.Client

    def call(self, method: str, *args: Any) -> Answer:
        """Call a web method as page code does and return its result."""
        answer = self.send(method, list(args))
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def listen(self) -> Listener:
        """Return a realtime connection of this visitor."""
        return Listener(self.portal, self.http)

    def send(self, method: str, args: Any) -> httpx.Response:
        # As a browser writes it: a text that is no Unicode is escaped, and gets through.
        headers = {"content-type": "application/json"}
        return self.http.post(
            f"{self.portal}/_functions/web/{method}", content=json.dumps(args), headers=headers
        )


@dataclass(frozen=True)
class Portal:
    """``wix`` is the address of the site, ``url`` that of the portal."""

    url: str
    wix: str
    info: Mapping[str, str]
    http: httpx.Client
    webhook: WebhookEndpoint
    media: Media
    reads: ReadLog
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def partner(self, name: str = "Prairie Gold Foods") -> str:
        """Create a partner with a row in PartnerStatus and return its id."""
        identifier = f"GC0700{next(self.numbers):08}"
        self.row(
            "PartnerStatus",
            identifier,
            partnerId=identifier,
            partnerName=name,
            headline=f"Headline of {identifier}",
            status="active",
        )
        return identifier

    def member(
        self, *partners: str, role: str = "edi", url: str | None = None, **more: Any
    ) -> Visitor:
        """Create a member of these partners and log in, at the portal or at another host."""
        url = url or self.url
        wish = {
            "loginEmail": f"{uuid.uuid4()}@partner.example",
            "contact": {"firstName": "Dana", "lastName": "Whitfield"},
            **more,
        }
        identifier = str(self.control("members", wish)["member"]["id"])
        for partner in partners:
            self.link(identifier, partner, role)
        http = httpx.Client(headers={"origin": url})
        assert http.post(f"{url}/login", data={"member": identifier}).status_code == 303
        return Visitor(url, identifier, http)

    def nobody(self) -> Visitor:
        return Visitor(self.url, "", httpx.Client(headers={"origin": self.url}))

    def link(self, member: str, partner: str, role: str = "edi") -> None:
        self.row(
            "PartnerLinks",
            link_id(member, partner),
            memberId=member,
            partnerId=partner,
            role=role,
            verifiedBy="hub",
        )

    def block(self, member: str) -> None:
        """Block a member as the site's owner does. Its session goes on."""
        self._call("POST", f"/members/v1/members/{member}/block", {"id": member})

    @staticmethod
    def copy_backend(folder: Path) -> Path:
        """Copy the backend's files into a folder to serve instead. Return where they are."""
        return Path(shutil.copytree(ROOT / "portal/backend", folder / "backend"))

    def unlink(self, member: str, partner: str) -> None:
        self.remove("PartnerLinks", link_id(member, partner))

    def row(self, collection: str, identifier: str, **data: Any) -> str:
        item = {"id": identifier, "data": {"_id": identifier, **data}}
        self._call(
            "POST", "/wix-data/v2/items/save", {"dataCollectionId": collection, "dataItem": item}
        )
        return identifier

    def save(self, collection: str, items: Sequence[Mapping[str, Any]]) -> None:
        """Save many items at once, each with its ``_id``."""
        for chunk in itertools.batched(items, 500, strict=False):
            self._call(
                "POST",
                "/wix-data/v2/bulk/items/save",
                {
                    "dataCollectionId": collection,
                    "dataItems": [{"id": one["_id"], "data": one} for one in chunk],
                },
            )

    def remove(self, collection: str, identifier: str) -> None:
        self._call(
            "POST",
            "/wix-data/v2/items/remove",
            {"dataCollectionId": collection, "dataItemId": identifier},
        )

    def ring(self, *rings: tuple[str, dict[str, int]], url: str | None = None) -> dict[str, Any]:
        """Ring as gridwix does and return the response."""
        order = {
            "type": "gridwix.ring",
            "rings": [{"resource": resource, "numbers": numbers} for resource, numbers in rings],
        }
        body = json.dumps(order)
        answer = self.http.post(f"{url or self.url}{RING}", content=body, headers=sign_ring(body))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    @contextlib.contextmanager
    def host(
        self,
        *options: str,
        secrets: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> Iterator[str]:
        """Run another host of the same site for the block. Yield its URL."""
        environment = {
            "PORTAL_WIX_API_KEY": self.info["apiKey"],
            "PORTAL_SECRETS": json.dumps(site_secrets(self.wix) if secrets is None else secrets),
        }
        arguments = ["--wix", self.wix, "--site-id", self.info["siteId"], "--patience", "100"]
        with server.process(
            # Of an option that is given twice, the last one counts.
            "emulators.portal",
            [*arguments, *options],
            log=log,
            environment=environment,
        ) as url:
            yield url

    def rows(self, collection: str) -> dict[str, dict[str, Any]]:
        return {
            item["_id"]: item
            for item in Emulator(self.wix, self.http).read("items", collection=collection)["items"]
        }

    def control(self, path: str, body: Any) -> dict[str, Any]:
        return Emulator(self.wix, self.http).order(path, body)

    def _call(self, method: str, path: str, body: Any) -> None:
        headers = {"authorization": self.info["apiKey"], "wix-site-id": self.info["siteId"]}
        answer = self.http.request(method, self.wix + path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text


@functools.cache
def portal(*, watch_media: bool = True) -> Portal:
    """Return one site and one host for all tests of the process.

    Each test has members and partners of its own. Without ``watch_media`` the Media Manager is the
    emulator's, with real files.
    """
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    webhook, media, reads = WebhookEndpoint(), Media(), ReadLog()
    wix = stack.enter_context(
        server.thread(
            Site(
                build_app(
                    new_site(
                        reads_per_minute=1_000_000,
                        writes_per_minute=1_000_000,
                        requests_per_minute=1_000_000,
                        replica_lag=0,
                    )
                ),
                webhook,
                media if watch_media else None,
                reads,
            )
        )
    )
    http = stack.enter_context(httpx.Client())
    info = Emulator(wix, http).info()
    headers = {"authorization": info["apiKey"], "wix-site-id": info["siteId"]}
    for definition in collection_definitions():
        http.post(
            f"{wix}/wix-data/v2/collections", json={"collection": definition}, headers=headers
        ).raise_for_status()
    environment = {
        "PORTAL_WIX_API_KEY": info["apiKey"],
        "PORTAL_SECRETS": json.dumps(site_secrets(wix)),
    }
    url = stack.enter_context(
        server.process(
            "emulators.portal",
            ["--wix", wix, "--site-id", info["siteId"], "--patience", "100"],
            environment=environment,
        )
    )
    return Portal(url, wix, info, http, webhook, media, reads)


def site_secrets(wix: str) -> dict[str, str]:
    """Return the secrets of the site's Secrets Manager."""
    return {"gridwix-webhook-url": f"{wix}/wix-webhook", "gridwix-signing-secret": SECRET}


def sign_ring(
    body: str | bytes, *, message_id: str = "ring-1", at: float | None = None, secret: str = SECRET
) -> dict[str, str]:
    """Return the headers of a signed ring, signed ``at`` that Unix time, or now."""
    when = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    text = body if isinstance(body, str) else body.decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(when.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, when, text),
    }


def backend_methods() -> set[str]:
    """Return the names of the web module's exports."""
    text = (ROOT / "portal/backend/gridwix.web.js").read_text()
    return {line.split()[2] for line in text.splitlines() if line.startswith("export ")}
