"""The publication ledger in memory.

``tests/unit/clients/test_aws_ledger.py`` compares its behavior with the one in DynamoDB.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from threading import Lock

from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey


class MemoryLedger:
    """Atomic per call, for any number of threads. ``calls`` counts the calls of each method."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._lock = Lock()
        self._entries: dict[RowKey, LedgerEntry] = {}
        self._holders: dict[RowKey, str] = {}

    def read_entries(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        with self._lock:
            self.calls["read"] += 1
            return {key: self._entries[key] for key in keys if key in self._entries}

    def claim(
        self, claims: Sequence[Claim], *, holder: str, now: float, until: float
    ) -> frozenset[RowKey]:
        _require_distinct([claim.key for claim in claims])
        with self._lock:
            self.calls["claim"] += 1
            granted = [claim for claim in claims if self._free(claim, now)]
            for claim in granted:
                entry = self._entries.get(claim.key) or LedgerEntry(claim.key)
                self._entries[claim.key] = LedgerEntry(
                    claim.key,
                    entry.revision + 1,
                    entry.published,
                    entry.content_hash,
                    entry.origin,
                    claim.intended,
                    until,
                    entry.audience if claim.audience is None else claim.audience,
                    entry.written_at,
                )
                self._holders[claim.key] = holder
            return frozenset(claim.key for claim in granted)

    def commit(self, publications: Sequence[Publication], *, holder: str) -> frozenset[RowKey]:
        _require_distinct([publication.key for publication in publications])
        with self._lock:
            self.calls["commit"] += 1
            held = [
                publication
                for publication in publications
                if self._holders.get(publication.key) == holder
            ]
            for publication in held:
                self._entries[publication.key] = LedgerEntry(
                    key=publication.key,
                    revision=self._entries[publication.key].revision + 1,
                    published=publication.versions,
                    content_hash=publication.content_hash,
                    origin=publication.origin,
                    audience=(
                        self._entries[publication.key].audience
                        if publication.audience is None
                        else publication.audience
                    ),
                    written_at=(
                        self._entries[publication.key].written_at
                        if publication.written_at is None
                        else publication.written_at
                    ),
                )
                del self._holders[publication.key]
            return frozenset(publication.key for publication in held)

    def release(self, keys: Collection[RowKey], *, holder: str) -> None:
        with self._lock:
            self.calls["release"] += 1
            for key in {key for key in keys if self._holders.get(key) == holder}:
                self._entries[key] = replace(self._entries[key], held_until=None)
                del self._holders[key]

    def lapse(self) -> None:
        """Expire all claims."""
        with self._lock:
            self._entries = {
                key: replace(entry, held_until=None) for key, entry in self._entries.items()
            }
            self._holders.clear()

    def _free(self, claim: Claim, now: float) -> bool:
        entry = self._entries.get(claim.key)
        if entry is None:
            return claim.revision == 0
        return entry.revision == claim.revision and (
            entry.held_until is None or entry.held_until <= now
        )


def _require_distinct(keys: Sequence[RowKey]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError("a row is named twice")
