"""Copying a version of a document to the portal: streamed, and never completed unless the bytes are those that were announced."""

import hashlib
from collections.abc import Iterator

from gridwix.errors import FileRefused
from gridwix.mapping.files import HEAD_BYTES, MEDIA_TYPES, is_what_it_says, kind_of, safe_name
from gridwix.models.configuration import Documents
from gridwix.models.documents import DocumentVersion
from gridwix.models.files import FileFault, MediaFile, NewFile
from gridwix.models.transfers import Bytes
from gridwix.services.ports import DocumentReader, MediaLibrary


class Copier:
    """Copies from Trading Grid's library to the portal's, in pieces, so that a file of any size takes the same memory."""

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
        if kind not in self._rules.types or kind not in MEDIA_TYPES:
            raise FileRefused(FileFault.WRONG_TYPE)
        new = NewFile(name, MEDIA_TYPES[kind], version.size_bytes, wanted.private, label(document_id, wanted))
        with self._source.content(document_id, version.number) as pieces:
            head, whole = _beginning(pieces)
            if not is_what_it_says(name, head):
                raise FileRefused(FileFault.WRONG_TYPE if head else FileFault.CHANGED)
            return self._media.upload(new, verified(whole, version.size_bytes, version.sha256))


def label(document_id: str, wanted: Bytes) -> str:
    """What a file is found by when it is not known whether it came to be."""
    return f"{document_id}-{wanted.sha256[:16]}-{'private' if wanted.private else 'public'}"


def verified(pieces: Iterator[bytes], size: int, sha256: str) -> Iterator[bytes]:
    """The same pieces, but for the last one only if all of them are what was announced: whoever takes them never has the whole of anything else.

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
    yield held


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
