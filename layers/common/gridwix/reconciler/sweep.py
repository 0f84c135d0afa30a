"""The sweep: puts requests on the bus to publish recently updated records again.

It finds changes that neither a webhook nor the event feed has announced.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gridwix.errors import BudgetExhausted, CursorExpired, GridwixError, RecordFault, UpstreamError
from gridwix.mapping.record_faults import confine_to_record, readable_id
from gridwix.models.cursors import FeedCursor
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId
from gridwix.models.journal import MAX_ANNOUNCED
from gridwix.models.portal.areas import Area, hidden_areas
from gridwix.models.reconciliation import ChangedPage, ChangedRecord, RunRequest, SweepPage
from gridwix.partner_requests.ports import EndingSubmissions
from gridwix.ports import Clock, CursorStore, EventBus, Handovers
from gridwix.publication.passage import Passage, PassageReport
from gridwix.publication.reconciled import Continuation
from gridwix.publication.resync import resync_change
from gridwix.reconciler.fault_recheck import FaultRecheck, RecheckReport

CURSOR_NAME = "reconciler.sweep"
KINDS = (
    "partners",
    "enrollments",
    "compliance-checks",
    "cases",
    "onboarding-programs",
    "service-notices",
    "collaboration-requests",
    "documents",
)

PAGES_PER_MESSAGE = 20
"""Maximum number of pages of the source's lists that one message reads."""

FIRST_LOOKBACK = timedelta(hours=1)
"""Lookback of the first sweep. The full comparison finds older changes."""


class ChangedRecords(Protocol):
    """Lists the recently updated records of Trading Grid (incremental read)."""

    def changed(self, kind: str, since: datetime, cursor: str | None) -> ChangedPage:
        """Return a page of the records of a kind that were updated at or after ``since``.

        Deleted records are included. ``cursor`` is that of the page, None for the first one. Raises
        UpstreamError, and CursorExpired.
        """


class SourceList(Protocol):
    """Tells which collections of the community gateway are filled from a data source.

    A collection without a data source is always empty.
    """

    def collections_with_source(self) -> Collection[str] | None:
        """Return the names of the collections that have a data source.

        None if the gateway does not state them. Raises UpstreamError.
        """


class Freshness(Protocol):
    """Tells the portal's pages how current their data is, and which areas of the portal to hide.

    An area is what one collection of Trading Grid fills on the portal. It is hidden if the
    collection has no data source.
    """

    def tell(self, as_of: datetime, hidden: Sequence[Area] | None) -> None:
        """Publish that all changes of Trading Grid up to ``as_of`` have been put on the bus.

        Args:
            as_of: Time of Trading Grid up to which the portal is current.
            hidden: The areas of the portal without a data source, to be hidden from now on; None
                keeps the areas that are hidden now.

        Raises:
            UpstreamError: Wix failed.
            BudgetExhausted: The call budget is used up.
        """


@dataclass(frozen=True, slots=True)
class SweepReport:
    """Result of one message of a sweep: the search for updated records that gridwix has missed.

    An error in it is None if there was none.

    ``found``: number of updated records. ``announced``: the resync requests put on the bus, at most
    the first ``MAX_ANNOUNCED``. ``known``: number of updated records that were left out, because
    the bus had accepted an event of their version before (deduplication). ``unrecorded``: the error
    because of which handovers (records of accepted events) could not be read or written.
    ``finished``: the sweep has ended with this message. ``overtaken``: another sweep had moved the
    stored cursor first, so this one did not move it. ``untold``: the error because of which the
    time of the portal's data could not be published; the next sweep publishes it. ``unlisted``: the
    error because of which the collections with a data source could not be read; the portal then
    goes on hiding the areas that it hides now, until the next sweep. ``recheck``: the report on
    records that could not be read before. ``record_faults``: records for which no request can be
    made, because an event cannot hold their id. ``ending``: number of form submissions that wait
    for review (held) and will soon expire in the inbox; None if they were not counted.
    ``uncounted``: the error because of which they could not be counted.
    """

    found: int = 0
    announced: Sequence[Change] = ()
    known: int = 0
    unrecorded: UpstreamError | None = None
    finished: bool = False
    overtaken: bool = False
    untold: GridwixError | None = None
    unlisted: UpstreamError | None = None
    recheck: RecheckReport | None = None
    record_faults: Sequence[RecordFault] = ()
    ending: int | None = None
    uncounted: UpstreamError | None = None


