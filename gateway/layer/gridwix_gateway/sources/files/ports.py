"""Ports of the source ``files``: the bucket of uploaded files, and a lookup of records."""

import re
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gridwix_gateway.documents import timestamp


@dataclass(frozen=True, slots=True)
class Drop:
    """A drop: a file that was uploaded to the bucket, as one version of the object at a key.

    Attributes:
        name: Key of the object in the bucket.
        tag: Entity tag: differs for another upload at the same key.
        dropped_at: Time of the upload.
        size: Size in bytes.
        accept_missing: Whether a person has confirmed that many rows are gone.
    """

    name: str
    tag: str
    dropped_at: datetime
    size: int
    accept_missing: bool = False

    @property
    def id(self) -> str:
        """Id of the upload. The same content, uploaded again, has another id."""
        return f"{self.name}#{self.tag}#{timestamp(self.dropped_at)}"

    @property
    def order(self) -> str:
        """Sort key of the upload among those of its source: newer uploads have higher keys."""
        return drop_order(timestamp(self.dropped_at), self.name)


def drop_order(dropped_at: str, name: str) -> str:
    """Return the sort key of an uploaded file (drop) among those of its source: by time, then name.

    S3 gives the time of an upload in whole seconds, and no sequence across keys. So drops of one
    second are ordered by name, with numbers by their value: ``9.csv`` comes before ``10.csv``.

    >>> at = "2026-03-12T14:00:00.000Z"
    >>> drop_order(at, "t/9.csv") < drop_order(at, "t/10.csv") < drop_order(at, "t/b.csv")
    True

    Args:
        dropped_at: Time of the upload, RFC 3339.
        name: Key of the drop in the bucket.

    Returns:
        A text that sorts higher for a newer drop.
    """
    numbered = re.sub(r"[0-9]+", lambda digits: digits[0].zfill(20), name)
    return f"{dropped_at} {numbered} {name}"


class DropGone(Exception):
    """The uploaded file was deleted, or replaced by another one, since its message was sent."""


class Drops(Protocol):
    """Port to the bucket of a files source: uploaded files (drops), reports, and stored state."""

    def list_drops(self, source: str) -> Sequence[Drop]:
        """Return the uploaded files of a source, the newest last.

        The reports and state files that the gateway itself stores in the bucket are not listed.
        """

    def open_drop(self, drop: Drop) -> AbstractContextManager[Path]:
        """Download an uploaded file to a temporary file, for the length of a ``with`` block.

        Raises:
            DropGone: The file was deleted, or replaced by another one.
        """

    def put_report(self, drop: Drop, content: bytes, *, whole: bool = False) -> str:
        """Write the report about an uploaded file, and return the report's key.

        Args:
            drop: The uploaded file.
            content: The report.
            whole: Whether the file is refused as a whole: :meth:`is_refused` is true from now on.
        """

    def is_refused(self, drop: Drop) -> bool:
        """Return whether an uploaded file was refused as a whole."""

    def put_file(self, name: str, path: Path) -> None:
        """Upload a file of a source's state, such as its snapshot."""

    def open_file(self, name: str) -> AbstractContextManager[Path]:
        """Download a file of a source's state to a temporary file, for a ``with`` block.

        Raises FileNotFoundError if there is no such file.
        """

    def delete_files(self, prefix: str, former: Collection[str], keep: Collection[str]) -> None:
        """Delete files of a source's state that are no longer needed, and orphaned files.

        Args:
            prefix: Key prefix of the source's state. Other files are not touched.
            former: Keys of files to delete now.
            keep: Keys of files to keep. All others are deleted once they are a day old: a younger
                one can belong to a plan that another worker is just storing.
        """


class RecordLookup(Protocol):
    """Port: finds out whether the records that rows refer to exist."""

    def known_ids(self, collection: str, identifiers: Collection[str]) -> Collection[str]:
        """Return the ids, out of those given, that belong to a record which is not deleted."""
