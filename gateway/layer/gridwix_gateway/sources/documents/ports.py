"""Port of the source ``documents``: the bucket of dropped files."""

from collections.abc import Iterator
from typing import Protocol

from gridwix_gateway.content.ports import StoredContent
from gridwix_gateway.sources.files.ports import Drop


class DocumentDrops(Protocol):
    """The bucket of dropped files, and copies from it into the gateway's content bucket."""

    def describe_drop(self, name: str) -> Drop:
        """Return key, tag, size and time of the file that is at a key now. Raises DropGone."""

    def read_drop(self, drop: Drop) -> Iterator[bytes]:
        """Yield the bytes of a dropped file in pieces.

        Raises:
            DropGone: The file was deleted, or replaced by another one.
        """

    def copy_drop(self, drop: Drop, target: str) -> StoredContent:
        """Copy a dropped file into the content bucket, and return size and digest of the copy.

        Raises:
            DropGone: The file was deleted, or replaced by another one.
        """

    def delete_copy(self, target: str) -> None:
        """Delete a copy from the content bucket that no document refers to."""

    def put_report(self, drop: Drop, content: bytes) -> str:
        """Write the report of a refused file, and return the report's key."""
