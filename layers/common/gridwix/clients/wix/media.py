"""Wix Media: the files of one site. https://dev.wix.com/docs/rest/assets/media/media-manager/introduction

Up to 10 MB a file goes in one piece to an upload URL; a larger one by the tus protocol (https://tus.io/protocols/resumable-upload), as Wix advises, so that a
connection that breaks costs a part and not the whole.
"""

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Any
from urllib.parse import quote

from gridwix.clients.files import FileClient
from gridwix.clients.http import members, parse_json
from gridwix.clients.wix.faults import unusable
from gridwix.clients.wix.site import WixSite
from gridwix.errors import Conflict, FileRefused, NotFound, Refused, Unavailable
from gridwix.models.files import LOST_STATES, FileFault, FileState, MediaFile, NewFile

PREFIX = "/site-media/v1"
FOLDER = "gridwix"
"""The folder at the top of the library that everything goes into."""

RESUMABLE_FROM = 10 * 1024 * 1024
PART = 1024 * 1024
"""Bytes of one part of a resumable upload, which are in memory as long as it is under way."""

ATTEMPTS = 4
"""How often a part of a resumable upload is sent."""

FILES_PER_READ = 100
FILES_PER_REMOVAL = 1000
FILES_PER_PAGE = 100

FULL = "SITE_QUOTA_EXCEEDED"
"""The rule by which Wix refuses every file: none is at fault."""

STATES: Mapping[str, FileState] = {"READY": FileState.READY, "FAILED": FileState.FAILED}
"""By ``operationStatus``; anything else is pending."""


