"""Version vectors, ledger entries and claims. Pure.

``docs/adr/0002-no-stale-overwrite.md`` gives the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.publication.audiences import Audience

SETTLED_KEPT = 50
"""Maximum number of settled records in a version vector, so that a ledger entry stays small."""


class RowKey(NamedTuple):
    """One portal row: a data item of a collection. A tuple, because it is hashed very often."""

    collection: CollectionId
    item_id: WixItemId


@dataclass(frozen=True, slots=True)
class Versions:
    """Version vector: the version of every source record that a projection was made from.

    ``live`` are the records that the source lists. ``settled`` are tombstones of records that it no
    longer lists (a closed case): a late read cannot bring them back. Keys are ``collection/id``,
    values are the records' versions.
    """

    live: Mapping[str, int] = field(default_factory=dict)
    settled: Mapping[str, int] = field(default_factory=dict)

    def version_of(self, record: str) -> int:
        """The version of a record (``collection/id``) in this vector; 0 if it is not in it."""
        return max(self.live.get(record, 0), self.settled.get(record, 0))

    def outdated_records(self, floor: "Versions") -> frozenset[str]:
        """Records with a newer version in ``floor``, or that only ``floor`` has (as live records).

        >>> sorted(Versions(live={"cases/c1": 2}).outdated_records(Versions(live={"cases/c1": 3})))
        ['cases/c1']
        """
        older = {
            record for record, version in floor.live.items() if self.version_of(record) < version
        }
        older |= {
            record
            for record, version in floor.settled.items()
            if 0 < self.version_of(record) < version
        }
        return frozenset(older)

    def with_settled_of(self, earlier: "Versions") -> "Versions":
        """Return the vector with the settled records of ``earlier``, ``SETTLED_KEPT`` at most.

        The oldest are dropped first.
        """
        if not earlier.settled and len(self.settled) <= SETTLED_KEPT:
            return self
        settled = {
            record: version
            for record, version in earlier.settled.items()
            if record not in self.live
        } | dict(self.settled)
        return Versions(live=self.live, settled=dict(list(settled.items())[-SETTLED_KEPT:]))


_NO_VERSIONS = Versions()
"""The vector of a row that was never written. Shared, as most rows of a first run have it."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The ledger's entry for one row.

    ``published`` and ``content_hash`` describe the last write that is known to have reached Wix
    (hash "" if none has). ``intended`` is set from a claim until its commit: Wix may or may not
    have that projection, and only another write makes it certain. ``revision`` grows by 1 with
    every claim and every commit. ``held_until`` (Unix seconds) is the time at which the running
    claim expires; None if no worker has claimed the row. ``origin`` is the id of the event behind
    the last write, and ``written_at`` its time (Unix seconds); None if it was not kept.

    ``audience`` are the partners that may see what Wix holds: those of the last write, and from a
    claim until its commit also those of the intended one. None: the row was last written before
    audiences were kept.
    """

    key: RowKey
    revision: int = 0
    published: Versions = _NO_VERSIONS
    content_hash: str = ""
    origin: str = ""
    intended: Versions | None = None
    held_until: float | None = None
    audience: Audience | None = None
    written_at: float | None = None

    @property
    def floor(self) -> Versions:
        """The newest versions that Wix may already hold: nothing older may be written."""
        return self.intended if self.intended is not None else self.published


class Claim(NamedTuple):
    """A request for the exclusive right to write a row (a lease with optimistic locking).

    It was made from the ledger entry of ``revision``, and is granted only while that revision is
    the newest.
    ``audience`` are the partners that may see the row before the write or after it; None leaves the
    entry's as it is.
    """

    key: RowKey
    revision: int
    intended: Versions
    audience: Audience | None = None


class Publication(NamedTuple):
    """A projection that was written to Wix under a claim. ``content_hash`` is "" for a removal.

    ``audience`` are the partners that see the row; None leaves the entry's as it is. ``written_at``
    is the time after Wix has answered, in Unix seconds; None leaves it out.
    """

    key: RowKey
    versions: Versions
    content_hash: str
    origin: str
    audience: Audience | None = None
    written_at: float | None = None
