"""Rechecks record faults (records that could not be read or mapped). For a record that is readable
again, a resync is requested and the fault is cleared.
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
    """The store of refused items, from which the stored record faults can be listed."""

    def faults(self) -> Iterable[RowKey]:
        """Return collection and id of each record that has a fault. Raises UpstreamError."""


@dataclass(frozen=True, slots=True)
class RecheckReport:
    """Result of rechecking record faults.

    ``mended``: records that are readable again. ``standing``: number of records that are still
    unreadable. ``stopped``: the error that ended the run early, if any.
    """

    mended: Sequence[str] = ()
    standing: int = 0
    stopped: GridwixError | None = None


class FaultRecheck:
    """Requests a resync of records that were unreadable and are readable again, so that the changes
    that failed because of them are published without a redrive of the dead-letter queue.
    """

    def __init__(self, source: RecordReader, store: FaultStore, resyncs: ResyncRequester) -> None:
        self._source = source
        self._store = store
        self._resyncs = resyncs

    def run(self, name: str) -> RecheckReport:
        """Recheck up to ``MAX_PER_RUN`` records with a fault; request a resync of readable ones.

        ``name`` is that of the run. Idempotent: the same record in the same run gives the same
        event. Errors are in the report.
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
    """Return the partner that a record belongs to; None for a record of the hub."""
    owner: PartnerId | None = getattr(entity, "partner_id", None)
    return owner


def _record_name(key: RowKey) -> str:
    return f"{key.collection}/{key.item_id}"
