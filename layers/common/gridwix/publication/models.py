"""What gridwix has published, and how it knows old from new. See ``docs/adr/0002-no-stale-overwrite.md``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gridwix.models.ids import CollectionId, WixItemId

SETTLED_KEPT = 50
"""How many settled records a version vector remembers, so that a row's ledger entry stays small."""


class RowKey(NamedTuple):
    """One portal row: a data item of a collection. A tuple, since rows are looked up all the time."""

    collection: CollectionId
    item_id: WixItemId


@dataclass(frozen=True, slots=True)
class Versions:
    """The version of every source record that a projection was made from: a version vector.

    ``live`` are the records that the source lists; ``settled`` those that it lists no longer (a closed case), remembered so that a late read cannot bring
    them back. Keys are ``collection/id``, values the records' versions.
    """

    live: Mapping[str, int] = field(default_factory=dict)
    settled: Mapping[str, int] = field(default_factory=dict)

    def of(self, record: str) -> int:
        """The version that is known of a record; 0 if none is."""
        return max(self.live.get(record, 0), self.settled.get(record, 0))

    def behind(self, floor: "Versions") -> frozenset[str]:
        """The records of which ``floor`` knows a newer version than this vector, or which ``floor`` has live and this vector does not have."""
        older = {record for record, version in floor.live.items() if self.of(record) < version}
        older |= {record for record, version in floor.settled.items() if 0 < self.of(record) < version}
        return frozenset(older)

    def remembering(self, earlier: "Versions") -> "Versions":
        """This vector, with the settled records of an earlier one; of all settled ones the last ``SETTLED_KEPT`` stay."""
        if not earlier.settled and len(self.settled) <= SETTLED_KEPT:
            return self
        settled = {record: version for record, version in earlier.settled.items() if record not in self.live} | dict(self.settled)
        return Versions(live=self.live, settled=dict(_last(settled.items(), SETTLED_KEPT)))


def _last(pairs: Iterable[tuple[str, int]], count: int) -> list[tuple[str, int]]:
    return list(pairs)[-count:]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the ledger knows of a row.

    ``published`` and ``content_hash`` describe the last write that is known to have reached Wix (hash "" if none is). ``intended`` is set from a claim until
    its commit: Wix may or may not hold that projection, so only a write can settle it. ``revision`` grows by 1 with every claim and every commit.
    ``held_until`` (Unix seconds) is when the running claim lapses; None if nobody holds the row. ``origin`` names the event behind the last write.
    """

    key: RowKey
    revision: int = 0
    published: Versions = field(default_factory=Versions)
    content_hash: str = ""
    origin: str = ""
    intended: Versions | None = None
    held_until: float | None = None

    @property
    def floor(self) -> Versions:
        """The newest projection that Wix may already hold: nothing older may be written."""
        return self.intended if self.intended is not None else self.published


@dataclass(frozen=True, slots=True)
class Claim:
    """The wish to write a row, made from the ledger entry of ``revision``. It is granted only while that is still the newest revision."""

    key: RowKey
    revision: int
    intended: Versions


@dataclass(frozen=True, slots=True)
class Publication:
    """A projection that has reached Wix under a claim. ``content_hash`` is "" for a row that was removed."""

    key: RowKey
    versions: Versions
    content_hash: str
    origin: str
