"""Content-addressed files on disk, named by the SHA-256 of their content.

Content is read and written piece by piece, so a file may be larger than the memory.
"""

import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path


class TooLong(Exception):
    """Raised if a stream has more bytes than the limit allows."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One stored file of a blob folder. ``sha256`` is in hexadecimal digits, ``size`` in bytes."""

    sha256: str
    size: int
    path: Path


class Blobs:
    """Content-addressed files in ``folder``, or in a temporary folder if ``folder`` is None.

    The temporary folder is deleted together with this object.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._scratch = (
            tempfile.TemporaryDirectory(prefix="gridwix-blobs-") if folder is None else None
        )
        self._folder = Path(self._scratch.name) if self._scratch else folder
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)

    async def store_stream(self, chunks: AsyncIterator[bytes], max_bytes: int) -> Blob:
        """Store the bytes of a stream as a blob.

        Raises TooLong for more than ``max_bytes`` bytes; nothing is stored then.
        """
        digest, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=self._directory(), delete=False) as partial:
            path = Path(partial.name)
            try:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > max_bytes:
                        raise TooLong
                    digest.update(chunk)
                    partial.write(chunk)
            except BaseException:
                path.unlink()
                raise
        return self._move_into_place(path, digest.hexdigest(), size)

    def store_bytes(self, content: bytes) -> Blob:
        """Store bytes that are in memory as a blob."""
        with tempfile.NamedTemporaryFile(dir=self._directory(), delete=False) as partial:
            partial.write(content)
        return self._move_into_place(
            Path(partial.name), hashlib.sha256(content).hexdigest(), len(content)
        )

    def store_file(self, path: Path) -> Blob:
        """Store a file as a blob: the file is moved into the blob folder."""
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256")
        return self._move_into_place(path, digest.hexdigest(), path.stat().st_size)

    def partial_path(self, name: str) -> Path:
        """Return the path of a partial file, to which an upload in parts appends its bytes.

        ``name`` is a file name without a folder. ``store_file`` stores the file when it is
        complete.
        """
        return self._directory() / f"{name}.part"

    def delete(self, sha256: str) -> None:
        """Delete the blob with this digest. Idempotent."""
        self.path(sha256).unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Return the path of the blob with this digest."""
        return self._directory() / sha256

    def _directory(self) -> Path:
        assert self._folder is not None
        return self._folder

    def _move_into_place(self, path: Path, sha256: str, size: int) -> Blob:
        target = self._directory() / sha256
        path.replace(target)
        return Blob(sha256, size, target)
