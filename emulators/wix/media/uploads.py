"""Upload URLs: what is to become of the file is said beforehand, then whoever has the URL brings the bytes."""

import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from emulators.common.blobs import Blob
from emulators.common.clock import Clock, rfc3339
from emulators.common.faults import FaultPlan
from emulators.wix.arguments import text
from emulators.wix.entities import Entities
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.media import media_types
from emulators.wix.media.file_requests import read_wish, size_in_bytes
from emulators.wix.media.files import Files
from emulators.wix.media.folders import ROOT, Folders
from emulators.wix.media.readiness import Readiness
from emulators.wix.media.rules import broken
from emulators.wix.tables import Tables
from emulators.wix.wire import Data

TABLE = "$mediaUploads"
PATH = "/_media/upload"
RESUMABLE_PATH = "/_media/resumable"
LIFETIME = timedelta(days=1)


class Uploads:
    """An upload is known by its token, which is all that is needed to use it."""

    def __init__(self, tables: Tables, clock: Clock, files: Files, folders: Folders, readiness: Readiness, faults: FaultPlan) -> None:
        self._uploads = Entities(tables, TABLE, clock)
        self._clock = clock
        self._files = files
        self._folders = folders
        self._readiness = readiness
        self._faults = faults

    def announce(self, given: Data, by: Data, base: str, *, resumable: bool) -> str:
        """The token of a new upload. Raises InvalidRequest for a file that would not be taken."""
        text(given, "mimeType")
        wish, size = read_wish(given, self._folders, name="fileName"), size_in_bytes(given)
        if size is not None:
            self._files.check_size(size, "sizeInBytes")
        token = secrets.token_urlsafe(32)
        expires = rfc3339(self._clock.now() + LIFETIME)
        self._uploads.add({"id": token, "wish": wish, "expiresAt": expires, "own": {"by": by, "base": base}, "resumable": resumable})
        return token

    def open(self, token: str, path: str, *, resumable: bool) -> Data:
        """An upload that can be used. Raises WixError (403) for a token that is none, or has expired."""
        upload = self._uploads.find(token)
        if upload is None or upload["resumable"] is not resumable:
            raise WixError("PERMISSION_DENIED", "The upload token is not valid")
        if self._faults.take_match("upload_url_expired", path=path) or self._clock.now() >= datetime.fromisoformat(upload["expiresAt"]):
            raise WixError("PERMISSION_DENIED", "The upload token has expired")
        return upload

    def named(self, upload: Data, name: str, content_type: str) -> Data:
        """What is wished, with the name and the type that come with the bytes. Raises InvalidRequest without a name, and for another type.

        Of mere octets the name tells the type.
        """
        wish: Data = {**upload["wish"], "displayName": name or upload["wish"]["displayName"]}
        if not wish["displayName"]:
            raise InvalidRequest("filename", "is missing")
        sent = media_types.mime_type(content_type) if content_type else wish["mimeType"]
        if sent == media_types.OCTETS:
            wish["mimeType"] = media_types.mime_of_name(wish["displayName"]) or wish["mimeType"]
        elif sent != wish["mimeType"]:
            raise broken("MISMATCH_MIME_TYPE", "content-type")
        if not media_types.agree(wish["mimeType"], wish["displayName"]):
            raise broken("MISMATCH_MIME_TYPE", "filename")
        return wish

    async def take(self, upload: Data, wish: Data, chunks: AsyncIterator[bytes]) -> Data:
        """The new file, PENDING. Raises InvalidRequest for no bytes, or more than there is room for; then there is no file."""
        return self._filed(upload, wish, await self._files.receive(chunks, "body"))

    def finish(self, upload: Data, wish: Data, blob: Blob) -> Data:
        """The same, of bytes that came in parts. The token is used up."""
        self._uploads.remove(upload["id"])
        self._files.check_blob(blob, "body")
        return self._filed(upload, wish, blob)

    def _filed(self, upload: Data, wish: Data, blob: Blob) -> Data:
        parent = wish["parentFolderId"] if self._folders.is_open(wish["parentFolderId"]) else ROOT
        file = self._files.filled(self._files.add(wish, self._folders.at(parent, wish["filePath"]), upload["own"]), blob)
        self._readiness.start(file)
        return file
