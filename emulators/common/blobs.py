"""Bytes on disk, by the SHA-256 of their content: they are written and read in pieces, so their size does not matter."""

import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path


class TooLong(Exception):
    """There are more bytes than may be taken."""


@dataclass(frozen=True, slots=True)
class Blob:
    """``sha256`` in hexadecimal digits."""

    sha256: str
    size: int
    path: Path


class Blobs:
    """A folder of blobs: ``folder``, or one that goes with this object."""

    def __init__(self, folder: Path | None = None) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="gridwix-blobs-") if folder is None else None
        self._folder = Path(self._scratch.name) if self._scratch else folder
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)

    async def store_stream(self, chunks: AsyncIterator[bytes], max_bytes: int) -> Blob:
        """Keep what comes. Raises TooLong, keeping nothing, for more than ``most`` bytes."""
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
        """Keep bytes that are there already."""
        with tempfile.NamedTemporaryFile(dir=self._directory(), delete=False) as partial:
            partial.write(content)
        return self._move_into_place(Path(partial.name), hashlib.sha256(content).hexdigest(), len(content))

    def store_file(self, path: Path) -> Blob:
        """Keep what is in a file, which moves."""
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256")
        return self._move_into_place(path, digest.hexdigest(), path.stat().st_size)

    def partial_path(self, name: str) -> Path:
        """Where bytes that come in parts can grow until they are adopted. ``name`` is a file's name."""
        return self._directory() / f"{name}.part"

    def delete(self, sha256: str) -> None:
        """Forget the bytes of a digest."""
        self.path(sha256).unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the bytes of a digest are."""
        return self._directory() / sha256

    def _directory(self) -> Path:
        assert self._folder is not None
        return self._folder

    def _move_into_place(self, path: Path, sha256: str, size: int) -> Blob:
        target = self._directory() / sha256
        path.replace(target)
        return Blob(sha256, size, target)
