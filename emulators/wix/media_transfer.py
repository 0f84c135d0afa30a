"""HTTP uploads and downloads of the Media Manager. The URL is the only credential.

Serves upload URLs, resumable uploads, files' own URLs, download links and archives.
"""

import asyncio
import tempfile
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from emulators.wix.endpoint import base_url
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.media.files import OWN, file_descriptor, file_path, is_served
from emulators.wix.media.links import ARCHIVE_PATH
from emulators.wix.media.links import PATH as LINK_PATH
from emulators.wix.media.rules import check_refused
from emulators.wix.media.uploads import PATH as UPLOAD_PATH
from emulators.wix.media.uploads import RESUMABLE_PATH
from emulators.wix.site import Site
from emulators.wix.tus_api import TusApi
from emulators.wix.wire import Data, Json

PDF = "application/pdf"
FORBIDDEN = "<!doctype html><title>403 Forbidden</title><h1>403 Forbidden</h1>"

type Handler = Callable[[Request], Awaitable[Response]]


def routes(site: Site) -> list[Route]:
    transfer, tus = Transfer(site), TusApi(site)
    return [
        Route(
            f"{UPLOAD_PATH}/{{token}}",
            allow_cross_origin(handle_errors(transfer.receive_upload)),
            methods=["PUT", "OPTIONS"],
        ),
        Route(RESUMABLE_PATH, handle_errors(tus.start_upload), methods=["POST", "OPTIONS"]),
        Route(
            f"{RESUMABLE_PATH}/{{name}}",
            handle_errors(tus.continue_upload),
            methods=["HEAD", "PATCH"],
        ),
        Route(f"{RESUMABLE_PATH}/{{name}}", handle_errors(tus.finish_upload), methods=["PUT"]),
        Route("/media/{file_id}", handle_errors(transfer.serve_own_url), methods=["GET"]),
        Route("/ugd/{file_id}", handle_errors(transfer.serve_own_url), methods=["GET"]),
        Route(
            f"{LINK_PATH}/{{token}}", handle_errors(transfer.serve_download_link), methods=["GET"]
        ),
        Route(f"{ARCHIVE_PATH}/{{token}}", handle_errors(transfer.serve_archive), methods=["GET"]),
    ]


def handle_errors(work: Handler) -> Handler:
    """Wrap a handler of uploads or downloads so that Wix's errors become responses.

    After an error, the rest of the request's body is read and discarded.
    """

    async def answer(request: Request) -> Response:
        try:
            return await work(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except (WixError, InvalidRequest) as error:
            return error.response()

    return answer


def allow_cross_origin(work: Handler) -> Handler:
    """Wrap a handler so that pages of any site can call it (CORS).

    The token in the URL is the credential, so no origin needs to be trusted.

    Source: https://fetch.spec.whatwg.org/#http-cors-protocol
    """

    async def answer(request: Request) -> Response:
        preflight = request.method == "OPTIONS"
        found = (
            Response(status_code=204, headers={"access-control-allow-methods": "PUT"})
            if preflight
            else await work(request)
        )
        found.headers["access-control-allow-origin"] = "*"
        found.headers["access-control-allow-headers"] = "content-type"
        return found

    return answer


class Transfer:
    """Handlers of uploads and downloads: one method for each kind of URL."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._media = site.media

    async def receive_upload(self, request: Request) -> Response:
        """Receive a whole file at its upload URL, and store it in chunks."""
        uploads, path = self._media.uploads, request.url.path
        upload = uploads.require_upload(request.path_params["token"], path, resumable=False)
        check_refused(self._site.faults, path)
        wish = uploads.complete_request(
            upload,
            request.query_params.get("filename", ""),
            request.headers.get("content-type", ""),
        )
        file = await uploads.store_file(upload, wish, request.stream())
        return Json({"file": file_descriptor(file, base_url(request))})

    async def serve_own_url(self, request: Request) -> Response:
        """Serve a file under its own URL: 403 if it is private."""
        file = self._require_served(request.path_params["file_id"])
        if file_path(file) != request.url.path:
            raise WixError("NOT_FOUND", "There is no such file")
        if file["private"]:
            return HTMLResponse(FORBIDDEN, 403)
        return self._file_response(file, file["displayName"], "inline")

    async def serve_download_link(self, request: Request) -> Response:
        """Serve a file by its download link.

        An expired link responds with 403, or redirects to the link's redirect URL.
        """
        link = self._media.links.read_link(request.path_params["token"])
        if link["expired"]:
            return (
                RedirectResponse(link["redirect"], 302)
                if link["redirect"]
                else HTMLResponse(FORBIDDEN, 403)
            )
        file = self._require_served(link["sub"])
        return self._file_response(file, link["name"] or file["displayName"], link["disposition"])

    async def serve_archive(self, request: Request) -> Response:
        """Serve a ZIP of an archive's files that still exist, built on disk."""
        found = [
            self._media.files.find(identifier)
            for identifier in self._media.links.archive_file_ids(request.path_params["token"])
        ]
        members = [file for file in found if file is not None and is_served(file)]
        if not members:
            raise WixError("NOT_FOUND", "None of the files is there any more")
        with tempfile.NamedTemporaryFile(suffix=".zip", delete=False) as target:
            path = Path(target.name)
        await asyncio.to_thread(self._write_zip, path, members)
        return FileResponse(
            path,
            media_type="application/zip",
            filename="files.zip",
            background=BackgroundTask(path.unlink),
        )

    def _write_zip(self, path: Path, members: list[Data]) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for place, file in enumerate(members, start=1):
                archive.write(
                    self._media.files.blob_path(file),
                    f"{place:04}-{file['displayName'].replace('/', '_')}",
                )

    def _require_served(self, identifier: str) -> Data:
        file = self._media.files.find(identifier)
        if file is None or not is_served(file):
            raise WixError("NOT_FOUND", "There is no such file")
        return file

    def _file_response(self, file: Data, name: str, disposition: str) -> Response:
        """Serve a file whole or in ranges.

        Uploaded HTML must not run as a page of the emulator, so it is sandboxed; PDF viewers do not
        work in a sandbox.
        """
        mime = file[OWN]["mimeType"]
        headers = {
            "x-content-type-options": "nosniff",
            **({} if mime == PDF else {"content-security-policy": "sandbox; default-src 'none'"}),
        }
        path = self._media.files.blob_path(file)
        return FileResponse(
            path,
            media_type=mime,
            filename=name,
            content_disposition_type=disposition,
            headers=headers,
        )
