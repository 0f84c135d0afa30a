"""The sweep: what Trading Grid says was updated lately goes on the bus once more, so that a change that neither webhook nor feed has brought still arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gridwix.errors import BudgetExhausted, CursorExpired, GridwixError, RecordFault, UpstreamError
from gridwix.mapping.record_faults import confine_to_record, readable_id
from gridwix.models.cursors import FeedCursor
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId
from gridwix.models.reconciliation import ChangedPage, ChangedRecord, RunRequest, SweepPage
from gridwix.ports import Clock, CursorStore, EventBus
from gridwix.publication.reconciled import Continuation
from gridwix.publication.resync import resync
from gridwix.reconciler.fault_recheck import FaultRecheck, RecheckReport

CURSOR_NAME = "reconciler.sweep"
KINDS = ("partners", "enrollments", "compliance-checks", "cases", "onboarding-programs", "service-notices", "collaboration-requests", "documents")

READ_PER_PAGE = 20
"""Pages of the source's lists that one message reads."""

FIRST_LOOK = timedelta(hours=1)
"""How far the first sweep looks back; what is older is the full comparison's business."""


class ChangedRecords(Protocol):
    """Lists of what was updated lately."""

    def changed(self, kind: str, since: datetime, cursor: str | None) -> ChangedPage:
        """A page of the records of a kind that were updated at or after ``since``, deleted ones included. Raises UpstreamError, and CursorExpired."""


class Freshness(Protocol):
    """Where partners can see how new the portal is."""

    def tell(self, as_of: datetime) -> None:
        """Everything that had changed in Trading Grid until then is on its way. Raises UpstreamError and BudgetExhausted."""


@dataclass(slots=True)
class SweepReport:
    """What one page put on the bus. ``finished``: the sweep is over and the cursor has moved; ``overtaken``: another sweep had moved it first. ``untold``: why
    the portal could not be told how new it is; the next sweep tells it. ``recheck`` is what became of records that could not be read."""

    found: int = 0
    finished: bool = False
    overtaken: bool = False
    untold: GridwixError | None = None
    recheck: RecheckReport | None = None
    record_faults: Sequence[RecordFault] = ()


class Sweep:
    """Puts a request on the bus for every record that was updated since the last sweep.

    The request carries the record's version, so one whose row already shows it costs a look into the ledger and nothing else. The cursor moves when everything
    is on the bus, to the source's own time at which the sweep began to read; the next sweep looks back from there by ``overlap`` seconds. At the end of a sweep
    the records that could not be read are looked at again (``recheck``).
    """

    def __init__(
        self,
        source: ChangedRecords,
        bus: EventBus,
        cursors: CursorStore,
        continuation: Continuation,
        freshness: Freshness,
        *,
        company_id: CompanyId,
        clock: Clock,
        overlap: float,
        recheck: FaultRecheck | None = None,
    ) -> None:
        self._recheck = recheck
        self._source = source
        self._bus = bus
        self._cursors = cursors
        self._continuation = continuation
        self._freshness = freshness
        self._company_id = company_id
        self._clock = clock
        self._overlap = timedelta(seconds=overlap)

    def first_page(self, request: RunRequest, *, run: str) -> SweepPage:
        """The page with which a sweep begins."""
        stored = self._cursors.read(CURSOR_NAME)
        last = self._now() - FIRST_LOOK if stored.cursor is None else datetime.fromisoformat(stored.cursor)
        return SweepPage(run=run, since=last - self._overlap, revision=stored.revision, dry_run=request.dry_run)

    def handle(self, page: SweepPage) -> SweepReport:
        """Read on, and send the next page or move the cursor. Raises UpstreamError; the page is then to be handled again."""
        report = SweepReport()
        kind, cursor, as_of = page.kind, page.cursor, page.as_of
        for _ in range(READ_PER_PAGE):
            try:
                found = self._source.changed(KINDS[kind], page.since, cursor)
            except CursorExpired:
                if cursor is None:
                    raise
                cursor = None
                continue
            as_of = as_of or found.as_of
            report.found += len(found.records)
            requests, faults = self._requests(found.records)
            report.record_faults = [*report.record_faults, *faults]
            if requests and not page.dry_run:
                self._bus.put(requests)
            cursor = found.cursor
            if cursor is None:
                kind += 1
            if kind == len(KINDS):
                return self._finish(page, as_of, report)
        self._continuation.send(page.model_copy(update={"kind": kind, "cursor": cursor, "as_of": as_of}))
        return report

    def _finish(self, page: SweepPage, as_of: datetime, report: SweepReport) -> SweepReport:
        report.finished = True
        if not page.dry_run:
            moved = self._cursors.advance(CURSOR_NAME, FeedCursor(cursor=as_of.isoformat(), revision=page.revision))
            report.overtaken = moved is None
            if moved is not None:
                self._tell(as_of, report)
            if self._recheck is not None:
                report.recheck = self._recheck.run(page.run)
        return report

    def _tell(self, as_of: datetime, report: SweepReport) -> None:
        try:
            self._freshness.tell(as_of)
        except (UpstreamError, BudgetExhausted) as error:
            # The sweep is over all the same: partners see an older time than is true, and never a newer one.
            report.untold = error

    def _requests(self, records: Sequence[ChangedRecord]) -> tuple[list[Change], list[RecordFault]]:
        """A request for each record; a fault for each that no event can name."""
        requests: list[Change] = []
        faults: list[RecordFault] = []
        for found in records:
            kind, _, identifier = found.record.partition("/")
            try:
                with confine_to_record(f"{kind}/{readable_id(identifier)}"):
                    requests.append(self._request(found))
            except RecordFault as fault:
                faults.append(fault)
        return requests, faults

    def _request(self, found: ChangedRecord) -> Change:
        name = f"sweep-{found.record.replace('/', '-')}-{found.version}"
        return resync(found.record, found.partner_id, event_id=name, at=self._clock(), company_id=self._company_id, version=found.version)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
