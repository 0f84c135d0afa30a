"""The port of the bucket."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredContent:
    """An object's size in bytes, and the SHA-256 of its bytes in hexadecimal digits."""

    size: int
    sha256: str


class ContentStore(Protocol):
    """Objects of one bucket, by key. Reads see the last write."""

    def upload_url(self, key: str, size: int, seconds: int) -> str:
        """Return a presigned URL for a PUT of exactly ``size`` bytes, valid for so many seconds."""

    def download_url(self, key: str, media_type: str, disposition: str, seconds: int) -> str:
        """Return a presigned URL for a GET of an object, valid for so many seconds.

        Args:
            key: The object.
            media_type: ``Content-Type`` of the response.
            disposition: ``Content-Disposition`` of the response.
            seconds: Lifetime of the URL.
        """

    def copy(self, source: str, target: str) -> StoredContent | None:
        """Copy an object and return size and digest of the copy. None if there is no source.

        The result describes the copy, even if the source changes meanwhile.
        """

    def put(self, key: str, content: bytes) -> None:
        """Write an object."""

    def read(self, key: str, first: int, last: int) -> bytes:
        """Return the bytes ``first`` to ``last``, both included. The object has at least one."""

    def delete(self, key: str) -> None:
        """Delete an object, if it is there."""
