"""Retention: removes old rows of messages and of the history of people from the portal."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gridwix.errors import BudgetExhausted, GridwixError, UpstreamError
from gridwix.models.deadline import Deadline
from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import PARTNER_MESSAGES, PEOPLE_HISTORY
from gridwix.models.reports import Addable
from gridwix.partner_messenger.ports import DatedCollections, Outbox
from gridwix.ports import Clock
from gridwix.publication.audiences import row_audience
from gridwix.publication.ports import PortalBell

PAGES = 2
"""Maximum number of pages of rows that one run removes, each with one read and one bulk removal."""

LAST_CHECK = "messages-looked-through"
"""Key in the outbox of the last day, as an ordinal (UTC), on which a run left no message that is
too old. Until the next day no run checks again."""

HISTORY_CHECK = "people-history-looked-through"
"""Key in the outbox of the last day on which a run left no line of ``PeopleHistory`` that is too
old."""


@dataclass(frozen=True, slots=True)
class AgedRows:
    """A collection of the portal from which rows are removed when they are too old.

    ``field`` is the date-time field that gives a row's age. ``last_check`` is a key in the outbox.
    Under this key the outbox stores the last day (UTC) on which the work was finished: all rows
    that were too old were removed, or Wix refused to remove them.
    """

    collection: CollectionId
    field: str
    last_check: str


MESSAGES = AgedRows(PARTNER_MESSAGES, "sentAt", LAST_CHECK)
HISTORY = AgedRows(PEOPLE_HISTORY, "at", HISTORY_CHECK)


@dataclass(frozen=True, slots=True)
class RetentionReport(Addable):
    """Result of removing old rows; reports are added up.

    ``removed`` counts rows. ``refused`` counts the rows that Wix refused to remove, by error code.
    ``stopped`` is the error that ended the run early, None if there was none; the next run
    continues.
    """

    removed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    stopped: GridwixError | None = None


class RowRetention:
    """Removes portal rows that are older than ``keep``, oldest first.

    Messages are removed whether or not they were read. A run makes at most four calls and leaves
    the rest to the next run. Once no row is too old, the next check is made on the next day (UTC).
    Idempotent, with any number of workers: a row that another worker removed counts as removed. No
    removed message is sent again, because the outbox keeps its dispatch (the stored plan of the
    message) for longer, which deduplicates it.
    """

    def __init__(
        self,
        outbox: Outbox,
        portal: DatedCollections,
        bell: PortalBell,
        keep: timedelta,
        clock: Clock,
        *,
        rows: AgedRows = MESSAGES,
    ) -> None:
        self._outbox = outbox
        self._portal = portal
        self._bell = bell
        self._keep = keep
        self._clock = clock
        self._rows = rows

    def remove_old_rows(self, deadline: Deadline) -> RetentionReport:
        """Remove rows of the portal collection that are older than ``keep``, in a few pages.

        Does nothing if an earlier run of today (UTC) has removed all such rows, or Wix refused to
        remove them. An error is part of the report, and not raised.
        """
        report, now = RetentionReport(), datetime.fromtimestamp(self._clock(), UTC)
        today = now.toordinal()
        try:
            checked = self._rows.last_check
            if self._outbox.watermarks([checked]).get(checked, 0) >= today:
                return report
            for _ in range(PAGES):
                if deadline.is_near():
                    return report
                # Refused rows are still there, and older than all rows that were not tried yet.
                page = self._remove_page(now - self._keep, skip=report.refused.total())
                if page is None:
                    self._outbox.raise_watermark(checked, today)
                    return report
                report += page
            if not report.removed:
                # Wix refuses every row: without this, each run of the day would try them again.
                self._outbox.raise_watermark(checked, today)
        except (UpstreamError, BudgetExhausted) as error:
            return report + RetentionReport(stopped=error)
        return report

    def _remove_page(self, limit: datetime, *, skip: int) -> RetentionReport | None:
        """Remove one page of rows older than ``limit``, oldest first; None if there is no such row.

        ``skip`` is the number of oldest rows to pass over, which Wix has refused to remove in this
        run.
        """
        collection = self._rows.collection
        rows = self._portal.items_before(
            collection, self._rows.field, limit, fields=["partnerId"], skip=skip
        )
        if not rows:
            return None
        outcome = self._portal.bulk_remove(collection, [row.id for row in rows])
        # No page shows the history of people.
        if collection == PARTNER_MESSAGES:
            audience = frozenset[str]().union(
                *(row_audience(collection, row) for row in rows if row.id in outcome.written)
            )
            if audience:
                self._bell.ring(collection, audience)
        return RetentionReport(
            removed=len(outcome.written),
            refused=Counter(refusal.code for refusal in outcome.refused),
        )
