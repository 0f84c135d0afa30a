"""Data items in SQLite: the primary, a replica that lags behind it, and the history of every write."""

import json
import re
import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from emulators.kit.clock import Clock, rfc3339
from emulators.wix.errors import WixError

SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
  collection TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, data TEXT, before TEXT, written REAL NOT NULL,
  PRIMARY KEY (collection, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
  number INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL, action TEXT NOT NULL, data TEXT
);
CREATE INDEX IF NOT EXISTS history_of_item ON history (collection, id);
"""

MAX_BULK_ITEMS = 1000
MAX_ITEM_BYTES = 500_000
MAX_DEPTH = 50
OWNER = "9f9c321b-4b9b-4e0c-8b6c-1d7f6a9d0001"
FIELD_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")

type Data = dict[str, Any]


class Items:
    """The items of all collections. ``lag`` is how many seconds a read that is not consistent is behind. Every method is one transaction."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock, lag: float) -> None:
        self._connection = connection
        self._clock = clock
        self.lag = lag
        connection.executescript(SCHEMA)
        self._number = connection.execute("SELECT coalesce(max(number), 0) FROM item").fetchone()[0]

    def get(self, collection: str, identifier: str, *, consistent: bool) -> Data | None:
        return self.get_many(collection, [identifier], consistent=consistent).get(identifier)

    def get_many(self, collection: str, identifiers: Sequence[str], *, consistent: bool) -> dict[str, Data]:
        rows = self._connection.execute(
            f"SELECT id, data, before, written FROM item WHERE collection = ? AND id IN ({','.join('?' * len(identifiers))})", (collection, *identifiers)
        )
        seen = ((row["id"], self._seen(row, consistent)) for row in rows)
        return {identifier: json.loads(text) for identifier, text in seen if text is not None}

    def all(self, collection: str, *, consistent: bool = True, where: tuple[str, Any] | None = None) -> list[Data]:
        """Every item in the order of insertion. ``where`` (a top-level field and a text) only spares the reading of items that cannot match."""
        condition, parameters = "", []
        if where and self.lag <= 0:
            condition, parameters = " AND json_extract(data, ?) = ?", [f'$."{where[0]}"', where[1]]
        rows = self._connection.execute(f"SELECT data, before, written FROM item WHERE collection = ?{condition} ORDER BY number", (collection, *parameters))
        return [json.loads(text) for row in rows if (text := self._seen(row, consistent)) is not None]

    def count(self, collection: str) -> int:
        found = self._connection.execute("SELECT count(*) FROM item WHERE collection = ? AND data IS NOT NULL", (collection,)).fetchone()
        return int(found[0])

    def write(self, collection: str, writes: Sequence[tuple[str, str, Data | None]]) -> None:
        """Store ``(action, id, contents)`` of each write; None removes. One transaction, in order."""
        now = self._clock.now().timestamp()
        rows, history = [], []
        for action, identifier, data in writes:
            text = None if data is None else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
            self._number += 1
            rows.append((collection, identifier, self._number, text, None, now))
            history.append((collection, identifier, now, action, text))
        with self._transaction():
            self._connection.executemany(
                """INSERT INTO item (collection, id, number, data, before, written) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (collection, id) DO UPDATE SET
                  before = CASE WHEN item.written > excluded.written - ? THEN item.before ELSE item.data END,
                  number = CASE WHEN item.data IS NULL THEN excluded.number ELSE item.number END,
                  data = excluded.data, written = excluded.written""",
                [(*row, self.lag) for row in rows],
            )
            self._connection.executemany("INSERT INTO history (collection, id, at, action, data) VALUES (?, ?, ?, ?, ?)", history)

    def truncate(self, collection: str) -> None:
        identifiers = [row["id"] for row in self._connection.execute("SELECT id FROM item WHERE collection = ? AND data IS NOT NULL", (collection,))]
        self.write(collection, [("TRUNCATE", identifier, None) for identifier in identifiers])

    def forget(self, collection: str) -> None:
        """Drop a collection's items together with their history."""
        with self._transaction():
            self._connection.execute("DELETE FROM item WHERE collection = ?", (collection,))
            self._connection.execute("DELETE FROM history WHERE collection = ?", (collection,))

    def history(self, collection: str, identifier: str | None = None, after: int = 0) -> list[Data]:
        """Every write, oldest first."""
        rows = self._connection.execute(
            "SELECT number, id, at, action, data FROM history WHERE collection = ? AND (? IS NULL OR id = ?) AND number > ? ORDER BY number",
            (collection, identifier, identifier, after),
        )
        return [{**dict(row), "data": None if row["data"] is None else json.loads(row["data"])} for row in rows]

    def fresh(self, identifier: str | None, data: Data, existing: Data | None) -> tuple[str, Data]:
        """The id and the contents to store: what Wix adds, and what it does not let a caller set."""
        identifier = identifier or data.get("_id") or str(uuid.uuid4())
        now = {"$date": rfc3339(self._clock.now())}
        kept = existing or {"_createdDate": now, "_owner": data.get("_owner", OWNER)}
        return identifier, {
            **data,
            "_id": identifier,
            "_owner": data.get("_owner", kept["_owner"]),
            "_createdDate": kept["_createdDate"],
            "_updatedDate": now,
        }

    def _seen(self, row: sqlite3.Row, consistent: bool) -> str | None:
        behind = not consistent and row["written"] > self._clock.now().timestamp() - self.lag
        text: str | None = row["before"] if behind else row["data"]
        return text

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection)


class _Transaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN")

    def __exit__(self, kind: object, *_: object) -> None:
        self._connection.execute("ROLLBACK" if kind else "COMMIT")


def checked(element: Any) -> tuple[str | None, Data]:
    """The id (None: to be generated) and the contents of a ``dataItem``. Raises WixError for what Wix refuses about it."""
    if not isinstance(element, dict) or not isinstance(element.get("data"), dict):
        raise WixError("WDE0004", "The item is not an object")
    data, identifier = element["data"], element.get("id") or element["data"].get("_id")
    if identifier is not None and (not isinstance(identifier, str) or not 0 < len(identifier) <= 128 or "/" in identifier):
        raise WixError("WDE0002", "The item's id is not valid")
    for name in data:
        if name.startswith("$"):
            raise WixError("WDE0134", "A field's name begins with $")
        if not FIELD_KEY.fullmatch(name):
            raise WixError("WDE0003", "A field's name is not valid")
    if len(json.dumps(data, ensure_ascii=False).encode()) > MAX_ITEM_BYTES:
        raise WixError("WDE0009", "The item is too large")
    if _deeper_than(data.values(), MAX_DEPTH):
        raise WixError("WDE0168", "The item is nested too deep")
    return identifier, data


def _deeper_than(values: Iterable[Any], depth: int) -> bool:
    if depth == 0:
        return True
    return any(_deeper_than(value.values() if isinstance(value, dict) else value, depth - 1) for value in values if isinstance(value, dict | list) and value)
