"""Use case 3: detects transaction exceptions by polling Lens, the search of Trading Grid.

Lens sends no events.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from gridwix.configuration.case_rules import CaseRules
from gridwix.errors import RecordFault
from gridwix.mapping.case_rules import OVER
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.transactions import group_by_process, transaction_exception
from gridwix.models.cursors import FeedCursor
from gridwix.models.deadline import Deadline
from gridwix.models.events import TRANSACTION_EXCEPTION, Change, StatusTransition
from gridwix.models.ids import CompanyId
from gridwix.models.listings import first_fault_by_owner
from gridwix.models.reports import Addable
from gridwix.models.transactions import LensEntry, TransactionException
from gridwix.ports import Clock, CursorStore, EventBus, TransactionSearch
from gridwix.transaction_monitor.ports import KnownExceptions

CURSOR_NAME = "trading_grid.lens"
LATE_CURSOR_NAME = "trading_grid.lens.late"
"""Cursor of the second reading: every time slice is read again when it is ``late`` old."""

MAX_SLICE = timedelta(hours=1)
"""Longest time slice that is read at once. Its events are put on the bus together."""

FIRST_LOOKBACK = timedelta(hours=1)
"""Lookback of the first run, which has no cursor."""

TELLING = "telling"
"""State of a process while its event is being put on the bus.

