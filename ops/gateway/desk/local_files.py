"""Files of this machine: those that the desk publishes, and those that it fetches."""

import hashlib
import mimetypes
import os
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ops.errors import OpsError

MAX_BYTES = 1_073_741_824
"""Maximum size of a document's file in bytes, by the profile."""

MAX_NAME = 200
"""Maximum length of a fetched file's name in bytes. Most systems take 255."""

PIECE = 1024 * 1024

_UNSAFE = frozenset('/\\:*?"<>|')


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file to publish, as it was read.

    Args:
        path: The file's path.
        media_type: The media type, guessed from the suffix of the file's name.
        size: The file's number of bytes.
        sha256: Digest of the bytes, in hexadecimal digits.
    """

    path: Path
    media_type: str
    size: int
    sha256: str

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the file in pieces.

        Raises OpsError at the end if the file has changed since its size and digest were read.
        """
        digest, size = hashlib.sha256(), 0
        with self.path.open("rb") as stream:
            for piece in _pieces(stream):
                size += len(piece)
                if size > self.size:
                    break
                digest.update(piece)
                yield piece
        if (size, digest.hexdigest()) != (self.size, self.sha256):
            raise OpsError(f"{self.path} has changed meanwhile", "repeat the command")


def read_local_file(path: Path) -> LocalFile:
    """Return a file to publish, with its size and digest.

    Raises:
        OpsError: The file cannot be read, is no file, is empty, or is too large.
    """
    if not path.is_file():
        raise OpsError(f"there is no file {path}", "correct the path")
    if any(unicodedata.category(one) == "Cs" for one in path.name):
        raise OpsError("the file's name is no valid UTF-8", "rename it")
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as stream:
            for piece in _pieces(stream):
                digest.update(piece)
                size += len(piece)
                if size > MAX_BYTES:
                    raise OpsError(f"{path} is too large", "give a file of at most 1 GiB")
    except OSError as error:
        raise OpsError(
            f"{path} cannot be read ({error.strerror})",
            "correct its permissions, or give another file",
        ) from None
    if size == 0:
        raise OpsError(f"{path} is empty", "give another file")
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return LocalFile(path, media_type, size, digest.hexdigest())


def destination(to: Path | None, file_name: str) -> Path:
    r"""Return the path to which a fetched file is written.

    Args:
        to: A file or a folder; None for the present folder.
        file_name: The document's file name, as its sender wrote it. A path in it is not followed.

    >>> destination(Path("a.pdf"), "b.pdf").name, destination(None, "../.b\x1b.pdf").name
    ('a.pdf', 'b.pdf')
    """
    # Path.is_dir raises an error for a name that is too long.
    if to is not None and not os.path.isdir(to):  # noqa: PTH112
        return to
    plain = "".join(
        "_" if one in _UNSAFE else one
        for one in file_name
        if not unicodedata.category(one).startswith("C")
    ).strip("._ ")
    suffix = _cut(Path(plain).suffix, 20)
    if len(plain.encode()) > MAX_NAME:
        plain = _cut(plain, MAX_NAME - len(suffix.encode())) + suffix
    return (to or Path()) / (plain or "document")


def write_verified(path: Path, pieces: Iterable[bytes], size: int, sha256: str) -> bool:
    """Write a file atomically, if the bytes have the right size and digest.

    The file appears as a whole or not at all.

    Args:
        path: The file to write. It must not exist, unless it has the same bytes.
        pieces: The bytes.
        size: The right number of bytes.
        sha256: The right digest.

    Returns:
        True if the file was written, False if it was there with the same bytes.

    Raises:
        OpsError: The bytes are wrong, the file exists with other bytes, or it cannot be written.
    """
    try:
        if path.exists():
            if path.is_file() and path.stat().st_size == size and _digest(path) == sha256:
                return False
            raise OpsError(f"{path} is there, with other content", "name another file with --to")
        descriptor, name = tempfile.mkstemp(prefix=".fetched-", dir=path.parent)
    except OSError as error:
        raise OpsError(
            f"{path} cannot be written ({error.strerror})", "name another file with --to"
        ) from None
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            _write_pieces(stream, pieces, size, sha256)
        temporary.replace(path)
    except OSError as error:
        raise OpsError(
            f"{path} cannot be written ({error.strerror})", "name another file with --to"
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _write_pieces(stream: BinaryIO, pieces: Iterable[bytes], size: int, sha256: str) -> None:
    digest, written = hashlib.sha256(), 0
    for piece in pieces:
        written += len(piece)
        if written > size:
            break
        digest.update(piece)
        stream.write(piece)
    if (written, digest.hexdigest()) != (size, sha256):
        raise OpsError(
            "the gateway sent other bytes than were uploaded, so nothing is written",
            "run the command again; if this stays, publish the file again",
        )


def _cut(text: str, size: int) -> str:
    """Return the beginning of a text that takes ``size`` bytes at most."""
    return text.encode()[:size].decode(errors="ignore")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece
