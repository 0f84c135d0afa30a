"""Client of the Wix Media Manager, which stores the files of one site.

API: https://dev.wix.com/docs/rest/assets/media/media-manager/introduction. A file of up to 10 MB is
uploaded as a whole, a larger file with the tus protocol
(https://tus.io/protocols/resumable-upload), as Wix recommends, so that a broken connection costs
one part and not the whole file.
"""

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Any, Literal
from urllib.parse import quote

from gridwix.clients.files import FileClient
from gridwix.clients.json_values import json_object, parse_json
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.site import WixSite
from gridwix.errors import FileRefused, NotFound, Refused, Unavailable, UpstreamConflict
from gridwix.files.ports import UploadedFiles
from gridwix.models.files import (
    LOST_STATES,
    FileFault,
    FileState,
    MediaFile,
    NewFile,
    UploadPage,
)

PREFIX = "/site-media/v1"
FOLDER = "gridwix"
"""Folder at the root of the media library that holds all our files."""
UPLOADS = "gridwix-uploads"
"""Folder at the root of the media library with the files that members upload;
``portal/backend/uploads.js`` sets the same name.
"""

RESUMABLE_FROM = 10 * 1024 * 1024
"""Size in bytes above which an upload is resumable."""

PART = 1024 * 1024
"""Size in bytes of one part of a resumable upload. One part is in memory at a time."""

ATTEMPTS = 4
"""Maximum number of attempts to send one part of a resumable upload."""

FILES_PER_READ = 100
FILES_PER_REMOVAL = 1000
FILES_PER_PAGE = 100

FULL = "SITE_QUOTA_EXCEEDED"
"""Name of Wix's rule that refuses every upload to a site with full storage: an error of the site,
not of the file.
"""

STATES: Mapping[str, FileState] = {"READY": FileState.READY, "FAILED": FileState.FAILED}
"""State of a file by Wix's ``operationStatus``; for any other value it is pending."""


