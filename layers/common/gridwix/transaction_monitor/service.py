"""Use case 3: what goes wrong with a transaction is noticed. Trading Grid's Lens search is asked, as it tells nobody by itself."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gridwix.configuration.case_rules import CaseRules
from gridwix.errors import RecordFault
from gridwix.mapping.case_rules import OVER
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.transactions import group_by_process, transaction_exception
from gridwix.models.cursors import FeedCursor
from gridwix.models.deadline import Deadline
from gridwix.models.events import TRANSACTION_EXCEPTION, Change, StatusChange
from gridwix.models.ids import CompanyId
from gridwix.models.listings import first_fault_by_owner
from gridwix.models.transactions import LensEntry, TransactionException
from gridwix.ports import Clock, CursorStore, EventBus, TransactionSearch
from gridwix.transaction_monitor.ports import KnownExceptions

CURSOR_NAME = "trading_grid.lens"
LATE_CURSOR_NAME = "trading_grid.lens.late"
"""Where the second reading stands: every stretch of time is read once more when it is ``late`` old."""

SLICE = timedelta(hours=1)
"""The longest stretch of time that is read and settled at once."""

FIRST_LOOK = timedelta(hours=1)
"""How far the first run looks back."""

TELLING = "telling"
"""What is recorded of a process before the bus is told. If it stays, nobody knows what the bus was told, and it is told anew whatever is wrong by then."""

# It becomes the subject of a bus event and a part of an address.
_PROCESS = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,200}")


@dataclass(slots=True)
class MonitorReport:
    """What one run did. ``raised`` counts exceptions that are new, by kind; ``changed`` those that are now of another kind, ``over`` those that are no more.

    ``unknown`` counts statuses that nobody knows, as ``field=value``; ``unnamed`` processes whose id cannot be used; ``unreadable`` entries that cannot be
    read, which the search names. ``faults`` are processes that cannot be mapped. ``more``: there was no time for the rest. ``overtaken``: another run moved the
    cursor first.
    """

    entries: int = 0
    raised: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    over: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0
    unreadable: int = 0
    faults: list[RecordFault] = field(default_factory=list)
    more: bool = False
    overtaken: bool = False


class TransactionMonitor:
    """Puts on the bus what is wrong with a process that was not known to be wrong in this way.

    Guaranteed: a process has one exception at a time, however many of its entries tell of it, in whatever order and however often they are read. The cursor
    moves only after a slice is on the bus, and an exception counts as known only after that, so a crash repeats an event and loses none. Each run looks back
    from the cursor by ``overlap``, for entries that Lens shows late; what comes later still is found when its time is read once more, after ``late``.
    """

    def __init__(
        self,
        search: TransactionSearch,
        known: KnownExceptions,
        bus: EventBus,
        cursors: CursorStore,
        rules: CaseRules,
        *,
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

    def run(self, deadline: Deadline) -> MonitorReport:
        """Read from the cursor to now, then what was read ``late`` ago once more. Raises UpstreamError; what was read before is on the bus, and the cursors
        say so."""
        report = MonitorReport()
        now = self._now()
        for name, until in ((CURSOR_NAME, now), (LATE_CURSOR_NAME, now - self._late)):
            self._read_on(name, until, deadline, report)
            if report.more:
                break
        return report

    def _read_on(self, name: str, until: datetime, deadline: Deadline, report: MonitorReport) -> None:
        cursor: FeedCursor | None = self._cursors.read(name)
        while cursor is not None:
            last = until - FIRST_LOOK if cursor.cursor is None else datetime.fromisoformat(cursor.cursor)
            end = min(last + SLICE, until)
            self._settle(last - self._overlap, end, report)
            cursor = self._cursors.advance(name, FeedCursor(cursor=end.isoformat(), revision=cursor.revision))
            if end >= until:
                break
            if deadline.is_near():
                report.more = True
                break
        report.overtaken |= cursor is None

    def _settle(self, since: datetime, until: datetime, report: MonitorReport) -> None:
        """Have the bus know of every exception among the entries of a stretch of time."""
        listing = self._search.changed(since, until)
        report.entries += len(listing.records) + len(listing.faults)
        report.unreadable += len(listing.faults)
        groups = group_by_process(listing.records)
        usable = {process: group for process, group in groups.items() if _PROCESS.fullmatch(process)}
        report.unnamed += len(groups) - len(usable)
        known = self._known.read(list(usable))
        doubtful = [process for process, group in usable.items() if self._is_news(self._examined(process, group, report, report.unknown), known)]
        news = self._news(doubtful, known, report)
        if not news:
            return
        before = {process: kind for process, kind in known.items() if kind != TELLING}
        self._known.record({exception.correlation_id: TELLING for exception in news}, at=self._clock())
        self._bus.put([self._change(exception, before.get(exception.correlation_id)) for exception in news])
        self._known.record({exception.correlation_id: exception.kind or OVER for exception in news}, at=self._clock())
        for exception in news:
            if exception.kind is None:
                report.over += 1
            elif exception.correlation_id in before:
                report.changed += 1
            else:
                report.raised[exception.kind] += 1

    def _news(self, doubtful: Sequence[str], known: Mapping[str, str], report: MonitorReport) -> Sequence[TransactionException]:
        """What differs from what is known, judged by all entries of a process: a stretch of time may hold only some of them. That a process is over is not
        believed while one of its entries cannot be read; it is read again with the overlap, and after ``late``."""
        if not doubtful:
            return ()
        listing = self._search.of(doubtful)
        unreadable = first_fault_by_owner(listing.faults)
        whole: Mapping[str, Sequence[LensEntry]] = group_by_process(listing.records)
        exceptions = [self._examined(process, whole[process], report) for process in doubtful if process in whole]
        news = [exception for exception in exceptions if exception is not None and self._is_news(exception, known)]
        return [exception for exception in news if exception.kind is not None or exception.correlation_id not in unreadable]

    def _examined(self, process: str, group: Sequence[LensEntry], report: MonitorReport, unknown: Counter[str] | None = None) -> TransactionException | None:
        """What is wrong with a process; None, and a fault in the report, if its entries cannot be mapped."""
        try:
            with confine_to_record(f"transactions/{process}"):
                return transaction_exception(group, self._ignored, unknown)
        except RecordFault as fault:
            report.faults.append(fault)
            return None

    @staticmethod
    def _is_news(exception: TransactionException | None, known: Mapping[str, str]) -> bool:
        return exception is not None and (exception.kind or OVER) != known.get(exception.correlation_id, OVER)

    def _change(self, exception: TransactionException, before: str | None) -> Change:
        kind = exception.kind or OVER
        at = exception.occurred_at or self._now()
        mark = hashlib.blake2b(f"{exception.correlation_id}\n{kind}\n{at.isoformat()}".encode(), digest_size=12).hexdigest()
        return Change(
            event_id=f"exception-{mark}",
            type=TRANSACTION_EXCEPTION,
            subject=f"transactions/{exception.correlation_id}",
            occurred_at=at,
            company_id=self._company_id,
            status=StatusChange(before=before, after=kind),
            via="poll",
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
