"""SQLite for an emulator: one connection, used by one event loop."""

import sqlite3
from pathlib import Path


def open_database(state: Path | None, schema: str) -> sqlite3.Connection:
    """Open or create the emulator's SQLite file and apply ``schema``, which must be idempotent.

    If ``state`` is None, the database is in memory.
    """
    connection = sqlite3.connect(state or ":memory:", isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(schema)
    return connection
