"""A publication ledger and the names of refused rows in a SQLite file, outside of the process's
memory.

For the runs whose memory is to show what the engine needs, and for the second run, which another
process makes. One writer.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock

from gridwix.models.wix import Refusal
from gridwix.publication.audiences import Audience, audience_json, parse_audience
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey, Versions


class SqliteLedger:
    """Publication ledger in a SQLite file. Each method is one transaction. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._file = sqlite3.connect(path, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("PRAGMA synchronous = OFF")
        # In KiB. The file's pages are the operating system's to cache, as DynamoDB's are AWS's.
        self._file.execute("PRAGMA cache_size = -256")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS rows (name TEXT PRIMARY KEY, revision INTEGER, holder TEXT,"
            " held REAL, intended TEXT, published TEXT, hash TEXT, origin TEXT,"
            " audience TEXT, written REAL) WITHOUT ROWID"
        )
        # Those of this process only, which writes each row once.
        self._file.execute("DROP TABLE IF EXISTS refused")
        self._file.execute("CREATE TABLE refused (name TEXT PRIMARY KEY) WITHOUT ROWID")

    def read_entries(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        names = json.dumps([_name(key) for key in keys])
        with self._lock:
            found = self._file.execute(
                "SELECT name, revision, held, intended, published, hash, origin, audience, written"
                " FROM rows WHERE name IN (SELECT value FROM json_each(?))",
                (names,),
            ).fetchall()
        by_name = {_name(key): key for key in keys}
        return {
            (key := by_name[name]): LedgerEntry(
                key,
                revision,
                _versions(published) or Versions(),
                content_hash or "",
                origin or "",
                _versions(intended),
                held,
                parse_audience(audience) if audience else None,
                written,
            )
            for (
                name,
                revision,
                held,
                intended,
                published,
                content_hash,
                origin,
                audience,
                written,
            ) in found
        }

    def claim(
        self, claims: Sequence[Claim], *, holder: str, now: float, until: float
    ) -> frozenset[RowKey]:
        _require_distinct([claim.key for claim in claims])
        with self._lock, self._file:
            self._file.executemany(
                "INSERT OR IGNORE INTO rows (name, revision) VALUES (?, 0)",
                [(_name(claim.key),) for claim in claims if claim.revision == 0],
            )
            return frozenset(
                claim.key
                for claim in claims
                if self._file.execute(
                    "UPDATE rows SET intended = ?, held = ?, holder = ?, revision = revision + 1,"
                    " audience = coalesce(?, audience)"
                    " WHERE name = ? AND revision = ? AND (held IS NULL OR held <= ?)",
                    (
                        _text(claim.intended),
                        until,
                        holder,
                        _audience_text(claim.audience),
                        _name(claim.key),
                        claim.revision,
                        now,
                    ),
                ).rowcount
            )

    def commit(self, publications: Sequence[Publication], *, holder: str) -> frozenset[RowKey]:
        _require_distinct([publication.key for publication in publications])
        with self._lock, self._file:
            return frozenset(
                done.key
                for done in publications
                if self._file.execute(
                    "UPDATE rows SET published = ?, hash = ?, origin = ?, revision = revision + 1,"
                    " audience = coalesce(?, audience), written = coalesce(?, written),"
                    " intended = NULL, held = NULL, holder = NULL"
                    " WHERE name = ? AND holder = ?",
                    (
                        _text(done.versions),
                        done.content_hash,
                        done.origin,
                        _audience_text(done.audience),
                        done.written_at,
                        _name(done.key),
                        holder,
                    ),
                ).rowcount
            )

    def release(self, keys: Collection[RowKey], *, holder: str) -> None:
        with self._lock, self._file:
            self._file.executemany(
                "UPDATE rows SET held = NULL, holder = NULL WHERE name = ? AND holder = ?",
                [(_name(key), holder) for key in keys],
            )

    def add(self, refusals: Iterable[Refusal], *, function: str, at: float) -> None:
        """Store the refused rows that have a reason."""
        with self._lock, self._file:
            self._file.executemany(
                "INSERT OR REPLACE INTO refused (name) VALUES (?)",
                [(_name(RowKey(one.collection, one.item_id)),) for one in refusals if one.code],
            )

    def clear(self, keys: Iterable[RowKey]) -> None:
        """Delete the stored refusals of rows."""
        with self._lock, self._file:
            self._file.executemany(
                "DELETE FROM refused WHERE name = ?", [(_name(key),) for key in keys]
            )

    def count_named(self) -> int:
        """Return the number of refused rows that this process can name."""
        with self._lock:
            [(count,)] = self._file.execute("SELECT count(*) FROM refused")
        return int(count)


def _require_distinct(keys: Sequence[RowKey]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError("a row is named twice")


def _name(key: RowKey) -> str:
    return f"{key.collection}#{key.item_id}"


def _text(versions: Versions) -> str:
    return json.dumps([dict(versions.live), dict(versions.settled)])


def _audience_text(audience: Audience | None) -> str | None:
    return None if audience is None else audience_json(audience)


def _versions(text: str | None) -> Versions | None:
    return None if text is None else Versions(*json.loads(text))
