"""Use case 6, at the end: messages leave the portal by their age."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gridwix.errors import BudgetExhausted, GridwixError, UpstreamError
from gridwix.models.deadline import Deadline
from gridwix.models.portal.collection_ids import PARTNER_MESSAGES
from gridwix.partner_messenger.ports import DatedCollections, Outbox
from gridwix.ports import Clock

PAGES = 2
"""Pages that one run removes, each of which is a read and a bulk removal."""

LOOKED = "messages-looked-through"
"""Under what it is noted on which day, as an ordinal, it was last seen that nothing is too old any more."""


@dataclass(slots=True)
class RetentionReport:
    """``removed`` counts rows, ``refused`` those that Wix would not remove, by its code. ``stopped`` is why the run ended early; the next one goes on."""

    removed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    stopped: GridwixError | None = None


class MessageRetention:
    """Removes the messages that were sent longer ago than ``keep``, read or not.

    A run makes at most four calls, and leaves the rest to the next. When nothing is left that is too old, nothing is asked before the next day (UTC). Any
    number of workers may be at it: what another has removed counts as removed. Nothing is told again by it, as the outbox knows a dispatch for longer.
    """

    def __init__(self, outbox: Outbox, portal: DatedCollections, keep: timedelta, clock: Clock) -> None:
        self._outbox = outbox
        self._portal = portal
        self._keep = keep
        self._clock = clock

    def apply(self, deadline: Deadline) -> RetentionReport:
        """Remove what is too old, if that was not done today."""
        report, now = RetentionReport(), datetime.fromtimestamp(self._clock(), UTC)
        today = now.toordinal()
        try:
            if self._outbox.noted([LOOKED]).get(LOOKED, 0) < today and self._remove(now - self._keep, deadline, report):
                self._outbox.note(LOOKED, today)
        except (UpstreamError, BudgetExhausted) as error:
            report.stopped = error
        return report

    def _remove(self, limit: datetime, deadline: Deadline, report: RetentionReport) -> bool:
        """Remove what was sent before then, page by page. Whether that is all that can be done today."""
        for _ in range(PAGES):
            if deadline.is_near():
                return False
            # What was refused is still there, and older than all that has not been tried.
            ids = self._portal.ids_before(PARTNER_MESSAGES, "sentAt", limit, skip=report.refused.total())
            if not ids:
                return True
            outcome = self._portal.bulk_remove(PARTNER_MESSAGES, ids)
            report.removed += len(outcome.written)
            report.refused.update(refusal.code for refusal in outcome.refused)
        # Pages of which nothing goes would else be tried by every run.
        return not report.removed
