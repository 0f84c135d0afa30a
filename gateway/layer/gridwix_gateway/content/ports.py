"""Interface (port) of the bucket that holds uploads and the content of documents."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredContent:
    """Size in bytes and SHA-256 (hexadecimal) of an object in the bucket."""

    size: int
    sha256: str


class ContentStore(Protocol):
    """Interface of the content bucket: objects by key. Reads are strongly consistent."""

    def upload_url(self, key: str, size: int, seconds: int) -> str:
        """Return a presigned URL to PUT exactly ``size`` bytes. It is valid for ``seconds``."""

    def download_url(self, key: str, media_type: str, disposition: str, seconds: int) -> str:
        """Return a presigned URL to GET an object.

        Args:
            key: The object.
            media_type: ``Content-Type`` of the response.
            disposition: ``Content-Disposition`` of the response.
            seconds: Lifetime of the URL.
        """

    def copy(self, source: str, target: str) -> StoredContent | None:
        """Copy an object, and return size and digest of the copy; None if the source is missing.

        Size and digest are those of the copy, even if a client replaces the source meanwhile.
        """

    def put(self, key: str, content: bytes) -> None:
        """Write an object, or replace it."""

    def read(self, key: str, first: int, last: int) -> bytes:
        """Return the bytes ``first`` to ``last`` of an object, both included."""

    def delete(self, key: str) -> None:
        """Delete an object. Does nothing if it is missing."""
