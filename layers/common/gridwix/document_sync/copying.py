"""Streaming copy of a document's version from Trading Grid to the portal's media library.

An upload is completed only if its bytes match the announced size and digest, and the content is of
the kind that the file name says.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from gridwix.configuration.documents import Documents
from gridwix.document_sync.ports import DocumentReader, MediaLibrary
from gridwix.document_sync.transfers import FileIdentity
from gridwix.errors import FileRefused
from gridwix.files.attachments import IN_MEMORY
from gridwix.files.contents import HEAD_BYTES, beginning_fault, content_fault, needs_whole_file
from gridwix.files.types import file_extension, safe_name
from gridwix.models.files import MEDIA_TYPES, FileFault, MediaFile, NewFile
from gridwix.models.trading_grid.documents import DocumentVersion


class Copier:
    """Copies files from Trading Grid to the media library in chunks, in constant memory.

    A file that can be checked only as a whole, such as a ZIP archive with its directory at the end,
    is also kept during the upload: in memory, or in the function's temporary folder
    (``EphemeralStorage``) if it is large.
    """

    def __init__(self, source: DocumentReader, media: MediaLibrary, rules: Documents) -> None:
        self._source = source
        self._media = media
        self._rules = rules

    def copy_version(
        self, document_id: str, version: DocumentVersion, wanted: FileIdentity
    ) -> MediaFile:
        """Copy a document's version to the media library and return the file, which may be pending.

        A pending file is not usable yet.

        Args:
            document_id: Id of the document.
            version: The version to copy, with its announced size and digest.
            wanted: Identity of the file, from which its label is made.

        Raises:
            FileRefused: The file may not, or cannot, be copied. No file was made.
            UpstreamError: A read or the upload failed. After an Unavailable that is ``ambiguous``,
                the media library may have the file, or may get it later.
            BudgetExhausted: The call budget is used up; nothing was sent.
        """
        name = safe_name(version.file_name)
        kind = file_extension(name)
        if version.scan == "infected":
            raise FileRefused(FileFault.INFECTED)
        if version.size_bytes == 0:
            raise FileRefused(FileFault.EMPTY)
        if version.size_bytes > self._rules.most_bytes:
            raise FileRefused(FileFault.TOO_LARGE)
        if kind not in self._rules.types:
            raise FileRefused(FileFault.WRONG_TYPE)
        new = NewFile(
            name,
            MEDIA_TYPES[kind],
            version.size_bytes,
            wanted.private,
            media_label(document_id, wanted),
        )
        with (
            self._source.content(document_id, version.number) as chunks,
            tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool,
        ):
            head, content = _peek_head(chunks)
            if not head:
                raise FileRefused(FileFault.CHANGED)
            if fault := beginning_fault(name, head):
                raise FileRefused(fault)
            check: Callable[[], FileFault | None] | None = None
            if needs_whole_file(name):
                content, check = (
                    _tee_chunks(content, spool),
                    partial(content_fault, name, spool, macros=self._rules.macros),
                )
            return self._media.upload(
                new, verify_chunks(content, version.size_bytes, version.sha256, check)
            )


def media_label(document_id: str, wanted: FileIdentity) -> str:
    """Return the label of a document's file in the media library.

    A retry searches for this label if an upload got no response.

    >>> media_label("doc_1", FileIdentity(version=1, sha256="0123456789abcdef0123", private=True))
    'doc_1-0123456789abcdef-private'
    """
    return f"{document_id}-{wanted.sha256[:16]}-{'private' if wanted.private else 'public'}"


def verify_chunks(
    chunks: Iterator[bytes],
    size: int,
    sha256: str,
    check: Callable[[], FileFault | None] | None = None,
) -> Iterator[bytes]:
    """Yield chunks, but the last one only after size and digest of all bytes are verified.

    So the consumer never receives the whole of a file that is not what was announced.

    Args:
        chunks: The content.
        size: Announced size in bytes.
        sha256: Announced digest in hexadecimal digits.
        check: Examines the whole file before the last chunk is passed on; returns its fault,
            or None.

    Raises:
        FileRefused: In the place of the last chunk, or as soon as the content exceeds ``size``.

    >>> list(verify_chunks(iter([b"a", b"b"]), 2, hashlib.sha256(b"ab").hexdigest()))
    [b'a', b'b']
    """
    digest, received, held = hashlib.sha256(), 0, b""
    for chunk in chunks:
        digest.update(chunk)
        received += len(chunk)
        if received > size:
            raise FileRefused(FileFault.CHANGED)
        if held:
            yield held
        held = chunk
    if received != size or digest.hexdigest() != sha256:
        raise FileRefused(FileFault.CHANGED)
    if check is not None and (fault := check()):
        raise FileRefused(fault)
    yield held


def _tee_chunks(chunks: Iterator[bytes], copy: IO[bytes]) -> Iterator[bytes]:
    """Write each chunk to the file ``copy``, then yield the chunk."""
    for chunk in chunks:
        copy.write(chunk)
        yield chunk


def _peek_head(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first ``HEAD_BYTES`` bytes, and an iterator over all chunks from the first on."""
    seen: list[bytes] = []
    length = 0
    for chunk in chunks:
        seen.append(chunk)
        length += len(chunk)
        if length >= HEAD_BYTES:
            break

    def replay_chunks() -> Iterator[bytes]:
        yield from seen
        yield from chunks

    return b"".join(seen)[:HEAD_BYTES], replay_chunks()
