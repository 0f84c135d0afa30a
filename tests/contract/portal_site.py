"""The portal's backend in its local host, on a site of the Wix emulator.

A webhook endpoint records submissions, and a Media Manager has two files.
"""

import atexit
import contextlib
import functools
import itertools
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.common import server
from emulators.portal.node import NodeMissing, find_node
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from gridwix.mapping.references import reference
from gridwix.wix_webhook.form_posts import read_form_post
from ops.collections import collection_definitions
from ops.emulator import Emulator
from ops.members import link_id

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
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


class Site:
    """The emulator, with replacements for what it lacks or what a test inspects."""

    def __init__(self, wix: ASGIApp, webhook: WebhookEndpoint, media: Media | None) -> None:
        self._wix, self._webhook, self._media = wix, webhook, media

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        beside = (
            self._webhook
            if path.startswith("/wix-webhook/")
            else self._media
            if path.startswith("/site-media/")
            else None
        )
        if beside is None:
            await self._wix(scope, receive, send)
        else:
            await (await beside(Request(scope, receive)))(scope, receive, send)


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

    def member(self, *partners: str, role: str = "edi", **more: Any) -> Visitor:
        """Create a member of these partners and log in."""
        wish = {
            "loginEmail": f"{uuid.uuid4()}@partner.example",
            "contact": {"firstName": "Dana", "lastName": "Whitfield"},
            **more,
        }
        identifier = str(self.control("members", wish)["member"]["id"])
        for partner in partners:
            self.link(identifier, partner, role)
        http = httpx.Client(headers={"origin": self.url})
        assert http.post(f"{self.url}/login", data={"member": identifier}).status_code == 303
        return Visitor(self.url, identifier, http)

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
    webhook, media = WebhookEndpoint(), Media()
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
    secrets = {"gridwix-webhook-url": f"{wix}/wix-webhook", "gridwix-signing-secret": SECRET}
    environment = {"PORTAL_WIX_API_KEY": info["apiKey"], "PORTAL_SECRETS": json.dumps(secrets)}
    url = stack.enter_context(
        server.process(
            "emulators.portal",
            ["--wix", wix, "--site-id", info["siteId"], "--patience", "100"],
            environment=environment,
        )
    )
    return Portal(url, wix, info, http, webhook, media)


def backend_methods() -> set[str]:
    """Return the names of the web module's exports."""
    text = (Path(__file__).parents[2] / "portal/backend/gridwix.web.js").read_text()
    return {line.split()[2] for line in text.splitlines() if line.startswith("export ")}
