"""Resumable uploads by the tus protocol 1.0.0, with its extension ``creation``.

Source: https://tus.io/protocols/resumable-upload. The upload's token is in ``Upload-Metadata``,
under ``token``. When all bytes have arrived, ``PUT {uploadUrl}/{uploadToken}`` creates the file.
"""

import asyncio
import base64
import binascii
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from emulators.common.blobs import Blob, Blobs

VERSION = "1.0.0"


class TusError(Exception):
    """Raised to answer a request with an error of the tus protocol."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(slots=True)
class Part:
    """State of a resumable upload: ``offset`` of ``length`` bytes have arrived so far.

    ``busy`` is true while a request adds bytes.
    """

    name: str
    token: str
    length: int
    offset: int = 0
    busy: bool = False


class Resumable:
    """The resumable uploads that are not complete yet.

    A restart of the emulator drops them, which the tus protocol allows.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._parts: dict[str, Part] = {}

    def create(self, token: str, length: int) -> Part:
        """Start a resumable upload, and return it.

        It replaces an earlier upload with the same token.
        """
        for other in [part for part in self._parts.values() if part.token == token]:
            self._forget(other)
        part = Part(secrets.token_hex(16), token, length)
        self._blobs.partial_path(part.name).touch()
        self._parts[part.name] = part
        return part

    def get(self, name: str) -> Part:
        """Return the pending upload with this name. Raises TusError (404) if there is none."""
        part = self._parts.get(name)
        if part is None:
            raise TusError(404, "There is no such upload")
        return part

    async def append(self, part: Part, offset: int, chunks: AsyncIterator[bytes]) -> None:
        """Append bytes to an upload at an offset.

        If the request breaks off, the bytes that have arrived are kept. Raises TusError: 409 if
        ``offset`` is not the upload's current offset, 423 while another request adds bytes, 413 for
        more bytes than the announced length.
        """
        if part.busy:
            raise TusError(423, "Bytes of the upload are coming in already")
        if offset != part.offset:
            raise TusError(409, f"The offset is {part.offset}")
        part.busy = True
        try:
            with self._blobs.partial_path(part.name).open("ab") as draft:
                async for chunk in chunks:
                    taken = chunk[: part.length - part.offset]
                    draft.write(taken)
                    part.offset += len(taken)
                    if len(taken) < len(chunk):
                        raise TusError(413, "There are more bytes than the upload has")
        finally:
            part.busy = False

    async def take_complete(self, token: str) -> Blob | None:
        """End a complete upload, and return its bytes as a blob.

        Returns None, and keeps the upload, if bytes are missing.
        """
        part = next((one for one in self._parts.values() if one.token == token), None)
        if part is None or part.busy or part.offset < part.length:
            return None
        del self._parts[part.name]
        return await asyncio.to_thread(self._blobs.store_file, self._blobs.partial_path(part.name))

    def _forget(self, part: Part) -> None:
        self._blobs.partial_path(part.name).unlink(missing_ok=True)
        del self._parts[part.name]


def parse_metadata(header: str) -> dict[str, str]:
    """Parse the header ``Upload-Metadata``, and return its values by key.

    The header has base64 values. Raises TusError (400) for a malformed header.
    """
    found: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise TusError(400, "Upload-Metadata is not valid") from None
    return found


def parse_count(header: str | None, name: str) -> int:
    """Parse a header of a tus request as a number. Raises TusError (400) for anything else."""
    if header is None or not header.isascii() or not header.isdecimal() or len(header) > 18:
        raise TusError(400, f"{name} must be a number that is not negative")
    return int(header)
