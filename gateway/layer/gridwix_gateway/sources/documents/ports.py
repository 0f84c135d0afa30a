"""Port of the source ``documents``: the bucket of uploaded files."""

from collections.abc import Iterator
from typing import Protocol

from gridwix_gateway.content.ports import StoredContent
from gridwix_gateway.sources.files.ports import Drop


class DocumentDrops(Protocol):
    """Port to the bucket with the files that people upload, and to their copies.

    An uploaded file is called a drop. Its copy is in the gateway's content bucket.
    """

    def describe_drop(self, name: str) -> Drop:
        """Return key, tag, size and upload time of the file at a key.

        Raises DropGone if there is none.
        """

    def read_drop(self, drop: Drop) -> Iterator[bytes]:
        """Yield the bytes of an uploaded file in pieces.

        Raises:
            DropGone: The file was deleted, or replaced by another one.
        """

    def copy_drop(self, drop: Drop, target: str) -> StoredContent:
        """Copy an uploaded file into the content bucket, and return size and digest of the copy.

        Raises:
            DropGone: The file was deleted, or replaced by another one.
        """

    def delete_copy(self, target: str) -> None:
        """Delete a file's copy from the content bucket, without a check.

        The caller knows that no document refers to the copy.
        """

    def put_report(self, drop: Drop, content: bytes) -> str:
        """Write the report of a refused file into the bucket, and return the report's key."""