class MediaClient(UploadedFiles):
    """Uploads, reads and deletes files in the site's media library (Media Manager).

    Each call of the REST API, and each upload, takes one call from the site's call budget. If the
    budget grants none, a method raises BudgetExhausted, and the call is not sent. All methods raise
    UpstreamError if a call fails. Also implements the ports ``MediaLibrary`` and ``ShownFiles`` of
    the document sync.
    """

    def __init__(self, site: WixSite, files: FileClient) -> None:
        self._site = site
        self._files = files

    def upload(self, new: NewFile, pieces: Iterator[bytes]) -> MediaFile:
        """Upload a file, and return it. Wix may still be processing the file (state ``PENDING``).

        Args:
            new: Name, type, size and label of the file.
            pieces: Bytes of the file. If the iterator raises an error, the error passes through and
                no file is created.

        Raises:
            FileRefused: Wix does not accept the file.
            Unavailable: The upload failed. If the error is ``ambiguous``, the file may exist all
                the same, or appear later.
        """
        description = {
            "mimeType": new.media_type,
            "fileName": new.name,
            "sizeInBytes": str(new.size),
            "private": new.private,
            "labels": [new.label],
            "filePath": f"/{FOLDER}",
        }
        try:
            return (
                self._upload_in_parts(new, description, pieces)
                if new.size > RESUMABLE_FROM
                else self._upload_whole(new, description, pieces)
            )
        except Refused as refusal:
            # A full site refuses every file: that is no fault of this one.
            if refusal.vendor_code == FULL:
                raise
            fault = (
                FileFault.TOO_LARGE
                if refusal.vendor_code == "FILE_SIZE_OVER_LIMIT" or refusal.status == 413
                else FileFault.FAILED
            )
        raise FileRefused(fault)

    def files(self, ids: Collection[str]) -> Mapping[str, MediaFile]:
        """Return files by id, including files in the trash. Deleted files are left out."""
        found: dict[str, MediaFile] = {}
        for chunk in batched(dict.fromkeys(ids), FILES_PER_READ, strict=False):
            try:
                some = self._read_files(chunk)
            except NotFound:
                # One deleted file fails the call for all of them.
                some = [file for file_id in chunk if (file := self.file(file_id)) is not None]
            found |= {file.file_id: file for file in some}
        return found

    def lost(self, ids: Collection[str]) -> frozenset[str]:
        """Return the ids of those files that can no longer be opened: deleted, or in the trash.

        Takes one call per 100 files. If one of the files in a call is deleted, Wix fails the whole
        call. Then gridwix's folder is listed once, by one call per 100 files in the folder: so the
        number of calls does not grow with the number of deleted files. A file that was moved to
        another folder may be reported as lost.
        """
        found: dict[str, MediaFile] = {}
        incomplete = False
        for chunk in batched(dict.fromkeys(ids), FILES_PER_READ, strict=False):
            try:
                found |= {file.file_id: file for file in self._read_files(chunk)}
            except NotFound:
                incomplete = True
        if incomplete:
            found |= {file.file_id: file for file in self._list_folder()}
        return frozenset(
            file_id
            for file_id in ids
            if file_id not in found or found[file_id].state in LOST_STATES
        )

    def file(self, file_id: str) -> MediaFile | None:
        """Return one file, even if it is in the trash; None if it was deleted."""
        try:
            document = self._site.call(
                "read of a file",
                "GET",
                f"{PREFIX}/files/get-file-by-id",
                params=[("fileId", file_id)],
                safe=True,
            )
        except NotFound:
            return None
        return _media_file(document.get("file"))

    def labelled(self, label: str, since: float) -> Sequence[MediaFile]:
        """Return the files with a label that were updated since a time (Unix seconds).

        Only gridwix's folder is searched, without files in the trash.
        """
        return [file for file in self._list_folder(since) if label in file.labels]

    def uploads(self) -> Sequence[MediaFile]:
        """Return the files that members have uploaded, newest first, without files in the trash."""
        return self._list_folder(name=UPLOADS)

    def uploads_before(self, before: float, cursor: str | None) -> UploadPage:
        """Return a page of the files that members have uploaded, oldest first.

        Files that were last updated at or after ``before`` (Unix seconds), or that have no time of
        update, are left out. ``cursor`` is the cursor in the page before, None for the first page.
        """
        folder = self._folder_id(UPLOADS)
        if folder is None:
            return UploadPage()
        page, following = self._list_page(folder, "ASC", cursor)
        old = [_media_file(one) for one in page if 0 < _update_time(one) < before]
        # Oldest first: a young one ends the list.
        is_end = any(_update_time(one) >= before for one in page)
        return UploadPage(tuple(old), None if is_end else following)

    def remove(self, ids: Collection[str]) -> None:
        """Delete files permanently. A file that was deleted before is no error."""
        for chunk in batched(dict.fromkeys(ids), FILES_PER_REMOVAL, strict=False):
            try:
                self._delete_files(list(chunk))
            except NotFound:
                # One deleted file fails the call for all: the others are deleted one by one.
                if len(chunk) > 1:
                    for file_id in self.files(chunk):
                        self._delete_files([file_id])

    def download_url(self, file_id: str, minutes: int) -> str:
        """Return a download URL of a file, private or not, which expires after ``minutes``."""
        body = {"fileId": file_id, "expirationInMinutes": minutes}
        document = self._site.call(
            "link to a file",
            "POST",
            f"{PREFIX}/files/generate-file-download-url",
            body=body,
            safe=True,
        )
        links = document.get("downloadUrls")
        url = json_object(links[0]).get("url") if isinstance(links, list) and links else None
        if not isinstance(url, str) or not url:
            raise WIX_ERRORS.malformed_response("link to a file", "the answer names no address")
        return url

    def _read_files(self, ids: Sequence[str]) -> list[MediaFile]:
        """Return at most 100 files by id, including files in the trash.

        Raises NotFound if one of the files is deleted.
        """
        return _media_files(
            self._site.call(
                "read of files",
                "POST",
                f"{PREFIX}/files/get-files",
                body={"fileIds": list(ids)},
                safe=True,
            )
        )

    def _list_folder(self, since: float = 0.0, *, name: str = FOLDER) -> list[MediaFile]:
        """Return the files of a folder that were updated since a time (Unix seconds), newest first.

        Files in the trash are left out. ``name`` is the name of the folder.
        """
        folder = self._folder_id(name)
        found: list[MediaFile] = []
        cursor: str | None = None
        while folder is not None:
            page, cursor = self._list_page(folder, "DESC", cursor)
            # Newest first: an older file ends the list.
            recent = [one for one in page if _update_time(one) >= since]
            found += map(_media_file, recent)
            if len(recent) < len(page) or cursor is None:
                break
        return found

    def _list_page(
        self, folder: str, order: Literal["ASC", "DESC"], cursor: str | None
    ) -> tuple[list[object], str | None]:
        """Return a page of a folder's files, sorted by update time, and the next page's cursor.

        The cursor is None after the last page.
        """
        params = [
            ("parentFolderId", folder),
            ("sort.fieldName", "updatedDate"),
            ("sort.order", order),
            ("paging.limit", str(FILES_PER_PAGE)),
        ]
        params += [("paging.cursor", cursor)] if cursor else []
        document = self._site.call(
            "list of files", "GET", f"{PREFIX}/files", params=params, safe=True
        )
        page = document.get("files")
        if not isinstance(page, list):
            raise WIX_ERRORS.malformed_response("list of files", "the answer is no page of a list")
        following = json_object(json_object(document.get("nextCursor")).get("cursors")).get("next")
        return page, following if isinstance(following, str) else None

    def _delete_files(self, ids: Sequence[str]) -> None:
        self._site.call(
            "removal of files",
            "POST",
            f"{PREFIX}/bulk/files/delete",
            body={"fileIds": list(ids), "permanent": True},
        )

    def _folder_id(self, name: str) -> str | None:
        """Return the id of a folder at the root; None if no upload has created it yet."""
        document = self._site.call(
            "list of folders",
            "GET",
            f"{PREFIX}/folders",
            params=[("parentFolderId", "media-root")],
            safe=True,
        )
        folders = document.get("folders")
        named = (json_object(one) for one in folders) if isinstance(folders, list) else ()
        return next(
            (str(one["id"]) for one in named if one.get("displayName") == name and one.get("id")),
            None,
        )

    def _upload_whole(
        self, new: NewFile, description: Mapping[str, Any], pieces: Iterator[bytes]
    ) -> MediaFile:
        url = self._upload_place("generate-upload-url", description)["uploadUrl"]
        return _uploaded_file(
            self._files.put(_url_with_name(url, new.name), pieces, new.size, new.media_type)
        )

    def _upload_in_parts(
        self, new: NewFile, description: Mapping[str, Any], pieces: Iterator[bytes]
    ) -> MediaFile:
        place = self._upload_place(
            "generate-resumable-upload-url", {**description, "uploadProtocol": "TUS"}
        )
        fields = {"token": place["uploadToken"], "filename": new.name, "filetype": new.media_type}
        metadata = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in fields.items()
        )
        created = self._send_tus(
            "POST",
            place["uploadUrl"],
            {"Upload-Length": str(new.size), "Upload-Metadata": metadata},
        )
        target = created.get("Location", "")
        offset = 0
        for part in _equal_parts(pieces):
            self._send_part(target, offset, part)
            offset += len(part)
        url = f"{place['uploadUrl']}/{quote(place['uploadToken'], safe='')}"
        return _uploaded_file(
            self._files.request("end of an upload", "PUT", _url_with_name(url, new.name), {}).body
        )

    def _send_part(self, target: str, offset: int, part: bytes) -> None:
        """Send one part of a resumable upload to the URL ``target``.

        After a broken connection, sending resumes at the offset that Wix reports.
        """
        sent = 0
        for attempt in range(ATTEMPTS):
            headers = {
                "Upload-Offset": str(offset + sent),
                "Content-Type": "application/offset+octet-stream",
            }
            try:
                self._send_tus("PATCH", target, headers, part[sent:])
            # UpstreamConflict: the offset is not Wix's own, after a part arrived incompletely.
            except (Unavailable, UpstreamConflict):
                if attempt == ATTEMPTS - 1:
                    raise
                arrived = self._send_tus("HEAD", target, {}).get("Upload-Offset", "")
                sent = int(arrived) - offset if arrived.isdecimal() else -1
                if not 0 <= sent <= len(part):
                    raise Unavailable(
                        "upload of a part: the offset makes no sense",
                        system=WIX_ERRORS.system,
                        ambiguous=True,
                    ) from None
                if sent == len(part):
                    return
            else:
                return

    def _send_tus(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
    ) -> Mapping[str, str]:
        """Send one request of the tus upload protocol, and return the headers of the response."""
        return self._files.request(
            "upload of a part", method, url, {"Tus-Resumable": "1.0.0", **headers}, content
        ).headers

    def _upload_place(self, path: str, description: Mapping[str, Any]) -> Mapping[str, str]:
        """Request the URL for an upload, and the token for a resumable upload, from Wix.

        The call budget grants this call and the call of the upload itself together. Otherwise all
        workers could hold a URL while they wait for the budget to grant the upload.
        """
        document = self._site.call(
            "address of an upload", "POST", f"{PREFIX}/files/{path}", body=description, following=1
        )
        wanted = ("uploadUrl", "uploadToken") if "resumable" in path else ("uploadUrl",)
        if not all(isinstance(document.get(name), str) and document[name] for name in wanted):
            raise WIX_ERRORS.malformed_response(
                "address of an upload", "the answer names no address"
            )
        return document


