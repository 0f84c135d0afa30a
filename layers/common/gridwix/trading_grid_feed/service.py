"""Reading Trading Grid's event feed onto the bus. The feed is the truth; webhooks are hints that arrive sooner."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace

from gridwix.errors import CursorExpired, InvalidEvent, RecordFault
from gridwix.mapping.cloud_events import KNOWN_TYPES, to_change
from gridwix.mapping.record_faults import confine_to_record, readable_id
from gridwix.models.cursors import FeedCursor
from gridwix.models.deadline import Deadline
from gridwix.models.events import EVERYTHING, Change
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.ports import Clock, CommunityReader, CursorStore, EventBus
from gridwix.publication.resync import resync
from gridwix.trading_grid_feed.ports import EventFeed

CURSOR_NAME = "trading_grid.events"
PAGE_SIZE = 200


@dataclass(slots=True)
class FeedReport:
    """What one run did. ``invalid`` counts feed items that are no valid event, by the attribute that is wrong, and ``record_faults`` names them.
    ``unknown_types`` counts events of types that this release does not know, which are on the bus all the same. ``more``: the feed holds more than the run had
    time for. ``overtaken``: another reader moved the cursor first, so that this run left the rest to it.
    """

    published: int = 0
    resynced: int = 0
    invalid: Counter[str] = field(default_factory=Counter)
    record_faults: list[RecordFault] = field(default_factory=list)
    unknown_types: Counter[str] = field(default_factory=Counter)
    resync_started: bool = False
    more: bool = False
    overtaken: bool = False


class FeedReader:
    """Reads from the stored cursor until the feed is exhausted or the deadline is near.

    Guaranteed: the cursor advances only after its page is on the bus, so a crash at any point repeats events and loses none. Without a cursor, and when the
    cursor has expired, everything is published anew: first the feed's head is kept, then the partners are listed, then the feed is read from that head.
    """

    def __init__(
        self, feed: EventFeed, source: CommunityReader, bus: EventBus, cursors: CursorStore, *, company_id: CompanyId, type_prefix: str, clock: Clock
    ) -> None:
        self._feed = feed
        self._source = source
        self._bus = bus
        self._cursors = cursors
        self._company_id = company_id
        self._type_prefix = type_prefix
        self._clock = clock

    def run(self, deadline: Deadline) -> FeedReport:
        """Read on. Raises UpstreamError if Trading Grid or the bus fails; what was read before is on the bus, and the cursor says so."""
        report = FeedReport()
        cursor: FeedCursor | None = self._cursors.read(CURSOR_NAME)
        exhausted = False
        while cursor is not None and not exhausted:
            position = cursor.cursor
            if position is None:
                cursor = self._begin_resync(cursor, report)
            elif cursor.resyncing:
                cursor = self._list_page(cursor, position, report)
            else:
                cursor, exhausted = self._read_page(cursor, position, report)
            if not exhausted and deadline.is_near():
                report.more = True
                break
        report.overtaken = cursor is None
        return report

    def _begin_resync(self, cursor: FeedCursor, report: FeedReport) -> FeedCursor | None:
        report.resync_started = True
        return self._cursors.advance(CURSOR_NAME, FeedCursor(cursor=self._feed.head(), resyncing=True, revision=cursor.revision))

    def _list_page(self, cursor: FeedCursor, head: str, report: FeedReport) -> FeedCursor | None:
        try:
            partner_ids, following = self._source.partner_ids(cursor.listing)
        except CursorExpired:
            return self._cursors.advance(CURSOR_NAME, replace(cursor, listing=None))
        changes = [change for partner_id in partner_ids if (change := self._resync_of(partner_id, head, report)) is not None]
        if cursor.listing is None:
            changes.append(self._resync_request(None, head))
        self._bus.put(changes)
        report.resynced += len(partner_ids)
        return self._cursors.advance(CURSOR_NAME, replace(cursor, listing=following, resyncing=following is not None))

    def _read_page(self, cursor: FeedCursor, position: str, report: FeedReport) -> tuple[FeedCursor | None, bool]:
        try:
            page = self._feed.read(position, PAGE_SIZE)
        except CursorExpired:
            return self._begin_resync(cursor, report), False
        changes = [change for item in page.items if (change := self._change(item, report)) is not None]
        if changes:
            self._bus.put(changes)
            report.published += len(changes)
        if page.next_cursor == position:
            # Nothing moves in a quiet feed; that it was read all the same is how an operator knows that it still is.
            self._cursors.confirm(CURSOR_NAME, cursor)
            return cursor, True
        return self._cursors.advance(CURSOR_NAME, replace(cursor, cursor=page.next_cursor)), not page.has_more

    def _change(self, item: object, report: FeedReport) -> Change | None:
        record = f"events/{readable_id(item.get('id') if isinstance(item, dict) else None)}"
        try:
            with confine_to_record(record):
                change = Change.model_validate(to_change(item, prefix=self._type_prefix, via="feed"))
        except InvalidEvent as error:
            report.invalid[str(error)] += 1
            report.record_faults.append(RecordFault(record, f"{error} invalid"))
            return None
        except RecordFault as fault:
            report.invalid["record"] += 1
            report.record_faults.append(fault)
            return None
        if change.type not in KNOWN_TYPES:
            report.unknown_types[change.type] += 1
        return change

    def _resync_of(self, partner_id: PartnerId, head: str, report: FeedReport) -> Change | None:
        """The request for a partner; None, and a fault in the report, for an id that no event can name."""
        record = f"partners/{readable_id(partner_id)}"
        try:
            with confine_to_record(record):
                return self._resync_request(partner_id, head)
        except RecordFault as fault:
            report.record_faults.append(fault)
            return None

    def _resync_request(self, partner_id: PartnerId | None, head: str) -> Change:
        """The wish to read a partner anew, or all records that belong to no partner for None. The id is the same however often a page is listed."""
        run = hashlib.blake2b(head.encode(), digest_size=6).hexdigest()
        record = EVERYTHING if partner_id is None else f"partners/{partner_id}"
        return resync(record, partner_id, event_id=f"resync-{run}-{partner_id or 'hub'}", at=self._clock(), company_id=self._company_id)
