"""Emulated HTTP routes of the document library: uploads, document versions and approvals."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from emulators.trading_grid.documents import parse_version_number
from emulators.trading_grid.json_bodies import entity_response, read_json
from emulators.trading_grid.store import Document
from emulators.trading_grid.tenant import Tenant

CHUNK_BYTES = 256 * 1024

type Handler = Callable[[Request], Awaitable[Response]]


class LibraryApi:
    """HTTP routes of the document library: uploads, versions with their content, and approvals.

    The class CommunityApi has the routes that are the same for all records, such as lists.
    """

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._library = tenant.library

    def route_table(self) -> list[tuple[str, str, Handler]]:
        return [
            ("POST", "/uploads", self._create_upload),
            ("POST", "/documents", self._create_document),
            ("GET", "/documents/{id}/versions", self._list_versions),
            ("POST", "/documents/{id}/versions", self._submit_version),
            ("GET", "/documents/{id}/versions/{number}/content", self._get_content),
            ("POST", "/approvals", self._request_approval),
            ("POST", "/approvals/{id}/decision", self._decide_approval),
        ]

    async def _create_upload(self, request: Request) -> Response:
        return JSONResponse(
            self._tenant.uploads.create_upload(
                await read_json(request, "NewUpload"), str(request.base_url).rstrip("/")
            ),
            201,
        )

    async def _create_document(self, request: Request) -> Response:
        return entity_response(
            self._library.create_document(await read_json(request, "NewDocument")), 201
        )

    async def _list_versions(self, request: Request) -> Response:
        return JSONResponse(
            {
                "items": self._library.versions(request.path_params["id"]),
                "nextCursor": None,
                "asOf": self._tenant.community.now(),
            }
        )

    async def _submit_version(self, request: Request) -> Response:
        version, fresh = self._library.submit_version(
            request.path_params["id"], await read_json(request, "NewDocumentVersion")
        )
        return JSONResponse(version, 201 if fresh else 200)

    async def _request_approval(self, request: Request) -> Response:
        return entity_response(
            self._library.request_approval(await read_json(request, "NewApproval")), 201
        )

    async def _decide_approval(self, request: Request) -> Response:
        wish = await read_json(request, "Decision")
        return entity_response(
            self._library.decide_approval(
                request.path_params["id"], wish["decision"], wish.get("comment", "")
            )
        )

    async def _get_content(self, request: Request) -> Response:
        """Serve the bytes of a document version, whole or in ranges, with their digest.

        Source: RFC 9530.
        """
        version = self._library.version(
            request.path_params["id"], parse_version_number(request.path_params["number"])
        )
        path, faults = self._tenant.blobs.path(version["sha256"]), self._tenant.faults
        digest = base64.b64encode(bytes.fromhex(version["sha256"])).decode()
        headers = {"content-digest": f"sha-256=:{digest}:", "etag": f'"{version["sha256"]}"'}
        if faults.take_match("corrupt_content", path=request.url.path):
            return StreamingResponse(
                self._corrupted_content(version), media_type=version["mediaType"], headers=headers
            )
        return FileResponse(
            path, media_type=version["mediaType"], filename=version["fileName"], headers=headers
        )

    async def _corrupted_content(self, version: Document) -> AsyncIterator[bytes]:
        """Yield the content with its last byte changed, so that its digest is wrong."""
        left = version["sizeBytes"]
        with self._tenant.blobs.path(version["sha256"]).open("rb") as content:
            while piece := content.read(CHUNK_BYTES):
                left -= len(piece)
                yield piece if left else piece[:-1] + bytes([piece[-1] ^ 1])