def _equal_parts(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Regroup the pieces into parts of ``PART`` bytes; the last part may be smaller."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)


def _url_with_name(url: str, name: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}filename={quote(name, safe='')}"


def _uploaded_file(body: bytes) -> MediaFile:
    return _media_file(json_object(parse_json(body)).get("file"))


def _media_files(document: Mapping[str, Any]) -> list[MediaFile]:
    found = document.get("files")
    if not isinstance(found, list):
        raise WIX_ERRORS.malformed_response("read of files", "the answer lists no files")
    return [_media_file(one) for one in found]


def _media_file(value: object) -> MediaFile:
    file = json_object(value)
    file_id, size = file.get("id"), str(file.get("sizeInBytes", ""))
    if not isinstance(file_id, str) or not file_id:
        raise WIX_ERRORS.malformed_response("read of a file", "it has no id")
    labels = file.get("labels")
    deleted = file.get("state") == "DELETED"
    return MediaFile(
        file_id,
        FileState.GONE
        if deleted
        else STATES.get(str(file.get("operationStatus")), FileState.PENDING),
        int(size) if size.isdecimal() else 0,
        frozenset(one for one in labels if isinstance(one, str))
        if isinstance(labels, list)
        else frozenset(),
    )


def _update_time(value: object) -> float:
    """Return the time of a file's last update in Unix seconds; 0 if it is not stated."""
    try:
        moment = datetime.fromisoformat(str(json_object(value).get("updatedDate")))
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
