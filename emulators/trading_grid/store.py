"""SQLite store of the emulator's records, its event feed and its webhook deliveries."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS entity (
  kind TEXT NOT NULL, id TEXT NOT NULL, partner_id TEXT, status TEXT, updated TEXT NOT NULL,
  document TEXT NOT NULL, before TEXT, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entity_by_update ON entity (kind, updated, id);
CREATE INDEX IF NOT EXISTS entity_by_partner ON entity (kind, partner_id);
CREATE TABLE IF NOT EXISTS event (
  number INTEGER PRIMARY KEY, at REAL NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
  document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sequence (subject TEXT PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS comment (
  number INTEGER PRIMARY KEY, record_id TEXT NOT NULL, document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS idempotency (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
  headers TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS endpoint (id TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
  number INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, event INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, due REAL, status TEXT NOT NULL,
  answer INTEGER, milliseconds REAL, at REAL
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (status, due);
CREATE TABLE IF NOT EXISTS transaction_entry (
  id TEXT PRIMARY KEY, arrived TEXT NOT NULL, status_date TEXT NOT NULL, fa_status_date TEXT,
  shown_from REAL NOT NULL, document TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS transaction_by_status ON transaction_entry (status_date);
CREATE INDEX IF NOT EXISTS transaction_by_fa_status ON transaction_entry (fa_status_date);
CREATE TABLE IF NOT EXISTS upload (id TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS document_version (
  document_id TEXT NOT NULL, number INTEGER NOT NULL, document TEXT NOT NULL,
  PRIMARY KEY (document_id, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, number INTEGER NOT NULL);
"""

type Document = dict[str, Any]


class Store:
    """The emulator's database: one connection for one event loop.

    Call writing methods inside :meth:`transaction`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes of the block, or none. Blocks can be nested."""
        if self._depth == 0:
            self.connection.execute("BEGIN")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self.connection.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self.connection.execute("COMMIT")

    def next_number(self, name: str) -> int:
        row = self.connection.execute(
            "INSERT INTO counter VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET number = number + 1 RETURNING number",
            (name,),
        ).fetchone()
        return int(row["number"])

    def get(self, kind: str, identifier: str, *, stale: bool = False) -> Document | None:
        row = self.connection.execute(
            "SELECT document, before FROM entity WHERE kind = ? AND id = ?", (kind, identifier)
        ).fetchone()
        if row is None:
            return None
        document: Document = json.loads((row["before"] if stale else None) or row["document"])
        return document

    def put(self, kind: str, document: Document) -> None:
        self.connection.execute(
            """INSERT INTO entity (kind, id, partner_id, status, updated, document)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET
            partner_id = excluded.partner_id, status = excluded.status, updated = excluded.updated,
            before = entity.document, document = excluded.document""",
            (
                kind,
                document["id"],
                document["id"] if kind == "partners" else document.get("partnerId"),
                document.get("status"),
                document["updatedAt"],
                json.dumps(document, ensure_ascii=False),
            ),
        )

    def select(
        self,
        kind: str,
        *,
        partner_ids: tuple[str, ...] = (),
        statuses: tuple[str, ...] = (),
        since: str = "",
        after: tuple[str, str] = ("", ""),
        limit: int = -1,
        stale: bool = False,
    ) -> list[Document]:
        """Return records ordered by ``(updatedAt, id)``, after the position ``after``.

        Args:
            kind: The kind of record, such as ``cases``.
            partner_ids: Only records of these partners; empty for all partners.
            statuses: Only records with these statuses; empty for all statuses.
            since: Only records with this ``updatedAt`` or a later one.
            after: ``(updatedAt, id)`` of the last record of the page before.
            limit: Maximum number of records; -1 for all.
            stale: Return each record's version before the current one, as a lagging replica does.
        """
        conditions, parameters = (
            ["kind = ?", "updated >= ?", "(updated, id) > (?, ?)"],
            [kind, since, *after],
        )
        for column, values in (("partner_id", partner_ids), ("status", statuses)):
            if values:
                conditions.append(f"{column} IN ({','.join('?' * len(values))})")
                parameters += values
        rows = self.connection.execute(
            f"SELECT document, before FROM entity WHERE {' AND '.join(conditions)}"
            " ORDER BY updated, id LIMIT ?",
            (*parameters, limit),
        )
        return [json.loads((row["before"] if stale else None) or row["document"]) for row in rows]

    def count(self, kind: str) -> int:
        return int(
            self.connection.execute(
                "SELECT count(*) FROM entity WHERE kind = ?", (kind,)
            ).fetchone()[0]
        )

    def append_event(self, at: float, event: Document) -> int:
        """Append an event to the feed, and return the event's number in the feed.

        The event also gets the next sequence number of its subject. ``at`` is in Unix seconds.
        """
        row = self.connection.execute(
            "INSERT INTO sequence VALUES (?, 1)"
            " ON CONFLICT (subject) DO UPDATE SET number = number + 1 RETURNING number",
            (event["subject"],),
        ).fetchone()
        document = {**event, "sequence": f"{row['number']:010}"}
        cursor = self.connection.execute(
            "INSERT INTO event (at, type, subject, document) VALUES (?, ?, ?, ?)",
            (at, event["type"], event["subject"], json.dumps(document, ensure_ascii=False)),
        )
        return int(cursor.lastrowid or 0)

    def events(
        self, after: int, limit: int, types: tuple[str, ...] = ()
    ) -> list[tuple[int, Document]]:
        kinds = f" AND type IN ({','.join('?' * len(types))})" if types else ""
        rows = self.connection.execute(
            f"SELECT number, document FROM event WHERE number > ?{kinds} ORDER BY number LIMIT ?",
            (after, *types, limit),
        )
        return [(row["number"], json.loads(row["document"])) for row in rows]

    def event(self, number: int) -> Document:
        document: Document = json.loads(
            self.connection.execute(
                "SELECT document FROM event WHERE number = ?", (number,)
            ).fetchone()["document"]
        )
        return document

    def last_event(self) -> int:
        return int(
            self.connection.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()[0]
        )

    def last_event_before(self, at: float) -> int:
        return int(
            self.connection.execute(
                "SELECT coalesce(max(number), 0) FROM event WHERE at < ?", (at,)
            ).fetchone()[0]
        )
