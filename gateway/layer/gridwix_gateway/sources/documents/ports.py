"""Port of the source ``documents``."""

from collections.abc import Iterator
from typing import Protocol

from gridwix_gateway.content.ports import StoredContent
from gridwix_gateway.sources.files.ports import Drop


class DocumentDrops(Protocol):
    """The bucket of drops, and the gateway's bucket that documents are copied to."""

    def describe_drop(self, name: str) -> Drop:
        """Return the drop that is there now. Raises DropGone."""

    def read_drop(self, drop: Drop) -> Iterator[bytes]:
        """Yield the bytes of a drop in pieces.

        Raises:
            DropGone: There is no such drop any more, or another one in its place.
        """

    def copy_drop(self, drop: Drop, target: str) -> StoredContent:
        """Copy the bytes of a drop into the gateway's bucket, and return what was copied.

        Raises:
            DropGone: There is no such drop any more, or another one in its place.
        """

    def delete_copy(self, target: str) -> None:
        """Delete a copy that no document refers to."""

    def put_report(self, drop: Drop, content: bytes) -> str:
        """Write the report of a refused drop, and return its name."""
