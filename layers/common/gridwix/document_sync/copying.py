"""Copying a version of a document to the portal: streamed, and never completed unless the bytes are those that were announced, and of the announced kind."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from gridwix.configuration.documents import Documents
from gridwix.document_sync.ports import DocumentReader, MediaLibrary
from gridwix.document_sync.transfers import Bytes
from gridwix.errors import FileRefused
from gridwix.files.attachments import IN_MEMORY
from gridwix.files.contents import HEAD_BYTES, beginning_fault, content_fault, needs_whole_file
from gridwix.files.types import kind_of, safe_name
from gridwix.models.files import MEDIA_TYPES, FileFault, MediaFile, NewFile
from gridwix.models.trading_grid.documents import DocumentVersion


class Copier:
    """Copies from Trading Grid's library to the portal's, in pieces, so that a file of any size takes the same memory.

    A file whose kind stands at its end, as with ZIP archives, is also written to the function's temporary folder (``EphemeralStorage``) while it is sent.
    """

    def __init__(self, source: DocumentReader, media: MediaLibrary, rules: Documents) -> None:
        self._source = source
        self._media = media
        self._rules = rules

    def copy(self, document_id: str, version: DocumentVersion, wanted: Bytes) -> MediaFile:
        """The file, which may be pending. Raises FileRefused, with no file made, and UpstreamError or BudgetExhausted."""
        name = safe_name(version.file_name)
        kind = kind_of(name)
        if version.scan == "infected":
            raise FileRefused(FileFault.INFECTED)
        if version.size_bytes == 0:
            raise FileRefused(FileFault.EMPTY)
        if version.size_bytes > self._rules.most_bytes:
            raise FileRefused(FileFault.TOO_LARGE)
        if kind not in self._rules.types:
            raise FileRefused(FileFault.WRONG_TYPE)
        new = NewFile(name, MEDIA_TYPES[kind], version.size_bytes, wanted.private, label(document_id, wanted))
        with self._source.content(document_id, version.number) as pieces, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as kept:
            head, whole = _beginning(pieces)
            if not head:
                raise FileRefused(FileFault.CHANGED)
            if fault := beginning_fault(name, head):
                raise FileRefused(fault)
            check: Callable[[], FileFault | None] | None = None
            if needs_whole_file(name):
                whole, check = _copied(whole, kept), partial(content_fault, name, kept, macros=self._rules.macros)
            return self._media.upload(new, verified(whole, version.size_bytes, version.sha256, check))


def label(document_id: str, wanted: Bytes) -> str:
    """What a file is found by when it is not known whether it came to be."""
    return f"{document_id}-{wanted.sha256[:16]}-{'private' if wanted.private else 'public'}"


def verified(pieces: Iterator[bytes], size: int, sha256: str, check: Callable[[], FileFault | None] | None = None) -> Iterator[bytes]:
    """The same pieces, but for the last one only if all of them are what was announced: whoever takes them never has the whole of anything else.
    ``check`` looks at the whole file then.

    Raises FileRefused in the place of the last piece.
    """
    digest, taken, held = hashlib.sha256(), 0, b""
    for piece in pieces:
        digest.update(piece)
        taken += len(piece)
        if taken > size:
            raise FileRefused(FileFault.CHANGED)
        if held:
            yield held
        held = piece
    if taken != size or digest.hexdigest() != sha256:
        raise FileRefused(FileFault.CHANGED)
    if check is not None and (fault := check()):
        raise FileRefused(fault)
    yield held


def _copied(pieces: Iterator[bytes], into: IO[bytes]) -> Iterator[bytes]:
    """The same pieces, each written before it is passed on."""
    for piece in pieces:
        into.write(piece)
        yield piece


def _beginning(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and all pieces once more from the first on."""
    seen: list[bytes] = []
    length = 0
    for piece in pieces:
        seen.append(piece)
        length += len(piece)
        if length >= HEAD_BYTES:
            break

    def whole() -> Iterator[bytes]:
        yield from seen
        yield from pieces

    return b"".join(seen)[:HEAD_BYTES], whole()