class Sweep:
    """Puts a resync request on the bus for every record that was updated since the last sweep.

    Deduplicated: a record is left out if the bus has accepted an event of its current version,
    which is so for nearly all of them. A request carries the record's version: if the record's row
    shows that version already, the request costs one read of the ledger. The stored cursor is the
    high-water mark (watermark) of this incremental read: the source's own time at the start of the
    sweep. It moves only when everything is on the bus; the next sweep starts ``overlap`` seconds
    before it. A finished sweep also does two things for operators: it reads the records again that
    could not be read before (``recheck``), and counts the form submissions that wait for review
    (held) and that their time to live will soon remove (``ending``).

    Args:
        source: Lists updated records.
        sources: Lists the collections that have a source.
        bus: Takes the requests.
        handovers: Records of the events that the bus has accepted lately.
        cursors: Stores the high-water mark.
        continuation: Sends the next page.
        freshness: Publishes how current the portal is, and the areas without a source.
        company_id: The company that events belong to.
        clock: Returns the time in Unix seconds.
        overlap: Seconds by which a sweep looks back before the cursor.
        recheck: Reads faulty records again; None: no recheck.
        ending: Counts the held submissions that will soon be removed; None: no count.
    """

    def __init__(
        self,
        *,
        source: ChangedRecords,
        sources: SourceList,
        bus: EventBus,
        handovers: Handovers,
        cursors: CursorStore,
        continuation: Continuation,
        freshness: Freshness,
        company_id: CompanyId,
        clock: Clock,
        overlap: float,
        recheck: FaultRecheck | None = None,
        ending: EndingSubmissions | None = None,
    ) -> None:
        self._source = source
        self._sources = sources
        self._passage = Passage(bus, handovers)
        self._cursors = cursors
        self._continuation = continuation
        self._freshness = freshness
        self._company_id = company_id
        self._clock = clock
        self._overlap = timedelta(seconds=overlap)
        self._recheck = recheck
        self._ending = ending

    def first_page(self, request: RunRequest, *, run: str) -> SweepPage:
        """Return the first message of a sweep, which has recently updated records published again.

        The sweep begins ``overlap`` seconds before the stored cursor: the time up to which the last
        sweep has read. Without a stored cursor, it looks back by ``FIRST_LOOKBACK`` and the
        overlap.
        """
        stored = self._cursors.read_cursor(CURSOR_NAME)
        last = (
            self._now() - FIRST_LOOKBACK
            if stored.cursor is None
            else datetime.fromisoformat(stored.cursor)
        )
        return SweepPage(
            run=run, since=last - self._overlap, revision=stored.revision, dry_run=request.dry_run
        )

    def handle(self, page: SweepPage) -> SweepReport:
        """Read some pages of updated records and put a resync request for each record on the bus.

        Then send the next message of the sweep, or move the stored cursor after the last page. A
        record is left out if the bus has accepted an event of its version before. A dry run
        requests nothing and moves no cursor. Raises UpstreamError: the message must be repeated.
        """
        found = 0
        passed = PassageReport()
        faults: list[RecordFault] = []
        kind, cursor, as_of = page.kind, page.cursor, page.as_of
        for _ in range(PAGES_PER_MESSAGE):
            try:
                listed = self._source.changed(KINDS[kind], page.since, cursor)
            except CursorExpired:
                if cursor is None:
                    raise
                # The list of this kind starts over: a repeated request changes nothing.
                cursor = None
                continue
            as_of = as_of or listed.as_of
            found += len(listed.records)
            requests, unnamed = self._requests(listed.records)
            faults += unnamed
            if not page.dry_run:
                passed += self._passage.put(requests)
            cursor = listed.cursor
            if cursor is None:
                kind += 1
            if kind == len(KINDS):
                return replace(
                    self._finish(page, as_of),
                    found=found,
                    announced=passed.changes[:MAX_ANNOUNCED],
                    known=passed.left_out,
                    unrecorded=passed.error,
                    record_faults=faults,
                )
        self._continuation.send(
            page.model_copy(update={"kind": kind, "cursor": cursor, "as_of": as_of})
        )
        return SweepReport(
            found=found,
            announced=passed.changes[:MAX_ANNOUNCED],
            known=passed.left_out,
            unrecorded=passed.error,
            record_faults=faults,
        )

    def _finish(self, page: SweepPage, as_of: datetime) -> SweepReport:
        if page.dry_run:
            return SweepReport(finished=True)
        moved = self._cursors.advance(
            CURSOR_NAME, FeedCursor(cursor=as_of.isoformat(), revision=page.revision)
        )
        recheck = None if self._recheck is None else self._recheck.recheck_records(page.run)
        ending, uncounted = self._count_ending()
        finished = SweepReport(finished=True, recheck=recheck, ending=ending, uncounted=uncounted)
        if moved is None:
            return replace(finished, overtaken=True)
        hidden, unlisted = self._hidden_areas()
        return replace(
            finished,
            untold=self._publish_freshness(as_of, hidden),
            unlisted=unlisted,
        )

    def _count_ending(self) -> tuple[int | None, UpstreamError | None]:
        """Return the number of form submissions that wait for review and will soon be removed.

        Their time to live in the inbox, the table of submissions, removes them. The number is None
        if they were not counted. Also returns the error because of which they could not be counted,
        None if there was none. The next sweep counts them again.
        """
        if self._ending is None:
            return None, None
        try:
            return self._ending.count_ending(self._clock()), None
        except UpstreamError as error:
            return None, error

    def _hidden_areas(self) -> tuple[Sequence[Area] | None, UpstreamError | None]:
        """Return the areas of the portal to hide, and the error because of which they are unknown.

        An area is hidden if it has no data source. The areas are None after an error.
        """
        try:
            return hidden_areas(self._sources.collections_with_source()), None
        except UpstreamError as error:
            return None, error

    def _publish_freshness(
        self, as_of: datetime, hidden: Sequence[Area] | None
    ) -> GridwixError | None:
        try:
            self._freshness.tell(as_of, hidden)
        except (UpstreamError, BudgetExhausted) as error:
            # The sweep is finished all the same: partners see an older time than the true one,
            # never a newer one.
            return error
        return None

    def _requests(self, records: Sequence[ChangedRecord]) -> tuple[list[Change], list[RecordFault]]:
        """Return a resync request for each record, and a fault for each record that gets none.

        The request is an event that has the record published again. A record gets none if an event
        cannot hold its id or that of its partner.
        """
        requests: list[Change] = []
        faults: list[RecordFault] = []
        for changed in records:
            kind, _, identifier = changed.record.partition("/")
            try:
                with confine_to_record(f"{kind}/{readable_id(identifier)}"):
                    requests.append(self._request(changed))
            except RecordFault as fault:
                faults.append(fault)
        return requests, faults

    def _request(self, changed: ChangedRecord) -> Change:
        # The same record in the same version has the same event id, so that consumers can
        # deduplicate.
        name = f"sweep-{changed.record.replace('/', '-')}-{changed.version}"
        return resync_change(
            changed.record,
            changed.partner_id,
            event_id=name,
            at=self._clock(),
            company_id=self._company_id,
            version=changed.version,
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
