"""The buckets of drops and of content in memory, for sources of documents."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import md5, sha256

from gridwix_gateway.content.ports import StoredContent
from gridwix_gateway.sources.documents.ports import DocumentDrops
from gridwix_gateway.sources.files.ports import Drop, DropGone


def _do_nothing() -> None:
    """Let nothing happen."""


class MemoryDocumentDrops(DocumentDrops):
    """Two buckets.

    Attributes:
        copies: The bytes of copies, by key.
        reports: The reports, by name.
        reads: The names of the objects that were read.
        before_read: Runs before each read.
        before_copy: Runs before each copy.
        after_copy: Runs after each copy, with its key.
    """

    def __init__(self) -> None:
        self.contents: dict[str, tuple[Drop, bytes]] = {}
        self.copies: dict[str, bytes] = {}
        self.reports: dict[str, str] = {}
        self.reads: list[str] = []
        self.before_read: Callable[[], None] = _do_nothing
        self.before_copy: Callable[[], None] = _do_nothing
        self.after_copy: Callable[[str], None] = lambda _: None

    def put(self, name: str, content: bytes, dropped_at: datetime) -> Drop:
        """Upload a file."""
        # The entity tag of S3.
        tag = md5(content, usedforsecurity=False).hexdigest()
        drop = Drop(name, tag, dropped_at, len(content))
        self.contents[name] = drop, content
        return drop

    def retag(self, name: str) -> Drop:
        """Upload the same bytes in several parts, which gives them another tag."""
        drop, content = self.contents[name]
        self.contents[name] = replace(drop, tag=f"{drop.tag}-2"), content
        return self.contents[name][0]

    def describe_drop(self, name: str) -> Drop:
        if name not in self.contents:
            raise DropGone(name)
        return self.contents[name][0]

    def read_drop(self, drop: Drop) -> Iterator[bytes]:
        self.before_read()
        self.reads.append(drop.name)
        content = self._current(drop)
        for place in range(0, len(content), 7):
            yield content[place : place + 7]

    def copy_drop(self, drop: Drop, target: str) -> StoredContent:
        self.before_copy()
        content = self.copies[target] = self._current(drop)
        self.after_copy(target)
        return StoredContent(len(content), sha256(content).hexdigest())

    def delete_copy(self, target: str) -> None:
        del self.copies[target]

    def put_report(self, drop: Drop, content: bytes) -> str:
        name = f"refused/{drop.name.removeprefix('drops/')}.csv"
        self.reports[name] = content.decode("utf-8-sig")
        return name

    def _current(self, drop: Drop) -> bytes:
        stored = self.contents.get(drop.name)
        if stored is None or stored[0].tag != drop.tag:
            raise DropGone(drop.name)
        return stored[1]
