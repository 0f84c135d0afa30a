"""Records that could not be read are looked at again: one that can be read now is forgotten as a fault, and asked for on the bus."""

from collections.abc import Iterable
from dataclasses import dataclass, field
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
from gridwix.publication.resync import ResyncDesk

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
"""The kinds of records that can be read one by one."""

PER_RUN = 100
"""Most records that one run looks at: each run another sample, so that records which never heal keep no other from its turn."""


class FaultStore(RefusedItems, Protocol):
    """The store of refused items, as far as it names records at fault."""

    def faults(self) -> Iterable[RowKey]:
        """The collection and id of each record at fault. Raises UpstreamError."""


@dataclass(slots=True)
class RecheckReport:
    """``mended`` are records that can be read again, ``standing`` is how many cannot. ``stopped`` is why the run ended early."""

    mended: list[str] = field(default_factory=list)
    standing: int = 0
    stopped: GridwixError | None = None


class FaultRecheck:
    """Heals what a record at fault has left behind, without an operator: messages that went to a dead-letter queue meanwhile need no redrive."""

    def __init__(self, source: RecordReader, store: FaultStore, desk: ResyncDesk) -> None:
        self._source = source
        self._store = store
        self._desk = desk

    def run(self, name: str) -> RecheckReport:
        """Look at up to ``PER_RUN`` records. ``name`` is that of the run: the same record of the same run makes the same event."""
        report = RecheckReport()
        readable: dict[RowKey, Entity | None] = {}
        try:
            for key in self._sample(name):
                try:
                    with confine_to_record(_name(key)):
                        readable[key] = self._source.record(_name(key))
                except (RecordFault, Refused):
                    report.standing += 1
            wanted = {entity.record: owner_of(entity) for entity in readable.values() if entity is not None}
            if wanted:
                self._desk.request(wanted, name)
            # Last, so that a record is only forgotten when it was asked for, or is gone.
            self._store.clear(list(readable))
            report.mended = [_name(key) for key in readable]
        except GridwixError as error:
            report.stopped = error
        return report

    def _sample(self, name: str) -> list[RowKey]:
        """Up to ``PER_RUN`` records at fault, evenly chosen: the same ones for the same name of a run."""
        readable = (key for key in self._store.faults() if key.collection in RECORDS and key.item_id != UNREADABLE_ID)
        return nsmallest(PER_RUN, readable, key=lambda key: sha256(f"{name}/{_name(key)}".encode(errors="replace")).digest())


def owner_of(entity: Entity) -> PartnerId | None:
    """The partner that a record belongs to; None for one of the hub."""
    owner: PartnerId | None = getattr(entity, "partner_id", None)
    return owner


def _name(key: RowKey) -> str:
    return f"{key.collection}/{key.item_id}"
