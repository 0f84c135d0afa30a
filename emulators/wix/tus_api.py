"""Resumable uploads over HTTP by the tus protocol. See :mod:`emulators.wix.media.resumable`."""

from starlette.requests import Request
from starlette.responses import Response

from emulators.wix.endpoint import base_url
from emulators.wix.errors import InvalidRequest
from emulators.wix.media.files import file_descriptor
from emulators.wix.media.resumable import VERSION, Part, TusError, parse_count, parse_metadata
from emulators.wix.media.rules import check_refused
from emulators.wix.media.uploads import RESUMABLE_PATH
from emulators.wix.site import Site
from emulators.wix.wire import Json

PIECE_TYPE = "application/offset+octet-stream"


class TusApi:
    """Handlers of resumable uploads by the tus protocol.

    Raises WixError or InvalidRequest like the rest of the Media Manager. Errors of the tus protocol
    itself have that protocol's format.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._media = site.media

    async def start_upload(self, request: Request) -> Response:
        """Handle ``POST``, which starts an upload, and ``OPTIONS``, which returns capabilities."""
        if request.method == "OPTIONS":
            most = str(self._media.limits.file_bytes)
            return _tus_response(
                204, {"Tus-Version": VERSION, "Tus-Extension": "creation", "Tus-Max-Size": most}
            )
        try:
            _check_version(request)
            length = parse_count(request.headers.get("upload-length"), "Upload-Length")
            token = parse_metadata(request.headers.get("upload-metadata", "")).get("token", "")
            self._media.uploads.require_upload(token, request.url.path, resumable=True)
            check_refused(self._site.faults, request.url.path)
            if length > self._media.limits.file_bytes:
                raise TusError(413, "The file is too large")
            self._media.files.check_size(length, "Upload-Length")
            part = self._media.resumable.create(token, length)
        except TusError as refused:
            return _error_response(refused)
        return _tus_response(201, {"Location": f"{base_url(request)}{RESUMABLE_PATH}/{part.name}"})

    async def continue_upload(self, request: Request) -> Response:
        """Handle ``PATCH``, which adds bytes, and ``HEAD``, which returns their number so far."""
        try:
            _check_version(request)
            part = self._media.resumable.get(request.path_params["name"])
            if request.method == "PATCH":
                self._media.uploads.require_upload(part.token, request.url.path, resumable=True)
                await self._append_bytes(request, part)
                return _tus_response(204, {"Upload-Offset": str(part.offset)})
        except TusError as refused:
            return _error_response(refused)
        return _tus_response(
            200,
            {
                "Upload-Offset": str(part.offset),
                "Upload-Length": str(part.length),
                "Cache-Control": "no-store",
            },
        )

    async def finish_upload(self, request: Request) -> Response:
        """Create a file from a complete resumable upload.

        The upload's token cannot be used again.
        """
        uploads, path = self._media.uploads, request.url.path
        upload = uploads.require_upload(request.path_params["name"], path, resumable=True)
        check_refused(self._site.faults, path)
        wish = uploads.complete_request(upload, request.query_params.get("filename", ""), "")
        blob = await self._media.resumable.take_complete(upload["id"])
        if blob is None:
            raise InvalidRequest("uploadToken", "is of an upload that is not complete")
        return Json(
            {
                "file": file_descriptor(
                    uploads.finish_resumable(upload, wish, blob), base_url(request)
                )
            }
        )

    async def _append_bytes(self, request: Request, part: Part) -> None:
        if request.headers.get("content-type") != PIECE_TYPE:
            raise TusError(415, f"The type must be {PIECE_TYPE}")
        offset = parse_count(request.headers.get("upload-offset"), "Upload-Offset")
        await self._media.resumable.append(part, offset, request.stream())


def _check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise TusError(412, f"Tus-Resumable must be {VERSION}")


def _error_response(refused: TusError) -> Response:
    more = {"Tus-Version": VERSION} if refused.status == 412 else {}
    return _tus_response(refused.status, more, refused.reason)


def _tus_response(status: int, headers: dict[str, str], text: str = "") -> Response:
    return Response(
        text,
        status,
        {"Tus-Resumable": VERSION, **headers},
        media_type="text/plain" if text else None,
    )
