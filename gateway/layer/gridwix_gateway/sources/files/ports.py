"""Ports of the source ``files``."""

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
    """A dropped file.

    Attributes:
        name: Its key in the bucket.
        tag: Identifies its content: another upload under the same name has another tag.
        dropped_at: Time of the upload.
        size: Bytes.
        accept_missing: A person has confirmed that many rows are gone.
    """

    name: str
    tag: str
    dropped_at: datetime
    size: int
    accept_missing: bool = False

    @property
    def id(self) -> str:
        """Identifies the drop. The same content that is dropped again is another drop."""
        return f"{self.name}#{self.tag}#{timestamp(self.dropped_at)}"

    @property
    def order(self) -> str:
        """Its place among the drops of its source: a newer drop has a higher text."""
        return drop_order(timestamp(self.dropped_at), self.name)


def drop_order(dropped_at: str, name: str) -> str:
    """Return the place of a drop among those of its source, as a text to compare.

    S3 tells the second of an upload and no more, and has no sequence across names. So drops of one
    second are ordered by name, in which numbers count: ``9.csv`` comes before ``10.csv``.

    >>> at = "2026-03-12T14:00:00.000Z"
    >>> drop_order(at, "t/9.csv") < drop_order(at, "t/10.csv") < drop_order(at, "t/b.csv")
    True

    Args:
        dropped_at: Time of the upload, RFC 3339.
        name: Its key in the bucket.

    Returns:
        The text.
    """
    numbered = re.sub(r"[0-9]+", lambda digits: digits[0].zfill(20), name)
    return f"{dropped_at} {numbered} {name}"


class DropGone(Exception):
    """The file was deleted or replaced since it was announced."""


class Drops(Protocol):
    """The bucket: drops of a source, reports beside them, and the source's own files."""

    def list_drops(self, source: str) -> Sequence[Drop]:
        """Return the drops of a source, the newest last. Reports and state are none."""

    def open_drop(self, drop: Drop) -> AbstractContextManager[Path]:
        """Return the drop as a temporary file.

        Raises:
            DropGone: There is no such drop any more.
        """

    def put_report(self, drop: Drop, content: bytes, *, whole: bool = False) -> str:
        """Write the report of a drop, and return its name.

        Args:
            drop: The drop.
            content: The report.
            whole: The drop is refused as a whole: :meth:`is_refused` is true from now on.
        """

    def is_refused(self, drop: Drop) -> bool:
        """Return whether a drop was refused as a whole."""

    def put_file(self, name: str, path: Path) -> None:
        """Write a file of a source's state."""

    def open_file(self, name: str) -> AbstractContextManager[Path]:
        """Return a file of a source's state as a temporary file. Raises FileNotFoundError."""

    def delete_files(self, prefix: str, former: Collection[str], keep: Collection[str]) -> None:
        """Delete files of a source's state.

        Args:
            prefix: Files that are not under it stay.
            former: Names of files that nothing needs any more.
            keep: Names of files that are needed. Others are deleted when they are a day old:
                they can be those of a plan that another worker is just storing.
        """


class RecordLookup(Protocol):
    """Finds records that rows refer to."""

    def known_ids(self, collection: str, identifiers: Collection[str]) -> Collection[str]:
        """Return those ids of which there is a record that is not deleted."""
