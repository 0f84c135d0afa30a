"""The site's media library: files with their bytes, and their processing after an upload."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from emulators.wix.media import media_types
from soak.kernel.tasks import Scheduler
from soak.wix.refusals import InvalidRequest
from soak.wix.store import Row
from soak.wix.times import timestamp

FQDN = "wix.media.site_media.v1.file_descriptor"
READY, FAILED = f"{FQDN}_file_ready", f"{FQDN}_file_failed"
ROOT = "media-root"
FILE_BYTES = 1024**3
STORAGE_BYTES = 20 * 1024**3

_RULES = {
    "SITE_QUOTA_EXCEEDED": "is more than the site's storage has room for",
    "FILE_SIZE_OVER_LIMIT": "is more than a file may have",
    "ZERO_FILE_SIZE": "is nothing",
    "MISMATCH_MIME_TYPE": "contradicts the file's name or type",
    "UNSUPPORTED_FILE_FORMAT": "is not supported",
    "RESOURCE_NOT_FOUND": "is not there",
}


def rule_violation(rule: str, name: str) -> InvalidRequest:
    """Return the refusal of a request with a member ``name`` that violates a rule of the media
    library.
    """
    return InvalidRequest(name, _RULES[rule], rule)


@dataclass(slots=True)
class FileWish:
    """Description of a file to upload. ``private``: it can only be read by a generated link."""

    name: str
    mime: str
    private: bool = False
    labels: list[str] = field(default_factory=list)
    path: str = "/"


@dataclass(slots=True)
class WixFile:
    """One file of the media library. ``stamp`` grows with each change of any file; times are Unix
    seconds.
    """

    id: str
    name: str
    mime: str
    folder: str
    private: bool
    labels: list[str]
    content: bytes = field(repr=False)
    sha256: str
    created: float
    updated: float
    stamp: int
    status: str = "PENDING"
    in_trash: bool = False


class Library:
    """All files and folders of the site.

    Args:
        scheduler: Virtual time.
        random: The source of ids, and of failures.
        base: The address of the media host.
    """

    def __init__(self, scheduler: Scheduler, random: Random, base: str) -> None:
        self.base = base
        self.files: dict[str, WixFile] = {}
        self.folders: dict[str, Row] = {}
        self.ready_seconds = 0.2
        """Seconds for which Wix processes a file after its upload."""
        self.failed_share = 0.0
        """Share of files, 0 to 1, that Wix cannot process."""
        self.on_event: list[Callable[[str, str, Row], None]] = []
        """Listeners to READY and FAILED: event type, file id and the event's body."""
        self._scheduler = scheduler
        self._random = random
        self._by_folder: dict[str, dict[str, None]] = {}
        self._contents: dict[str, tuple[bytes, int]] = {}
        self._stamp = 0
        self._used = 0

    def find(self, identifier: str) -> WixFile:
        """Return a file, also one in the trash. Raises InvalidRequest if it is deleted."""
        file = self.files.get(identifier)
        if file is None:
            raise rule_violation("RESOURCE_NOT_FOUND", "fileId")
        return file

    def check_size(self, size: int, name: str) -> None:
        """Raise InvalidRequest for a file size that is not accepted. ``name`` is the request's
        member to blame.
        """
        if size == 0:
            raise rule_violation("ZERO_FILE_SIZE", name)
        if size > FILE_BYTES:
            raise rule_violation("FILE_SIZE_OVER_LIMIT", name)
        if size > STORAGE_BYTES - self._used:
            raise rule_violation("SITE_QUOTA_EXCEEDED", name)

    def add(self, wish: FileWish, content: bytes) -> WixFile:
        """Store a new file. It is PENDING until Wix has processed it.

        Raises InvalidRequest for a size that is not accepted.
        """
        self.check_size(len(content), "body")
        digest = hashlib.sha256(content).hexdigest()
        kept, users = self._contents.get(digest, (content, 0))
        self._contents[digest] = (kept, users + 1)
        self._used += len(content)
        now = self._scheduler.now
        kind = media_types.media_type(wish.mime)
        file = WixFile(
            id=f"5a1e0c_{self._random.getrandbits(128):032x}"
            + ("~mv2" if kind == "IMAGE" else "")
            + ("" if kind == "VIDEO" else media_types.suffix(wish.name, wish.mime)),
            name=wish.name[:255],
            mime=wish.mime,
            folder=self._folder_at(wish.path),
            private=wish.private,
            labels=list(wish.labels),
            content=kept,
            sha256=digest,
            created=now,
            updated=now,
            stamp=0,
        )
        self.files[file.id] = file
        self._touch(file)
        self._scheduler.after(self.ready_seconds, lambda: self._finish(file))
        return file

    def remove(self, identifier: str) -> None:
        """Delete a file permanently. A missing one is no error."""
        file = self.files.pop(identifier, None)
        if file is None:
            return
        del self._by_folder[file.folder][identifier]
        self._used -= len(file.content)
        kept, users = self._contents.pop(file.sha256)
        if users > 1:
            self._contents[file.sha256] = (kept, users - 1)

    def trash(self, identifier: str) -> None:
        """Move a file to the trash, as a person does. A missing one is no error."""
        file = self.files.get(identifier)
        if file is not None and not file.in_trash:
            file.in_trash = True
            self._touch(file)

    def restore(self, identifier: str) -> None:
        """Take a file out of the trash."""
        file = self.find(identifier)
        if file.in_trash:
            file.in_trash = False
            self._touch(file)

    def page(self, folder: str, below: int | None, limit: int) -> tuple[list[WixFile], int | None]:
        """Return a page of a folder's files without those in the trash, the last changed first.

        Args:
            folder: The folder's id.
            below: The stamp that ended the page before; None for the first page.
            limit: Maximum number of files.

        Returns:
            The files, and the stamp that ends the page; None after the last one.
        """
        found: list[WixFile] = []
        for identifier in reversed(self._by_folder.get(folder, {})):
            file = self.files[identifier]
            if file.in_trash or (below is not None and file.stamp >= below):
                continue
            if len(found) == limit:
                return found, found[-1].stamp
            found.append(file)
        return found, None

    def descriptor(self, file: WixFile) -> Row:
        """Return a file's descriptor as Wix's API has it."""
        kind = media_types.media_type(file.mime)
        url = f"{self.base}/{'media' if kind == 'IMAGE' else 'ugd'}/{file.id}"
        size = str(len(file.content))
        found: Row = {
            "id": file.id,
            "displayName": file.name,
            "parentFolderId": file.folder,
            "private": file.private,
            "mediaType": kind,
            "operationStatus": file.status,
            "labels": file.labels,
            "siteId": "5a1e0c3e-7d5b-4f8a-9d51-0d4c2a6b7e10",
            "state": "DELETED" if file.in_trash else "OK",
            "createdDate": timestamp(file.created),
            "updatedDate": timestamp(file.updated),
            "hash": file.sha256[:32],
            "sizeInBytes": size,
            "url": url,
        }
        if file.status == "READY":
            about = {"id": file.id, "url": url, "filename": file.name, "sizeInBytes": size}
            inner = {"image": about, "faces": []} if kind in ("IMAGE", "VECTOR") else about
            found["media"] = {} if kind == "OTHER" else {kind.lower(): inner}
        return found

    def folders_in(self, parent: str) -> list[Row]:
        """Return the folders directly within a folder."""
        return [one for one in self.folders.values() if one["parentFolderId"] == parent]

    def _folder_at(self, path: str) -> str:
        """Return the id of the folder at a path; missing folders are created."""
        parent = ROOT
        for name in filter(None, path.split("/")):
            known = next(
                (one["id"] for one in self.folders_in(parent) if one["displayName"] == name), None
            )
            if known is None:
                known = f"{self._random.getrandbits(128):032x}"
                self.folders[known] = {
                    "id": known,
                    "displayName": name,
                    "parentFolderId": parent,
                    "state": "OK",
                }
            parent = known
        return parent

    def _finish(self, file: WixFile) -> None:
        if self.files.get(file.id) is not file or file.status != "PENDING":
            return
        failed = self.failed_share > 0 and self._random.random() < self.failed_share
        file.status = "FAILED" if failed else "READY"
        self._touch(file)
        body: Mapping[str, Any] = (
            {"externalInfo": {}, "error": {"code": "PROCESSING_FAILED", "data": None}}
            if failed
            else {
                "file": self.descriptor(file),
                "externalInfo": {},
                "triggeredByUndelete": False,
            }
        )
        for listener in self.on_event:
            listener(FAILED if failed else READY, file.id, dict(body))

    def _touch(self, file: WixFile) -> None:
        """Give a changed file a new stamp: it becomes the newest of its folder."""
        self._stamp += 1
        file.stamp, file.updated = self._stamp, self._scheduler.now
        newest = self._by_folder.setdefault(file.folder, {})
        newest.pop(file.id, None)
        newest[file.id] = None


def read_ids(arguments: Row, name: str, most: int) -> Collection[str]:
    """Return a list of 1 to ``most`` ids from a request. Raises InvalidRequest."""
    value = arguments.get(name)
    if (
        not isinstance(value, list)
        or not 1 <= len(value) <= most
        or not all(isinstance(one, str) for one in value)
    ):
        raise InvalidRequest(name, f"must be 1 to {most} ids")
    return value
