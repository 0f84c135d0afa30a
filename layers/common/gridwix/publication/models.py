"""Models of the publication ledger, which stores what was last written of each portal row. Pure.

They are version vectors of rows, ledger entries, and claims of workers to write a row (leases).
``docs/adr/0002-no-stale-overwrite.md`` gives the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gridwix.mapping.audiences import AUDIENCE_RECORD
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.publication.audiences import Audience

SETTLED_KEPT = 50
"""Maximum number of settled records in a version vector, so that a ledger entry stays small."""


class RowKey(NamedTuple):
    """Key of one portal row: a collection and the id of a data item in it.

    A tuple, because it is hashed very often.
    """

    collection: CollectionId
    item_id: WixItemId


@dataclass(frozen=True, slots=True)
class Versions:
    """Version vector of a row: the version of every source record that the row was made from.

    ``live`` are the records that the source lists. ``settled`` are tombstones: the last versions of
    records that the source no longer lists, such as a closed case. By a tombstone, an outdated read
    that still has the record is recognized, and the row does not show the record again. Keys are
    ``collection/id``, values are the records' versions.
    """

    live: Mapping[str, int] = field(default_factory=dict)
    settled: Mapping[str, int] = field(default_factory=dict)

    def version_of(self, record: str) -> int:
        """Return the version of a record (``collection/id``) in this version vector.

        The result is 0 if the vector does not have the record.
        """
        return max(self.live.get(record, 0), self.settled.get(record, 0))

    def outdated_records(self, floor: "Versions") -> frozenset[str]:
        """Return the records that are older here than in ``floor``, or missing here and live there.

        Live records are those that the source still lists. ``AUDIENCE_RECORD`` may be missing: a
        row depends on it only as long as its record has an audience, and the version of that record
        tells which of two reads is newer.

        >>> sorted(Versions(live={"cases/c1": 2}).outdated_records(Versions(live={"cases/c1": 3})))
        ['cases/c1']
        """
        older = {
            record for record, version in floor.live.items() if self.version_of(record) < version
        }
        if AUDIENCE_RECORD not in self.live:
            older.discard(AUDIENCE_RECORD)
        older |= {
            record
            for record, version in floor.settled.items()
            if 0 < self.version_of(record) < version
        }
        return frozenset(older)

    def with_settled_of(self, earlier: "Versions") -> "Versions":
        """Return these versions with the tombstones of ``earlier`` added, ``SETTLED_KEPT`` at most.

        A tombstone (``settled``) stands for a record that the source no longer lists. If there are
        too many, the oldest are left out. ``AUDIENCE_RECORD`` becomes one if the row no longer has
        an audience: a row that has one again is made from no older list of partners.
        """
        audience = earlier.live.get(AUDIENCE_RECORD, 0)
        if not earlier.settled and not audience and len(self.settled) <= SETTLED_KEPT:
            return self
        former = dict(earlier.settled)
        if audience:
            former[AUDIENCE_RECORD] = audience
        settled = {
            record: version for record, version in former.items() if record not in self.live
        } | dict(self.settled)
        return Versions(live=self.live, settled=dict(list(settled.items())[-SETTLED_KEPT:]))


_NO_VERSIONS = Versions()
"""The vector of a row that was never written. Shared, as most rows of a first run have it."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The publication ledger's entry for one row: what was last written, and who may write now.

    ``published`` and ``content_hash`` describe the last write that is known to have reached Wix:
    the version of each record that the row was made from, and the hash of the row's content ("" if
    no row was written, or the row was removed). ``intended`` has the versions of a write that a
    worker has claimed and not yet committed, else None: Wix may or may not hold these versions, and
    only another write makes it certain. ``revision`` grows by 1 with every claim and every commit.
    ``held_until`` (Unix seconds) is the time at which the running claim expires; None if no worker
    has claimed the row. ``origin`` is the id of the event that led to the last write, and
    ``written_at`` the time of that write (Unix seconds); None if it was not kept.

    ``audience`` are the partners that may see what Wix holds: those of the last write, and from a
    claim until its commit also those of the intended write. None: the row was last written before
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

    ``revision`` is that of the row's ledger entry when the claim was made: the claim is granted
    only while it is still the newest. ``intended`` are the versions to write. ``audience`` are the
    partners that may see the row before the write or after it; None leaves the audience of the
    entry as it is.
    """

    key: RowKey
    revision: int
    intended: Versions
    audience: Audience | None = None


class Publication(NamedTuple):
    """A row that was written to Wix, as it is recorded in the publication ledger.

    ``content_hash`` is "" if the row was removed. ``origin`` is the id of the event that led to the
    write. ``audience`` are the partners that see the row; None leaves the audience of the ledger
    entry as it is. ``written_at`` is the time after Wix has answered, in Unix seconds; None leaves
    it out.
    """

    key: RowKey
    versions: Versions
    content_hash: str
    origin: str
    audience: Audience | None = None
    written_at: float | None = None