class MediaClient:
    """Implements the ports ``MediaLibrary`` and ``ShownFiles``. Each call of the REST API, and each upload, is one of the site's budget.

    All methods raise BudgetExhausted before anything is sent, and UpstreamError.
    """

    def __init__(self, site: WixSite, files: FileClient) -> None:
        self._site = site
        self._files = files

    def upload(self, new: NewFile, pieces: Iterator[bytes]) -> MediaFile:
        """As the port says. Raises FileRefused for a file that Wix does not take."""
        wish = {
            "mimeType": new.media_type,
            "fileName": new.name,
            "sizeInBytes": str(new.size),
            "private": new.private,
            "labels": [new.label],
            "filePath": f"/{FOLDER}",
        }
        try:
            return self._upload_in_parts(new, wish, pieces) if new.size > RESUMABLE_FROM else self._upload_whole(new, wish, pieces)
        except Refused as refusal:
            if refusal.vendor_code == FULL:
                raise
            fault = FileFault.TOO_LARGE if refusal.vendor_code == "FILE_SIZE_OVER_LIMIT" or refusal.status == 413 else FileFault.FAILED
        raise FileRefused(fault)

    def files(self, ids: Collection[str]) -> Mapping[str, MediaFile]:
        """As the port says."""
        found: dict[str, MediaFile] = {}
        for chunk in batched(dict.fromkeys(ids), FILES_PER_READ, strict=False):
            try:
                some = self._read(chunk)
            except NotFound:
                # One that is gone spoils the answer for all.
                some = [file for file_id in chunk if (file := self._file(file_id)) is not None]
            found |= {file.file_id: file for file in some}
        return found

    def lost(self, ids: Collection[str]) -> frozenset[str]:
        """As the port says. One call for 100 files; if one of them is gone for good, which spoils the answer for all, those of a list of our folder besides.

        The list costs one call for 100 files that are there. So many that are gone cost no more than few, as one call for each of them would.
        """
        found: dict[str, MediaFile] = {}
        spoiled = False
        for chunk in batched(dict.fromkeys(ids), FILES_PER_READ, strict=False):
            try:
                found |= {file.file_id: file for file in self._read(chunk)}
            except NotFound:
                spoiled = True
        if spoiled:
            found |= {file.file_id: file for file in self._listed()}
        return frozenset(file_id for file_id in ids if file_id not in found or found[file_id].state in LOST_STATES)

    def file(self, file_id: str) -> MediaFile | None:
        """One file; None if it is gone."""
        return self._file(file_id)

    def labelled(self, label: str, since: float) -> Sequence[MediaFile]:
        """As the port says."""
        return [file for file in self._listed(since) if label in file.labels]

    def remove(self, ids: Collection[str]) -> None:
        """As the port says."""
        for chunk in batched(dict.fromkeys(ids), FILES_PER_REMOVAL, strict=False):
            try:
                self._remove(list(chunk))
            except NotFound:
                if len(chunk) > 1:
                    for file_id in self.files(chunk):
                        self._remove([file_id])

    def download_url(self, file_id: str, minutes: int) -> str:
        """An address under which a file, private or not, can be fetched for so long."""
        body = {"fileId": file_id, "expirationInMinutes": minutes}
        document = self._site.call("link to a file", "POST", f"{PREFIX}/files/generate-file-download-url", body=body, safe=True)
        links = document.get("downloadUrls")
        url = members(links[0]).get("url") if isinstance(links, list) and links else None
        if not isinstance(url, str) or not url:
            raise unusable("link to a file", "the answer names no address")
        return url

    def _read(self, ids: Sequence[str]) -> list[MediaFile]:
        """At most 100 files, those in the trash among them. Raises NotFound if one of them is gone."""
        return _files(self._site.call("read of files", "POST", f"{PREFIX}/files/get-files", body={"fileIds": list(ids)}, safe=True))

    def _listed(self, since: float = 0.0) -> list[MediaFile]:
        """The files in our folder that were touched since a time, but for those in the trash."""
        folder = self._folder()
        found: list[MediaFile] = []
        cursor: str | None = None
        while folder is not None:
            params = [("parentFolderId", folder), ("sort.fieldName", "updatedDate"), ("sort.order", "DESC"), ("paging.limit", str(FILES_PER_PAGE))]
            params += [("paging.cursor", cursor)] if cursor else []
            document = self._site.call("list of files", "GET", f"{PREFIX}/files", params=params, safe=True)
            page = document.get("files")
            if not isinstance(page, list):
                raise unusable("list of files", "the answer is no page of a list")
            recent = [one for one in page if _updated(one) >= since]
            found += map(_file, recent)
            cursor = members(members(document.get("nextCursor")).get("cursors")).get("next")
            if len(recent) < len(page) or not isinstance(cursor, str):
                break
        return found

    def _file(self, file_id: str) -> MediaFile | None:
        try:
            document = self._site.call("read of a file", "GET", f"{PREFIX}/files/get-file-by-id", params=[("fileId", file_id)], safe=True)
        except NotFound:
            return None
        return _file(document.get("file"))

    def _remove(self, ids: Sequence[str]) -> None:
        self._site.call("removal of files", "POST", f"{PREFIX}/bulk/files/delete", body={"fileIds": list(ids), "permanent": True})

    def _folder(self) -> str | None:
        """The id of our folder; None as long as nothing was put into it."""
        document = self._site.call("list of folders", "GET", f"{PREFIX}/folders", params=[("parentFolderId", "media-root")], safe=True)
        folders = document.get("folders")
        named = (members(one) for one in folders) if isinstance(folders, list) else ()
        return next((str(one["id"]) for one in named if one.get("displayName") == FOLDER and one.get("id")), None)

    def _upload_whole(self, new: NewFile, wish: Mapping[str, Any], pieces: Iterator[bytes]) -> MediaFile:
        url = self._place("generate-upload-url", wish)["uploadUrl"]
        return _uploaded(self._files.put(_named(url, new.name), pieces, new.size, new.media_type))

    def _upload_in_parts(self, new: NewFile, wish: Mapping[str, Any], pieces: Iterator[bytes]) -> MediaFile:
        place = self._place("generate-resumable-upload-url", {**wish, "uploadProtocol": "TUS"})
        told = {"token": place["uploadToken"], "filename": new.name, "filetype": new.media_type}
        metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
        begun = self._tus("POST", place["uploadUrl"], {"Upload-Length": str(new.size), "Upload-Metadata": metadata})
        target = begun.get("Location", "")
        offset = 0
        for part in _parts(pieces):
            self._send_part(target, offset, part)
            offset += len(part)
        url = f"{place['uploadUrl']}/{quote(place['uploadToken'], safe='')}"
        return _uploaded(self._files.ask("end of an upload", "PUT", _named(url, new.name), {}).body)

    def _send_part(self, target: str, offset: int, part: bytes) -> None:
        """Send one part; after a broken connection, what of it has not arrived."""
        sent = 0
        for attempt in range(ATTEMPTS):
            headers = {"Upload-Offset": str(offset + sent), "Content-Type": "application/offset+octet-stream"}
            try:
                self._tus("PATCH", target, headers, part[sent:])
            except (Unavailable, Conflict):
                if attempt == ATTEMPTS - 1:
                    raise
                arrived = self._tus("HEAD", target, {}).get("Upload-Offset", "")
                sent = int(arrived) - offset if arrived.isdecimal() else -1
                if not 0 <= sent <= len(part):
                    raise Unavailable("upload of a part: the offset makes no sense", system="wix", ambiguous=True) from None
                if sent == len(part):
                    return
            else:
                return

    def _tus(self, method: str, url: str, headers: Mapping[str, str], content: bytes = b"") -> Mapping[str, str]:
        answer = self._files.ask("upload of a part", method, url, {"Tus-Resumable": "1.0.0", **headers}, content)
        return answer.headers

    def _place(self, path: str, wish: Mapping[str, Any]) -> Mapping[str, str]:
        """Where to upload to. The upload's own call is taken from the budget with this one: workers that each had only an address could all wait in vain."""
        document = self._site.call("address of an upload", "POST", f"{PREFIX}/files/{path}", body=wish, following=1)
        wanted = ("uploadUrl", "uploadToken") if "resumable" in path else ("uploadUrl",)
        if not all(isinstance(document.get(name), str) and document[name] for name in wanted):
            raise unusable("address of an upload", "the answer names no address")
        return document


def _parts(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of equal size, but for the last."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)


def _named(url: str, name: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}filename={quote(name, safe='')}"


def _uploaded(body: bytes) -> MediaFile:
    return _file(members(parse_json(body)).get("file"))


def _files(document: Mapping[str, Any]) -> list[MediaFile]:
    found = document.get("files")
    if not isinstance(found, list):
        raise unusable("read of files", "the answer lists no files")
    return [_file(one) for one in found]


def _file(value: object) -> MediaFile:
    file = members(value)
    file_id, size = file.get("id"), str(file.get("sizeInBytes", ""))
    if not isinstance(file_id, str) or not file_id:
        raise unusable("read of a file", "it has no id")
    labels = file.get("labels")
    deleted = file.get("state") == "DELETED"
    return MediaFile(
        file_id,
        FileState.GONE if deleted else STATES.get(str(file.get("operationStatus")), FileState.PENDING),
        int(size) if size.isdecimal() else 0,
        frozenset(one for one in labels if isinstance(one, str)) if isinstance(labels, list) else frozenset(),
    )


def _updated(value: object) -> float:
    """When a file was last touched, as Unix seconds; long ago if it does not say."""
    try:
        moment = datetime.fromisoformat(str(members(value).get("updatedDate")))
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
