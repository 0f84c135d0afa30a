"""Reads faulty records again: those that could not be read or mapped before (record faults).

For a record that is readable again, a resync is requested and the fault is cleared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from heapq import nsmallest
from typing import Protocol

from gridwix.errors import GridwixError, RecordFault, Refused
from gridwix.mapping.record_faults import UNREADABLE_ID, confine_to_record
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.entities import Entity
from gridwix.ports import RecordReader
from gridwix.publication.models import RowKey
from gridwix.publication.ports import RefusedItems
from gridwix.publication.resync import ResyncRequester

RECORDS = frozenset(
    {
        "partners",
        "enrollments",
        "compliance-checks",
        "cases",
        "onboarding-programs",
        "service-notices",
        "collaboration-requests",
        "documents",
        "approvals",
    }
)
"""Collections of records that can be read one by one, and so be rechecked."""

MAX_PER_RUN = 100
"""Maximum number of records that one run rechecks.

Each run takes another sample, so that records that stay unreadable do not starve the others.
"""


class FaultStore(RefusedItems, Protocol):
    """Store of items that Wix refused, which holds record faults as well and can list them.

    A record fault is a record that could not be read or mapped.
    """

    def faults(self) -> Iterable[RowKey]:
        """Return the collection and id of each record with a stored fault. Raises UpstreamError."""


@dataclass(frozen=True, slots=True)
class RecheckReport:
    """Result of reading faulty records again.

    ``mended`` are the names (``collection/id``) of records that are readable again, or that the
    source no longer has. ``standing`` is the number of records that are still unreadable.
    ``stopped`` is the error that ended the run early, None if there was none.
    """

    mended: Sequence[str] = ()
    standing: int = 0
    stopped: GridwixError | None = None


class FaultRecheck:
    """Reads records again that could not be read, and requests a resync of those that now can be.

    A resync has the record published again. So changes that failed because of such a record are
    published without a redrive of the dead-letter queue.
    """

    def __init__(self, source: RecordReader, store: FaultStore, resyncs: ResyncRequester) -> None:
        self._source = source
        self._store = store
        self._resyncs = resyncs

    def recheck_records(self, name: str) -> RecheckReport:
        """Read up to ``MAX_PER_RUN`` faulty records again; request a resync of the readable ones.

        ``name`` is the name of the run. Idempotent: for the same record in the same run, the resync
        request has the same event id. Errors are in the report.
        """
        standing = 0
        readable: dict[RowKey, Entity | None] = {}
        try:
            for key in self._sample(name):
                try:
                    with confine_to_record(_record_name(key)):
                        readable[key] = self._source.record(_record_name(key))
                except (RecordFault, Refused):
                    standing += 1
            owners = {
                entity.record: owner_of(entity)
                for entity in readable.values()
                if entity is not None
            }
            if owners:
                self._resyncs.request_resync(owners, name)
            # Last: a fault is cleared only after the record was requested, or is gone.
            self._store.clear(list(readable))
        except GridwixError as error:
            return RecheckReport(standing=standing, stopped=error)
        return RecheckReport(mended=[_record_name(key) for key in readable], standing=standing)

    def _sample(self, name: str) -> list[RowKey]:
        # Ordered by a hash with the run's name: an even sample, the same for the same run.
        readable = (
            key
            for key in self._store.faults()
            if key.collection in RECORDS and key.item_id != UNREADABLE_ID
        )
        return nsmallest(
            MAX_PER_RUN,
            readable,
            key=lambda key: sha256(f"{name}/{_record_name(key)}".encode(errors="replace")).digest(),
        )


def owner_of(entity: Entity) -> PartnerId | None:
    """Return the partner that a record belongs to; None for a record that belongs to no partner."""
    owner: PartnerId | None = getattr(entity, "partner_id", None)
    return owner


def _record_name(key: RowKey) -> str:
    return f"{key.collection}/{key.item_id}"
