"""Polls Trading Grid's event feed and puts its events on the bus.

The feed has every event. Webhooks only report the same events sooner.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from gridwix.errors import CursorExpired, InvalidEvent, RecordFault, UpstreamError
from gridwix.mapping.cloud_events import KNOWN_TYPES, to_change
from gridwix.mapping.record_faults import confine_to_record, readable_id
from gridwix.models.cursors import FeedCursor
from gridwix.models.deadline import Deadline
from gridwix.models.events import EVERYTHING, Change
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.journal import MAX_ANNOUNCED
from gridwix.models.reports import Addable
from gridwix.models.trading_grid.event_feed import EventPage
from gridwix.ports import Clock, CommunityReader, CursorStore, EventBus, Handovers
from gridwix.publication.passage import Passage
from gridwix.publication.resync import resync_change
from gridwix.trading_grid_feed.ports import EventFeed

CURSOR_NAME = "trading_grid.events"
PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class FeedReport(Addable):
    """Result of one run of the feed reader. Reports of parts of a run are added up.

    ``published``: number of events put on the bus; ``announced``: the first ``MAX_ANNOUNCED`` of
    these events, for the journal. ``known``: number of duplicates that were left out, because the
    bus had accepted them before, mostly from webhooks. ``unrecorded``: the error because of which
    handovers (records of accepted events) could not be read or written, None if there was none.
    ``resynced``: number of partners listed for a full resync. ``invalid``: numbers of feed items
    that are no valid event, by the faulty attribute; ``record_faults`` names them.
    ``unknown_types``: numbers of events of types that this release does not know; they are on the
    bus all the same. ``resync_started``: a full resync has begun. ``more``: the deadline came
    before the end of the feed. ``overtaken``: another run moved the cursor first, so this run left
    the rest to it.
    """

    published: int = 0
    announced: tuple[Change, ...] = ()
    known: int = 0
    unrecorded: UpstreamError | None = None
    resynced: int = 0
    invalid: Counter[str] = field(default_factory=Counter)
    record_faults: Sequence[RecordFault] = ()
    unknown_types: Counter[str] = field(default_factory=Counter)
    resync_started: bool = False
    more: bool = False
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    """Result of reading one page of the feed.

    ``cursor`` is the cursor as stored after the page, None if another run has moved it. ``last`` is
    true if the feed has no more events.
    """

    cursor: FeedCursor | None
    report: FeedReport
    last: bool = False


@dataclass(frozen=True, slots=True)
class _Parsed:
    """The valid changes of a page, to put on the bus, and the report on its invalid items."""

    changes: Sequence[Change]
    report: FeedReport


class FeedReader:
    """Reads the event feed from the stored cursor until its end, or until the deadline is near.

    Guaranteed: the cursor advances only after its page is on the bus, so a crash at any point
    repeats events and loses none. An event that the bus has accepted from a webhook is left out
    (deduplication). Without a stored cursor, everything is published from the current records: the
    feed's head (its end) is stored as the cursor, all partners are listed for a resync, then the
    feed is read from the stored head. If the stored cursor has expired, there is a full resync,
    too. But the feed is then read from the oldest event that it still has, and not from its head,
    so that people get messages about these events.

    Args:
        feed: The event feed.
        source: Lists the partners for a full resync.
        bus: Takes the changes.
        handovers: Records of the events that the bus has accepted lately.
        cursors: Stores the cursor.
        company_id: The company that events belong to.
        type_prefix: Prefix of the feed's event types, removed on the bus.
        clock: Returns the time in Unix seconds.
    """

    def __init__(
        self,
        *,
        feed: EventFeed,
        source: CommunityReader,
        bus: EventBus,
        handovers: Handovers,
        cursors: CursorStore,
        company_id: CompanyId,
        type_prefix: str,
        clock: Clock,
    ) -> None:
        self._feed = feed
        self._source = source
        self._bus = bus
        self._passage = Passage(bus, handovers)
        self._cursors = cursors
        self._company_id = company_id
        self._type_prefix = type_prefix
        self._clock = clock

    def read_feed(self, deadline: Deadline) -> FeedReport:
        """Read the feed page by page, and put the events of each page on the bus.

        Raises UpstreamError if Trading Grid or the bus fails. The events of all earlier pages are
        then on the bus, and the cursor is stored after them.
        """
        report = FeedReport()
        cursor: FeedCursor | None = self._cursors.read_cursor(CURSOR_NAME)
        last = False
        while cursor is not None and not last:
            page = self._read_page(cursor)
            cursor, last, report = page.cursor, page.last, report + page.report
            # A backlog has more changes than fit into memory.
            report = replace(report, announced=report.announced[:MAX_ANNOUNCED])
            if not last and deadline.is_near():
                report = replace(report, more=True)
                break
        return replace(report, overtaken=cursor is None)

    def _read_page(self, cursor: FeedCursor) -> _Page:
        if cursor.cursor is None:
            return self._begin_resync(cursor)
        if cursor.resyncing:
            return self._list_partners(cursor, head=cursor.cursor)
        return self._read_events(cursor, position=cursor.cursor)

    def _begin_resync(self, cursor: FeedCursor) -> _Page:
        following = FeedCursor(cursor=self._feed.head(), resyncing=True, revision=cursor.revision)
        return _Page(self._cursors.advance(CURSOR_NAME, following), FeedReport(resync_started=True))

    def _begin_again(self, expired: FeedCursor) -> _Page:
        """Begin a full resync, as the cursor has expired; put the feed's oldest events on the bus.

        These are the events of the oldest page that the feed still has. The stored cursor then
        stands for the resync, and for the page after this one: there the feed is read on after the
        resync. Returns that cursor, and a report. If the feed has no page to go on from, the resync
        begins as without a stored cursor.
        """
        try:
            page = self._feed.read_events(None, PAGE_SIZE)
        except CursorExpired:
            return self._begin_resync(expired)
        if not page.next_cursor:
            return self._begin_resync(expired)
        following = replace(expired, cursor=page.next_cursor, resyncing=True, listing=None)
        report = self._put_events(page)
        return _Page(
            self._cursors.advance(CURSOR_NAME, following),
            report + FeedReport(resync_started=True),
        )

    def _list_partners(self, cursor: FeedCursor, *, head: str) -> _Page:
        try:
            partner_ids, following = self._source.partner_ids(cursor.listing)
        except CursorExpired:
            # The list starts over: partners that are requested twice are read twice and written
            # once.
            return _Page(
                self._cursors.advance(CURSOR_NAME, replace(cursor, listing=None)), FeedReport()
            )
        requests = self._resync_requests(partner_ids, head)
        of_nobody = [self._resync_request(None, head)] if cursor.listing is None else []
        self._bus.put([*requests.changes, *of_nobody])
        moved = self._cursors.advance(
            CURSOR_NAME, replace(cursor, listing=following, resyncing=following is not None)
        )
        return _Page(moved, requests.report + FeedReport(resynced=len(partner_ids)))

    def _read_events(self, cursor: FeedCursor, *, position: str) -> _Page:
        try:
            page = self._feed.read_events(position, PAGE_SIZE)
        except CursorExpired:
            return self._begin_again(cursor)
        report = self._put_events(page)
        if page.next_cursor == position:
            # A quiet feed has no new position. The confirmation shows an operator that it is still
            # being read.
            self._cursors.confirm(CURSOR_NAME, cursor)
            return _Page(cursor, report, last=True)
        moved = self._cursors.advance(CURSOR_NAME, replace(cursor, cursor=page.next_cursor))
        return _Page(moved, report, last=not page.has_more)

    def _put_events(self, page: EventPage) -> FeedReport:
        parsed = self._parse(page.items)
        passed = self._passage.put(parsed.changes)
        return parsed.report + FeedReport(
            published=passed.put,
            announced=passed.changes,
            known=passed.left_out,
            unrecorded=passed.error,
        )

    def _parse(self, items: Iterable[object]) -> _Parsed:
        changes: list[Change] = []
        report = FeedReport()
        for item in items:
            record = f"events/{readable_id(item.get('id') if isinstance(item, dict) else None)}"
            try:
                with confine_to_record(record):
                    change = Change.model_validate(
                        to_change(item, prefix=self._type_prefix, via="feed")
                    )
            except InvalidEvent as error:
                report += FeedReport(
                    invalid=Counter({error.member: 1}),
                    record_faults=[RecordFault(record, f"{error.member} invalid")],
                )
            except RecordFault as fault:
                report += FeedReport(invalid=Counter(record=1), record_faults=[fault])
            else:
                changes.append(change)
                if change.type not in KNOWN_TYPES:
                    report += FeedReport(unknown_types=Counter({change.type: 1}))
        return _Parsed(changes, report)

    def _resync_requests(self, partner_ids: Iterable[PartnerId], head: str) -> _Parsed:
        changes: list[Change] = []
        faults: list[RecordFault] = []
        for partner_id in partner_ids:
            try:
                # An id that no event subject can hold is a fault of its record alone.
                with confine_to_record(f"partners/{readable_id(partner_id)}"):
                    changes.append(self._resync_request(partner_id, head))
            except RecordFault as fault:
                faults.append(fault)
        return _Parsed(changes, FeedReport(record_faults=faults))

    def _resync_request(self, partner_id: PartnerId | None, head: str) -> Change:
        # None: all records that belong to no partner. The event id is the same however often a page
        # is listed.
        run = hashlib.blake2b(head.encode(), digest_size=6).hexdigest()
        record = EVERYTHING if partner_id is None else f"partners/{partner_id}"
        return resync_change(
            record,
            partner_id,
            event_id=f"resync-{run}-{partner_id or 'hub'}",
            at=self._clock(),
            company_id=self._company_id,
        )