If a crash leaves the process in this state, the event may be lost, and the process is reported
again.
"""

# The id becomes the subject of a bus event and a part of a URL.
_USABLE_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,200}")


@dataclass(frozen=True, slots=True)
class MonitorReport(Addable):
    """Result of one run of the transaction monitor. Reports of time slices are added up.

    An exception is the fault of a process (a transaction) in Lens, the transaction search.
    ``entries``: number of Lens entries that were read. ``raised``: numbers of new exceptions, by
    kind. ``changed``: number of exceptions with a kind that is not the one that was last reported.
    ``over``: number of exceptions that are resolved. ``unknown``: numbers of statuses that this
    release does not know, as ``field=value``. ``unnamed``: number of processes that are not
    examined, because their id is not valid in an event on the bus. ``unreadable``: number of
    entries that cannot be parsed. ``faults``: processes that cannot be mapped. ``more``: the
    deadline came before the end. ``overtaken``: another run moved the stored cursor (the time up to
    which Lens was read) first.
    """

    entries: int = 0
    raised: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    over: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0
    unreadable: int = 0
    faults: Sequence[RecordFault] = ()
    more: bool = False
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class _Examined:
    """Result of examining the Lens entries of some processes (transactions): their exceptions.

    Lens is the transaction search of Trading Grid. An exception is the fault of a process; if its
    ``kind`` is None, the process has no fault (any more). ``faults`` are the processes that cannot
    be mapped. ``unknown`` counts statuses that this release does not know.
    """

    exceptions: Sequence[TransactionException]
    faults: Sequence[RecordFault]
    unknown: Counter[str]


class TransactionMonitor:
    """Puts an event on the bus for each transaction fault that is new, has changed, or is resolved.

    A process (transaction) is all entries with the same correlation id in Lens, the transaction
    search of Trading Grid. Its fault is called an exception. An exception has changed if its kind
    is not the one that was last reported. Lens is read in slices of time. Guaranteed: a process has
    one exception at a time, regardless of the number, order and repetition of its entries. The
    cursor advances only after its slice is on the bus, and an exception is recorded as reported
    only after that: a crash repeats an event and loses none. Each run looks back from the cursor by
    ``overlap``, for entries that Lens shows late. An entry that comes even later is found when its
    slice is read again, after ``late``.

    Args:
        search: The Lens search.
        known: The last reported state of each process.
        bus: Takes the events.
        cursors: Stores the cursors of both readings: of new slices, and of slices to read again.
        rules: Names the error codes to ignore.
        company_id: The company that events belong to.
        clock: Returns the time in Unix seconds.
        overlap: Time by which each slice reaches back before the cursor.
        late: Age at which a slice is read again.
    """

    def __init__(
        self,
        *,
        search: TransactionSearch,
        known: KnownExceptions,
        bus: EventBus,
        cursors: CursorStore,
        rules: CaseRules,
        company_id: CompanyId,
        clock: Clock,
        overlap: timedelta,
        late: timedelta,
    ) -> None:
        self._search = search
        self._known = known
        self._bus = bus
        self._cursors = cursors
        self._ignored = frozenset(rules.ignored_error_codes)
        self._company_id = company_id
        self._clock = clock
        self._overlap = overlap
        self._late = late

    def announce_exceptions(self, deadline: Deadline) -> MonitorReport:
        """Read Lens in slices of time, from the stored cursor to now; put exceptions on the bus.

        Lens is the transaction search of Trading Grid, and an exception is the fault of a
        transaction. Then each slice of time that is ``late`` old by now is read a second time, for
        entries that Lens has shown late. Returns the counts of the run. Raises UpstreamError. The
        events of all earlier slices are then on the bus, and the cursors are stored after them.
        """
        now = self._now()
        report = MonitorReport()
        for name, until in ((CURSOR_NAME, now), (LATE_CURSOR_NAME, now - self._late)):
            report += self._read_until(until, name, deadline)
            if report.more:
                break
        return report

    def _read_until(self, until: datetime, name: str, deadline: Deadline) -> MonitorReport:
        report = MonitorReport()
        cursor: FeedCursor | None = self._cursors.read_cursor(name)
        while cursor is not None:
            last = (
                until - FIRST_LOOKBACK
                if cursor.cursor is None
                else datetime.fromisoformat(cursor.cursor)
            )
            end = min(last + MAX_SLICE, until)
            report += self._settle_slice(last - self._overlap, end)
            cursor = self._cursors.advance(
                name, FeedCursor(cursor=end.isoformat(), revision=cursor.revision)
            )
            if end >= until:
                break
            if deadline.is_near():
                report = replace(report, more=True)
                break
        return replace(report, overtaken=cursor is None)

    def _settle_slice(self, since: datetime, until: datetime) -> MonitorReport:
        """Report the exceptions (transaction faults) that have changed in one slice of time.

        An event is put on the bus for each exception that is new, has another kind than last
        reported, or is resolved. Returns the counts of the slice.
        """
        listing = self._search.changed_entries(since, until)
        groups = group_by_process(listing.records)
        usable = {
            process: group for process, group in groups.items() if _USABLE_ID.fullmatch(process)
        }
        known = self._known.read_states(list(usable))
        examined = self._examine(usable)
        suspects = [
            exception.correlation_id
            for exception in examined.exceptions
            if _is_news(exception, known)
        ]
        confirmed = self._confirm(suspects, known)
        report = MonitorReport(
            entries=len(listing.records) + len(listing.faults),
            unknown=examined.unknown,
            unnamed=len(groups) - len(usable),
            unreadable=len(listing.faults),
            faults=(*examined.faults, *confirmed.faults),
        )
        return report + self._publish(confirmed.exceptions, known)

    def _confirm(self, suspects: Sequence[str], known: Mapping[str, str]) -> _Examined:
        """Return the exceptions (faults) of suspect processes that still have to be reported.

        ``suspects`` are correlation ids of processes (transactions) that seem to have a new,
        changed or resolved exception. A slice of time may have only some of their entries, so all
        entries are read from Lens, the transaction search. If one of them cannot be read, it may
        hold the fault. So the exception of its process is not reported as resolved: a later run
        reads the process again.
        """
        if not suspects:
            return _Examined((), (), Counter())
        listing = self._search.entries_of(suspects)
        unreadable = first_fault_by_owner(listing.faults)
        groups = group_by_process(listing.records)
        examined = self._examine(
            {process: groups[process] for process in suspects if process in groups}
        )
        news = [exception for exception in examined.exceptions if _is_news(exception, known)]
        certain = [
            exception
            for exception in news
            if exception.kind is not None or exception.correlation_id not in unreadable
        ]
        return replace(examined, exceptions=certain)

    def _examine(self, groups: Mapping[str, Sequence[LensEntry]]) -> _Examined:
        exceptions: list[TransactionException] = []
        faults: list[RecordFault] = []
        unknown: Counter[str] = Counter()
        for process, group in groups.items():
            try:
                with confine_to_record(f"transactions/{process}"):
                    exceptions.append(transaction_exception(group, self._ignored, unknown))
            except RecordFault as fault:
                faults.append(fault)
        return _Examined(exceptions, faults, unknown)

    def _publish(
        self, news: Sequence[TransactionException], known: Mapping[str, str]
    ) -> MonitorReport:
        if not news:
            return MonitorReport()
        before = {process: kind for process, kind in known.items() if kind != TELLING}
        self._known.record(
            {exception.correlation_id: TELLING for exception in news}, at=self._clock()
        )
        self._bus.put(
            [self._change(exception, before.get(exception.correlation_id)) for exception in news]
        )
        self._known.record(
            {exception.correlation_id: exception.kind or OVER for exception in news},
            at=self._clock(),
        )
        standing = [exception for exception in news if exception.kind is not None]
        changed = sum(exception.correlation_id in before for exception in standing)
        raised = Counter(
            exception.kind
            for exception in standing
            if exception.kind and exception.correlation_id not in before
        )
        return MonitorReport(
            raised=Counter(raised), changed=changed, over=len(news) - len(standing)
        )

    def _change(self, exception: TransactionException, before: str | None) -> Change:
        kind = exception.kind or OVER
        at = exception.occurred_at or self._now()
        # The id is the same for the same exception, so that consumers can deduplicate its event.
        mark = hashlib.blake2b(
            f"{exception.correlation_id}\n{kind}\n{at.isoformat()}".encode(), digest_size=12
        ).hexdigest()
        return Change(
            event_id=f"exception-{mark}",
            type=TRANSACTION_EXCEPTION,
            subject=f"transactions/{exception.correlation_id}",
            occurred_at=at,
            company_id=self._company_id,
            status=StatusTransition(before=before, after=kind),
            via="poll",
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _is_news(exception: TransactionException, known: Mapping[str, str]) -> bool:
    return (exception.kind or OVER) != known.get(exception.correlation_id, OVER)
