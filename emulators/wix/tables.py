"""The site's state: tables in memory, a lagging replica, and SQLite.

SQLite keeps the state across restarts, and records each write for the history. A table is a data
collection, or a table of the emulator itself. The names of the emulator's tables begin with ``$``;
the id of a collection cannot. Contents are never changed in place, so primary and replica share
them.
"""

import sqlite3
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from emulators.common.clock import Clock
from emulators.wix.wire import Data

SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL, id TEXT NOT NULL, data BLOB NOT NULL,
  UNIQUE (name, id)
);
CREATE TABLE IF NOT EXISTS history (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL,
  action TEXT NOT NULL, data BLOB
);
CREATE INDEX IF NOT EXISTS history_of_item ON history (name, id);
"""


class Row(NamedTuple):
    """The current state of an item. An item with a greater ``number`` was inserted later."""

    number: int
    data: Data


class Write(NamedTuple):
    """A write of one item: the action, the item's id, and its new contents.

    The contents are given as object (``data``) and as JSON (``text``). Both are None if the item
    was deleted.
    """

    action: str
    id: str
    data: Data | None
    text: bytes | None


class Table:
    """The items of one table by id, oldest first. ``version`` grows with each change."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.version = 0
        self.remembered: dict[bytes, Any] = {}

    def put(self, identifier: str, row: Row | None) -> None:
        if row is None:
            self.rows.pop(identifier, None)
        else:
            self.rows[identifier] = row
        self.version += 1
        self.remembered.clear()


REPLICA_LAG = 3.0
"""Seconds by which the replica is behind the primary, unless a site says otherwise.

Wix says of its own replicas that they lag "typically a few seconds".
"""


MOMENT = 0.3
"""Maximum seconds by which the replica of contacts is behind.

Wix calls queries for contacts eventually consistent, and names no time.
"""


class Tables:
    """All tables of the site: primary, lagging replica, and history.

    ``lag`` is the delay of the replica, in seconds of the emulator's clock. For the tables named in
    ``brief`` the delay is at most ``MOMENT`` (0.3 seconds).
    """

    def __init__(self, connection: sqlite3.Connection, clock: Clock, lag: float) -> None:
        self.lag = lag
        self._connection = connection
        self._clock = clock
        self._primary: dict[str, Table] = {}
        self._replica: dict[str, Table] = {}
        self.brief: set[str] = set()
        self._underway: defaultdict[str, deque[tuple[float, str, Row | None]]] = defaultdict(deque)
        self._number = 0
        connection.executescript(SCHEMA)
        for number, name, identifier, text in connection.execute(
            "SELECT number, name, id, data FROM item ORDER BY number"
        ):
            row = Row(number, orjson.loads(text))
            self._get_or_create(self._primary, name).put(identifier, row)
            self._get_or_create(self._replica, name).put(identifier, row)
            self._number = number

    def table(self, name: str, *, consistent: bool = True) -> Table:
        """Return a table of the primary, or of the lagging replica if ``consistent`` is false."""
        if consistent:
            return self._get_or_create(self._primary, name)
        self._catch_up(name)
        return self._get_or_create(self._replica, name)

    def write(self, name: str, writes: Sequence[Write]) -> None:
        """Apply all writes to a table in order, or none of them."""
        now = self._clock.now().timestamp()
        primary = self._get_or_create(self._primary, name)
        changes: dict[str, Row | None] = {}
        for write in writes:
            known = changes[write.id] if write.id in changes else primary.rows.get(write.id)
            if write.data is None:
                changes[write.id] = None
            else:
                number = known.number if known else self._next_number()
                changes[write.id] = Row(number, write.data)
        texts = {write.id: write.text for write in writes}
        kept = [
            (row.number, name, identifier, texts[identifier])
            for identifier, row in changes.items()
            if row
        ]
        gone = [(name, identifier) for identifier, row in changes.items() if row is None]
        self._connection.execute("BEGIN")
        try:
            self._connection.executemany("DELETE FROM item WHERE name = ? AND id = ?", gone)
            self._connection.executemany(
                "INSERT OR REPLACE INTO item (number, name, id, data) VALUES (?, ?, ?, ?)", kept
            )
            self._connection.executemany(
                "INSERT INTO history (name, id, at, action, data) VALUES (?, ?, ?, ?, ?)",
                [(name, write.id, now, write.action, write.text) for write in writes],
            )
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        for identifier, row in changes.items():
            # An item that was removed and inserted again moves to the end, as its number says.
            if (
                row is not None
                and identifier in primary.rows
                and primary.rows[identifier].number != row.number
            ):
                primary.put(identifier, None)
            primary.put(identifier, row)
            self._underway[name].append((now, identifier, row))

    def drop_table(self, name: str) -> None:
        """Drop a table with its history, in primary and replica."""
        for statement in ("DELETE FROM item WHERE name = ?", "DELETE FROM history WHERE name = ?"):
            self._connection.execute(statement, (name,))
        self._underway.pop(name, None)
        self._primary.pop(name, None)
        self._replica.pop(name, None)

    def drop_history(self, name: str) -> None:
        self._connection.execute("DELETE FROM history WHERE name = ?", (name,))

    def history(self, name: str, identifier: str | None = None, after: int = 0) -> list[Data]:
        """Return the writes to a table after the write with the number ``after``, oldest first.

        With ``identifier``, only the writes of this item. Each write is ``{number, id, at, action,
        data}``, ``at`` in Unix seconds.
        """
        rows = self._connection.execute(
            "SELECT number, id, at, action, data FROM history"
            " WHERE name = ? AND (? IS NULL OR id = ?) AND number > ? ORDER BY number",
            (name, identifier, identifier, after),
        )
        return [
            {**dict(row), "data": None if row["data"] is None else orjson.loads(row["data"])}
            for row in rows
        ]

    def _catch_up(self, name: str) -> None:
        lag = min(self.lag, MOMENT) if name in self.brief else self.lag
        visible = self._clock.now().timestamp() - lag
        underway, replica = self._underway[name], self._get_or_create(self._replica, name)
        while underway and underway[0][0] <= visible:
            _, identifier, row = underway.popleft()
            if (
                row is not None
                and identifier in replica.rows
                and replica.rows[identifier].number != row.number
            ):
                replica.put(identifier, None)
            replica.put(identifier, row)

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    @staticmethod
    def _get_or_create(tables: dict[str, Table], name: str) -> Table:
        table = tables.get(name)
        if table is None:
            table = tables[name] = Table()
        return table
