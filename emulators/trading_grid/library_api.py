"""Uploads, documents and approvals over HTTP: their part of the community gateway profile."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from emulators.trading_grid.documents import version_number
from emulators.trading_grid.json_bodies import answer, body
from emulators.trading_grid.store import Document
from emulators.trading_grid.tenant import Tenant

PIECE = 256 * 1024

type Work = Callable[[Request], Awaitable[Response]]


class LibraryApi:
    """The routes under ``/uploads``, ``/documents`` and ``/approvals`` that are not those of every entity."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._library = tenant.library

    def table(self) -> list[tuple[str, str, Work]]:
        return [
            ("POST", "/uploads", self._announce),
            ("POST", "/documents", self._create),
            ("GET", "/documents/{id}/versions", self._versions),
            ("POST", "/documents/{id}/versions", self._submit),
            ("GET", "/documents/{id}/versions/{number}/content", self._content),
            ("POST", "/approvals", self._ask),
            ("POST", "/approvals/{id}/decision", self._decide),
        ]

    async def _announce(self, request: Request) -> Response:
        return JSONResponse(self._tenant.uploads.announce(await body(request, "NewUpload"), str(request.base_url).rstrip("/")), 201)

    async def _create(self, request: Request) -> Response:
        return answer(self._library.create(await body(request, "NewDocument")), 201)

    async def _versions(self, request: Request) -> Response:
        return JSONResponse({"items": self._library.versions(request.path_params["id"]), "nextCursor": None, "asOf": self._tenant.community.now()})

    async def _submit(self, request: Request) -> Response:
        version, fresh = self._library.submit(request.path_params["id"], await body(request, "NewDocumentVersion"))
        return JSONResponse(version, 201 if fresh else 200)

    async def _ask(self, request: Request) -> Response:
        return answer(self._library.ask(await body(request, "NewApproval")), 201)

    async def _decide(self, request: Request) -> Response:
        wish = await body(request, "Decision")
        return answer(self._library.decide(request.path_params["id"], wish["decision"], wish.get("comment", "")))

    async def _content(self, request: Request) -> Response:
        """The bytes of a version, whole or in ranges, with their digest (RFC 9530)."""
        version = self._library.version(request.path_params["id"], version_number(request.path_params["number"]))
        path, faults = self._tenant.blobs.path(version["sha256"]), self._tenant.faults
        digest = base64.b64encode(bytes.fromhex(version["sha256"])).decode()
        headers = {"content-digest": f"sha-256=:{digest}:", "etag": f'"{version["sha256"]}"'}
        if faults.take("corrupt_content", path=request.url.path):
            return StreamingResponse(self._corrupt(version), media_type=version["mediaType"], headers=headers)
        return FileResponse(path, media_type=version["mediaType"], filename=version["fileName"], headers=headers)

    async def _corrupt(self, version: Document) -> AsyncIterator[bytes]:
        """As many bytes, of which the last is another one."""
        left = version["sizeBytes"]
        with self._tenant.blobs.path(version["sha256"]).open("rb") as content:
            while piece := content.read(PIECE):
                left -= len(piece)
                yield piece if left else piece[:-1] + bytes([piece[-1] ^ 1])
