"""Records of one collection: by id, by partner, and in the order of their updates."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

type Document = dict[str, Any]


def rfc3339(now: float) -> str:
    """Format a time in UTC with milliseconds and ``Z``.

    >>> rfc3339(1773306000.25)
    '2026-03-12T09:00:00.250Z'
    """
    text = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
    return f"{text[:-6]}Z"


def compact_json(value: Any) -> bytes:
    """Return the JSON of a value in memory of its own size.

    orjson returns bytes that occupy the 8 KiB that it was written into, so they are copied.
    """
    return bytes(memoryview(orjson.dumps(value)))


class TimeIndex:
    """Ids of records in the order of ``(moment, id)``.

    An entry is never moved: an id that gets a new moment is in the index twice, and readers skip
    the entry that no longer holds.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, moment: str, identifier: str) -> None:
        """Add an entry. Fast if it is the newest, as it usually is."""
        entry = (moment, identifier)
        if not self._entries or self._entries[-1] <= entry:
            self._entries.append(entry)
        else:
            insort(self._entries, entry)

    def after(self, moment: str, identifier: str) -> Iterator[tuple[str, str]]:
        """Yield the entries after a position, in order, each once."""
        entries, last = self._entries, ("", "")
        for place in range(bisect_right(entries, (moment, identifier)), len(entries)):
            if entries[place] != last:
                last = entries[place]
                yield last

    def rebuild(self, entries: Iterable[tuple[str, str]]) -> None:
        """Replace all entries."""
        self._entries = sorted(entries)


class Record:
    """One record: the JSON of the current version and of the one before, and the values by which
    lists select it.

    ``partner`` is "" for a record that belongs to no partner. ``written`` is in Unix seconds,
    ``sequence`` the number of its subject's last event.
    """

    __slots__ = (
        "before",
        "body",
        "id",
        "partner",
        "sequence",
        "status",
        "updated",
        "version",
        "written",
    )

    def __init__(self, identifier: str) -> None:
        self.id = identifier
        self.partner = ""
        self.status = ""
        self.updated = ""
        self.version = 0
        self.written = 0.0
        self.sequence = 0
        self.body = b""
        self.before: bytes | None = None

    def document(self) -> Document:
        """Return the record as a new dictionary."""
        found: Document = orjson.loads(self.body)
        return found

    def seen_since(self, replica: float | None) -> bytes | None:
        """Return the JSON of the record as a replica shows it that has everything up to a time.

        Args:
            replica: Unix seconds; None for the record itself.

        Returns:
            The version before if the current one is younger; None for a record that is younger.
        """
        if replica is None or self.written <= replica:
            return self.body
        return self.before


class Collection:
    """The records of one collection.

    Args:
        name: Its name in paths, such as ``cases``.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.records: dict[str, Record] = {}
        self._of_partner: dict[str, list[Record]] = {}
        self._index = TimeIndex()

    def store(self, document: Document, now: float) -> Record:
        """Create or replace a record. The former version stays for lagging replicas.

        Args:
            document: The whole record.
            now: Unix seconds.
        """
        identifier: str = document["id"]
        record = self.records.get(identifier)
        fresh = record is None
        if record is None:
            record = self.records[identifier] = Record(identifier)
        else:
            record.before = record.body
        partner = identifier if self.name == "partners" else document.get("partnerId") or ""
        if fresh or partner != record.partner:
            self._move_to_partner(record, partner, fresh=fresh)
        record.status = document.get("status") or ""
        record.updated = document["updatedAt"]
        record.version = document["version"]
        record.written = now
        record.body = compact_json(document)
        self._index.add(record.updated, identifier)
        if len(self._index) > 2 * len(self.records) + 1000:
            self._index.rebuild((one.updated, one.id) for one in self.records.values())
        return record

    def select(
        self,
        partner_ids: Sequence[str],
        statuses: Sequence[str],
        since: str,
        after: tuple[str, str],
        limit: int,
    ) -> list[Record]:
        """Return records in the order of ``(updatedAt, id)``.

        Args:
            partner_ids: Only records of these partners, if there are any.
            statuses: Only records with these statuses, if there are any.
            since: Only records with this ``updatedAt`` or a later one.
            after: Position of the last record of the page before.
            limit: Maximum number of records.
        """
        if partner_ids:
            return self._select_of_partners(partner_ids, statuses, since, after, limit)
        found: list[Record] = []
        records = self.records
        for moment, identifier in self._index.after(*max(after, (since, ""))):
            record = records[identifier]
            if record.updated == moment and (not statuses or record.status in statuses):
                found.append(record)
                if len(found) == limit:
                    break
        return found

    def _select_of_partners(
        self,
        partner_ids: Sequence[str],
        statuses: Sequence[str],
        since: str,
        after: tuple[str, str],
        limit: int,
    ) -> list[Record]:
        found = [
            record
            for partner in dict.fromkeys(partner_ids)
            for record in self._of_partner.get(partner, ())
            if record.updated >= since
            and (not statuses or record.status in statuses)
            and (record.updated, record.id) > after
        ]
        found.sort(key=_position)
        return found[:limit]

    def _move_to_partner(self, record: Record, partner: str, *, fresh: bool) -> None:
        if not fresh and record.partner:
            self._of_partner[record.partner].remove(record)
        if partner:
            self._of_partner.setdefault(partner, []).append(record)
        record.partner = partner


def _position(record: Record) -> tuple[str, str]:
    return record.updated, record.id
