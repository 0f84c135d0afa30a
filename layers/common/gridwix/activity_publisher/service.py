"""Publishes each partner's activity: counts of the documents exchanged in 30 days, from Lens.

Each hour of arrival (a time slice) is counted from a complete search of Lens, Trading Grid's
transaction search. The hour is read again later, and the new counts replace the old ones, so a
document counts once, even if its status changes.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from http import HTTPStatus
from itertools import batched, groupby

from gridwix.activity_publisher.counting import SliceCounter, SliceCounts
from gridwix.activity_publisher.counts import FailedDocument, PartnerCounts, sum_counts
from gridwix.activity_publisher.index import ActivityIndex, ReadSlice
from gridwix.activity_publisher.ports import (
    ArrivalSearch,
    Counts,
    CountStore,
    ListedPartners,
    RunContinuation,
)
from gridwix.activity_publisher.projection import partner_activity
from gridwix.activity_publisher.slices import EDGE, SLICE, day_start, due_slices, shown_days
from gridwix.configuration.case_rules import CaseRules
from gridwix.errors import RecordFault, Refused, RowHeld, SourceBehind, UpstreamError
from gridwix.mapping.case_rules import case_with_transaction
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.cursors import FeedCursor
from gridwix.models.deadline import Deadline
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import PARTNER_ACTIVITY
from gridwix.models.trading_grid.cases import Case
from gridwix.models.transactions import LensEntry
from gridwix.ports import CaseReader, Clock, CursorStore
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import Projection, Publisher

CURSOR_NAME = "trading_grid.lens.activity"

MAX_SLICES = 48
"""Maximum number of slices that one run reads, so that it also publishes rows when many slices are
due, as after the installation.
"""

ROWS_AT_ONCE = 1000
"""Number of rows that are projected and published together: one bulk call of Wix, and at most 20
list calls for their cases.
"""

CASE_PATIENCE = timedelta(hours=2)
"""Age up to which a failure without a case keeps its row pending: its case may be opened soon."""

MAX_FAULTS = 100
"""Maximum number of unreadable entries that a run reports one by one."""


OF_ONE_ROW = (RowHeld, Refused)
"""Errors that concern a single row only: after any other, publishing stops, as the next rows would
fail, too.
"""


@dataclass(frozen=True, slots=True)
class ActivityReport(ChangeReport):
    """Report of one run of the activity publisher: what was read, and the result of each row.

    ``slices``: number of time slices (hours) that were read. ``documents``: number of documents
    that arrived in these hours. ``unmapped``: number of these without an address of a partner.
    ``unreadable``: number of Lens entries that cannot be read or counted. ``faults``: Lens entries
    that cannot be counted, hours that Lens cannot list, and counts of partners that cannot be
    mapped to a row. ``more``: a limit or the deadline ended the run early. ``overtaken``: another
    run moved the cursor first.
    """

    slices: int = 0
    documents: int = 0
    unmapped: int = 0
    unreadable: int = 0
    faults: tuple[RecordFault, ...] = field(default=())
    more: bool = False
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    """State of a run of the activity publisher.

    ``index`` names the stored document counts of each hour and day. ``cursor`` is the stored
    pointer to the current index, as of the run's last commit. The cursor's revision is the
    optimistic lock: a commit fails if another run has moved the cursor.
    """

    index: ActivityIndex
    cursor: FeedCursor


class ActivityPublisher:
    """Counts documents by hour of arrival, and publishes the rows that change. Idempotent.

    Every document counts once, in the hour (time slice) in which it arrived, with the state that
    the last reading of that hour found. A run commits its counts after its last slice, also if Lens
    fails, and a row stays pending until it is published. So a crash repeats work and loses none. Of
    two concurrent runs, the one that commits second loses the optimistic lock and commits nothing
    more.

    Args:
        search: Searches Lens, Trading Grid's transaction search.
        partners: Looks up partners by EDI address.
        cases: Reads cases, to which failed documents are linked.
        store: Stores the counts of each hour and day, and an index that names these counts. Each
            commit stores a new index.
        cursors: Stores the name of the current index, the one of the last commit.
        publisher: Writes the rows.
        continuation: Requests the next run if a run has to end early.
        rules: Names the error codes to ignore.
        clock: Returns the time in Unix seconds.
    """

    def __init__(
        self,
        *,
        search: ArrivalSearch,
        partners: ListedPartners,
        cases: CaseReader,
        store: CountStore,
        cursors: CursorStore,
        publisher: Publisher,
        continuation: RunContinuation,
        rules: CaseRules,
        clock: Clock,
    ) -> None:
        self._search = search
        self._partners = partners
        self._cases = cases
        self._store = store
        self._cursors = cursors
        self._publisher = publisher
        self._continuation = continuation
        self._ignored = frozenset(rules.ignored_error_codes)
        self._clock = clock

    def publish_activity(self, reading: Deadline, publishing: Deadline) -> ActivityReport:
        """Count the hours (time slices) that are due, newest first, then publish the pending rows.

        Args:
            reading: When this deadline is near, no further slice is read.
            publishing: When this deadline is near, no further rows are published. Later than
                ``reading``.

        Raises UpstreamError if Lens or AWS fails. Slices that were read before the error are
        committed.
        """
        cursor = self._cursors.read_cursor(CURSOR_NAME)
        known = self._store.read_index(cursor.cursor) if cursor.cursor else None
        state = _State(self._with_today(known or ActivityIndex()), cursor)
        report, counted = self._read_slices(state, reading)
        if counted is not None:
            report += self._publish_pending(counted, publishing)
        if report.more and (report.slices or report.verdicts):
            self._continuation.request_run()
        return report

    def _with_today(self, index: ActivityIndex) -> ActivityIndex:
        """Return the index up to today, without days that are too old for the activity rows.

        An activity row shows 30 days. If a new day has begun since the last run, the rows of all
        partners become pending: they are published again.
        """
        days = shown_days(self._now())
        if index.until == days[-1]:
            return index
        everyone = {partner for name in index.days.values() for partner in self._partners_of(name)}
        first = day_start(days[0])
        return replace(
            index,
            until=days[-1],
            slices={start: read for start, read in index.slices.items() if start >= first},
            days={day: name for day, name in index.days.items() if day >= days[0]},
            pending=index.pending | everyone,
        )

    def _read_slices(
        self, state: _State, deadline: Deadline
    ) -> tuple[ActivityReport, _State | None]:
        """Read from Lens the time slices (hours) that are due, and commit their counts.

        Returns a report and the new state. The state is None if another run has moved the cursor:
        then this run has lost the optimistic lock, and must not go on.
        """
        report = ActivityReport()
        read_at = {start: read.read_at for start, read in state.index.slices.items()}
        index, days = state.index, set[date]()
        for start in due_slices(read_at, self._now()):
            if deadline.is_near() or report.slices == MAX_SLICES:
                report += ActivityReport(more=True)
                break
            if self._is_overtaken(state):
                return report + ActivityReport(overtaken=True), None
            before, now = index, self._now()
            try:
                counts, part = self._count_slice(start)
            except RecordFault as fault:
                # Its counts stay, and the next slices are read.
                part = ActivityReport(slices=1, faults=(fault,))
                index = index.with_slice(start, ReadSlice(now, index.counts_of(start)))
            except UpstreamError:
                if index is not state.index:
                    self._commit_slices(state, index, days)
                raise
            else:
                index = self._with_slice(index, start, now, counts)
            report += part
            if index.counts_of(start) != before.counts_of(start):
                days.add(start.date())
        if index is state.index:
            return report, state
        found = self._commit_slices(state, index, days)
        return report + ActivityReport(overtaken=found is None), found

    def _commit_slices(
        self, state: _State, index: ActivityIndex, days: Collection[date]
    ) -> _State | None:
        """Sum up the days with changed hourly document counts, and commit the index of all counts.

        ``index`` names the new counts of hours, ``days`` are the changed days. A day is summed up
        once, however many of its hours were read. Returns the run's new state, or None if another
        run has moved the cursor (optimistic locking).
        """
        for day in days:
            index = replace(index, days=self._with_day(index.days, index.slices, day))
        return self._commit(replace(state, index=index))

    def _count_slice(self, start: datetime) -> tuple[SliceCounts, ActivityReport]:
        counter = SliceCounter(start, start + SLICE, self._ignored)
        unreadable = 0
        faults: list[RecordFault] = []
        for page in self._pages_of(start):
            unreadable += len(page.faults)
            for entry in page.records:
                try:
                    with confine_to_record(f"transactions/{entry.process}"):
                        counter.add(entry)
                except RecordFault as fault:
                    faults.append(fault)
        counts = counter.result(cache(self._partners.listed_partner_with))
        return counts, ActivityReport(
            slices=1,
            documents=counts.documents,
            unmapped=counts.unmapped,
            unreadable=unreadable + len(faults),
            faults=tuple(faults[:MAX_FAULTS]),
            unknown=counts.unknown,
        )

    def _pages_of(self, start: datetime) -> Iterator[Listing[LensEntry]]:
        """Yield the Lens entries that arrived in a time slice or within ``EDGE`` of it, by page.

        Args:
            start: Begin of the slice.

        Raises:
            RecordFault: Lens answered with status 200, but the slice cannot be read completely,
                for example because it has too many entries.
            UpstreamError: The search failed in any other way.
        """
        try:
            yield from self._search.arrived_entries(start - EDGE, start + SLICE + EDGE)
        except UpstreamError as error:
            if error.status != HTTPStatus.OK:
                raise
            raise RecordFault(f"activity/{start:%Y-%m-%dT%H}", str(error)) from error

    def _with_slice(
        self, index: ActivityIndex, start: datetime, read_at: datetime, counts: SliceCounts
    ) -> ActivityIndex:
        """Return the index with new counts of one hour (time slice).

        Stores the counts if they differ from the hour's previous counts. Partners with different
        counts become pending, so that their rows are published. The sum of the day stays as it was.

        Args:
            index: The index before.
            start: Begin of the hour.
            read_at: Time at which the hour was read from Lens.
            counts: The new counts of the hour.
        """
        name = index.counts_of(start)
        known = dict(self._store.read_counts(name)) if name else {}
        changed = {
            partner
            for partner in known.keys() | counts.partners.keys()
            if known.get(partner) != counts.partners.get(partner)
        }
        if not changed:
            return index.with_slice(start, ReadSlice(read_at, name))
        name = (
            self._store.write_counts(
                f"slices/{start:%Y-%m-%dT%H}", sorted(counts.partners.items(), key=_partner_of)
            )
            if counts.partners
            else ""
        )
        read = index.with_slice(start, ReadSlice(read_at, name))
        return replace(read, pending=index.pending | changed)

    def _with_day(
        self, days: Mapping[date, str], slices: Mapping[datetime, ReadSlice], day: date
    ) -> Mapping[date, str]:
        """Sum up one day's hourly counts, store the sum, and return ``days`` with that day updated.

        ``days`` has, for each day, the name of the stored object with the day's counts. A day
        without counts is left out.
        """
        others = {other: name for other, name in days.items() if other != day}
        names = [
            read.counts for start, read in slices.items() if start.date() == day and read.counts
        ]
        if not names:
            return others
        merged = heapq.merge(*map(self._store.read_counts, names), key=_partner_of)
        sums = (
            (partner, sum_counts(counts for _, counts in found))
            for partner, found in groupby(merged, key=_partner_of)
        )
        return {**others, day: self._store.write_counts(f"days/{day.isoformat()}", sums)}

    def _is_overtaken(self, state: _State) -> bool:
        return self._cursors.read_cursor(CURSOR_NAME).revision != state.cursor.revision

    def _commit(self, state: _State) -> _State | None:
        """Commit the document counts: store the index of ``state``, and make it the current index.

        The index names all stored counts, and gets a new version. The cursor, a stored pointer, is
        moved to this index. Returns the new state; None if another run has moved the cursor since
        the commit that ``state`` is of (optimistic locking).
        """
        # The time keeps versions growing even if the cursor was lost.
        version = max(state.index.version + 1, int(self._clock() * 1000))
        index = replace(state.index, version=version)
        cursor = self._cursors.advance(
            CURSOR_NAME,
            FeedCursor(cursor=self._store.write_index(index), revision=state.cursor.revision),
        )
        return None if cursor is None else _State(index, cursor)

    def _publish_pending(self, state: _State, deadline: Deadline) -> ActivityReport:
        """Publish the pending activity rows, a thousand at a time, and commit which stay pending.

        A row is pending if its counts have changed since it was published.
        """
        report, done = ActivityReport(), set[PartnerId]()
        if not state.index.pending or state.index.until is None:
            return report
        days = shown_days(day_start(state.index.until))
        for batch in batched(self._pending_days(state.index), ROWS_AT_ONCE, strict=False):
            if deadline.is_near():
                report += ActivityReport(more=True)
                break
            # Rows of an older index than the current one may be older than what is published.
            if self._is_overtaken(state):
                report += ActivityReport(overtaken=True)
                break
            part, waiting = self._publish_rows(state.index, days, batch)
            report += part
            done |= {
                partner
                for partner, _ in batch
                if _row_key(partner) not in part.reasons and partner not in waiting
            }
            # The next ones would fare no better: Wix, the budget or a table does not respond.
            if not all(isinstance(reason, OF_ONE_ROW) for reason in part.reasons.values()):
                break
        if done:
            pending = replace(state.index, pending=state.index.pending - done)
            committed = self._commit(replace(state, index=pending))
            report += ActivityReport(overtaken=committed is None)
        return report

    def _publish_rows(
        self,
        index: ActivityIndex,
        days: Sequence[date],
        batch: Sequence[tuple[PartnerId, Mapping[date, PartnerCounts]]],
    ) -> tuple[ActivityReport, frozenset[PartnerId]]:
        """Publish the activity rows of some partners.

        Returns a report, and the partners of which a later run must publish the row, although no
        write to Wix failed: their row shows a recently failed document before its support case is
        open, or it could not be made from the counts.

        Args:
            index: The index of all counts, as of the run's last commit.
            days: The days that the rows show.
            batch: The partners, each with its counts by day.
        """
        failing = [
            partner
            for partner, counts in batch
            if any(counts_of_day.failures for counts_of_day in counts.values())
        ]
        cases = self._cases_of(failing)
        young = self._now() - CASE_PATIENCE
        projections, waiting, faults = [], set[PartnerId](), []
        for partner, counts in batch:
            try:
                with confine_to_record(f"activity/{partner}"):
                    row = partner_activity(
                        partner, counts, days, _case_reference(cases.get(partner, ()))
                    )
            except RecordFault as fault:
                waiting.add(partner)
                faults.append(fault)
                continue
            if row is not None and any(
                failure.reference is None and failure.at > young for failure in row.failures
            ):
                waiting.add(partner)
            projections.append(
                Projection(
                    _row_key(partner),
                    Versions(live={f"activity/{partner}": index.version}),
                    None if row is None else data_item(partner, row),
                    origin=f"activity-{index.version}",
                )
            )
        found = self._publisher.publish(projections)
        # Where the source is behind, a newer row is published already.
        left = {
            key: reason
            for key, reason in found.reasons.items()
            if not isinstance(reason, SourceBehind)
        }
        report = ActivityReport(faults=tuple(faults)) + replace(found, reasons=left)
        return report, frozenset(waiting)

    def _cases_of(self, partners: Collection[PartnerId]) -> Mapping[PartnerId, Sequence[Case]]:
        found: defaultdict[PartnerId, list[Case]] = defaultdict(list)
        for case in self._cases.cases(partners).records if partners else ():
            found[case.partner_id].append(case)
        return found

    def _pending_days(
        self, index: ActivityIndex
    ) -> Iterator[tuple[PartnerId, Mapping[date, PartnerCounts]]]:
        """Yield each partner with an activity row still to be published, and its counts by day.

        Partners come sorted; those that have no documents left come last, sorted again, with no
        days, so that their rows are removed.
        """
        streams = [self._counts_of_day(day, name) for day, name in index.days.items()]
        merged = heapq.merge(*streams, key=lambda found: found[0])
        seen: set[PartnerId] = set()
        for partner, found in groupby(merged, key=lambda one: one[0]):
            if partner in index.pending:
                seen.add(partner)
                yield partner, {day: counts for _, day, counts in found}
        for partner in sorted(index.pending - seen):
            yield partner, {}

    def _counts_of_day(
        self, day: date, name: str
    ) -> Iterator[tuple[PartnerId, date, PartnerCounts]]:
        return ((partner, day, counts) for partner, counts in self._store.read_counts(name))

    def _partners_of(self, name: str) -> Iterator[PartnerId]:
        return (partner for partner, _ in self._store.read_counts(name))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _case_reference(cases: Sequence[Case]) -> Callable[[FailedDocument], str | None]:
    """Return a function that finds the case of a failed document among a partner's ``cases``.

    The function returns ``cases/<id>``, or None if no case has the document.
    """

    def reference(failure: FailedDocument) -> str | None:
        found = case_with_transaction(cases, failure.process)
        return f"cases/{found[0].id}" if found else None

    return reference


def _partner_of(counts: Counts) -> PartnerId:
    return counts[0]


def _row_key(partner: PartnerId) -> RowKey:
    return RowKey(PARTNER_ACTIVITY, item_id(partner))
