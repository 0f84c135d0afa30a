"""The file descriptors of the Media Manager: metadata and state of each file.

The bytes of files are blobs; files with the same bytes share one blob.
"""

import re
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from emulators.common.blobs import Blob, Blobs, TooLong
from emulators.common.clock import Clock
from emulators.wix.entities import Entities, Page
from emulators.wix.errors import InvalidRequest
from emulators.wix.media import media_types
from emulators.wix.media.rules import Limits, rule_violation
from emulators.wix.query import value_at
from emulators.wix.tables import Tables
from emulators.wix.wire import Data

TABLE = "$mediaFiles"
OWN = "_own"
"""Member of a stored descriptor with internal data that responses do not show.

``mimeType``, ``sha256``, ``externalInfo``, ``by``, ``base``, and ``import``.
"""
HASH_DIGITS = 32
MAX_NAME = 255
MAX_LABEL = 200
WIX_URL = re.compile(r"wix:[a-z0-9]+://v1/([^/#]+)")


class Files:
    """The files of the Media Manager, by id. A ``wix:`` URL is accepted in place of an id.

    Raises InvalidRequest with the rule RESOURCE_NOT_FOUND for a file that does not exist.
    """

    def __init__(
        self, tables: Tables, clock: Clock, site_id: str, blobs: Blobs, limits: Limits
    ) -> None:
        self._files = Entities(tables, TABLE, clock)
        self._site_id = site_id
        self._blobs = blobs
        self._limits = limits

    def add(self, wish: Data, folder: str, own: Data, source_url: str | None = None) -> Data:
        """Add a file in state PENDING, and return its descriptor. Its bytes may arrive later.

        Args:
            wish: The description of the file, as ``read_file_request`` returns it.
            folder: The id of the folder.
            own: Internal data of the file, which responses do not show.
            source_url: The URL from which the file is imported; None for an upload.
        """
        name, mime = wish["displayName"][:MAX_NAME], wish["mimeType"]
        kind = media_types.media_type(mime)
        stem = f"{self._site_id[:6]}_{uuid.uuid4().hex}"
        file = {
            "id": stem
            + ("~mv2" if kind == "IMAGE" else "")
            + ("" if kind == "VIDEO" else media_types.suffix(name, mime)),
            "displayName": name,
            "parentFolderId": folder,
            "private": wish["private"],
            "mediaType": kind,
            "operationStatus": "PENDING",
            "labels": wish["labels"],
            "siteId": self._site_id,
            "state": "OK",
            **({} if source_url is None else {"sourceUrl": source_url}),
            OWN: {"mimeType": mime, "externalInfo": wish["externalInfo"], "sha256": None, **own},
        }
        return self._files.add(file)

    def find(self, identifier: str) -> Data | None:
        named = WIX_URL.match(identifier)
        return self._files.find(named[1] if named else identifier)

    def get(self, identifier: str) -> Data:
        file = self.find(identifier)
        if file is None:
            raise rule_violation("RESOURCE_NOT_FOUND", "fileId")
        return file

    def all(self) -> list[Data]:
        """Return all files, oldest first, including the trash."""
        return self._files.all()

    def query(self, asked: Data) -> Page:
        return self._files.query_by_cursor(asked, read=_read_member)

    def replace(self, file: Data) -> Data:
        return self._files.replace(file)

    def set_content(self, file: Data, blob: Blob) -> Data:
        """Attach a blob to a file as its bytes, and return the file's descriptor."""
        about = {"hash": blob.sha256[:HASH_DIGITS], "sizeInBytes": str(blob.size)}
        return self._files.replace({**file, **about, OWN: {**file[OWN], "sha256": blob.sha256}})

    def remove(self, file: Data) -> None:
        """Delete a file permanently, and its bytes unless another file shares them."""
        self._files.remove(file["id"])
        if file[OWN]["sha256"] is not None:
            self._drop_unused(file[OWN]["sha256"])

    async def store_content(self, chunks: AsyncIterator[bytes], field: str) -> Blob:
        """Store the bytes of a file as a blob.

        Raises InvalidRequest and stores nothing if there are no bytes, or more than the limits
        allow.
        """
        most = max(min(self._limits.file_bytes, self._free_bytes()), 0)
        try:
            blob = await self._blobs.store_stream(chunks, most)
        except TooLong:
            self.check_size(most + 1, field)
            raise
        self.check_blob(blob, field)
        return blob

    def check_blob(self, blob: Blob, field: str) -> None:
        """Raise InvalidRequest and delete the blob if it is empty or above the limits."""
        try:
            self.check_size(blob.size, field)
        except InvalidRequest:
            self._drop_unused(blob.sha256)
            raise

    def blob_path(self, file: Data) -> Path:
        """Return the path of the blob with the file's bytes."""
        return self._blobs.path(file[OWN]["sha256"])

    def check_size(self, size: int, field: str) -> None:
        """Raise InvalidRequest for a file size of 0, or above the limits."""
        if size == 0:
            raise rule_violation("ZERO_FILE_SIZE", field)
        if size > self._limits.file_bytes:
            raise rule_violation("FILE_SIZE_OVER_LIMIT", field)
        if size > self._free_bytes():
            raise rule_violation("SITE_QUOTA_EXCEEDED", field)

    def _drop_unused(self, sha256: str) -> None:
        # Files with the same bytes share one blob.
        if not any(file[OWN]["sha256"] == sha256 for file in self.all()):
            self._blobs.delete(sha256)

    def _free_bytes(self) -> int:
        """Return the free storage in bytes. Files in the trash count as used."""
        return self._limits.storage_bytes - sum(
            int(file.get("sizeInBytes", 0)) for file in self.all()
        )


def file_descriptor(file: Data, base: str | None = None) -> Data:
    """Return a file's descriptor for a response, with its URLs.

    ``base`` is the emulator's address for the caller; None means the address that the uploader
    used.
    """
    descriptor = {name: value for name, value in file.items() if name != OWN}
    descriptor["url"] = (base or file[OWN]["base"]) + file_path(file)
    if file["operationStatus"] == "READY":
        descriptor["media"] = _media_member(descriptor)
    return descriptor


def is_served(file: Data) -> bool:
    """Return True if the file's bytes can be downloaded."""
    return bool(file["state"] == "OK" and file["operationStatus"] == "READY")


def file_path(file: Data) -> str:
    """Return the URL path under which the file is served."""
    return f"/{'media' if file['mediaType'] == 'IMAGE' else 'ugd'}/{file['id']}"


def _media_member(descriptor: Data) -> Data:
    about = {
        "id": descriptor["id"],
        "url": descriptor["url"],
        "filename": descriptor["displayName"],
        "sizeInBytes": descriptor["sizeInBytes"],
    }
    match descriptor["mediaType"]:
        case "IMAGE" | "VECTOR" as kind:
            return {kind.lower(): {"image": about, "faces": []}}
        case "AUDIO":
            return {"audio": {"id": about["id"], "assets": [], "sizeInBytes": about["sizeInBytes"]}}
        case "VIDEO" | "DOCUMENT" | "ARCHIVE" | "MODEL3D" as kind:
            return {kind.lower(): about}
        case _:
            return {}


def _read_member(file: Mapping[str, Any], path: str) -> Any:
    """Return a file's value at the path that a query's filter or sort order names.

    The size, which is stored as a text, is returned as a number, so that sizes are compared as
    numbers.
    """
    return int(file.get("sizeInBytes", 0)) if path == "sizeInBytes" else value_at(file, path)
