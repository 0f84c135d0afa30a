"""The bucket of drops in memory."""

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from gridwix_gateway.sources.files.ports import Drop, DropGone, Drops


class MemoryDrops(Drops):
    """A bucket. ``writes`` are the names that were written or deleted."""

    def __init__(self) -> None:
        self.contents: dict[str, tuple[Drop, bytes]] = {}
        self.files: dict[str, bytes] = {}
        self.reports: dict[str, str] = {}
        self.writes: list[str] = []
        self._refused: set[str] = set()

    def add_drop(
        self, name: str, content: bytes, dropped_at: datetime, *, accept_missing: bool = False
    ) -> Drop:
        """Drop a file."""
        tag = sha256(content).hexdigest()[:12]
        drop = Drop(name, tag, dropped_at, len(content), accept_missing)
        self.contents[name] = drop, content
        return drop

    def list_drops(self, source: str) -> Sequence[Drop]:
        found = [drop for drop, _ in self.contents.values() if drop.name.startswith(f"{source}/")]
        return sorted(found, key=lambda drop: drop.order)

    @contextmanager
    def open_drop(self, drop: Drop) -> Iterator[Path]:
        stored = self.contents.get(drop.name)
        if stored is None or stored[0].tag != drop.tag:
            raise DropGone(drop.name)
        with _temporary(stored[1]) as path:
            yield path

    def put_report(self, drop: Drop, content: bytes, *, whole: bool = False) -> str:
        name = f"refused/{drop.name}.csv"
        if whole:
            self._refused.add(drop.id)
        self.reports[name] = content.decode("utf-8-sig")
        return name

    def is_refused(self, drop: Drop) -> bool:
        return drop.id in self._refused

    def put_file(self, name: str, path: Path) -> None:
        self.writes.append(name)
        self.files[name] = path.read_bytes()

    @contextmanager
    def open_file(self, name: str) -> Iterator[Path]:
        if name not in self.files:
            raise FileNotFoundError(name)
        with _temporary(self.files[name]) as path:
            yield path

    def delete_files(self, prefix: str, former: Collection[str], keep: Collection[str]) -> None:
        gone = [name for name in self.files if name.startswith(prefix) and name in former]
        self.writes += gone
        for name in gone:
            del self.files[name]


@contextmanager
def _temporary(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        yield path
