"""Upload URLs: a request describes the file, then anyone who has the URL sends the bytes."""

import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from emulators.common.blobs import Blob
from emulators.common.clock import Clock, rfc3339
from emulators.common.faults import FaultPlan
from emulators.wix.arguments import read_text
from emulators.wix.entities import Entities
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.media import media_types
from emulators.wix.media.file_requests import read_file_request, size_in_bytes
from emulators.wix.media.files import Files
from emulators.wix.media.folders import ROOT, Folders
from emulators.wix.media.readiness import Readiness
from emulators.wix.media.rules import rule_violation
from emulators.wix.tables import Tables
from emulators.wix.wire import Data

TABLE = "$mediaUploads"
PATH = "/_media/upload"
RESUMABLE_PATH = "/_media/resumable"
LIFETIME = timedelta(days=1)


class Uploads:
    """Issues upload URLs for described files, and creates each file when its bytes have arrived.

    The token in the upload URL is the only credential.
    """

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        files: Files,
        folders: Folders,
        readiness: Readiness,
        faults: FaultPlan,
    ) -> None:
        self._uploads = Entities(tables, TABLE, clock)
        self._clock = clock
        self._files = files
        self._folders = folders
        self._readiness = readiness
        self._faults = faults

    def create_upload(self, given: Data, by: Data, base: str, *, resumable: bool) -> str:
        """Store the description of a file to be uploaded, and return the token of its upload URL.

        Raises InvalidRequest for a file that is not accepted.
        """
        read_text(given, "mimeType")
        request, size = (
            read_file_request(given, self._folders, name="fileName"),
            size_in_bytes(given),
        )
        if size is not None:
            self._files.check_size(size, "sizeInBytes")
        token = secrets.token_urlsafe(32)
        expires = rfc3339(self._clock.now() + LIFETIME)
        self._uploads.add(
            {
                "id": token,
                "wish": request,
                "expiresAt": expires,
                "own": {"by": by, "base": base},
                "resumable": resumable,
            }
        )
        return token

    def require_upload(self, token: str, path: str, *, resumable: bool) -> Data:
        """Return the upload that belongs to the token of an upload URL.

        Raises WixError (403) for an unknown or expired token.
        """
        upload = self._uploads.find(token)
        if upload is None or upload["resumable"] is not resumable:
            raise WixError("PERMISSION_DENIED", "The upload token is not valid")
        if self._faults.take_match(
            "upload_url_expired", path=path
        ) or self._clock.now() >= datetime.fromisoformat(upload["expiresAt"]):
            raise WixError("PERMISSION_DENIED", "The upload token has expired")
        return upload

    def complete_request(self, upload: Data, name: str, content_type: str) -> Data:
        """Return a file's description, with the name and type that were sent with the file's bytes.

        ``upload`` has the description from the earlier request for the upload URL. The sent type
        ``application/octet-stream`` is replaced by the type of the name's extension. Raises
        InvalidRequest if there is no name, or if the sent type or the name's extension does not fit
        the described type.
        """
        request: Data = {**upload["wish"], "displayName": name or upload["wish"]["displayName"]}
        if not request["displayName"]:
            raise InvalidRequest("filename", "is missing")
        sent = media_types.mime_type(content_type) if content_type else request["mimeType"]
        # Browsers send this type for unknown extensions, so it says nothing about the content.
        if sent == media_types.OCTETS:
            request["mimeType"] = (
                media_types.guess_mime_type(request["displayName"]) or request["mimeType"]
            )
        elif sent != request["mimeType"]:
            raise rule_violation("MISMATCH_MIME_TYPE", "content-type")
        if not media_types.is_name_consistent(request["mimeType"], request["displayName"]):
            raise rule_violation("MISMATCH_MIME_TYPE", "filename")
        return request

    async def store_file(self, upload: Data, request: Data, chunks: AsyncIterator[bytes]) -> Data:
        """Store uploaded bytes as a new file in state PENDING, and return its descriptor.

        Raises InvalidRequest and creates no file if there are no bytes, or more than the limits
        allow.
        """
        return self._create_file(upload, request, await self._files.store_content(chunks, "body"))

    def finish_resumable(self, upload: Data, request: Data, blob: Blob) -> Data:
        """Create the file of a complete resumable upload, and return its descriptor.

        The upload's token cannot be used again.
        """
        self._uploads.remove(upload["id"])
        self._files.check_blob(blob, "body")
        return self._create_file(upload, request, blob)

    def _create_file(self, upload: Data, request: Data, blob: Blob) -> Data:
        parent = (
            request["parentFolderId"] if self._folders.exists(request["parentFolderId"]) else ROOT
        )
        file = self._files.set_content(
            self._files.add(
                request,
                self._folders.get_or_create_path(parent, request["filePath"]),
                upload["own"],
            ),
            blob,
        )
        self._readiness.start_processing(file)
        return file
