"""The calls of the media library: its REST API, and uploads and downloads by URL."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import orjson

from emulators.wix.media import media_types
from soak.wix.library import FILE_BYTES, ROOT, FileWish, Library, WixFile, read_ids, rule_violation
from soak.wix.refusals import InvalidRequest, WixRefusal, json_response
from soak.wix.store import Row

UPLOAD, RESUMABLE, DOWNLOAD = "/_media/upload/", "/_media/resumable", "/_media/download/"
UPLOAD_SECONDS = 86_400.0
"""Seconds until an upload URL expires."""
MAX_READ, MAX_REMOVED, MAX_LISTED = 100, 1000, 100
TUS = {"tus-resumable": "1.0.0"}


@dataclass(slots=True)
class _Upload:
    wish: FileWish
    expires: float
    resumable: bool


@dataclass(slots=True)
class _Part:
    token: str
    length: int
    content: bytearray = field(default_factory=bytearray)


class MediaCalls:
    """Answers calls of the media library's API. Each method raises WixRefusal."""

    def __init__(self, library: Library, random: Random, now: Callable[[], float]) -> None:
        self._library = library
        self._random = random
        self._now = now
        self._uploads: dict[str, _Upload] = {}
        self._parts: dict[str, _Part] = {}

    # The REST API

    def create_upload_url(self, arguments: Row) -> Row:
        """Create an upload URL (Generate File Upload Url)."""
        token = self._announce(arguments, resumable=False)
        return {"uploadUrl": f"{self._library.base}{UPLOAD}{token}"}

    def create_resumable_url(self, arguments: Row) -> Row:
        """Create a URL for a resumable upload (Generate File Resumable Upload Url)."""
        if arguments.get("uploadProtocol", "TUS") != "TUS":
            raise InvalidRequest("uploadProtocol", "must be TUS")
        token = self._announce(arguments, resumable=True)
        return {
            "uploadProtocol": "TUS",
            "uploadUrl": self._library.base + RESUMABLE,
            "uploadToken": token,
        }

    def get_file(self, arguments: Row) -> Row:
        """Read a file's descriptor (Get File Descriptor)."""
        found = self._library.find(_text(arguments, "fileId"))
        return {"file": self._library.descriptor(found)}

    def get_files(self, arguments: Row) -> Row:
        """Read descriptors of several files (Get File Descriptors). A deleted file fails the call
        for all.
        """
        found = [self._library.find(one) for one in read_ids(arguments, "fileIds", MAX_READ)]
        return {"files": [self._library.descriptor(file) for file in found]}

    def list_files(self, arguments: Row) -> Row:
        """List the files of a folder (List Files), the last changed first: the only order that the
        functions ask for.
        """
        folder = arguments.get("parentFolderId") or ROOT
        paging, sort = arguments.get("paging") or {}, arguments.get("sort") or {}
        if sort.get("fieldName", "updatedDate") != "updatedDate" or sort.get("order") == "ASC":
            raise InvalidRequest("sort", "is not one that the functions use")
        limit = int(paging.get("limit", 50))
        if not 1 <= limit <= MAX_LISTED:
            raise InvalidRequest("limit", f"must be an integer from 1 to {MAX_LISTED}")
        cursor = paging.get("cursor")
        files, end = self._library.page(folder, int(cursor) if cursor else None, limit)
        return {
            "files": [self._library.descriptor(file) for file in files],
            "nextCursor": {"cursors": {} if end is None else {"next": str(end)}},
        }

    def list_folders(self, arguments: Row) -> Row:
        """List the folders within a folder (List Folders)."""
        found = self._library.folders_in(arguments.get("parentFolderId") or ROOT)
        return {"folders": found, "nextCursor": {"cursors": {}}}

    def delete_files(self, arguments: Row) -> Row:
        """Delete files (Bulk Delete Files). A file that is deleted already is no error."""
        remove = self._library.remove if arguments.get("permanent") else self._library.trash
        for identifier in read_ids(arguments, "fileIds", MAX_REMOVED):
            remove(identifier)
        return {}

    def create_download_url(self, arguments: Row) -> Row:
        """Create a download URL (Generate File Download Url)."""
        file = self._library.find(_text(arguments, "fileId"))
        if file.in_trash:
            raise WixRefusal("NOT_FOUND", "The file is in the trash")
        if file.status != "READY":
            raise WixRefusal("FAILED_PRECONDITION", f"The file is {file.status}")
        minutes = arguments.get("expirationInMinutes", 600)
        if not isinstance(minutes, int) or not 1 <= minutes <= 525_600:
            raise InvalidRequest("expirationInMinutes", "must be an integer from 1 to 525600")
        claims = orjson.dumps([file.id, int(self._now()) + minutes * 60])
        token = base64.urlsafe_b64encode(claims).decode().rstrip("=")
        url = f"{self._library.base}{DOWNLOAD}{token}"
        return {"downloadUrls": [{"assetKey": "src", "url": url}]}

    # Uploads and downloads: the URL is the credential

    def transfer(self, request: httpx.Request, content: bytes) -> httpx.Response:
        """Answer a request to the media host. ``content`` is the request's body."""
        path, method = request.url.path, request.method
        if method == "PUT" and path.startswith(UPLOAD):
            upload = self._require(path.removeprefix(UPLOAD), resumable=False)
            return self._store(request, upload, content)
        if path.startswith(RESUMABLE):
            return self._resume(request, path.removeprefix(RESUMABLE).strip("/"), content)
        if method == "GET" and path.startswith(DOWNLOAD):
            return self._download(path.removeprefix(DOWNLOAD))
        if method == "GET" and path.startswith(("/ugd/", "/media/")):
            return self._serve_own_url(path.rpartition("/")[2])
        raise WixRefusal("NOT_FOUND", "There is no such path")

    def _announce(self, arguments: Row, *, resumable: bool) -> str:
        given = _text(arguments, "mimeType")
        name, mime = arguments.get("fileName") or "", media_types.mime_type(given)
        if not mime:
            raise rule_violation("UNSUPPORTED_FILE_FORMAT", "mimeType")
        if not media_types.is_name_consistent(mime, name):
            raise rule_violation("MISMATCH_MIME_TYPE", "mimeType")
        wish = FileWish(
            name,
            mime,
            arguments.get("private") is True,
            arguments.get("labels") or [],
            arguments.get("filePath") or "/",
        )
        if arguments.get("sizeInBytes") is not None:
            self._library.check_size(int(arguments["sizeInBytes"]), "sizeInBytes")
        token = f"{self._random.getrandbits(192):048x}"
        self._uploads[token] = _Upload(wish, self._now() + UPLOAD_SECONDS, resumable)
        return token

    def _require(self, token: str, *, resumable: bool) -> _Upload:
        upload = self._uploads.get(token)
        if upload is None or upload.resumable is not resumable:
            raise WixRefusal("PERMISSION_DENIED", "The upload token is not valid")
        if self._now() >= upload.expires:
            raise WixRefusal("PERMISSION_DENIED", "The upload token has expired")
        return upload

    def _store(self, request: httpx.Request, upload: _Upload, content: bytes) -> httpx.Response:
        """Create the file of an upload, with the name and type that come with its bytes."""
        wish = upload.wish
        name = request.url.params.get("filename") or wish.name
        sent = request.headers.get("content-type", "")
        mime = media_types.mime_type(sent) if sent else wish.mime
        if not name:
            raise InvalidRequest("filename", "is missing")
        if mime == media_types.OCTETS:
            mime = media_types.guess_mime_type(name) or wish.mime
        elif mime != wish.mime:
            raise rule_violation("MISMATCH_MIME_TYPE", "content-type")
        if not media_types.is_name_consistent(mime, name):
            raise rule_violation("MISMATCH_MIME_TYPE", "filename")
        file = self._library.add(
            FileWish(name, mime, wish.private, wish.labels, wish.path), content
        )
        return json_response({"file": self._library.descriptor(file)})

    def _resume(self, request: httpx.Request, name: str, content: bytes) -> httpx.Response:
        """Answer a request of a resumable upload (tus protocol), or the call that ends it."""
        if request.method == "PUT":
            upload = self._require(name, resumable=True)
            part = next((one for one in self._parts.values() if one.token == name), None)
            if part is None or len(part.content) < part.length:
                raise InvalidRequest("uploadToken", "is of an upload that is not complete")
            response = self._store(request, upload, bytes(part.content))
            del self._uploads[name]
            self._forget(name)
            return response
        if request.headers.get("tus-resumable") != "1.0.0":
            return _tus(412, "Tus-Resumable must be 1.0.0")
        if request.method == "POST":
            return self._begin(request)
        found = self._parts.get(name)
        if found is None:
            return _tus(404, "There is no such upload")
        if request.method == "PATCH":
            self._require(found.token, resumable=True)
            return _append(found, request.headers.get("upload-offset", ""), content)
        offset, length = str(len(found.content)), str(found.length)
        return _tus(200, **{"upload-offset": offset, "upload-length": length})

    def _begin(self, request: httpx.Request) -> httpx.Response:
        length = request.headers.get("upload-length", "")
        if not length.isdecimal():
            return _tus(400, "Upload-Length must be a number that is not negative")
        token = _metadata(request.headers.get("upload-metadata", "")).get("token", "")
        self._require(token, resumable=True)
        if int(length) > FILE_BYTES:
            return _tus(413, "The file is too large")
        self._library.check_size(int(length), "Upload-Length")
        self._forget(token)
        self._forget_abandoned()
        name = f"{self._random.getrandbits(128):032x}"
        self._parts[name] = _Part(token, int(length))
        return _tus(201, location=f"{self._library.base}{RESUMABLE}/{name}")

    def _forget(self, token: str) -> None:
        for name in [one for one, part in self._parts.items() if part.token == token]:
            del self._parts[name]

    def _forget_abandoned(self) -> None:
        """Drop the bytes of uploads with an expired URL."""
        now = self._now()
        for token in [part.token for part in self._parts.values()]:
            if self._uploads[token].expires <= now:
                self._forget(token)

    def _download(self, token: str) -> httpx.Response:
        try:
            identifier, expires = orjson.loads(base64.urlsafe_b64decode(token + "==="))
        except ValueError:
            raise WixRefusal("PERMISSION_DENIED", "The link is not valid") from None
        if self._now() >= expires:
            raise WixRefusal("PERMISSION_DENIED", "The link has expired")
        return _content(self._served(identifier))

    def _serve_own_url(self, identifier: str) -> httpx.Response:
        file = self._served(identifier)
        if file.private:
            raise WixRefusal("PERMISSION_DENIED", "The file is private")
        return _content(file)

    def _served(self, identifier: str) -> WixFile:
        file = self._library.files.get(identifier)
        if file is None or file.in_trash or file.status != "READY":
            raise WixRefusal("NOT_FOUND", "There is no such file")
        return file


def _text(arguments: Mapping[str, Any], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidRequest(name, "must be a string that is not empty")
    return value


def _content(file: WixFile) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": file.mime}, content=file.content)


def _append(part: _Part, offset: str, content: bytes) -> httpx.Response:
    if offset != str(len(part.content)):
        return _tus(409, f"The offset is {len(part.content)}")
    fitting = content[: part.length - len(part.content)]
    part.content += fitting
    if len(fitting) < len(content):
        return _tus(413, "There are more bytes than the upload has")
    return _tus(204, **{"upload-offset": str(len(part.content))})


def _metadata(header: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, header.split(",")):
        key, _, value = pair.strip().partition(" ")
        found[key] = base64.b64decode(value).decode()
    return found


def _tus(status: int, text: str = "", **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={**TUS, **headers}, content=text.encode())
